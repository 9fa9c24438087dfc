"""The lines of a file that change, with number, sign and ground: colour is never the only key."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.presenters.connect.change_view import DiffLineView, FileView
from desktop.views.components.card import Card
from desktop.views.components.code_block import CodeLines
from desktop.views.theme.theme import Theme

_GROUND = {"+": "diffAdd", "-": "diffDel"}
_DIGITS = 4
_GAP = 5


class _Numbers(QWidget):
    """The lines' numbers, beside the text: what wraps goes on under its text, not under its number."""

    def __init__(self, theme: Theme, lines: _NumberedLines) -> None:
        super().__init__(lines)
        self._theme = theme
        self._lines = lines

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painted = self._theme, QRectF(event.rect())
        painter = QPainter(self)
        painter.setFont(self._lines.font())
        for line, top, height, first in self._lines.places():
            place = QRectF(0, top, self.width(), height)
            if not place.intersects(painted):
                continue
            if (token := _GROUND.get(line.sign)) is not None:
                painter.fillRect(place, theme.colour(token))
            place.setHeight(first)
            place.setWidth(self.width() - _GAP)
            painter.setPen(theme.colour("text3"))
            number = str(line.number) if line.number else "…"
            painter.drawText(place, Qt.AlignmentFlag.AlignRight, number)
        painter.end()


class _NumberedLines(CodeLines):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        self._shown: tuple[DiffLineView, ...] = ()
        self._numbers: _Numbers | None = None
        super().__init__(theme, parent)
        self._numbers = _Numbers(theme, self)

    def show_lines(self, lines: tuple[DiffLineView, ...]) -> None:
        self._shown = lines
        self.setPlainText("\n".join(f"{each.sign or ' '} {each.text}" for each in lines))
        self.restyle()

    def restyle(self) -> None:
        super().restyle()
        if self._numbers is None:
            return
        cursor = QTextCursor(self.document().begin())
        for line in self._shown:
            block = QTextBlockFormat()
            if (token := _GROUND.get(line.sign)) is not None:
                block.setBackground(self._theme.colour(token))
            cursor.setBlockFormat(block)
            cursor.movePosition(QTextCursor.MoveOperation.NextBlock)
        width = QFontMetricsF(self.font()).horizontalAdvance("0" * _DIGITS)
        self.setViewportMargins(math.ceil(width) + _GAP, 0, 0, 0)
        self._place_numbers()
        self.fit()

    def places(self) -> list[tuple[DiffLineView, float, float, float]]:
        """Each line with its top, its height and that of its first row."""
        found = []
        block, offset = self.document().begin(), self.contentOffset()
        for line in self._shown:
            box = self.blockBoundingGeometry(block).translated(QPointF(offset))
            first = (
                block.layout().lineAt(0).height() if block.layout().lineCount() else box.height()
            )
            found.append((line, box.top(), box.height(), first))
            block = block.next()
        return found

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_numbers()

    def _place_numbers(self) -> None:
        if self._numbers is not None:
            box = self.contentsRect()
            box.setWidth(self.viewportMargins().left())
            self._numbers.setGeometry(box)
            self._numbers.update()


class DiffBlock(Card):
    """As high as its lines: the page scrolls. Left to right in every language."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, ground="surface", line="line", radius="control", parent=parent)
        self._file: FileView | None = None
        self.lines = _NumberedLines(theme, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 2)
        column.addWidget(self.lines)

    def show_file(self, file: FileView) -> None:
        if file == self._file:
            return
        self._file = file
        self.lines.setAccessibleName(file.said)
        self.lines.show_lines(file.lines)
