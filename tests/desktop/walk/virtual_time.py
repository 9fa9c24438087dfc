"""Time that passes only when the walk says so, for the app's clocks, Qt timers and coroutines.

The same steps then lead to the same window on any machine, at any pace. What waits 0 ms stays Qt's: it
comes in the next turn.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from contextvars import Context
from types import ModuleType
from typing import Any

import pytest
import qasync
from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from tests.desktop.fake_service import NOW


class VirtualTime:
    """``now`` in seconds since 1970; ``advance`` carries out what is due on the way, in its order."""

    def __init__(self) -> None:
        self.now = NOW
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._count = 0

    def time(self) -> float:
        return self.now

    monotonic = time

    def __getattr__(self, name: str) -> Any:
        """What does not say what time it is."""
        return getattr(time, name)

    def after(self, seconds: float, work: Callable[[], object]) -> None:
        self._count += 1
        self._due.append((self.now + seconds, self._count, work))

    def advance(self, seconds: float, between: Callable[[], object]) -> None:
        """``between`` lets follow what follows from each."""
        end = self.now + seconds
        while self._due and min(self._due)[0] <= end:
            first = min(self._due)
            self._due.remove(first)
            self.now = max(self.now, first[0])
            first[2]()
            between()
        self.now = end

    def forget(self) -> None:
        self._due.clear()


class VirtualTimer(QObject):
    """What the app uses of :class:`QTimer`."""

    timeout = Signal()
    clock: VirtualTime

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._interval = 0
        self._is_single = False
        self._ends: float | None = None
        self._round = 0

    def setInterval(self, milliseconds: int) -> None:  # noqa: N802  # Qt's names, here and below
        self._interval = milliseconds
        if self._ends is not None:
            self.start()

    def interval(self) -> int:
        return self._interval

    def setSingleShot(self, single: bool) -> None:  # noqa: N802
        self._is_single = single

    def isActive(self) -> bool:  # noqa: N802
        return self._ends is not None

    def remainingTime(self) -> int:  # noqa: N802
        return -1 if self._ends is None else round(1000 * (self._ends - self.clock.now))

    def start(self, milliseconds: int | None = None) -> None:
        if milliseconds is not None:
            self._interval = milliseconds
        self._round += 1
        this, seconds = self._round, self._interval / 1000
        self._ends = self.clock.now + seconds
        self.clock.after(seconds, lambda: self._end(this))

    def stop(self) -> None:
        self._round += 1
        self._ends = None

    def _end(self, this: int) -> None:
        if not isValid(self) or this != self._round:
            return
        self.stop() if self._is_single else self.start()
        self.timeout.emit()

    @staticmethod
    def singleShot(milliseconds: int, context: QObject, work: Callable[[], object]) -> None:  # noqa: N802
        if milliseconds == 0:
            QTimer.singleShot(0, context, work)
        else:
            VirtualTimer.clock.after(
                milliseconds / 1000, lambda: work() if isValid(context) else None
            )


class VirtualLoop(qasync.QEventLoop):
    """A loop whose delays are those of the clock."""

    clock: VirtualTime

    def call_later(  # type: ignore[override]  # as qasync has it
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        if delay <= 0:
            return super().call_later(0, callback, *args, context=context)
        handle = asyncio.Handle(callback, args, self, context=context)
        self.clock.after(delay, lambda: None if handle.cancelled() else handle._run())
        return handle

    def time(self) -> float:
        return self.clock.now


async def _at_once(work: Callable[[], Any]) -> Any:
    return work()


def use_virtual_time(clock: VirtualTime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every module of the app this time in place of the machine's, and work at once for threads."""
    monkeypatch.setattr(VirtualTimer, "clock", clock, raising=False)
    monkeypatch.setattr(VirtualLoop, "clock", clock, raising=False)
    for name, module in tuple(sys.modules.items()):
        if not name.startswith("desktop."):
            continue
        if getattr(module, "QTimer", None) is QTimer:
            monkeypatch.setattr(module, "QTimer", VirtualTimer)
        if isinstance(getattr(module, "time", None), ModuleType):
            monkeypatch.setattr(module, "time", clock)
        if hasattr(module, "in_thread") and not isinstance(module.in_thread, ModuleType):
            monkeypatch.setattr(module, "in_thread", _at_once)
