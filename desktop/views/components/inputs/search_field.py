"""A field to search in: an icon at its start, a cross to empty it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.inputs.edit_menu import NamedEditMenu
from desktop.views.theme.theme import Theme

_USUAL_WIDTH = 216


class SearchField(NamedEditMenu, KeyboardFocus, QLineEdit):
    """Esc empties it; when it is empty Esc goes on to the window."""

    def __init__(
        self, theme: Theme, placeholder: str, parent: QWidget, width: int = _USUAL_WIDTH
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._usual_width = width
        self.setProperty("kind", "search")
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setClearButtonEnabled(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._icon = QAction(self)
        self._icon.setEnabled(False)
        self.addAction(self._icon, QLineEdit.ActionPosition.LeadingPosition)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_text(self, text: str) -> None:
        if text != self.text():
            self.setText(text)

    def sizeHint(self) -> QSize:
        height = max(self._theme.tokens.heights["button"], super().sizeHint().height())
        return QSize(self._usual_width, height)

    def minimumSizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(min(130, metrics.averageCharWidth() * 14 + 40), self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Keep Esc from the window's own use of it while there is something to empty."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._show_icon()
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self.text()
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def _restyle(self) -> None:
        self.setFont(self._theme.font("body"))
        self._show_icon()
        self.updateGeometry()

    def _show_icon(self) -> None:
        """As the screen shows it: drawn for one ratio, not for all there could be."""
        self._icon.setIcon(self._theme.icon("search", "text2", ratio=self.devicePixelRatioF()))
