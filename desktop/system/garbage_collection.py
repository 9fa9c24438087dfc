"""Runs Python's cycle collection only where it is safe for Qt.

Python collects at any allocation. With PySide6 6.11.3 that deadlocks in two ways, both seen:

- in the engine's thread: a widget's destructor there holds Qt's connection lock and waits for the
  interpreter's, while the window's thread holds the interpreter's and waits for Qt's;
- in the window's thread, inside another Qt object's destructor: that one calls into Python with Qt's
  lock held, Python collects, and the next destructor wants the same lock.

Automatic collection is therefore off for the whole process, and a timer collects between events.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MILLISECONDS = 2000


class GarbageCollection(QObject):
    """Collects when Python would have, by its own thresholds."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        # Objects from the start are permanent; without them a full collection takes few ms. Not
        # collected first: that takes a tenth of the start, and finds two thousand objects of imports.
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MILLISECONDS)
        self._timer.timeout.connect(self.collect_if_due)
        self._timer.start()

    def stop(self) -> None:
        """Collect once more after the app's parts were released.

        Collection stays off while Qt's remaining objects are destroyed.
        """
        self._timer.stop()
        gc.collect()

    def collect_if_due(self) -> None:
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return
