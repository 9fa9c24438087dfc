"""Self-painted backgrounds: cards, banners and hairlines, sharp at fractional pixel ratios."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from desktop.views.theme.theme import Theme


class Card(QFrame):
    """A rounded background with a hairline of a whole number of device pixels."""

    def __init__(
        self,
        theme: Theme,
        *,
        ground: str = "surface",
        line: str = "line",
        radius: str = "card",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._ground = ground
        self._line = line
        self._radius = radius
        theme.changed.connect(self.update)

    def set_ground(self, ground: str, line: str) -> None:
        self._ground, self._line = ground, line
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ratio = self.devicePixelRatioF()
        width = max(1, round(ratio)) / ratio
        half = width / 2
        radius = self._theme.tokens.radii[self._radius]
        outline = QPainterPath()
        outline.addRoundedRect(
            QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius
        )
        painter.fillPath(outline, self._theme.colour(self._ground))
        painter.setPen(QPen(self._theme.colour(self._line), width))
        painter.drawPath(outline)
        painter.end()


class Hairline(QWidget):
    """A decorative horizontal line, never the only indication of anything."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(8, 1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("line"))
        painter.end()
