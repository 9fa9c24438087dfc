"""The clocks, injected so that tests need not wait and a system's sleep is noticed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on both clocks, in seconds."""

    monotonic: float
    wall: float


@dataclass(frozen=True, slots=True)
class Clock:
    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    """Seconds since 1970."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def now(self) -> Moment:
        return Moment(self.monotonic(), self.wall())

    def elapsed(self, since: Moment) -> float:
        """Return the seconds since then, including time the system slept.

        The monotonic clock stands still while a Linux or macOS laptop sleeps, the wall clock may be
        set back: the larger difference is the safe one for expiry.
        """
        return max(self.monotonic() - since.monotonic, self.wall() - since.wall)

    def slept(self, since: Moment) -> float:
        """Return the seconds by which the wall clock ran ahead of the monotonic one;

        large after a sleep.
        """
        return (self.wall() - since.wall) - (self.monotonic() - since.monotonic)
