"""Signals status changes from the engine's thread to the window's, at most four times a second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from proxy_core.status.status import Status

INTERVAL_MILLISECONDS = 250


class Subscribe(Protocol):
    def __call__(
        self, listener: Callable[[Status], None], *, to_requests: bool = True
    ) -> Callable[[], None]:
        """Return a function that ends the subscription; ``to_requests``: news of requests too."""


class StatusFeed(QObject):
    """Emits ``changed`` in its own thread.

    The first change is signalled at once, further ones in batches. The signal has no payload:
    listeners read the newest status.
    """

    changed = Signal()
    _arrived = Signal()

    def __init__(self, subscribe: Subscribe, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_pending = False
        self._is_dirty = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INTERVAL_MILLISECONDS)
        self._timer.timeout.connect(self._on_interval_over)
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)
        self._subscribe = subscribe
        self._to_requests = True
        self._unsubscribe = subscribe(self._on_status)

    def follow_requests(self, wanted: bool) -> None:
        """Whether news of requests are signalled: not while nothing shows them.

        Each takes a snapshot of the status, four times a second while tools work.
        """
        if wanted != self._to_requests:
            self._to_requests = wanted
            self._unsubscribe()
            self._unsubscribe = self._subscribe(self._on_status, to_requests=wanted)

    def close(self) -> None:
        """End the subscription; call before the service ends."""
        self._unsubscribe()
        self._timer.stop()

    def _on_status(self, _status: Status) -> None:
        """Called in the engine's thread. One queued event is enough for any number of changes."""
        if not self._is_pending:
            self._is_pending = True
            self._arrived.emit()

    def _on_arrived(self) -> None:
        self._is_pending = False
        if self._timer.isActive():
            self._is_dirty = True
        else:
            self._pass_on()

    def _on_interval_over(self) -> None:
        if self._is_dirty:
            self._pass_on()

    def _pass_on(self) -> None:
        self._is_dirty = False
        self._timer.start()
        self.changed.emit()
