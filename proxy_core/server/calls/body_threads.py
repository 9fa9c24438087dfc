"""Work that grows with a request's body, kept off the event loop.

One body of 32 MB can hold 700,000 messages, and reading them takes seconds. A thread does not make
that faster, but the loop keeps serving: the interpreter switches threads every 5 ms. Small bodies
are processed directly, since handing work over costs more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec

from proxy_core.server.calls.memory_return import give_back

LIGHT_BYTES = 64 * 1024
LIGHT_OBJECTS = 400
"""A body with more bytes or JSON objects than this goes to a thread: translating an object takes
about 30 microseconds."""
IDLE_SECONDS = 2.0
"""How long after the last large body its memory is given back."""
WORKERS = 2
"""All share one interpreter lock: more would only make the loop wait longer."""

Result = TypeVar("Result")


def is_heavy(members: Mapping[str, Any]) -> bool:
    """Whether processing a body of raw ``members`` may block the loop too long."""
    size = members_size(members)
    if size > LIGHT_BYTES:
        return True
    if size <= 2 * LIGHT_OBJECTS:
        return False
    # Braces within texts count too: at worst a thread is used unnecessarily.
    return sum(bytes(each).count(b"{") for each in _raw(members)) > LIGHT_OBJECTS


def is_heavy_text(text: str) -> bool:
    """Whether reading a JSON text, a WebSocket frame say, may block the loop too long."""
    return len(text) > LIGHT_BYTES or text.count("{") > LIGHT_OBJECTS


def members_size(members: Mapping[str, Any]) -> int:
    """Return the bytes of the members' values."""
    return sum(
        [memoryview(each).nbytes for each in members.values() if isinstance(each, msgspec.Raw)]
    )


def _raw(members: Mapping[str, Any]) -> list[msgspec.Raw]:
    return [each for each in members.values() if isinstance(each, msgspec.Raw)]


class BodyThreads:
    """A few threads, first come first served. One object per server; threads start when needed."""

    def __init__(self) -> None:
        self._executor: ThreadPoolExecutor | None = None
        self._idle: asyncio.TimerHandle | None = None

    async def run(self, work: Callable[[], Result], *, heavy: bool) -> Result:
        """Return what ``work`` returns; raises what it raises.

        If cancelled while queued, it is not started; if cancelled while running, its result is
        dropped.
        """
        if not heavy:
            return work()
        try:
            return await asyncio.wrap_future(self.start(work))
        finally:
            self._give_back_when_idle()

    def start(self, work: Callable[[], Result]) -> Future[Result]:
        """Start ``work`` whose result may be needed later, or never."""
        if self._executor is None:
            self._executor = ThreadPoolExecutor(WORKERS, "g-copilot-proxy-body")
        return self._executor.submit(work)

    def _give_back_when_idle(self) -> None:
        if self._executor is None:
            return
        if self._idle is not None:
            self._idle.cancel()
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(IDLE_SECONDS, self._give_back)

    def _give_back(self) -> None:
        self._idle = None
        if self._executor is not None:
            self._executor.submit(give_back)

    def close(self) -> None:
        """Start nothing more; running work ends by itself."""
        if self._idle is not None:
            self._idle.cancel()
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)
