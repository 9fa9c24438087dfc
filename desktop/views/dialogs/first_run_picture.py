"""The first run's picture: many tools, one gate, one service. And its three numbered steps."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.presenters.sign_in.first_run import StepMark
from desktop.views.components.card import Card
from desktop.views.theme.icons import ICONS_FOLDER, render_svg
from desktop.views.theme.theme import Theme

_BOX_HEIGHT = 24
_GAP = 8
_APP = 64
_DISC = 20
_LINE = 28


class FirstRunPicture(Card):
    """Painted from texts and the app's logo; accessible as one sentence."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._tools = (self.tr("Editors"), self.tr("Agents"), self.tr("Your code"))
        self._service = "Copilot"
        self.setAccessibleName(
            self.tr("Editors, agents and your code go through this app to Copilot")
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        box, rows = self._box_height(), len(self._tools)
        return QSize(400, rows * box + (rows - 1) * _GAP + 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box, width = self._box_height(), self._box_width()
        middle = self.height() / 2
        app = QRectF((self.width() - _APP) / 2, middle - _APP / 2, _APP, _APP)
        end = QRectF(self.width() - 30 - width, middle - (box + 8) / 2, width, box + 8)
        whole = len(self._tools) * box + (len(self._tools) - 1) * _GAP
        top = middle - whole / 2
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = QPen(theme.colour("accent"), 1.5)
        for number in range(len(self._tools)):
            y = top + number * (box + _GAP) + box / 2
            path = QPainterPath(QPointF(30 + width, y))
            half = (30 + width + app.left()) / 2
            path.cubicTo(QPointF(half, y), QPointF(half, middle), QPointF(app.left(), middle))
            painter.setPen(pen)
            painter.drawPath(self._placed(path))
        arrow = QPainterPath(QPointF(app.right(), middle))
        arrow.lineTo(end.left() - 1, middle)
        arrow.moveTo(end.left() - 6, middle - 5)
        arrow.lineTo(end.left() - 1, middle)
        arrow.lineTo(end.left() - 6, middle + 5)
        painter.drawPath(self._placed(arrow))
        for number, text in enumerate(self._tools):
            self._box(painter, QRectF(30, top + number * (box + _GAP), width, box), text)
        self._box(painter, end, self._service)
        ratio = self.devicePixelRatioF()
        size = QSize(_APP, _APP)
        # The sign is never mirrored.
        painter.drawPixmap(app.topLeft(), render_svg(ICONS_FOLDER / "app-icon.svg", size, ratio))
        painter.end()

    def _box_height(self) -> int:
        return max(_BOX_HEIGHT, QFontMetrics(self._theme.font("small")).height() + 8)

    def _box_width(self) -> int:
        metrics = QFontMetrics(self._theme.font("small"))
        words = (*self._tools, self._service)
        return max(110, max(metrics.horizontalAdvance(each) for each in words) + 24)

    def _placed(self, path: QPainterPath) -> QPainterPath:
        if self.layoutDirection() == Qt.LayoutDirection.LeftToRight:
            return path
        mirrored = QPainterPath()
        for number in range(path.elementCount()):
            each = path.elementAt(number)
            point = QPointF(self.width() - each.x, each.y)
            if each.isMoveTo():
                mirrored.moveTo(point)
            elif each.isLineTo():
                mirrored.lineTo(point)
            elif each.type == QPainterPath.ElementType.CurveToElement:
                second, last = path.elementAt(number + 1), path.elementAt(number + 2)
                mirrored.cubicTo(
                    point,
                    QPointF(self.width() - second.x, second.y),
                    QPointF(self.width() - last.x, last.y),
                )
        return mirrored

    def _box(self, painter: QPainter, box: QRectF, text: str) -> None:
        theme = self._theme
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            box = QRectF(self.width() - box.right(), box.top(), box.width(), box.height())
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(theme.colour("sunken"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.colour("text2"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


class StepMarks(QWidget):
    """Numbered words in a row; the current one is filled and bold. Read as "Step 1 of 3: ..."."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._marks: tuple[StepMark, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)

    def show_marks(self, marks: Sequence[StepMark], spoken_step: str) -> None:
        self._marks = tuple(marks)
        self.setAccessibleName(spoken_step)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        height = max(_DISC, QFontMetrics(self._theme.font("small")).height()) + 4
        return QSize(sum(self._widths()) + (_LINE + 20) * max(0, len(self._marks) - 1) + 4, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        left, middle = 1.0, self.height() / 2

        def placed(box: QRectF) -> QRectF:
            if not mirrored:
                return box
            return QRectF(self.width() - box.right(), box.top(), box.width(), box.height())

        for number, (mark, width) in enumerate(zip(self._marks, self._widths(), strict=True)):
            if number:
                line = placed(QRectF(left + 10, middle, _LINE, 1))
                painter.fillRect(line, theme.colour("border"))
                left += _LINE + 20
            disc = placed(QRectF(left + 0.75, middle - _DISC / 2 + 0.75, _DISC - 1.5, _DISC - 1.5))
            filled = mark.current
            painter.setPen(QPen(theme.colour("accent" if filled or mark.done else "border"), 1.5))
            painter.setBrush(theme.colour("accent") if filled else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(disc)
            painter.setFont(theme.font("small"))
            if mark.done:
                pixmap = theme.pixmap("check", "accent", 12, self.devicePixelRatioF())
                painter.drawPixmap(QPointF(disc.center().x() - 6, disc.center().y() - 6), pixmap)
            else:
                painter.setPen(theme.colour("onAccent" if filled else "text2"))
                painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(mark.number))
            painter.setFont(self._font(mark))
            painter.setPen(theme.colour("text" if filled else "text2"))
            words = placed(QRectF(left + _DISC + 7, 0, width - _DISC - 7, self.height()))
            end = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
            painter.drawText(words, end | Qt.AlignmentFlag.AlignVCenter, mark.text)
            left += width
        painter.end()

    def _font(self, mark: StepMark) -> QFont:
        font = self._theme.font("small")
        if mark.current:
            font.setWeight(font.Weight.DemiBold)
        return font

    def _widths(self) -> list[int]:
        return [
            _DISC + 7 + QFontMetrics(self._font(mark)).horizontalAdvance(mark.text) + 2
            for mark in self._marks
        ]
