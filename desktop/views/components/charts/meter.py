"""A usage meter: a track, a fill, a tick. Its text is next to it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from desktop.presenters.usage.credits import MeterView
from desktop.views.theme.theme import Theme

STEPS = 10_000
_HATCH = 6


class Meter(QProgressBar):
    """Over the limit the fill is amber and the tick stands at the limit; hatched: no limit known."""

    def __init__(
        self, theme: Theme, name: str, *, small: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._small = small
        self._view = MeterView(None, "")
        self.setRange(0, STEPS)
        self.setTextVisible(False)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_view(self, view: MeterView) -> None:
        if view == self._view:
            return
        self._view = view
        self.setValue(round(STEPS * (view.share or 0.0)))
        self.setAccessibleDescription(view.text)
        self.update()

    def sizeHint(self) -> QSize:
        heights = self._theme.tokens.heights
        # The tick stands out by two pixels above and below.
        return QSize(120, heights["meter_small"] if self._small else heights["meter"] + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        view, theme = self._view, self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        inset = 0 if self._small else 2
        track = QRectF(self.rect()).adjusted(0, inset, 0, -inset)
        shape = QPainterPath()
        shape.addRoundedRect(track, track.height() / 2, track.height() / 2)
        painter.fillPath(shape, theme.colour("track"))
        painter.setClipPath(shape)
        if view.share is None:
            painter.setPen(theme.colour("text3"))
            for left in range(-int(track.height()), self.width(), _HATCH):
                painter.drawLine(left, int(track.bottom()), left + self.height(), int(track.top()))
            painter.setPen(Qt.PenStyle.NoPen)
        else:
            fill = QRectF(track)
            fill.setWidth(track.width() * view.share)
            over = "attention" if view.is_over else "accent"
            filled = QPainterPath()
            filled.addRoundedRect(fill, track.height() / 2, track.height() / 2)
            painter.fillPath(filled, theme.colour(over))
        painter.setClipping(False)
        if view.tick is not None:
            at = min(self.width() - 2.0, self.width() * view.tick)
            tick = QRectF(at, 0, 2, self.height())
            painter.fillRect(tick, theme.colour("surface" if view.is_over else "text"))
        painter.end()
