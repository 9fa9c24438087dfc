"""The placeholder of loading rows: a line of text and three grey bars."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.presenters.shapes import Shape
from desktop.views.components.status_shape import StatusShape
from desktop.views.components.text import Text
from desktop.views.theme.theme import Theme

_BARS = ((112, 54), (141, 54), (99, 54))


class _Bars(QWidget):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(240, len(_BARS) * self._theme.tokens.heights["table_row"])

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = self._theme.tokens.heights["table_row"]
        for number, (start, end) in enumerate(_BARS):
            top = number * row
            painter.fillRect(0, top, self.width(), 1, self._theme.colour("line"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("hover"))
            painter.drawRoundedRect(QRectF(0, top + 12, start, 10), 3, 3)
            painter.drawRoundedRect(QRectF(self.width() - end, top + 12, end, 10), 3, 3)
        painter.end()


class LoadingRows(QWidget):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.text = Text(theme, role="small", tone="text2", parent=self)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(StatusShape(theme, Shape.STREAMING, parent=self))
        line.addWidget(self.text, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(10)
        column.addLayout(line)
        column.addWidget(_Bars(theme, self))
        column.addStretch(1)
