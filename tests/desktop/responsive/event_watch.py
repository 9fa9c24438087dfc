"""How long the window's thread was kept from its events, measured over a whole test run.

Each event Qt delivers at the outermost level is timed twice: by the clock on the wall, and by the time
the thread really computed. On a machine with other work the first also counts waiting for a core; so
the limit is held against the second, and both are printed. Even that grows where others share the core's
caches and threads: so a block over the limit is weighed by a small computation, timed right after it
and, at its quickest, earlier in the run.

Left out is what the tests do themselves on the window's loop: a scene in a coroutine builds the app,
clicks and looks around in one step, which no user does. Coroutines of the app count, whoever started
them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

from PySide6.QtCore import QEvent, QObject

from desktop.views.application import Application

LIMIT_SECONDS = 0.050
KEPT = 5
_SAMPLED_EVERY = 5000
_REFERENCE_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Block:
    """One event that kept the thread: how long, what, where, in which test."""

    computed: float
    wall: float
    event: str
    receiver: str
    test: str
    slowness: float = 1.0
    """How much longer the same computation took just then than at its quickest."""

    @property
    def weighed(self) -> float:
        return self.computed / self.slowness

    def __str__(self) -> str:
        slow = f" ({self.slowness:.1f} times slower than usual)" if self.slowness > 1.0 else ""
        return (
            f"{1000 * self.computed:6.1f} ms computed{slow}, {1000 * self.wall:6.1f} ms by the clock: "
            f"{self.event} to {self.receiver}, in {self.test}"
        )


class EventWatch:
    """The longest blocks so far, longest first; ``test`` is named by the fixture of each test."""

    def __init__(self) -> None:
        self.test = ""
        self.events = 0
        self.is_on = True
        self.blocks: list[Block] = []
        self.too_long: list[Block] = []
        self._quickest = float("inf")
        self._depth = 0
        self._left_out = 0.0
        self._step = ""

    @property
    def longest(self) -> Block | None:
        return self.blocks[0] if self.blocks else None

    def begin(self) -> tuple[float, float] | None:
        self._depth += 1
        if self._depth > 1 or not self.is_on:
            return None
        self._left_out, self._step = 0.0, ""
        return time.thread_time(), time.perf_counter()

    def end(self, began: tuple[float, float] | None, receiver: QObject, event: str) -> None:
        self._depth -= 1
        if began is None:
            return
        self.events += 1
        if self.events % _SAMPLED_EVERY == 1:
            self.slowness()
        computed = time.thread_time() - began[0] - self._left_out
        if len(self.blocks) == KEPT and computed <= self.blocks[-1].computed:
            return
        wall = time.perf_counter() - began[1]
        name = self._step or type(receiver).__name__
        slowness = self.slowness() if computed > LIMIT_SECONDS else 1.0
        block = Block(computed, wall, event, name, self.test, slowness)
        if block.weighed > LIMIT_SECONDS:
            self.too_long.append(block)
        self.blocks = sorted((*self.blocks, block), key=lambda each: -each.computed)[:KEPT]

    def slowness(self) -> float:
        """How much longer the same computation takes now than it did at its quickest."""
        now = _reference_seconds()
        self._quickest = min(self._quickest, now)
        return now / self._quickest

    @contextmanager
    def step(self, handle: asyncio.Handle) -> Iterator[None]:
        """A loop runs ``handle``: a block is named by it; a test's own work does not count."""
        code = _code_of(handle)
        if code is not None:
            self._step = code.co_qualname
        began = time.thread_time()
        try:
            yield
        finally:
            if code is not None and code.co_filename.startswith(_TESTS):
                self._left_out += time.thread_time() - began


def _reference_seconds() -> float:
    """About a millisecond of nothing in particular."""
    began, total = time.thread_time(), 0
    for number in range(_REFERENCE_STEPS):
        total += number & 7
    return time.thread_time() - began


_TESTS = str(Path(__file__).resolve().parents[2])
WATCH = EventWatch()


def _code_of(handle: asyncio.Handle) -> CodeType | None:
    """The coroutine of which a loop is about to run a step, or the callback."""
    callback: object = handle._callback  # type: ignore[attr-defined]  # there is no public way
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, asyncio.Task):
        code = getattr(owner.get_coro(), "cr_code", None)
    else:
        code = getattr(callback, "__code__", None)
    return code if isinstance(code, CodeType) else None


class WatchedApplication(Application):
    def notify(self, receiver: QObject, event: QEvent) -> bool:
        name = event.type().name if isinstance(event.type(), QEvent.Type) else "Event"
        began = WATCH.begin()
        try:
            return super().notify(receiver, event)
        finally:
            WATCH.end(began, receiver, name)
