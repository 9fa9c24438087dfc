"""A small line of the last minutes: soft fill, a dot at now, a base line and nothing else."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolTip, QWidget

from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.literal_text import literal
from desktop.views.theme.theme import Theme

_LINE = 1.75
_TOP = 6


class Sparkline(KeyboardFocus, QLabel):
    """The pointer, or Left and Right, show one value with its time.

    A label without text: a bare widget has no role that a screen reader speaks.
    """

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._theme = theme
        self._values: tuple[int, ...] = ()
        self._labels: tuple[str, ...] = ()
        self._at: int | None = None
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_values(self, values: tuple[int, ...], labels: tuple[str, ...], sentence: str) -> None:
        self._labels = labels
        self.setAccessibleDescription(sentence)
        if values != self._values:
            self._values = values
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 84)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 48)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self._values:
            super().keyPressEvent(event)
            return
        last = len(self._values) - 1
        self._at = last if self._at is None else min(last, max(0, self._at + step))
        self._tell(self.mapToGlobal(self._point(self._at).toPoint()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if not self._values:
            return
        share = event.position().x() / max(1, self.width() - 1)
        last = len(self._values) - 1
        self._at = min(last, max(0, round(share * last)))
        self._tell(event.globalPosition().toPoint())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bottom = self.height() - 1.0
        if self._values:
            line = QPainterPath(self._point(0))
            for number in range(1, len(self._values)):
                line.lineTo(self._point(number))
            ground = QPainterPath(line)
            ground.lineTo(self._point(len(self._values) - 1).x(), bottom)
            ground.lineTo(self._point(0).x(), bottom)
            painter.fillPath(ground, theme.colour("accentSoft"))
            pen = QPen(theme.colour("accent"), _LINE)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawPath(line)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent"))
            painter.drawEllipse(self._point(len(self._values) - 1), 3, 3)
        painter.fillRect(0, int(bottom), self.width(), 1, theme.colour("border"))
        painter.end()

    def _point(self, number: int) -> QPointF:
        room = self.width() - 8.0
        height = self.height() - _TOP - 2.0
        highest = max(*self._values, 3)
        left = 3 + room * number / max(1, len(self._values) - 1)
        return QPointF(left, self.height() - 1 - height * self._values[number] / highest)

    def _tell(self, at: QPoint) -> None:
        if self._at is not None and self._at < len(self._labels):
            QToolTip.showText(at, literal(self._labels[self._at]), self)
