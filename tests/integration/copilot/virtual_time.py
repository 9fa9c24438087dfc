"""One clock for the proxy and the simulator that moves only when it is told to, or when all wait for it.

Time goes on in the same event loop as everything else: a busy machine makes a test slower, never the
simulated network faster than its clients.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools

from proxy_core.clock import Clock

START = 1_795_000_000.0
TICK_SECONDS = 0.002
"""Real time between two wake-ups: what a wake-up sets going may go on before the next."""


class VirtualTime:
    """``clock`` for the proxy, ``wall`` for the simulator. Belongs to one event loop; ``close`` it."""

    def __init__(self, start: float = START) -> None:
        self._wall = start
        self._monotonic = 1_000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._ticker: asyncio.TimerHandle | None = None
        self.clock = Clock(self.monotonic, self.wall, self.sleep)

    def wall(self) -> float:
        """Seconds since 1970."""
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    def pass_by(self, seconds: float) -> None:
        """Let time pass while the computer is awake; whoever slept until then wakes."""
        self._monotonic += seconds
        self._wall += seconds
        self._wake()

    def sleep_through(self, seconds: float) -> None:
        """Close the lid: the wall clock goes on, the monotonic one stands still."""
        self._wall += seconds

    def set_back(self, seconds: float) -> None:
        """Someone corrects the clock on the wall."""
        self._wall -= seconds

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._monotonic + seconds, next(self._numbers), woken))
        self._tick_later()
        await woken

    def close(self) -> None:
        if self._ticker is not None:
            self._ticker.cancel()
        self._sleepers.clear()

    def _tick_later(self) -> None:
        if self._ticker is None:
            loop = asyncio.get_running_loop()
            self._ticker = loop.call_later(TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        self._ticker = None
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        if self._sleepers:
            ahead = max(0.0, self._sleepers[0][0] - self._monotonic)
            self._monotonic += ahead
            self._wall += ahead
            self._wake()
        if self._sleepers:
            self._tick_later()

    def _wake(self) -> None:
        while self._sleepers and self._sleepers[0][0] <= self._monotonic:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
