"""A change to a tool's settings: its models with their prices, the lines that change, how it stands."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.presenters.connect.change_view import ChangeView, FileView, RoleView
from desktop.views.components.announcement import announce
from desktop.views.components.diff_block import DiffBlock
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.inputs.choice_field import ChoiceField
from desktop.views.components.inputs.switch import Switch
from desktop.views.components.line_icon import LineIcon
from desktop.views.components.text import Text
from desktop.views.parts.status_note import StatusNote
from desktop.views.replaced import take_away
from desktop.views.theme.theme import Theme

_FIELD, _LEAST_FIELD = 236, 180
"""Pixels, whatever the size of text: beside it stand the role and its prices."""
_SHOWN_AT_FIRST = 40
_FEW_MORE = 12
"""Lines beyond those shown at first that are worth no button."""


class _RoleField(ChoiceField):
    """As wide as the others where there is room."""

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(_FIELD, 0))

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST_FIELD, self.sizeHint().height())


class RoleRow:
    """One role's name, model and price, in a grid of others."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        self.label = Text(theme, tone="text2", parent=parent)
        self.field = _RoleField(theme, "", role="mono", parent=parent)
        self.prices = Text(theme, tone="text2", parent=parent)
        end = Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter
        self.prices.setAlignment(end)
        self.label.setBuddy(self.field)
        self.widgets: tuple[QWidget, ...] = (self.label, self.field, self.prices)

    def show_role(self, role: RoleView, prices_title: str) -> None:
        self.label.set_text(role.title)
        said = f"{role.title}, {role.prices} {prices_title}" if role.prices else role.title
        self.field.setAccessibleName(said)
        self.field.show_choices(role.models, role.model)
        self.prices.set_text(role.prices)


class FilePartView(QWidget):
    """A file's path, how many lines come and go, and which.

    Of many only the first are shown until the person asks for all: what connects the tool stands below.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.path = Text(theme, role="mono", tone="text2", wrap=True, parent=self)
        self.added = Text(theme, role="small", tone="diffAddMark", parent=self)
        self.removed = Text(theme, role="small", tone="diffDelMark", parent=self)
        self.block = DiffBlock(theme, self)
        self.more = Button(theme, kind=ButtonKind.LINK, compact=True, parent=self)
        self.more.clicked.connect(self._on_more)
        self._file: FileView | None = None
        self._shows_all = False
        QWidget.setTabOrder(self.block.lines, self.more)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(LineIcon(theme, "file", "text2", parent=self))
        head.addWidget(self.path, 1)
        head.addWidget(self.added)
        head.addWidget(self.removed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.block)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeading)

    def show_file(self, file: FileView) -> None:
        if self._file is None or file.path != self._file.path:
            self._shows_all = False
        self._file = file
        self.path.set_text(file.path)
        self.added.set_text(file.added)
        self.removed.set_text(file.removed)
        many = len(file.lines) > _SHOWN_AT_FIRST + _FEW_MORE
        part = many and not self._shows_all
        self.block.show_file(replace(file, lines=file.lines[:_SHOWN_AT_FIRST]) if part else file)
        self.block.setVisible(bool(file.lines))
        words = self.tr("Show all {count} lines") if part else self.tr("Show fewer lines")
        self.more.setText(words.format(count=len(file.lines)))
        self.more.setVisible(many)

    def _on_more(self) -> None:
        self._shows_all = not self._shows_all
        if self._file is not None:
            self.show_file(self._file)


class ChangeNote(StatusNote):
    """How the tool stands, announced when it changes."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._announced = ""

    def show_view(self, view: ChangeView) -> None:
        text = f"{view.note}. {view.detail}" if view.detail else view.note
        self.show_status(view.shape, view.note, view.detail)
        self.setAccessibleName(text)
        if text and text != self._announced and not view.busy:
            announce(self, text)
        self._announced = text


class ToolChange(QWidget):
    role_chosen = Signal(str, str)
    """A role's name and the model for it."""
    undo_on_quit_wanted = Signal(bool)

    def __init__(self, theme: Theme, tab_after: QWidget, parent: QWidget | None = None) -> None:
        """``tab_after`` is the control that Tab leaves towards this part."""
        super().__init__(parent)
        self._theme = theme
        self._tab_after = tab_after
        self._names: tuple[str, ...] = ()
        self.models_title = Text(theme, self.tr("Models"), role="heading", parent=self)
        self.prices_title = Text(theme, role="small", tone="text2", parent=self)
        self.files_title = Text(theme, role="heading", parent=self)
        self.note = ChangeNote(theme, self)
        self.roles: list[RoleRow] = []
        self.files: list[FilePartView] = []
        self.backup_icon = LineIcon(theme, "undo", "text2", parent=self)
        self.backup = Text(theme, role="small", tone="text2", wrap=True, parent=self)
        self.quit_label = Text(theme, self.tr("Undo when I quit"), parent=self)
        self.undo_on_quit = Switch(theme, parent=self)
        self.undo_on_quit.setAccessibleName(self.tr("Undo when I quit"))
        self.undo_on_quit.clicked.connect(self.undo_on_quit_wanted)
        self._lay_out()

    def show_view(self, view: ChangeView) -> None:
        names = tuple(each.name for each in view.roles)
        if names != self._names:
            self._build_roles(names)
        for row, role in zip(self.roles, view.roles, strict=True):
            row.show_role(role, view.prices_title)
        for widget in (self.models_title, self.prices_title):
            widget.setVisible(bool(view.roles))
        self.prices_title.set_text(view.prices_title)
        self.files_title.set_text(view.files_title)
        self.files_title.setVisible(bool(view.files))
        while len(self.files) < len(view.files):
            part = FilePartView(self._theme, self)
            before = self.files[-1].more if self.files else self._last_field()
            self._files.addWidget(part)
            QWidget.setTabOrder(before, part.block.lines)
            QWidget.setTabOrder(part.block.lines, part.more)
            self.files.append(part)
        for number, part in enumerate(self.files):
            part.setVisible(number < len(view.files))
            if number < len(view.files):
                part.show_file(view.files[number])
        self.note.show_view(view)
        self.backup.set_text(view.backup)
        self.undo_on_quit.set_on(view.undo_on_quit)

    def _last_field(self) -> QWidget:
        return self.roles[-1].field if self.roles else self._tab_after

    def _build_roles(self, names: tuple[str, ...]) -> None:
        for row in self.roles:
            take_away(self._grid, row.widgets)
        self.roles, self._names = [], names
        # New widgets join the Tab order at its end; these belong where they stand.
        before = self._tab_after
        for number, name in enumerate(names):
            row = RoleRow(self._theme, self)
            for column, widget in enumerate(row.widgets):
                self._grid.addWidget(widget, number, column)
                widget.show()
            QWidget.setTabOrder(before, row.field)
            before = row.field
            field = row.field
            field.activated.connect(
                lambda _=0, name=name, field=field: self.role_chosen.emit(name, field.chosen)
            )
            self.roles.append(row)
        for part in self.files:
            QWidget.setTabOrder(before, part.block.lines)
            QWidget.setTabOrder(part.block.lines, part.more)
            before = part.more

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.models_title)
        head.addStretch(1)
        head.addWidget(self.prices_title)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(2, 1)
        self._files = QVBoxLayout()
        self._files.setSpacing(12)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.backup_icon)
        foot.addWidget(self.backup, 1)
        foot.addWidget(self.quit_label)
        foot.addWidget(self.undo_on_quit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(head)
        column.addLayout(self._grid)
        column.addWidget(self.files_title)
        column.addLayout(self._files)
        column.addWidget(self.note)
        column.addLayout(foot)
