"""The latest requests as a table model."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.presenters.home import RequestRow

SHAPE_ROLE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    STATE = 0
    TIME = 1
    TOOL = 2
    MODEL = 3
    TOKENS = 4
    CACHED = 5
    CREDITS = 6
    TOOK = 7


NUMBERS = (Column.TOKENS, Column.CACHED, Column.CREDITS, Column.TOOK)
HIDDEN_WHEN_NARROW = (Column.CACHED, Column.TOKENS, Column.TOOK)
"""In this order, as the table gets narrower."""


class RequestRows(QAbstractTableModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[RequestRow, ...] = ()
        self._heads = {
            Column.STATE: "",
            Column.TIME: self.tr("Time"),
            Column.TOOL: self.tr("Tool"),
            Column.MODEL: self.tr("Model"),
            Column.TOKENS: self.tr("Tokens in → out"),
            Column.CACHED: self.tr("Cached"),
            Column.CREDITS: self.tr("Credits"),
            Column.TOOK: self.tr("Took"),
        }

    @property
    def rows(self) -> tuple[RequestRow, ...]:
        return self._rows

    def set_rows(self, rows: tuple[RequestRow, ...]) -> bool:
        """Show ``rows``; return whether they are other requests than before, or only newer figures."""
        if rows == self._rows:
            return False
        same = [each.request_id for each in rows] == [each.request_id for each in self._rows]
        if same:
            self._rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(Column) - 1))
            return False
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
        return True

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = Column(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._heads[column]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._heads[column] or self.tr("State")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _text(row, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.ToolTipRole:
                return row.sentence if column is Column.STATE else _text(row, column) or None
            case Qt.ItemDataRole.AccessibleTextRole:
                return row.sentence if column is Column.STATE else _text(row, column)
            case _ if role == SHAPE_ROLE and column is Column.STATE:
                return row.shape
        return None


def _alignment(column: Column) -> Qt.AlignmentFlag:
    """Text starts where the language starts, figures end where it ends."""
    side = Qt.AlignmentFlag.AlignTrailing if column in NUMBERS else Qt.AlignmentFlag.AlignLeading
    return side | Qt.AlignmentFlag.AlignVCenter


def _text(row: RequestRow, column: Column) -> str:
    return {
        Column.STATE: "",
        Column.TIME: row.time,
        Column.TOOL: row.tool,
        Column.MODEL: row.model,
        Column.TOKENS: row.tokens,
        Column.CACHED: row.cached,
        Column.CREDITS: row.credits,
        Column.TOOK: row.took,
    }[column]
