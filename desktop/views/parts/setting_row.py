"""One setting: name, explanation, its control at the end, and its problem below."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.presenters.settings.settings import Control, RowChoice, SettingRow
from desktop.views.components.announcement import announce
from desktop.views.components.card import Card, Hairline
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.inputs.choice_field import ChoiceField
from desktop.views.components.inputs.choice_or_text import ChoiceOrText
from desktop.views.components.inputs.file_field import FileField
from desktop.views.components.inputs.switch import Switch
from desktop.views.components.inputs.value_field import LinesField, ValueField
from desktop.views.components.line_icon import LineIcon
from desktop.views.components.text import Text
from desktop.views.replaced import take_away
from desktop.views.theme.theme import Theme

_FIELD, _WIDE_FIELD = 128, 240
STACKED_BELOW = 430
ALL_STACKED_BELOW = 280
"""A wide control goes below its words in a narrow column, others in a very narrow one."""


class ProblemBox(Card):
    """Why a value is not applied, and at most two solutions."""

    chosen = Signal(str)
    """A value to try."""
    acted = Signal(str)
    """An :class:`~desktop.presenters.actions.Action`."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(
            theme, ground="attentionSoft", line="attentionLine", radius="banner", parent=parent
        )
        self.text = Text(theme, wrap=True, parent=self)
        icon = LineIcon(theme, "warning", "attention", parent=self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 10, 12, 10)
        self._row.setSpacing(10)
        self._row.addWidget(icon, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self.text, 1)
        self.buttons: list[Button] = []
        self._shown: SettingRow | None = None

    def show_row(self, row: SettingRow) -> None:
        before, self._shown = self._shown, row
        self.setVisible(bool(row.problem))
        self.text.set_text(row.problem)
        self.setAccessibleName(row.problem)
        if before is None or before.ways_out != row.ways_out:
            self._show_ways_out(row)
        if row.problem and (before is None or before.problem != row.problem):
            announce(self, row.problem)

    def _show_ways_out(self, row: SettingRow) -> None:
        take_away(self._row, self.buttons)
        self.buttons = []
        for way in row.ways_out:
            button = Button(self._theme, way.text, compact=True, parent=self)
            button.clicked.connect(lambda _=False, way=way: self._on_way_out(way))
            self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
            self.buttons.append(button)

    def _on_way_out(self, way: RowChoice) -> None:
        if way.action is not None:
            self.acted.emit(way.action)
        else:
            self.chosen.emit(way.value)


