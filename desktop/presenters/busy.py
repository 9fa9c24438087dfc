"""Decides when to show busy, without flickering for short requests or between two."""

from __future__ import annotations

from collections.abc import Callable

BUSY_AFTER = 0.4
IDLE_AFTER = 1.5


class BusyMeter:
    """Busy after 400 ms of running work, idle again after 1.5 s of none.

    ``clock`` is monotonic and in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._running = False
        self._since = clock()
        self._busy = False

    def update(self, running: bool) -> bool:
        """Report whether work is running; return whether to show busy."""
        now = self._clock()
        if running != self._running:
            self._running, self._since = running, now
        if self._running != self._busy and now - self._since >= self._threshold:
            self._busy = self._running
        return self._busy

    @property
    def next_change(self) -> float | None:
        """Return the seconds until the result changes by itself; None if it will not."""
        if self._running == self._busy:
            return None
        return max(0.0, self._threshold - (self._clock() - self._since))

    @property
    def _threshold(self) -> float:
        return BUSY_AFTER if self._running else IDLE_AFTER
