"""A line icon beside text."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.presenters.shapes import Shape
from desktop.views.components.status_shape import paint_shape
from desktop.views.theme.theme import Theme


class LineIcon(QWidget):
    """A tinted icon beside text; the failed square is drawn, not an icon. Silent: the text says it."""

    def __init__(
        self, theme: Theme, name: str, token: str, size: int = 16, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name, self._token, self._size = name, token, size
        self._ground = "surface"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_icon(self, name: str, token: str, ground: str) -> None:
        self._name, self._token, self._ground = name, token, ground
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._name:
            pixmap = self._theme.pixmap(
                self._name, self._token, self._size, self.devicePixelRatioF()
            )
            painter.drawPixmap(0, 0, pixmap)
        else:
            colour, ground = self._theme.colour(self._token), self._theme.colour(self._ground)
            paint_shape(painter, QRectF(self.rect()), Shape.FAILED, colour, ground)
        painter.end()
