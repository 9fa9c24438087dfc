"""The style sheet, given to windows' parts, pages and dialogs one by one.

Set on the application, a new sheet makes Qt look at every widget there is, in sight or not: 110 ms of
the window's thread with all pages opened. Set on a page it takes 3 to 8 ms, and hidden ones wait.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


class StyledSurface(QObject):
    """Keeps the sheet of one widget and all inside it: at once while it is in sight, else when it is
    shown. Lives as long as the widget."""

    def __init__(self, widget: QWidget, sheet: str) -> None:
        super().__init__(widget)
        self._widget = widget
        self._sheet = sheet
        widget.setStyleSheet(sheet)
        widget.installEventFilter(self)

    @property
    def is_current(self) -> bool:
        return self._widget.styleSheet() == self._sheet

    def use(self, sheet: str) -> None:
        self._sheet = sheet
        if self._widget.isVisible():
            self._apply()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self._apply()
        return False

    def _apply(self) -> None:
        if not self.is_current:
            self._widget.setStyleSheet(self._sheet)
