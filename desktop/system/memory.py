"""Memory that imports and building used for a moment goes back to the system once they are done.

The C library keeps it, in an arena for each thread: 6 of the 78 MB of its own that the app had after a
start (glibc 2.36), a fifth of what opening every page took.
"""

from __future__ import annotations

import threading

from PySide6.QtCore import QCoreApplication, QTimer

from proxy_core.app.quick_start import give_memory_back

SETTLED_MILLISECONDS = 5000


def give_memory_back_soon() -> None:
    """Some seconds from now, in a thread of its own: it takes about 20 ms."""
    application = QCoreApplication.instance()
    assert application is not None
    QTimer.singleShot(SETTLED_MILLISECONDS, application, _begin)


def _begin() -> None:
    threading.Thread(target=give_memory_back, name="gives-memory-back", daemon=True).start()
