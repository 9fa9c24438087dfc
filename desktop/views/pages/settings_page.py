"""Settings: sections at the start, rows at the end, and a search over all of them."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QButtonGroup,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.presenters.settings.client_keys import KeysView
from desktop.presenters.settings.settings import Control, SettingsView
from desktop.views.components.card import Card
from desktop.views.components.flow import FlowRow
from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.inputs.search_field import SearchField
from desktop.views.components.navigation_ground import paint_navigation_ground
from desktop.views.components.page_body import ScrolledBody
from desktop.views.components.page_head import PageHead
from desktop.views.components.text import Text
from desktop.views.parts.keys_list import KeysList
from desktop.views.parts.setting_row import SettingRowView
from desktop.views.replaced import take_away
from desktop.views.theme.theme import Theme

_SECTIONS_WIDTH = 164
_SEARCH_WIDTH = 260
_GAP, _ROW_GAP, _CARD_MARGIN, _BAR_ROOM = 24, 12, 22, 12
_LEAST_ROWS = 400
"""Below that much room for the rows the sections stand above them."""
_UNBOUNDED = 16_777_215
"""Qt's largest width of a widget."""


class SectionButton(KeyboardFocus, QAbstractButton):
    """One section. The chosen one has a ground, a bar and bold words, as a page in the sidebar."""

    def __init__(self, theme: Theme, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._theme.font("button_primary"))
        height = max(self._theme.tokens.heights["nav"], metrics.height() + 12)
        return QSize(self._theme.words_width("button_primary", self.text()) + 26, height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        paint_navigation_ground(painter, theme, self)
        painter.setFont(theme.font("button_primary" if self.isChecked() else "body"))
        painter.setPen(theme.colour("text" if self.isChecked() else "text2"))
        painter.setLayoutDirection(self.layoutDirection())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.drawText(rect.adjusted(14, 0, -12, 0), flags, self.text())
        painter.end()


class SectionList(FlowRow):
    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, gap=4, line_gap=2)
        self._theme = theme
        self._group = QButtonGroup(self)
        self.buttons: dict[str, SectionButton] = {}
        self._is_row = False
        self._size()
        self.setAccessibleName(self.tr("Sections"))

    def set_row(self, is_row: bool) -> None:
        """Beside one another above the rows, in place of below one another at their start."""
        if is_row != self._is_row:
            self._is_row = is_row
            self._size()

    def column_width(self) -> int:
        widest = [button.sizeHint().width() for button in self.buttons.values()]
        return max([_SECTIONS_WIDTH, *widest])

    def _size(self) -> None:
        policy = QSizePolicy.Policy
        width = self.column_width()
        for button in self.buttons.values():
            button.setMinimumWidth(0 if self._is_row else width)
        self.setMinimumWidth(0 if self._is_row else width)
        self.setMaximumWidth(_UNBOUNDED if self._is_row else width)
        self.setSizePolicy(policy.Preferred, policy.Minimum if self._is_row else policy.Expanding)
        self.updateGeometry()

    def show_sections(self, sections: tuple[tuple[str, str], ...], chosen: str) -> None:
        """``chosen`` empty: none, while search results of all are shown."""
        for key, name in sections:
            if key not in self.buttons:
                button = SectionButton(self._theme, name, self)
                button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
                self._group.addButton(button)
                self.add(button)
                self.buttons[key] = button
                self._size()
        self._group.setExclusive(bool(chosen))
        for key, button in self.buttons.items():
            if button.isChecked() != (key == chosen):
                button.setChecked(key == chosen)


class NothingFound(QWidget):
    cleared = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = Text(theme, tone="text2", parent=self)
        self.clear = Button(theme, self.tr("Clear search"), ButtonKind.QUIET, parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 14, 0, 14)
        row.addWidget(self.words)
        row.addWidget(self.clear)
        row.addStretch(1)
        self.clear.clicked.connect(self.cleared)


