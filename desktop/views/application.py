"""The Qt application, with events that only its own handler gets."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from desktop.views.resting_caret import RestingCaret

QUIT_KEY = "Ctrl+Q"


class Application(QApplication):
    quit_asked = Signal()
    """The system's menu or the end of the session requested quitting.

    Qt must not quit by itself: it would end the loop while our coroutines run.
    """
    quit_key = Signal()
    """Ctrl+Q was pressed in a dialog, which does not pass it on to the window below."""
    font_changed = Signal()

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        super().__init__(arguments)
        RestingCaret(self)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Quit:
            self.quit_asked.emit()
            return True
        handled = super().event(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self.font_changed.emit()
        return handled


def bind_quit_key(dialog: QWidget) -> None:
    """Have Ctrl+Q ask to quit in ``dialog`` too."""
    application = QApplication.instance()
    if isinstance(application, Application):
        QShortcut(QKeySequence(QUIT_KEY), dialog).activated.connect(application.quit_key)
