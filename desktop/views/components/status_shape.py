"""The seven status shapes and the mark of a traced request, drawn on a 12 unit grid in any size."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.presenters.shapes import Shape
from desktop.views.theme.theme import Theme

COLOUR_TOKENS = {
    Shape.RUNNING: "ok",
    Shape.OFF: "text3",
    Shape.STREAMING: "ok",
    Shape.DONE: "ok",
    Shape.ATTENTION: "attention",
    Shape.FAILED: "error",
    Shape.CANCELLED: "text3",
    Shape.TRACED: "attention",
}
_CENTRE = QPointF(6, 6)


def paint_shape(
    painter: QPainter, rect: QRectF, shape: Shape, colour: QColor, ground: QColor
) -> None:
    """Draw ``shape`` into ``rect``; marks inside a solid shape are cut out in ``ground``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 12, rect.height() / 12)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(Qt.PenStyle.NoPen)
    match shape:
        case Shape.RUNNING:
            _fill(painter, colour, _disc(4.5))
        case Shape.DONE:
            _fill(painter, colour, _disc(5))
            _stroke(painter, ground, 1.4, (3.6, 6.2), (5.3, 7.9), (8.4, 4.4))
        case Shape.OFF:
            _ring(painter, colour, 4.2, 1.5)
        case Shape.STREAMING:
            half = QPainterPath(QPointF(6, 1.5))
            half.arcTo(QRectF(1.5, 1.5, 9, 9), 90, -180)
            _fill(painter, colour, half)
            _ring(painter, colour, 4.5, 1.4)
        case Shape.ATTENTION:
            triangle = QPainterPath(QPointF(6, 0.9))
            triangle.lineTo(11.4, 10.6)
            triangle.lineTo(0.6, 10.6)
            triangle.closeSubpath()
            painter.setPen(_pen(colour, 1))
            painter.setBrush(colour)
            painter.drawPath(triangle)
            _stroke(painter, ground, 1.3, (6, 4.2), (6, 7))
            _stroke(painter, ground, 1.3, (6, 8.9), (6, 9))
        case Shape.FAILED:
            square = QPainterPath()
            square.addRoundedRect(QRectF(1, 1, 10, 10), 2.2, 2.2)
            _fill(painter, colour, square)
            _stroke(painter, ground, 1.4, (4, 4), (8, 8))
            _stroke(painter, ground, 1.4, (8, 4), (4, 8))
        case Shape.CANCELLED:
            _ring(painter, colour, 4.5, 1.4)
            _stroke(painter, colour, 1.4, (3.8, 6), (8.2, 6))
        case Shape.TRACED:
            eye = QPainterPath(QPointF(0.8, 6))
            eye.quadTo(6, -0.4, 11.2, 6)
            eye.quadTo(6, 12.4, 0.8, 6)
            painter.setPen(_pen(colour, 1.3))
            painter.drawPath(eye)
            pupil = QPainterPath()
            pupil.addEllipse(_CENTRE, 1.7, 1.7)
            _fill(painter, colour, pupil)
    painter.restore()


def _disc(radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(_CENTRE, radius, radius)
    return path


def _fill(painter: QPainter, colour: QColor, path: QPainterPath) -> None:
    painter.fillPath(path, colour)


def _ring(painter: QPainter, colour: QColor, radius: float, width: float) -> None:
    painter.setPen(_pen(colour, width))
    painter.drawPath(_disc(radius))


def _stroke(painter: QPainter, colour: QColor, width: float, *points: tuple[float, float]) -> None:
    path = QPainterPath(QPointF(*points[0]))
    for point in points[1:]:
        path.lineTo(QPointF(*point))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(colour, width))
    painter.drawPath(path)


def _pen(colour: QColor, width: float) -> QPen:
    return QPen(
        colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    )


class StatusShape(QWidget):
    """One shape next to its text.

    The text is a separate widget, so this is hidden from screen readers.
    """

    def __init__(
        self,
        theme: Theme,
        shape: Shape,
        *,
        size: int = 12,
        ground: str = "surface",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shape = shape
        self._size = size
        self._ground = ground
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    @property
    def shape(self) -> Shape:
        return self._shape

    def set_shape(self, shape: Shape) -> None:
        if shape != self._shape:
            self._shape = shape
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_shape(
            painter,
            QRectF(self.rect()),
            self._shape,
            self._theme.colour(COLOUR_TOKENS[self._shape]),
            self._theme.colour(self._ground),
        )
        painter.end()
