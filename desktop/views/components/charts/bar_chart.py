"""Stacked bars by day: values under the pointer and by arrow keys, a budget's line, grey days ahead.

The static part is drawn once, for the widget's size and pixel ratio.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from desktop.presenters.usage.usage_chart import Bar, ChartView
from desktop.views.components.announcement import announce
from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.theme.theme import Theme

_HEIGHT = 196
_BELOW = 26
_ABOVE = 8
_LEAST_HEIGHT = 1.5
"""In logical pixels: any non-zero day is visible."""


class BarTip(QWidget):
    """The values of one day, drawn next to the pointer; not accessible, as the chart has the text."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bar: Bar | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_bar(self, bar: Bar) -> None:
        if bar != self._bar:
            self._bar = bar
            self.resize(self.sizeHint())
            self.update()
        self.show()
        self.raise_()

    def sizeHint(self) -> QSize:
        bar = self._bar
        if bar is None:
            return QSize(0, 0)
        bold = QFontMetrics(self._bold())
        small = QFontMetrics(self._theme.font("small"))
        head = bold.horizontalAdvance(bar.title) + 20 + bold.horizontalAdvance(bar.total)
        rows = [
            15 + small.horizontalAdvance(name) + 24 + small.horizontalAdvance(figure)
            for _, name, figure in bar.rows
        ]
        width = max([head, *rows]) + 22
        return QSize(width, self._row_height() * (1 + len(bar.rows)) + 16)

    def paintEvent(self, _event: QPaintEvent) -> None:
        bar, theme = self._bar, self._theme
        if bar is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("tooltipLine"), 1))
        painter.setBrush(theme.colour("tooltip"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        height = self._row_height()
        line = QRect(11, 8, self.width() - 22, height)
        start = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        end = Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter
        painter.setLayoutDirection(self.layoutDirection())
        painter.setPen(theme.colour("onTooltip"))
        painter.setFont(self._bold())
        painter.drawText(line, start, bar.title)
        painter.drawText(line, end, bar.total)
        painter.setFont(theme.font("small"))
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        for token, name, figure in bar.rows:
            line.translate(0, height)
            square = QRectF(line.left(), line.center().y() - 3.5, 8, 8)
            if mirrored:
                square.moveRight(line.right())
            painter.setPen(QPen(theme.colour("onTooltip"), 0.75))
            painter.setBrush(theme.colour(token))
            painter.drawRoundedRect(square, 2, 2)
            painter.setPen(theme.colour("onTooltip"))
            words = line.adjusted(0, 0, -15, 0) if mirrored else line.adjusted(15, 0, 0, 0)
            painter.drawText(words, start, name)
            painter.drawText(line, end, figure)
        painter.end()

    def _row_height(self) -> int:
        return QFontMetrics(self._theme.font("small")).height() + 4

    def _bold(self) -> QFont:
        font = self._theme.font("small")
        font.setWeight(font.Weight.DemiBold)
        return font


class BarChart(KeyboardFocus, QLabel):
    """Never mirrored: time runs from left to right on a chart in every language.

    A label without text: a bare widget has no role that a screen reader speaks.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._theme = theme
        self._view: ChartView | None = None
        self._drawn: QPixmap | None = None
        self._current: int | None = None
        self.tip = BarTip(theme, self)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._redraw)

    @property
    def current(self) -> int | None:
        """The day whose values are shown, counted from 0."""
        return self._current

    def show_view(self, view: ChartView) -> None:
        if view == self._view:
            return
        self._view = view
        self.setAccessibleName(view.summary)
        if self._current is not None and self._current >= len(view.bars):
            self._choose(None)
        self._redraw()
        if self._current is not None:
            self._choose(self._current)

    def sizeHint(self) -> QSize:
        text = QFontMetrics(self._theme.font("small")).height()
        return QSize(480, _HEIGHT + max(0, text - 15))

    def minimumSizeHint(self) -> QSize:
        return QSize(280, self.sizeHint().height())

    def column(self, number: int) -> QRectF:
        """Return a day's column, from the top of the plot to its axis."""
        plot = self._plot()
        count = len(self._view.bars) if self._view is not None else 1
        pitch = plot.width() / max(1, count)
        return QRectF(plot.left() + number * pitch, plot.top(), pitch, plot.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        view = self._view
        if view is None:
            return
        painter = QPainter(self)
        if self._current is not None and self._current < len(view.bars):
            painter.fillRect(self.column(self._current), self._theme.colour("chartBand"))
        if self._drawn is None:
            self._drawn = self._draw(view)
        painter.drawPixmap(0, 0, self._drawn)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._redraw()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose(self._at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if not self.hasFocus():
            self._choose(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._choose(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        count = len(self._view.bars) if self._view is not None else 0
        now = self._current
        wanted = {
            Qt.Key.Key_Left: self._first_choice() if now is None else max(0, now - 1),
            Qt.Key.Key_Right: self._first_choice() if now is None else min(count - 1, now + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: count - 1,
        }.get(Qt.Key(event.key()))
        if wanted is None or not count:
            if event.key() == Qt.Key.Key_Escape and now is not None:
                self._choose(None)
                return
            super().keyPressEvent(event)
            return
        self._choose(wanted)
        assert self._view is not None
        announce(self, self._view.bars[wanted].sentence)

    def _first_choice(self) -> int:
        """Return today, or the last day."""
        bars = self._view.bars if self._view is not None else ()
        for number, bar in enumerate(bars):
            if bar.is_today:
                return number
        return len(bars) - 1

    def _at(self, x: float) -> int | None:
        view, plot = self._view, self._plot()
        if view is None or not view.bars or not plot.left() <= x < plot.right():
            return None
        return min(int((x - plot.left()) * len(view.bars) / plot.width()), len(view.bars) - 1)

    def _choose(self, number: int | None) -> None:
        self._current = number
        view = self._view
        if number is None or view is None:
            self.tip.hide()
            self.setAccessibleDescription("")
        else:
            bar = view.bars[number]
            self.setAccessibleDescription(bar.sentence)
            self.tip.show_bar(bar)
            self.tip.move(self._tip_place(number))
        self.update()

    def _tip_place(self, number: int) -> QPoint:
        """Return a place next to the column, on a side with room, so that the column stays visible."""
        column, size = self.column(number), self.tip.size()
        left = column.left() - size.width() - 6
        if left < 0:
            left = min(column.right() + 6, self.width() - size.width())
        return QPoint(round(max(0, left)), round(column.top()))

    def _redraw(self) -> None:
        self._drawn = None
        self.updateGeometry()
        self.update()

    def _plot(self) -> QRectF:
        small = QFontMetrics(self._theme.font("small"))
        words = self._view.step_words if self._view is not None else ()
        left = max((small.horizontalAdvance(word) for word in words), default=20) + 10
        below = max(_BELOW, small.height() + 10)
        return QRectF(left, _ABOVE, self.width() - left - 4, self.height() - _ABOVE - below)

    def _height_of(self, amount: float) -> float:
        assert self._view is not None
        return self._plot().height() * amount / self._view.steps[-1]

    def _draw(self, view: ChartView) -> QPixmap:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setFont(self._theme.font("small"))
        self._draw_grid(painter, view)
        for number, bar in enumerate(view.bars):
            self._draw_bar(painter, view, number, bar)
        self._draw_axis(painter, view)
        if view.budget is not None:
            self._draw_budget(painter, view, view.budget)
        if view.empty_words:
            painter.setFont(self._theme.font("body"))
            painter.setPen(self._theme.colour("text2"))
            centre = Qt.AlignmentFlag.AlignCenter
            words = painter.boundingRect(self._plot(), centre, view.empty_words)
            # No grid line through the text.
            painter.fillRect(words.adjusted(-8, -2, 8, 2), self._theme.colour("surface"))
            painter.drawText(self._plot(), centre, view.empty_words)
        painter.end()
        return pixmap

    def _snapped(self, y: float) -> float:
        """Round to a whole device pixel, so that lines are sharp at any ratio."""
        ratio = self.devicePixelRatioF()
        return round(y * ratio) / ratio

    def _draw_grid(self, painter: QPainter, view: ChartView) -> None:
        plot, theme = self._plot(), self._theme
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for step, words in zip(view.steps, view.step_words, strict=True):
            y = self._snapped(plot.bottom() - self._height_of(step))
            if step:
                painter.fillRect(QRectF(plot.left(), y, plot.width(), 1), theme.colour("chartGrid"))
            painter.setPen(theme.colour("text2"))
            painter.drawText(QRectF(0, y - 12, plot.left() - 8, 24), flags, words)

    def _draw_bar(self, painter: QPainter, view: ChartView, number: int, bar: Bar) -> None:
        column = self.column(number)
        ratio = self.devicePixelRatioF()
        width = max(1.0, round(min(column.width() * 0.76, 48) * ratio) / ratio)
        left = self._snapped(column.center().x() - width / 2)
        bottom = self._snapped(column.bottom())
        tokens = [each.token for each in view.series]
        for part, amount in enumerate(bar.parts):
            if amount <= 0:
                continue
            top = self._snapped(bottom - max(self._height_of(amount), _LEAST_HEIGHT))
            token = "track" if bar.is_forecast else tokens[part]
            gap = 1 if part + 1 < len(bar.parts) and bottom - top > 2 else 0
            box = QRectF(left, top + gap, width, bottom - top - gap)
            painter.fillRect(box, self._theme.colour(token))
            bottom = top

    def _draw_axis(self, painter: QPainter, view: ChartView) -> None:
        plot, theme = self._plot(), self._theme
        line = QRectF(plot.left(), self._snapped(plot.bottom()), plot.width(), 1)
        painter.fillRect(line, theme.colour("chartAxis"))
        bold = theme.font("small")
        bold.setWeight(bold.Weight.DemiBold)
        used_up_to = -1.0
        for number, bar in enumerate(view.bars):
            if not bar.axis:
                continue
            font = bold if bar.is_today else theme.font("small")
            width = QFontMetrics(font).horizontalAdvance(bar.axis) + 2
            centre = self.column(number).center().x()
            left = min(max(plot.left(), centre - width / 2), plot.right() - width)
            if left < used_up_to and not bar.is_today:
                continue
            used_up_to = left + width + 4
            painter.setFont(font)
            painter.setPen(theme.colour("text" if bar.is_today else "text2"))
            box = QRectF(left, plot.bottom() + 5, width, self.height() - plot.bottom() - 5)
            painter.drawText(
                box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, bar.axis
            )

    def _draw_budget(self, painter: QPainter, view: ChartView, budget: float) -> None:
        plot, colour = self._plot(), self._theme.colour("attention")
        y = self._snapped(plot.bottom() - self._height_of(budget)) + 0.5
        pen = QPen(colour, 1.5)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLine(round(plot.left()), round(y), round(plot.right()), round(y))
        painter.setFont(self._theme.font("small"))
        text = QFontMetrics(painter.font()).height()
        above = y - text - 2 >= 0
        box = QRectF(plot.left(), y - text - 2 if above else y + 2, plot.width() - 2, text)
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, flags, view.budget_words)
