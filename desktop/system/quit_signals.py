"""SIGINT and SIGTERM while Qt's own loop runs.

Python handlers run only between Python instructions, and an idle Qt loop executes none. The wakeup
descriptor makes the loop run some.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class QuitSignals(QObject):
    """Calls ``quit`` in the main thread when the process is asked to end. ``restore`` at the end."""

    def __init__(self, quit_app: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._quit = quit_app
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._previous_descriptor = signal.set_wakeup_fd(self._writer.fileno())
        self._previous = {
            number: signal.signal(number, self._on_signal)
            for number in (getattr(signal, name, None) for name in _SIGNALS)
            if number is not None
        }
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_woken)

    def restore(self) -> None:
        self._notifier.setEnabled(False)
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._previous_descriptor)
        self._reader.close()
        self._writer.close()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._quit()

    def _on_woken(self) -> None:
        try:
            self._reader.recv(64)
        except BlockingIOError:
            return
