"""The Qt application, with what only its own event handler sees."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QApplication


class Application(QApplication):
    quit_asked = Signal()
    """The system's menu or the end of the session asked us to quit. Qt must not do it by itself: it
    would tear down the loop under our coroutines."""
    font_changed = Signal()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Quit:
            self.quit_asked.emit()
            return True
        handled = super().event(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self.font_changed.emit()
        return handled
