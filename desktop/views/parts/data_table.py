"""Tables: hairlines, no striping, shape first, one Tab stop; the selection is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar
from unicodedata import east_asian_width

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QStyle,
    QTableView,
    QWidget,
)

from desktop.item_models.data_rows import BUTTON_ROLE, DataRows
from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.parts.table_cells import PADDING, SHAPE, SHAPE_GAP, TableCells
from desktop.views.theme.theme import Theme

Row = TypeVar("Row")
_SHAPE_COLUMN = 28
_STRETCHED_AT_LEAST = 130


class _Head(QHeaderView):
    """Paints itself: a style sheet would replace the head's own small font by the table's."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.setHighlightSections(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(20)

    def sizeHint(self) -> QSize:
        text = QFontMetrics(self._theme.font("small")).height()
        return QSize(100, max(self._theme.tokens.heights["table_head"], text + 12))

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        painter.save()
        line = rect.adjusted(0, rect.height() - 1, 0, 0)
        painter.fillRect(line, self._theme.colour("line"))
        painter.setFont(self._theme.font("small"))
        orientation = Qt.Orientation.Horizontal
        text = self.model().headerData(section, orientation)
        painter.setPen(self._theme.colour("text3"))
        alignment = self.model().headerData(section, orientation, Qt.ItemDataRole.TextAlignmentRole)
        box = rect.adjusted(PADDING, 0, -PADDING, 0)
        painter.drawText(box, QStyle.visualAlignment(self.layoutDirection(), alignment), text)
        painter.restore()


