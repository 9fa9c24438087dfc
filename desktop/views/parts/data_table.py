"""Tables: hairlines, no striping, shape first, one Tab stop; the selection is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.item_models.data_rows import BAR_ROLE, BUTTON_ROLE, MUTED_ROLE, SHAPE_ROLE, DataRows
from desktop.presenters.shapes import Shape
from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.status_shape import COLOUR_TOKENS, paint_shape
from desktop.views.theme.theme import Theme

Row = TypeVar("Row")
_PADDING = 7
_SHAPE = 12
_BAR = 8
_SHAPE_COLUMN = 28
_STRETCHED_AT_LEAST = 130
_Index = QModelIndex | QPersistentModelIndex


class _Cells(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme, rect = self._theme, option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if selected:
            painter.fillRect(rect, theme.colour("accentSoft"))
        if index.row() < index.model().rowCount() - 1:
            line = rect.adjusted(0, rect.height() - 1, 0, 0)
            painter.fillRect(line, theme.colour("line"))
        button = index.data(BUTTON_ROLE)
        shape, text = index.data(SHAPE_ROLE), index.data() or ""
        bar = index.data(BAR_ROLE)
        if button:
            self._paint_button(painter, option, str(button))
        elif bar is not None:
            self._paint_bar(painter, option, *bar)
        elif shape is not None:
            self._paint_shape(painter, option, Shape(shape), beside_text=bool(text))
        if text and not button:
            inset = _SHAPE + 7 if shape is not None else 0
            self._paint_text(painter, option, index, text, inset)
        painter.restore()

    def _paint_shape(
        self, painter: QPainter, option: QStyleOptionViewItem, kind: Shape, *, beside_text: bool
    ) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        ground = self._theme.colour("accentSoft" if selected else "surface")
        box = QRectF(0, 0, _SHAPE, _SHAPE)
        box.moveCenter(QRectF(option.rect).center())
        if beside_text:
            place = QRect(option.rect.left() + _PADDING, 0, _SHAPE, _SHAPE)
            box.moveLeft(QStyle.visualRect(option.direction, option.rect, place).left())
        paint_shape(painter, box, kind, self._theme.colour(COLOUR_TOKENS[kind]), ground)

    def _paint_bar(
        self, painter: QPainter, option: QStyleOptionViewItem, share: float, token: str
    ) -> None:
        """Paint a share bar for visual comparison; the figure has its own column."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(option.rect).adjusted(_PADDING, 0, -_PADDING, 0)
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

    def _paint_button(self, painter: QPainter, option: QStyleOptionViewItem, words: str) -> None:
        """A way in for the pointer; keys reach the same through the details below the table."""
        theme = self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("button"))
        width = QFontMetrics(painter.font()).horizontalAdvance(words) + 20
        place = QRect(option.rect.left() + _PADDING, option.rect.top() + 4, width, 0)
        place.setBottom(option.rect.bottom() - 4)
        place = QStyle.visualRect(option.direction, option.rect, place)
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.setBrush(theme.colour("surface"))
        radius = theme.tokens.radii["control"]
        painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.setPen(theme.colour("text"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_text(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: _Index,
        text: str,
        inset: int,
    ) -> None:
        model = index.model()
        assert isinstance(model, DataRows)
        column = model.columns[index.column()]
        font = self._theme.font("mono" if column.mono else "body")
        quiet = column.quiet or index.data(MUTED_ROLE)
        painter.setFont(font)
        tone = "text3" if index.data(MUTED_ROLE) else "text2" if quiet else "text"
        painter.setPen(self._theme.colour(tone))
        if column.mono or column.number:  # figures and ids are written left to right everywhere
            painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        box = option.rect.adjusted(_PADDING, 0, -_PADDING, 0)
        if inset:
            mirrored = option.direction == Qt.LayoutDirection.RightToLeft
            box.adjust(0 if mirrored else inset, 0, -inset if mirrored else 0, 0)
        metrics = QFontMetrics(font)
        if column.spills:
            box.setLeft(min(box.left(), box.right() - metrics.horizontalAdvance(text) - 1))
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        alignment = QStyle.visualAlignment(
            option.direction, index.data(Qt.ItemDataRole.TextAlignmentRole)
        )
        painter.drawText(box, alignment | Qt.TextFlag.TextSingleLine, shown)


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
        box = rect.adjusted(_PADDING, 0, -_PADDING, 0)
        painter.drawText(box, QStyle.visualAlignment(self.layoutDirection(), alignment), text)
        painter.restore()


class DataTable(KeyboardFocus, QTableView, Generic[Row]):
    """``stretched`` takes the room the others leave; ``hidden_when_narrow`` go in their order.

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
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._stretched = stretched
        self._hidden_when_narrow = hidden_when_narrow
        self._fits_rows = fits_rows
        self._absent: set[int] = set()
        self._telling = True
        self._widest = {n: column.sample for n, column in enumerate(rows.columns)}
        self.rows = rows
        rows.setParent(self)
        self.setModel(rows)
        self.setItemDelegate(_Cells(theme, self))
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
        grown = False
        for number, column in enumerate(self.rows.columns):
            if not column.number or column.spills:
                continue
            longest = max((column.text(row) for row in rows), key=len, default="")
            if len(longest) > len(self._widest[number]):
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
            with_shape = _SHAPE + 7 if column.shape is not None else 0
            widths[number] = _SHAPE_COLUMN if bare else words + with_shape + 2 * _PADDING + 2
        return widths

    def _restyle(self) -> None:
        theme = self._theme
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
            if self.viewport().width() - others >= _STRETCHED_AT_LEAST:
                break
            self.setColumnHidden(column, True)
