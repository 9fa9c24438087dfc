"""Python's cycle collection, only when and where Qt can bear it.

Python collects wherever something is allocated, and destroys what it finds. With PySide6 6.11.3 that
deadlocks in two ways, both seen:

- in the engine's thread: a widget's destructor there holds Qt's connection lock and waits for the
  interpreter's, while the window's thread holds the interpreter's and waits for Qt's;
- in the window's thread, inside another Qt object's destructor: that one calls into Python with Qt's
  lock held, Python collects, and the next destructor wants the same lock.

So collection by itself is off from the start of the app to the end of the process, and a timer does it
between events.
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
        # What is there at the start stays for good; without it a full collection takes few ms.
        gc.collect()
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MILLISECONDS)
        self._timer.timeout.connect(self.collect_if_due)
        self._timer.start()

    def stop(self) -> None:
        """Collect once more, now that the parts of the app have been let go.

        Collection stays off: what is left of Qt is destroyed until the process ends.
        """
        self._timer.stop()
        gc.collect()

    def collect_if_due(self) -> None:
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return
