"""The keys of single tools: a line for each, and the new one shown once."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.presenters.settings.client_keys import KeyRow, KeysView
from desktop.views.components.announcement import announce
from desktop.views.components.card import Card, Hairline
from desktop.views.components.inputs.address_field import AddressField
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.inputs.value_field import ValueField
from desktop.views.components.text import Text
from desktop.views.replaced import empty
from desktop.views.theme.theme import Theme

_NAME_FIELD = 220
_TOOL_COLUMN = 110
STACKED_BELOW = 330
BESIDE_FROM = 520
_KEY_IN_SIGHT = 20
"""Characters of a new key that are in sight at least."""


class NewKeyCard(Card):
    """The one time a key is shown whole."""

    dismissed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, ground="surface", line="border", radius="banner", parent=parent)
        self.words = Text(theme, wrap=True, parent=self)
        self.key = AddressField(theme, self.tr("New key"), self)
        self.done = Button(theme, self.tr("I have copied it"), compact=True, parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.words)
        column.addWidget(self.key)
        column.addWidget(self.done, 0, Qt.AlignmentFlag.AlignLeading)
        self.done.clicked.connect(self.dismissed)


class KeysList(QWidget):
    make_asked = Signal(str)
    """The name of the tool."""
    replace_asked = Signal(str)
    revoke_asked = Signal(str)
    dismissed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[KeyRow, ...] = ()
        self._is_stacked = self._is_beside = False
        self.new = Button(theme, self.tr("New key"), icon="key", compact=True, parent=self)
        self.name = ValueField(theme, self.tr("Name of the tool"), _NAME_FIELD, self)
        self.name.setPlaceholderText(self.tr("Name of the tool"))
        self.make = Button(
            theme, self.tr("Make key"), ButtonKind.PRIMARY, compact=True, parent=self
        )
        self.give_up = Button(theme, self.tr("Cancel"), compact=True, parent=self)
        self.problem = Text(theme, role="small", tone="attention", wrap=True, parent=self)
        self.new_key = NewKeyCard(theme, self)
        self.changes: dict[str, tuple[Button, ...]] = {}
        self._ask = QWidget(self)
        ask = QHBoxLayout(self._ask)
        ask.setContentsMargins(0, 0, 0, 0)
        ask.setSpacing(8)
        for part in (self.name, self.make, self.give_up):
            ask.addWidget(part)
        ask.addStretch(1)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(2, 1)
        self._grid.setColumnMinimumWidth(0, _TOOL_COLUMN)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for below in (self._ask, self.new_key, self.problem):
            column.addWidget(below)
            below.hide()
        column.addLayout(self._grid)
        self.new.clicked.connect(self._on_new)
        self.make.clicked.connect(self._on_make)
        self.name.returnPressed.connect(self._on_make)
        self.give_up.clicked.connect(self._on_give_up)
        self.new_key.dismissed.connect(self.dismissed)

    def show_view(self, view: KeysView) -> None:
        was_shown = self.new_key.isVisibleTo(self)
        self.new_key.setVisible(bool(view.new_key))
        self.new_key.key.set_value(view.new_key)
        # A whole key is wider than a narrow window; its field scrolls, and Copy copies all of it.
        self.new_key.key.value.keep_room_for(view.new_key[:_KEY_IN_SIGHT])
        self.new_key.words.set_text(view.new_key_words)
        self.problem.set_text(view.problem)
        self.problem.setVisible(bool(view.problem))
        if view.new_key and not was_shown:
            self._ask.hide()
            announce(self, view.new_key_words)
        if view.rows != self._rows:
            self._rows = view.rows
            self._build(view.rows)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put each key below its tool where both have no room in one line."""
        super().resizeEvent(event)
        stacked = self.width() < self._theme.scaled(STACKED_BELOW)
        beside = self.width() >= self._theme.scaled(BESIDE_FROM)
        if (stacked, beside) != (self._is_stacked, self._is_beside):
            self._is_stacked, self._is_beside = stacked, beside
            self._build(self._rows)

    def _build(self, rows: tuple[KeyRow, ...]) -> None:
        empty(self._grid)
        self.changes = {}
        heads = (self.tr("Tool, last used"), self.tr("Key"))[: 1 if self._is_stacked else 2]
        for column, head in enumerate(heads):
            text = Text(self._theme, head, role="small", tone="text3", parent=self)
            text.setMinimumHeight(self._theme.tokens.heights["table_head"] - 4)
            self._grid.addWidget(text, 0, column)
        for number, row in enumerate(rows):
            at = 2 * number + 1
            self._grid.addWidget(Hairline(self._theme, self), at, 0, 1, 3)
            self._add(row, at + 1)

    def _add(self, row: KeyRow, at: int) -> None:
        theme = self._theme
        name = Text(theme, row.name, wrap=True, parent=self)
        name.setAccessibleName(row.sentence)
        key = Text(theme, row.key, role="mono", parent=self)
        key.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        tool = QWidget(self)
        who = QVBoxLayout(tool)
        who.setContentsMargins(0, 4, 0, 4)
        who.setSpacing(0)
        who.addWidget(name)
        who.addWidget(Text(theme, row.last_used, role="small", tone="text2", parent=self))
        self._grid.addWidget(tool, at, 0)
        if self._is_stacked:
            who.addWidget(key)
        else:
            self._grid.addWidget(key, at, 1)
        replace = Button(theme, self.tr("Replace"), ButtonKind.QUIET, compact=True, parent=self)
        replace.setAccessibleName(self.tr("Replace the key of {name}").format(name=row.name))
        replace.clicked.connect(lambda _=False, key_id=row.key_id: self.replace_asked.emit(key_id))
        # One above the other where they have no room beside each other.
        direction = QBoxLayout.Direction
        pair = QBoxLayout(direction.LeftToRight if self._is_beside else direction.TopToBottom)
        pair.setSpacing(8 if self._is_beside else 2)
        pair.addWidget(replace)
        self.changes[row.key_id] = (replace,)
        if row.can_revoke:
            revoke = Button(theme, self.tr("Revoke"), ButtonKind.DANGER, compact=True, parent=self)
            revoke.setAccessibleName(self.tr("Revoke the key of {name}").format(name=row.name))
            revoke.clicked.connect(
                lambda _=False, key_id=row.key_id: self.revoke_asked.emit(key_id)
            )
            pair.addWidget(revoke)
            self.changes[row.key_id] = (replace, revoke)
        holder = QWidget(self)
        pair.setContentsMargins(0, 4, 0, 4)
        holder.setLayout(pair)
        self._grid.addWidget(holder, at, 2, Qt.AlignmentFlag.AlignTrailing)

    def _on_new(self) -> None:
        self.name.clear()
        self._ask.show()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_make(self) -> None:
        if self.name.text().strip():
            self.make_asked.emit(self.name.text())

    def _on_give_up(self) -> None:
        self._ask.hide()
        self.new.setFocus(Qt.FocusReason.OtherFocusReason)
