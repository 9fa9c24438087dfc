"""The on/off switch. Position, fill and size of the knob differ, so colour is never the only key."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QPoint, QPointF, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.inputs.press_on_enter import PressOnEnter
from desktop.views.theme.theme import Theme

SMALLEST_HIT = 24
_KNOBS = {False: (12, 14, 2.5), True: (20, 24, 3.0)}
"""By size: diameter off, diameter on, distance from the end when on."""


class Switch(KeyboardFocus, PressOnEnter, QAbstractButton):
    """``clicked(bool)`` carries the requested state; ``set_on`` shows the current one."""

    def __init__(self, theme: Theme, *, large: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._large = large
        self._position = 0.0
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._animation = QVariantAnimation(self)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._on_moved)
        self.toggled.connect(self._on_toggled)
        theme.changed.connect(self.update)

    def set_on(self, on: bool) -> None:
        if on != self.isChecked():
            self.setChecked(on)

    def ring_radius(self) -> float:
        return self._track().height() / 2

    def sizeHint(self) -> QSize:
        tokens = self._theme.tokens
        width, height = tokens.switch_large if self._large else tokens.switch
        return QSize(width, max(height, SMALLEST_HIT))

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        track = self._track()
        colours = self._theme.colour
        on = self.isChecked()
        enabled = self.isEnabled()
        ground = colours(("accent" if enabled else "border") if on else "surface")
        edge = colours("border" if enabled or on else "line")
        painter.setPen(Qt.PenStyle.NoPen if on else QPen(edge, 1.5))
        painter.setBrush(ground)
        inset = 0 if on else 0.75
        shape = track.adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(shape, shape.height() / 2, shape.height() / 2)
        off_size, on_size, margin = _KNOBS[self._large]
        start = track.left() + (track.height() - off_size) / 2
        end = track.right() - margin - on_size
        diameter = off_size + (on_size - off_size) * self._position
        left = start + (end - start) * self._position
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours(("onAccent" if enabled else "surface") if on else "border"))
        painter.drawEllipse(
            QPointF(left + diameter / 2, track.center().y()), diameter / 2, diameter / 2
        )
        painter.end()

    def _track(self) -> QRectF:
        tokens = self._theme.tokens
        width, height = tokens.switch_large if self._large else tokens.switch
        return QRectF(0, (self.height() - height) / 2, width, height)

    def _on_moved(self, position: float) -> None:
        self._position = position
        self.update()

    def _on_toggled(self, on: bool) -> None:
        goal = 1.0 if on else 0.0
        duration = self._theme.duration("switch_ms")
        self._animation.stop()
        if duration == 0 or not self.isVisible():
            self._on_moved(goal)
            return
        self._animation.setDuration(duration)
        self._animation.setStartValue(self._position)
        self._animation.setEndValue(goal)
        self._animation.start()