class DataTable(KeyboardFocus, QTableView, Generic[Row]):
    """``stretched`` takes the room the others leave; ``hidden_when_narrow`` go in their order until
    it has ``stretched_least`` pixels.

    ``fits_rows``: as tall as its rows, so that the page scrolls and not the table.
    """

    chosen = Signal(str)
    """The key of the selected row."""
    opened = Signal(str)
    """Enter or a double click on a row."""
    button_clicked = Signal(str)
    sort_asked = Signal(str)
    """A column's ``sort_name``."""
    copied = Signal(str)
    """Ctrl+C on a row."""

    def __init__(
        self,
        theme: Theme,
        rows: DataRows[Row],
        name: str,
        *,
        stretched: int,
        hidden_when_narrow: tuple[int, ...] = (),
        fits_rows: bool = False,
        stretched_least: int = _STRETCHED_AT_LEAST,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._stretched = stretched
        self._stretched_least = stretched_least
        self._hidden_when_narrow = hidden_when_narrow
        self._fits_rows = fits_rows
        self._absent: set[int] = set()
        self._telling = True
        self._widest = {n: column.sample for n, column in enumerate(rows.columns)}
        self.rows = rows
        rows.setParent(self)
        self.setModel(rows)
        self._cells = TableCells(theme, rows, self)
        self.setItemDelegate(self._cells)
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if fits_rows:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.viewport().setAutoFillBackground(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHorizontalHeader(_Head(theme, self))
        head = self.horizontalHeader()
        head.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
        head.setSectionsClickable(any(each.sort_name for each in rows.columns))
        head.sectionClicked.connect(self._on_head_clicked)
        self.selectionModel().currentRowChanged.connect(self._on_current_changed)
        self.clicked.connect(self._on_clicked)
        self.activated.connect(self._on_activated)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Show ``rows``; the chosen one stays chosen, and rows in sight stay where they are."""
        chosen = self.chosen_key
        self._make_room(rows)
        bar = self.verticalScrollBar()
        count, before, first = self.rows.rowCount(), bar.value(), self.rows.keys[:1]
        self._telling = False
        if self.rows.set_rows(rows):
            if chosen is not None:
                self.choose(chosen, reveal=False)
            bar.setValue(before)
        elif before and first and first[0] in (keys := self.rows.keys):
            bar.setValue(before + keys.index(first[0]) * self.row_height)
        self._telling = True
        if len(rows) != count:
            self.updateGeometry()

    def show_column(self, column: int, *, is_shown: bool) -> None:
        """Show or hide a column, independent of the width."""
        if is_shown == (column in self._absent):
            (self._absent.discard if is_shown else self._absent.add)(column)
            self.setColumnHidden(column, not is_shown)
            self._hide_columns()

    def show_sorted(self, name: str, *, descending: bool) -> None:
        self.rows.set_sorted(name, descending=descending)

    @property
    def row_height(self) -> int:
        return self.verticalHeader().defaultSectionSize()

    @property
    def chosen_key(self) -> str | None:
        indexes = self.selectionModel().selectedRows()
        return self.rows.key_at(indexes[0].row()) if indexes else None

    def choose(self, key: str, *, reveal: bool = True) -> None:
        """Choose a row if it is there."""
        keys = self.rows.keys
        if key not in keys:
            return
        index = self.rows.index(keys.index(key), 0)
        flags = QItemSelectionModel.SelectionFlag
        scrolls = self.hasAutoScroll()
        self.setAutoScroll(reveal)
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.setAutoScroll(scrolls)
        if reveal:
            self.scrollTo(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.chosen_key is not None:
            self.copied.emit(self.chosen_key)
            return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        head = self.horizontalHeader().sizeHint().height()
        rows = self.row_height * (self.rows.rowCount() if self._fits_rows else 6)
        return QSize(400, rows + head)

    def minimumSizeHint(self) -> QSize:
        if self._fits_rows:
            return QSize(200, self.sizeHint().height())
        return QSize(200, self.row_height * 3 + self.horizontalHeader().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        current = self.currentIndex()
        before = self.viewport().rect()
        before.setHeight(event.oldSize().height())
        was_in_sight = current.isValid() and before.intersects(self.visualRect(current))
        super().resizeEvent(event)
        self._hide_columns()
        if was_in_sight:
            self.scrollTo(current)

    def _on_current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if self._telling and current.isValid():
            self.chosen.emit(self.rows.key_at(current.row()))

    def _on_clicked(self, index: QModelIndex) -> None:
        if index.data(BUTTON_ROLE):
            self.button_clicked.emit(self.rows.key_at(index.row()))

    def _on_activated(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(self.rows.key_at(index.row()))

    def _on_head_clicked(self, section: int) -> None:
        name = self.rows.columns[section].sort_name
        if name:
            self.sort_asked.emit(name)

    def _make_room(self, rows: tuple[Row, ...]) -> None:
        """Let a column of figures grow for a longer one than usual; it does not shrink again."""
        grown, known = False, set(map(id, self.rows.rows))
        rows = tuple(row for row in rows if id(row) not in known)
        if not rows:
            return
        for number, column in enumerate(self.rows.columns):
            if not column.number or column.spills:
                continue
            longest = max((column.text(row) for row in rows), key=_breadth)
            if _breadth(longest) > _breadth(self._widest[number]):
                self._widest[number] = longest
                grown = True
        if grown:
            self._restyle()

    def _widths(self) -> Mapping[int, int]:
        """The width of every column but the stretched one."""
        head = QFontMetrics(self._theme.font("small"))
        widths: dict[int, int] = {}
        for number, column in enumerate(self.rows.columns):
            if number == self._stretched:
                continue
            if column.width:
                widths[number] = column.width
                continue
            metrics = QFontMetrics(self._theme.font("mono" if column.mono else "body"))
            words = max(
                metrics.horizontalAdvance(self._widest[number]),
                head.horizontalAdvance(column.title),
            )
            bare = column.shape is not None and not column.sample
            with_shape = SHAPE + SHAPE_GAP if column.shape is not None else 0
            widths[number] = _SHAPE_COLUMN if bare else words + with_shape + 2 * PADDING + 2
        return widths

    def _restyle(self) -> None:
        theme = self._theme
        self._cells.restyle()
        body = QFontMetrics(theme.font("body"))
        height = max(theme.tokens.heights["table_row"], body.height() + 16)
        self.verticalHeader().setDefaultSectionSize(height)
        for number, width in self._widths().items():
            self.setColumnWidth(number, width)
        self._hide_columns()
        self.updateGeometry()
        self.viewport().update()

    def _hide_columns(self) -> None:
        """Hide columns in their order until the stretched one has room."""
        for column in self._hidden_when_narrow:
            self.setColumnHidden(column, False)
        widths = self._widths()
        for column in self._hidden_when_narrow:
            others = sum(w for number, w in widths.items() if not self.isColumnHidden(number))
            if self.viewport().width() - others >= self._theme.scaled(self._stretched_least):
                break
            self.setColumnHidden(column, True)


def _breadth(text: str) -> int:
    """About how wide ``text`` is, in half of a Chinese character: that is twice a letter."""
    if text.isascii():
        return len(text)
    return sum(1 + (east_asian_width(each) in "WF") for each in text)
