"""A check box with words that wrap."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.text import Text
from desktop.views.theme.theme import Theme

_BOX = 16


class _Box(KeyboardFocus, QCheckBox):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedSize(_BOX + 8, _BOX + 8)
        theme.changed.connect(self.update)

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the box ourselves: Fusion's is nearly invisible on a dark background."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        # In line with the words above; the room to press is at the other side of it.
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        box = QRectF(self.width() - _BOX if mirrored else 0, 4, _BOX, _BOX)
        painter.setPen(QPen(self._theme.colour("accent" if on else "border"), 1))
        painter.setBrush(self._theme.colour("accent" if on else "surface"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if on:
            pixmap = self._theme.pixmap("check", "onAccent", _BOX, self.devicePixelRatioF())
            painter.drawPixmap(box.topLeft().toPoint(), pixmap)
        painter.end()


class Tick(QWidget):
    """A check box with wrapping text; Qt's own stays on one line."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.box = _Box(theme, self)
        self.words = Text(theme, wrap=True, parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.box)
        row.addWidget(self.words, 1)

    def set_words(self, words: str) -> None:
        self.words.set_text(words)
        self.box.setAccessibleName(words)

    def isChecked(self) -> bool:
        return self.box.isChecked()

    def setChecked(self, on: bool) -> None:
        self.box.setChecked(on)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Toggle on a click on the text too."""
        super().mouseReleaseEvent(event)
        if self.rect().contains(event.position().toPoint()):
            self.box.toggle()
