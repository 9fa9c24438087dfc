"""Paints a table's cells straight from its rows.

Fonts, colours and widths of texts are prepared once for a theme: a table with live traffic paints some
hundred cells four times a second, and each question to the model would go through Qt and back.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.item_models.data_rows import ColumnSpec, DataRows, alignment_of
from desktop.presenters.shapes import Shape
from desktop.views.components.status_shape import COLOUR_TOKENS, paint_shape
from desktop.views.theme.theme import Theme

PADDING = 7
SHAPE = 12
SHAPE_GAP = 7
_BAR = 8
_KEPT_WIDTHS = 2000
_COLOURS = ("text", "text2", "text3", "line", "accentSoft")
_Index = QModelIndex | QPersistentModelIndex
_FLAGS = {
    (number, mirrored): alignment_of(number, mirrored=mirrored) | Qt.TextFlag.TextSingleLine
    for number in (False, True)
    for mirrored in (False, True)
}
"""Of ``drawText``, by whether a column has figures and whether the table is read from the right."""
_AntiAliased = QPainter.RenderHint.Antialiasing


class TextFitter:
    """Shortens texts of one font to a width; the widths of texts seen before are known."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self._metrics = QFontMetrics(font)
        self._widths: dict[str, int] = {}

    def width(self, text: str) -> int:
        found = self._widths.get(text)
        if found is None:
            if len(self._widths) >= _KEPT_WIDTHS:
                self._widths.clear()
            found = self._widths[text] = self._metrics.horizontalAdvance(text)
        return found

    def fitted(self, text: str, width: int) -> str:
        if self.width(text) <= width:
            return text
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)


class TableCells(QStyledItemDelegate):
    """Ask ``restyle`` when the theme changed."""

    def __init__(self, theme: Theme, rows: DataRows[Any], parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows = rows
        self.restyle()

    def restyle(self) -> None:
        self._body = TextFitter(self._theme.font("body"))
        self._mono = TextFitter(self._theme.font("mono"))
        self._colours = {name: self._theme.colour(name) for name in _COLOURS}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        number, rect = index.row(), option.rect
        row, column = self._rows.rows[number], self._rows.columns[index.column()]
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, self._colours["accentSoft"])
        if number < len(self._rows.rows) - 1:
            line = QRect(rect.left(), rect.bottom(), rect.width(), 1)
            painter.fillRect(line, self._colours["line"])
        button = column.button(row) if column.button is not None else ""
        if button:
            self._paint_button(painter, option, button)
            return
        text = column.text(row)
        bar = column.bar(row) if column.bar is not None else None
        shape = column.shape(row) if column.shape is not None else None
        if bar is not None:
            self._paint_bar(painter, option, *bar)
        elif shape is not None:
            ground = self._theme.colour("accentSoft" if selected else "surface")
            self._paint_shape(painter, option, shape, ground, beside_text=bool(text))
        if text:
            inset = SHAPE + SHAPE_GAP if shape is not None else 0
            self._paint_text(painter, option, column, row, text, inset)

    def _paint_text(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        column: ColumnSpec[Any],
        row: Any,
        text: str,
        inset: int,
    ) -> None:
        fitter = self._mono if column.mono else self._body
        direction = option.direction
        mirrored = direction == Qt.LayoutDirection.RightToLeft
        muted = self._rows.is_muted(row)
        painter.setFont(fitter.font)
        painter.setPen(self._colours["text3" if muted else "text2" if column.quiet else "text"])
        # Figures and ids are written left to right everywhere.
        as_written = column.mono or column.number
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight if as_written else direction)
        box = option.rect.adjusted(PADDING, 0, -PADDING, 0)
        if inset:
            box.adjust(0 if mirrored else inset, 0, -inset if mirrored else 0, 0)
        if column.spills:
            box.setLeft(min(box.left(), box.right() - fitter.width(text) - 1))
        painter.drawText(box, _FLAGS[column.number, mirrored], fitter.fitted(text, box.width()))

    def _paint_shape(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        kind: Shape,
        ground: QColor,
        *,
        beside_text: bool,
    ) -> None:
        box = QRectF(0, 0, SHAPE, SHAPE)
        box.moveCenter(QRectF(option.rect).center())
        if beside_text:
            place = QRect(option.rect.left() + PADDING, 0, SHAPE, SHAPE)
            box.moveLeft(QStyle.visualRect(option.direction, option.rect, place).left())
        paint_shape(painter, box, kind, self._theme.colour(COLOUR_TOKENS[kind]), ground)

    def _paint_bar(
        self, painter: QPainter, option: QStyleOptionViewItem, share: float, token: str
    ) -> None:
        """Paint a share bar for visual comparison; the figure has its own column."""
        painter.save()
        painter.setRenderHint(_AntiAliased)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(option.rect).adjusted(PADDING, 0, -PADDING, 0)
        track.setHeight(_BAR)
        track.moveCenter(QRectF(option.rect).center())
        painter.setBrush(self._theme.colour("track"))
        painter.drawRoundedRect(track, 2, 2)
        if share > 0:
            fill = QRectF(track)
            fill.setWidth(max(3.0, track.width() * min(1.0, share)))
            if option.direction == Qt.LayoutDirection.RightToLeft:
                fill.moveRight(track.right())
            painter.setBrush(self._theme.colour(token))
            painter.drawRoundedRect(fill, 2, 2)
        painter.restore()

    def _paint_button(self, painter: QPainter, option: QStyleOptionViewItem, words: str) -> None:
        """A way in for the pointer; keys reach the same through the details below the table."""
        theme = self._theme
        painter.save()
        painter.setRenderHint(_AntiAliased)
        painter.setFont(theme.font("button"))
        width = QFontMetrics(painter.font()).horizontalAdvance(words) + 20
        place = QRect(option.rect.left() + PADDING, option.rect.top() + 4, width, 0)
        place.setBottom(option.rect.bottom() - 4)
        place = QStyle.visualRect(option.direction, option.rect, place)
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.setBrush(theme.colour("surface"))
        radius = theme.tokens.radii["control"]
        painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.setPen(theme.colour("text"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()
