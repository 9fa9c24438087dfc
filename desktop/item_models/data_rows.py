"""A presenter's rows as a table model: declared columns, minimal change signals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.presenters.shapes import Shape
from desktop.views.literal_text import literal

SHAPE_ROLE = Qt.ItemDataRole.UserRole + 1
MUTED_ROLE = Qt.ItemDataRole.UserRole + 2
BUTTON_ROLE = Qt.ItemDataRole.UserRole + 3
"""The text of a button in place of the cell's text; empty for none."""
BAR_ROLE = Qt.ItemDataRole.UserRole + 4
"""A small bar in place of the cell's text: a share from 0 to 1 and a colour token."""
_Index = QModelIndex | QPersistentModelIndex
Row = TypeVar("Row")


def _never(_row: Any) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class ColumnSpec(Generic[Row]):
    """``sample`` is the widest usual content, so that widths stay constant while figures change.

    ``spoken`` is the accessible name of a column without a title. A ``spills`` cell may use empty
    cells before it. A cell with a ``shape`` and text shows both.
    """

    title: str
    text: Callable[[Row], str]
    sample: str = ""
    spoken: str = ""
    number: bool = False
    mono: bool = False
    quiet: bool = False
    spills: bool = False
    shape: Callable[[Row], Shape | None] | None = None
    button: Callable[[Row], str] | None = None
    bar: Callable[[Row], tuple[float, str] | None] | None = None
    width: int = 0
    """In logical pixels; 0: by the head and the sample."""
    sort_name: str = ""
    """The presenter's name of the order by this column; empty if there is none."""


class DataRows(QAbstractTableModel, Generic[Row]):
    """``key`` identifies a row; ``sentence`` is a whole row for a screen reader."""

    def __init__(
        self,
        columns: tuple[ColumnSpec[Row], ...],
        key: Callable[[Row], str],
        sentence: Callable[[Row], str],
        muted: Callable[[Row], bool] = _never,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = columns
        self._key = key
        self._sentence = sentence
        self._muted = muted
        self._rows: tuple[Row, ...] = ()
        self._sorted: tuple[str, bool] | None = None

    @property
    def rows(self) -> tuple[Row, ...]:
        return self._rows

    @property
    def keys(self) -> list[str]:
        return [self._key(each) for each in self._rows]

    def key_at(self, row: int) -> str:
        return self._key(self._rows[row])

    def is_muted(self, row: Row) -> bool:
        return self._muted(row)

    def set_sorted(self, name: str, *, descending: bool) -> None:
        """Show by an arrow in its head which column orders the rows."""
        if self._sorted != (name, descending):
            self._sorted = (name, descending)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def set_rows(self, rows: tuple[Row, ...]) -> bool:
        """Show ``rows``; return whether the model was reset, which clears the views' selection.

        Newer figures of the same rows change cells; new rows at the top are inserted there.
        """
        if rows == self._rows:
            return False
        before, after = self.keys, [self._key(each) for each in rows]
        added = after.index(before[0]) if before and before[0] in after else len(after)
        if before and after[added:] == before[: len(after) - added] and len(after) > added:
            self._trim(len(after) - added)
            if added:
                self.beginInsertRows(QModelIndex(), 0, added - 1)
                self._rows = rows[:added] + self._rows
                self.endInsertRows()
            changed = [at for at in range(added, len(rows)) if rows[at] != self._rows[at]]
            self._rows = rows
            for first, last in _runs(changed):
                end = self.index(last, len(self.columns) - 1)
                self.dataChanged.emit(self.index(first, 0), end)
            return False
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
        return True

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{column.title}{self._arrow(column)}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return column.title or column.spoken
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment_of(column.number)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], self.columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(row)
            case Qt.ItemDataRole.TextAlignmentRole:
                return alignment_of(column.number)
            case Qt.ItemDataRole.ToolTipRole:
                is_shape = column.shape is not None
                return literal(self._sentence(row) if is_shape else column.text(row)) or None
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._sentence(row) if index.column() == 0 else column.text(row)
            case _ if role == SHAPE_ROLE and column.shape is not None:
                return column.shape(row)
            case _ if role == MUTED_ROLE:
                return self._muted(row)
            case _ if role == BUTTON_ROLE and column.button is not None:
                return column.button(row)
            case _ if role == BAR_ROLE and column.bar is not None:
                return column.bar(row)
        return None

    def _trim(self, length: int) -> None:
        """Remove the oldest rows, at the end."""
        if length < len(self._rows):
            self.beginRemoveRows(QModelIndex(), length, len(self._rows) - 1)
            self._rows = self._rows[:length]
            self.endRemoveRows()

    def _arrow(self, column: ColumnSpec[Row]) -> str:
        if self._sorted is None or not column.sort_name or self._sorted[0] != column.sort_name:
            return ""
        return " ↓" if self._sorted[1] else " ↑"


def alignment_of(number: bool, *, mirrored: bool | None = None) -> Qt.AlignmentFlag:
    """Text is aligned to the start of the reading direction, figures to its end.

    ``mirrored``: the side as painted, left to right or right to left; None: the logical side.
    """
    flag = Qt.AlignmentFlag
    if mirrored is None:
        side = flag.AlignTrailing if number else flag.AlignLeading
    else:
        side = flag.AlignRight if number is not mirrored else flag.AlignLeft
    return side | flag.AlignVCenter


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each run of ascending numbers without a gap."""
    first = last = None
    for number in numbers:
        if last is not None and number == last + 1:
            last = number
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = number
    if first is not None and last is not None:
        yield first, last