class SettingRowView(QWidget):
    typed = Signal(str, str)
    """The setting's key, and what stands in its field."""
    applied = Signal(str, str)
    reset_asked = Signal(str)
    acted = Signal(str)
    """An :class:`~desktop.presenters.actions.Action` that leads elsewhere."""
    pressed = Signal(str)
    """The key of a row whose control is a button, or has one."""

    def __init__(self, theme: Theme, row: SettingRow, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.key = row.key
        self.section = Text(theme, row.section, role="small", tone="text3", parent=self)
        self.section.setVisible(bool(row.section))
        self.name = Text(theme, row.name, role="button", wrap=True, parent=self)
        self.why = Text(theme, row.why, role="small", tone="text2", wrap=True, parent=self)
        self.reset = Button(theme, row.reset, ButtonKind.QUIET, compact=True, parent=self)
        self.problem = ProblemBox(theme, self)
        self.control = self._make_control(row)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        for each in (self.section, self.name, self.why):
            words.addWidget(each)
        words.addStretch(1)
        self._controls = controls = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        controls.setSpacing(8)
        controls.addStretch(1)
        aligned = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        controls.addWidget(self.reset, 0, aligned)
        if self.control is not None:
            lines = row.control is Control.LINES
            controls.addWidget(self.control, 1 if lines else 0, aligned)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._line.setSpacing(24)
        self._line.addLayout(words, 1)
        self._line.addLayout(controls, 1 if row.control is Control.LINES else 0)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 13, 0, 0)
        self.column.setSpacing(10)
        self.column.addLayout(self._line)
        self.column.addWidget(self.problem)
        self.column.addSpacing(3)
        self._rule = Hairline(theme, self)
        self.column.addWidget(self._rule)
        self.problem.chosen.connect(lambda value: self.applied.emit(self.key, value))
        self.problem.acted.connect(self.acted)
        self.reset.clicked.connect(lambda: self.reset_asked.emit(self.key))
        self.name.setBuddy(self.control or self.reset)
        self.show_row(row)

    def show_row(self, row: SettingRow) -> None:
        self.why.set_text(row.why)
        self.section.set_text(row.section)
        if row.reset:
            if row.reset != self.reset.text():
                self.reset.setText(row.reset)
                self.reset.updateGeometry()
            self.reset.setAccessibleName(f"{row.reset}: {row.name}")
        self.reset.setVisible(bool(row.reset))
        self.problem.show_row(row)
        control = self.control
        if control is None:
            return
        control.setEnabled(row.enabled)
        focused = control.focusProxy() or control
        focused.setAccessibleDescription(row.problem or row.why)
        if isinstance(control, Switch):
            control.set_on(row.value == "true")
        elif isinstance(control, (ValueField, LinesField, FileField)):
            control.show_text(row.value)
            control.show_problem(bool(row.problem))
        elif isinstance(control, ChoiceOrText):
            control.show_value(row.choices, row.value)
            control.show_problem(bool(row.problem))
        elif isinstance(control, ChoiceField):
            control.show_choices(row.choices, row.value)

    def set_last(self, is_last: bool) -> None:
        """The last row of a card needs no line beneath."""
        self._rule.setVisible(not is_last)
        self.column.setContentsMargins(0, 13, 0, 6 if is_last else 0)

    def add_below(self, part: QWidget, button: QWidget) -> None:
        """Put ``part`` beneath the words and ``button`` where a control stands."""
        self._controls.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.column.insertWidget(1, part)

    def fit(self, width: int) -> None:
        wide = isinstance(self.control, (LinesField, ChoiceField, ChoiceOrText, FileField)) or (
            isinstance(self.control, ValueField) and self.control.sizeHint().width() > _FIELD
        )
        least = STACKED_BELOW if wide else ALL_STACKED_BELOW
        stacked = width < self._theme.scaled(least) and not isinstance(self.control, Switch)
        direction = QBoxLayout.Direction
        self._line.setDirection(direction.TopToBottom if stacked else direction.LeftToRight)
        self._line.setSpacing(8 if stacked else 24)
        below = stacked and self._controls.sizeHint().width() > width
        self._controls.setDirection(direction.TopToBottom if below else direction.LeftToRight)

    def _make_control(self, row: SettingRow) -> QWidget | None:
        match row.control:
            case Control.SWITCH:
                switch = Switch(self._theme, parent=self)
                switch.setAccessibleName(row.name)
                switch.clicked.connect(self._on_switched)
                return switch
            case Control.FIELD | Control.WIDE_FIELD:
                width = _FIELD if row.control is Control.FIELD else _WIDE_FIELD
                return self._connected(ValueField(self._theme, row.name, width, self))
            case Control.LINES:
                return self._connected(LinesField(self._theme, row.name, self))
            case Control.CHOICE:
                choice = ChoiceField(self._theme, row.name, parent=self)
                choice.activated.connect(lambda _: self.applied.emit(self.key, choice.chosen))
                return choice
            case Control.CHOICE_OR_TEXT:
                return self._connected(ChoiceOrText(self._theme, row.name, _WIDE_FIELD, self))
            case Control.FILE:
                file = FileField(self._theme, row.name, _WIDE_FIELD, self)
                file.asked.connect(lambda: self.pressed.emit(self.key))
                return self._connected(file)
            case Control.BUTTON:
                kind = ButtonKind.DANGER if row.is_danger else ButtonKind.SECONDARY
                button = Button(self._theme, row.button, kind, parent=self)
                button.clicked.connect(lambda: self.pressed.emit(self.key))
                return button
        return None

    def _connected(self, field: ValueField | LinesField | ChoiceOrText | FileField) -> QWidget:
        field.typed.connect(lambda text: self.typed.emit(self.key, text))
        field.meant.connect(lambda text: self.applied.emit(self.key, text))
        return field

    def _on_switched(self, on: bool) -> None:
        self.applied.emit(self.key, "true" if on else "false")
