"""Python's cycle collection, kept in the window's thread.

Python collects in whatever thread happens to allocate. If that is the engine's, a Qt object in a cycle
is destroyed there: Qt forbids it, and it deadlocks (seen with PySide6 6.11.3: the destructor holds
Qt's connection lock and waits for the interpreter's, while the window holds the interpreter's and waits
for Qt's). So collection by itself is off while the app runs, and a timer does it here.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MILLISECONDS = 2000


class GarbageCollection(QObject):
    """Collects when Python would have, by its own thresholds. ``stop`` gives the work back."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        gc.disable()
        # What is there at the start stays for good; without it a full collection takes few ms.
        gc.collect()
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MILLISECONDS)
        self._timer.timeout.connect(self.collect_if_due)
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()

    def collect_if_due(self) -> None:
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return
