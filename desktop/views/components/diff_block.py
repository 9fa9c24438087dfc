"""The lines of a file that change, with number, sign and ground: colour is never the only key."""

from __future__ import annotations

from PySide6.QtGui import QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.presenters.connect.change_view import FileView
from desktop.views.components.card import Card
from desktop.views.components.code_block import CodeLines
from desktop.views.theme.theme import Theme

_GROUND = {"+": "diffAdd", "-": "diffDel"}
_DIGITS = 4


class DiffBlock(Card):
    """As high as its lines: the page scrolls. Left to right in every language."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, ground="surface", line="line", radius="control", parent=parent)
        self._file: FileView | None = None
        self.lines = CodeLines(theme, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 2)
        column.addWidget(self.lines)
        theme.changed.connect(self._paint_grounds)

    def show_file(self, file: FileView) -> None:
        if file == self._file:
            return
        self._file = file
        self.lines.setAccessibleName(file.said)
        self.lines.setPlainText(
            "\n".join(_text(each.sign, each.number, each.text) for each in file.lines)
        )
        self._paint_grounds()
        self.lines.fit()

    def _paint_grounds(self) -> None:
        cursor = QTextCursor(self.lines.document().begin())
        for line in self._file.lines if self._file else ():
            token = _GROUND.get(line.sign)
            block = QTextBlockFormat()
            if token is not None:
                block.setBackground(self._theme.colour(token))
            cursor.setBlockFormat(block)
            cursor.movePosition(QTextCursor.MoveOperation.NextBlock)


def _text(sign: str, number: int, text: str) -> str:
    place = str(number) if number else "…"
    return f"{place:>{_DIGITS}} {sign} {text}"
