"""A thin bar for remaining time. The figure is next to it; the bar adds no information."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from desktop.views.theme.theme import Theme

STEPS = 1000


class TimeBar(QProgressBar):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setRange(0, STEPS)
        self.setTextVisible(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_fraction(self, fraction: float) -> None:
        self.setValue(round(STEPS * min(1.0, max(0.0, fraction))))

    def sizeHint(self) -> QSize:
        return QSize(120, 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(self.rect())
        painter.setBrush(self._theme.colour("track"))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        width = track.width() * self.value() / STEPS
        if width >= 1:
            fill = QRectF(track.left(), track.top(), width, track.height())
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                fill.moveRight(track.right())
            painter.setBrush(self._theme.colour("accent"))
            painter.drawRoundedRect(fill, track.height() / 2, track.height() / 2)
        painter.end()
