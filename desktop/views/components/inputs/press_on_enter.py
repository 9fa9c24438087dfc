"""Enter presses the button that has focus, as Space does."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton


class PressOnEnter:
    """Mix-in before a ``QAbstractButton``: Qt lets Enter press only a dialog's default button."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            assert isinstance(self, QAbstractButton)
            self.click()
            return
        super().keyPressEvent(event)  # type: ignore[misc]  # the button's, by the order of bases