class SettingsPage(QWidget):
    section_chosen = Signal(str)
    searched = Signal(str)
    typed = Signal(str, str)
    applied = Signal(str, str)
    reset_asked = Signal(str)
    pressed = Signal(str)
    acted = Signal(str)
    """An :class:`~desktop.presenters.actions.Action` that a warning offers."""

    def __init__(self, theme: Theme, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.head = PageHead(theme, self.tr("Settings"), self)
        self.search = SearchField(theme, placeholder, self, _SEARCH_WIDTH)
        self.head.add(self.search)
        self.sections = SectionList(theme, self)
        self.rows: dict[str, SettingRowView] = {}
        self._shape: tuple[tuple[str, Control, bool], ...] = ()
        self.keys: KeysList | None = None
        self.nothing = NothingFound(theme, self)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.viewport().setAutoFillBackground(False)
        body = ScrolledBody()
        body.setAutoFillBackground(False)
        self.card = Card(theme, parent=body)
        self._column = QVBoxLayout(self.card)
        self._column.setContentsMargins(_CARD_MARGIN, 6, _CARD_MARGIN, 6)
        self._column.setSpacing(0)
        self._column.addWidget(self.nothing)
        holder = QVBoxLayout(body)
        holder.setContentsMargins(0, 0, 0, 0)
        holder.addWidget(self.card)
        holder.addStretch(1)
        self.area.setWidget(body)
        self._pair = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._pair.setSpacing(_GAP)
        self._pair.addWidget(self.sections)
        self._pair.addWidget(self.area, 1)
        across, down = theme.tokens.page_margin
        column = QVBoxLayout(self)
        column.setContentsMargins(across, down, across, down)
        column.setSpacing(theme.tokens.card_gap)
        column.addLayout(self.head)
        column.addLayout(self._pair, 1)
        self.sections.chosen.connect(self.section_chosen)
        self.search.textEdited.connect(self.searched)
        self.search.textChanged.connect(self._on_search_changed)
        self.nothing.cleared.connect(self._on_cleared)

    def show_view(self, view: SettingsView) -> None:
        self.sections.show_sections(view.sections, view.section)
        if not view.search and not self.search.hasFocus():
            self.search.show_text("")
        shape = tuple((row.key, row.control, bool(row.section)) for row in view.rows)
        if shape != self._shape:
            self._shape = shape
            self._build(view)
        for row in view.rows:
            self.rows[row.key].show_row(row)
        self.nothing.setVisible(bool(view.nothing_found))
        self.nothing.words.set_text(view.nothing_found)

    def show_keys(self, view: KeysView) -> None:
        if self.keys is not None:
            self.keys.show_view(view)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.head.fit(self.width() - 2 * self._theme.tokens.page_margin[0])
        self._fit_rows()

    def _fit_rows(self) -> None:
        # Not the scroll area's own width: it follows the page's only in the next turn of the loop.
        across, _ = self._theme.tokens.page_margin
        inside = self.width() - 2 * across
        is_row = inside < self.sections.column_width() + _GAP + self._theme.scaled(_LEAST_ROWS)
        direction = QBoxLayout.Direction
        self._pair.setDirection(direction.TopToBottom if is_row else direction.LeftToRight)
        self._pair.setSpacing(_ROW_GAP if is_row else _GAP)
        self.sections.set_row(is_row)
        beside = 0 if is_row else self.sections.column_width() + _GAP
        width = inside - beside - 2 * _CARD_MARGIN - _BAR_ROOM
        for row in self.rows.values():
            row.fit(width)

    def _build(self, view: SettingsView) -> None:
        take_away(self._column, self.rows.values())
        self.rows, self.keys = {}, None
        for row in view.rows:
            made = SettingRowView(self._theme, row, self.card)
            made.typed.connect(self.typed)
            made.applied.connect(self.applied)
            made.reset_asked.connect(self.reset_asked)
            made.pressed.connect(self.pressed)
            made.acted.connect(self.acted)
            if row.control is Control.KEYS:
                self.keys = KeysList(self._theme, made)
                made.add_below(self.keys, self.keys.new)
            self.rows[row.key] = made
            self._column.addWidget(made)
            made.set_last(row is view.rows[-1])
        self.area.verticalScrollBar().setValue(0)
        self._fit_rows()

    def _on_search_changed(self, text: str) -> None:
        if not text:  # the field's clear button or Esc does not emit textEdited
            self.searched.emit("")

    def _on_cleared(self) -> None:
        self.search.clear()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)
