"""The table of latest requests: hairlines, no zebra, shape first, one Tab stop."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
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

from desktop.item_models.request_rows import (
    HIDDEN_WHEN_NARROW,
    SHAPE_ROLE,
    Column,
    RequestRows,
)
from desktop.presenters.home import RequestRow
from desktop.presenters.shapes import Shape
from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.status_shape import COLOUR_TOKENS, paint_shape
from desktop.views.theme.theme import Theme

_PADDING = 8
_SHAPE = 12
_SAMPLES = {
    Column.STATE: "",
    Column.TIME: "00:00:00",
    Column.TOOL: "OpenAI SDK (Python)",
    Column.TOKENS: "999.9k → 99.9k",
    Column.CACHED: "100 %",
    Column.CREDITS: "1,000.0",
    Column.TOOK: "59 min 59 s",
}
"""The widest usual content: columns keep their widths while figures change."""
_MODEL_AT_LEAST = 160


class _Cells(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        theme, rect = self._theme, option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if selected:
            painter.fillRect(rect, theme.colour("accentSoft"))
        if index.row() < index.model().rowCount() - 1:
            line = rect.adjusted(0, rect.height() - 1, 0, 0)
            painter.fillRect(line, theme.colour("line"))
        shape = index.data(SHAPE_ROLE)
        if shape is not None:
            ground = theme.colour("accentSoft" if selected else "surface")
            box = QRectF(0, 0, _SHAPE, _SHAPE)
            box.moveCenter(QRectF(rect).center())
            kind = Shape(shape)
            paint_shape(painter, box, kind, theme.colour(COLOUR_TOKENS[kind]), ground)
        else:
            self._paint_text(painter, option, index)
        painter.restore()

    def _paint_text(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        column = Column(index.column())
        font = self._theme.font("mono" if column is Column.MODEL else "body")
        quiet = column in (Column.TIME, Column.TOOK)
        painter.setFont(font)
        painter.setPen(self._theme.colour("text2" if quiet else "text"))
        if column is not Column.TOOL:  # figures and ids are written left to right everywhere
            painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        box = option.rect.adjusted(_PADDING, 0, -_PADDING, 0)
        text = QFontMetrics(font).elidedText(index.data(), Qt.TextElideMode.ElideRight, box.width())
        alignment = QStyle.visualAlignment(
            option.direction, index.data(Qt.ItemDataRole.TextAlignmentRole)
        )
        painter.drawText(box, alignment | Qt.TextFlag.TextSingleLine, text)


class _Head(QHeaderView):
    """Paints itself: a style sheet would replace the head's own small font by the table's."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.setSectionsClickable(False)
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
        painter.setPen(self._theme.colour("text3"))
        orientation = Qt.Orientation.Horizontal
        text = self.model().headerData(section, orientation)
        alignment = self.model().headerData(section, orientation, Qt.ItemDataRole.TextAlignmentRole)
        box = rect.adjusted(_PADDING, 0, -_PADDING, 0)
        painter.drawText(box, QStyle.visualAlignment(self.layoutDirection(), alignment), text)
        painter.restore()


class RequestTable(KeyboardFocus, QTableView):
    """As tall as its rows: the page scrolls, not the table."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows = RequestRows(self)
        self.setModel(self.rows)
        self.setItemDelegate(_Cells(theme, self))
        self.setAccessibleName(self.tr("Latest requests"))
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.viewport().setAutoFillBackground(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHorizontalHeader(_Head(theme, self))
        self.horizontalHeader().setSectionResizeMode(Column.MODEL, QHeaderView.ResizeMode.Stretch)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_rows(self, rows: tuple[RequestRow, ...]) -> None:
        """Show ``rows``; the chosen request stays chosen wherever it moved."""
        chosen = self.chosen_request
        count = len(self.rows.rows)
        if self.rows.set_rows(rows) and chosen is not None:
            self._choose(chosen)
        if len(rows) != count:
            self.updateGeometry()

    @property
    def chosen_request(self) -> str | None:
        indexes = self.selectionModel().selectedRows()
        return self.rows.rows[indexes[0].row()].request_id if indexes else None

    def sizeHint(self) -> QSize:
        rows = self.verticalHeader().defaultSectionSize() * self.rows.rowCount()
        return QSize(400, rows + self.horizontalHeader().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._hide_columns()

    def _choose(self, request_id: str) -> None:
        for number, row in enumerate(self.rows.rows):
            if row.request_id == request_id:
                flags = QItemSelectionModel.SelectionFlag
                self.selectionModel().setCurrentIndex(
                    self.rows.index(number, 0), flags.ClearAndSelect | flags.Rows
                )

    def _restyle(self) -> None:
        theme = self._theme
        body = QFontMetrics(theme.font("body"))
        head = QFontMetrics(theme.font("small"))
        height = max(theme.tokens.heights["table_row"], body.height() + 16)
        self.verticalHeader().setDefaultSectionSize(height)
        for column, sample in _SAMPLES.items():
            title = self.rows.headerData(column, Qt.Orientation.Horizontal)
            text = max(body.horizontalAdvance(sample), head.horizontalAdvance(title))
            width = 32 if column is Column.STATE else text + 2 * _PADDING + 2
            self.setColumnWidth(column, width)
        self._hide_columns()
        self.updateGeometry()
        self.viewport().update()

    def _hide_columns(self) -> None:
        """Hide columns in their order until the model's name has room."""
        for column in HIDDEN_WHEN_NARROW:
            self.setColumnHidden(column, False)
        for column in HIDDEN_WHEN_NARROW:
            others = sum(self.columnWidth(c) for c in _SAMPLES if not self.isColumnHidden(c))
            if self.width() - others >= _MODEL_AT_LEAST:
                break
            self.setColumnHidden(column, True)
