"""How long the window's thread was kept from its events, measured over a whole test run.

Each event Qt delivers at the outermost level is timed twice: by the clock on the wall, and by the time
the thread really computed. On a machine with other work the first also counts waiting for a core; so the
limit is held against the second, and both are printed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject

from desktop.views.application import Application

LIMIT_SECONDS = 0.050
KEPT = 5


@dataclass(frozen=True, slots=True)
class Block:
    """One event that kept the thread: how long, what, where, in which test."""

    computed: float
    wall: float
    event: str
    receiver: str
    test: str

    def __str__(self) -> str:
        return (
            f"{1000 * self.computed:6.1f} ms computed, {1000 * self.wall:6.1f} ms by the clock: "
            f"{self.event} to {self.receiver}, in {self.test}"
        )


class EventWatch:
    """The longest blocks so far, longest first; ``test`` is named by the fixture of each test."""

    def __init__(self) -> None:
        self.test = ""
        self.events = 0
        self.is_on = True
        self.blocks: list[Block] = []
        self._depth = 0

    @property
    def longest(self) -> Block | None:
        return self.blocks[0] if self.blocks else None

    def begin(self) -> tuple[float, float] | None:
        self._depth += 1
        if self._depth > 1 or not self.is_on:
            return None
        return time.thread_time(), time.perf_counter()

    def end(self, began: tuple[float, float] | None, receiver: QObject, event: str) -> None:
        self._depth -= 1
        if began is None:
            return
        self.events += 1
        computed = time.thread_time() - began[0]
        if len(self.blocks) == KEPT and computed <= self.blocks[-1].computed:
            return
        wall = time.perf_counter() - began[1]
        block = Block(computed, wall, event, type(receiver).__name__, self.test)
        self.blocks = sorted((*self.blocks, block), key=lambda each: -each.computed)[:KEPT]


WATCH = EventWatch()


class WatchedApplication(Application):
    def notify(self, receiver: QObject, event: QEvent) -> bool:
        name = event.type().name if isinstance(event.type(), QEvent.Type) else "Event"
        began = WATCH.begin()
        try:
            return super().notify(receiver, event)
        finally:
            WATCH.end(began, receiver, name)
