"""The selected tool: numbered steps to copy, their model and key, and a connection test."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.presenters.connect.connect_view import StepView, TestView, ToolView
from desktop.views.components.announcement import announce
from desktop.views.components.card import Card, Hairline
from desktop.views.components.code_block import CodeBlock
from desktop.views.components.flow import FlowRow
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.inputs.choice_field import ChoiceField
from desktop.views.components.line_icon import LineIcon
from desktop.views.components.text import Text
from desktop.views.parts.status_note import StatusNote
from desktop.views.parts.tool_change import ToolChange
from desktop.views.replaced import take_away
from desktop.views.theme.theme import Theme

_NARROW = 3.5
"""Widths of the button for a key of its own below which it stands under its words."""


class StepPart(QWidget):
    """Number, sentence, and what to copy for it."""

    def __init__(self, theme: Theme, step: StepView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = Text(theme, str(step.number), role="heading", tone="text3", parent=self)
        self.text = Text(theme, wrap=True, parent=self)
        self.label_icon = LineIcon(theme, "file", "text2", parent=self)
        self.label = Text(theme, role="mono", tone="text2", wrap=True, parent=self)
        self.block = CodeBlock(theme, step.text, step.copy_name, self)
        place = QHBoxLayout()
        place.setSpacing(6)
        place.addWidget(self.label_icon, 0, Qt.AlignmentFlag.AlignTop)
        place.addWidget(self.label, 1)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.number, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.text, 0, 1)
        grid.addLayout(place, 1, 1)
        grid.addWidget(self.block, 2, 1)
        self.show_step(step)

    def show_step(self, step: StepView) -> None:
        self.text.set_text(step.text)
        self.label.set_text(step.label)
        self.label.setVisible(bool(step.label))
        self.label_icon.setVisible(step.in_file)
        self.block.setVisible(bool(step.shown))
        self.block.lines.setAccessibleName(
            f"{step.text}, {step.label}" if step.label else step.text
        )
        self.block.show_lines(step.shown, step.copied)


class TestResult(StatusNote):
    """The test's response, or its failure. Announced to screen readers."""

    __test__ = False  # not a test, whatever its name begins with

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._view = TestView()

    def show_view(self, view: TestView) -> None:
        if view == self._view:
            return
        self._view = view
        self.show_status(view.shape, view.line, view.answer)
        self.setAccessibleName(view.line)
        if view.line and not view.running:
            announce(self, f"{view.line}. {view.answer}")


class ToolDetails(Card):
    model_chosen = Signal(str)
    shell_chosen = Signal(str)
    key_wanted = Signal()
    test_wanted = Signal()
    connect_wanted = Signal()
    disconnect_wanted = Signal()
    copy_wanted = Signal(str)
    """All steps as one text."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._view: ToolView | None = None
        self.title = Text(theme, role="section", parent=self)
        self.line = Text(theme, tone="text2", wrap=True, parent=self)
        self.model_label = Text(theme, self.tr("Model"), tone="text2", parent=self)
        self.model = ChoiceField(theme, self.tr("Model"), role="mono", parent=self)
        self.shell_label = Text(theme, self.tr("Shell"), tone="text2", parent=self)
        self.shell = ChoiceField(theme, self.tr("Shell"), parent=self)
        self.change = ToolChange(theme, self.shell, self)
        self.steps: list[StepPart] = []
        self.caution_icon = LineIcon(theme, "info", "text2", parent=self)
        self.caution = Text(theme, tone="text2", wrap=True, parent=self)
        self.key_icon = LineIcon(theme, "key", "text2", parent=self)
        self.key = Text(theme, tone="text2", wrap=True, parent=self)
        self.make_key = Button(theme, compact=True, parent=self)
        self.hairline = Hairline(theme, self)
        self.result = TestResult(theme, self)
        self.connect_button = Button(theme, kind=ButtonKind.PRIMARY, parent=self)
        self.disconnect_button = Button(theme, icon="undo", parent=self)
        self.test = Button(theme, kind=ButtonKind.PRIMARY, icon="send", parent=self)
        self.test_note = Text(theme, role="small", tone="text2", wrap=True, parent=self)
        self.copy_all = Button(
            theme, self.tr("Copy as steps"), ButtonKind.QUIET, icon="copy", parent=self
        )
        self._lay_out()
        self.model.activated.connect(lambda: self.model_chosen.emit(self.model.chosen))
        self.shell.activated.connect(lambda: self.shell_chosen.emit(self.shell.chosen))
        self.make_key.clicked.connect(self.key_wanted)
        self.test.clicked.connect(self.test_wanted)
        self.connect_button.clicked.connect(self.connect_wanted)
        self.disconnect_button.clicked.connect(self.disconnect_wanted)
        self.copy_all.clicked.connect(self._on_copy_all)

    def show_view(self, view: ToolView) -> None:
        before, self._view = self._view, view
        if view == before:
            return
        usable = not view.refusal
        self.title.set_text(view.title)
        self.line.set_text(view.line if usable else view.refusal)
        self.model.show_choices([(each, each) for each in view.models], view.model)
        self.shell.show_choices(view.shells, view.shell)
        _set_visible(usable and bool(view.models), self.model_label, self.model)
        _set_visible(bool(view.shell), self.shell_label, self.shell)
        if before is None or _form(before) != _form(view):
            self._build_steps(view.steps)
        for part, step in zip(self.steps, view.steps, strict=True):
            part.show_step(step)
        _set_visible(bool(view.caution), self.caution, self.caution_icon)
        self.caution.set_text(view.caution)
        _set_visible(bool(view.key.line), self.key, self.key_icon)
        self.key.set_text(view.key.line)
        self.make_key.setText(view.key.make_text)
        self.make_key.setVisible(bool(view.key.make_text))
        self.make_key.updateGeometry()
        self.result.show_view(view.test)
        _set_visible(usable, self.hairline, self.test, self.test_note, self.copy_all)
        self.test.setText(view.test_text)
        self.test.setEnabled(view.can_test)
        self.test.updateGeometry()
        self._show_change(view)
        self.test_note.set_text(view.test_note)
        self.setAccessibleName(view.title)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The button stands below its words where it would take most of their line."""
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        narrow = event.size().width() < self.make_key.sizeHint().width() * _NARROW
        self._key_words.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)

    def _show_change(self, view: ToolView) -> None:
        change = view.change
        self.change.setVisible(change is not None)
        if change is not None:
            self.change.show_view(change)
        for button, text in (
            (self.connect_button, change.connect_text if change else ""),
            (self.disconnect_button, change.disconnect_text if change else ""),
        ):
            button.setText(text)
            button.setVisible(bool(text))
            button.setEnabled(change is None or not change.busy)
            button.updateGeometry()
        # One primary action: connecting, and once that is done, the test.
        first = change is None or (change.is_connected and not change.connect_text)
        self.test.set_kind(ButtonKind.PRIMARY if first else ButtonKind.SECONDARY)

    def _lay_out(self) -> None:
        choices = QGridLayout()
        choices.setHorizontalSpacing(16)
        choices.setVerticalSpacing(8)
        choices.setColumnStretch(2, 1)
        for number, (label, field) in enumerate(
            ((self.model_label, self.model), (self.shell_label, self.shell))
        ):
            label.setBuddy(field)
            choices.addWidget(label, number, 0)
            choices.addWidget(field, number, 1)
        self._steps = QVBoxLayout()
        self._steps.setSpacing(14)
        caution = QHBoxLayout()
        caution.setSpacing(8)
        caution.addWidget(self.caution_icon, 0, Qt.AlignmentFlag.AlignTop)
        caution.addWidget(self.caution, 1)
        key = QHBoxLayout()
        key.setSpacing(8)
        key.addWidget(self.key_icon, 0, Qt.AlignmentFlag.AlignTop)
        self._key_words = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._key_words.setSpacing(8)
        self._key_words.addWidget(self.key, 1)
        self._key_words.addWidget(self.make_key, 0, Qt.AlignmentFlag.AlignLeading)
        key.addLayout(self._key_words, 1)
        buttons = FlowRow(self)
        for button in (self.connect_button, self.test, self.disconnect_button):
            buttons.add(button)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(buttons, 1)
        foot.addWidget(self.copy_all, 0, Qt.AlignmentFlag.AlignTop)
        head = QVBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.title)
        head.addWidget(self.line)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(16)
        column.addLayout(head)
        column.addLayout(choices)
        column.addWidget(self.change)
        column.addLayout(self._steps)
        column.addLayout(caution)
        column.addLayout(key)
        column.addStretch(1)
        column.addWidget(self.hairline)
        column.addWidget(self.result)
        column.addLayout(foot)
        column.addWidget(self.test_note)

    def _build_steps(self, steps: tuple[StepView, ...]) -> None:
        take_away(self._steps, self.steps)
        self.steps = [StepPart(self._theme, step, self) for step in steps]
        before: QWidget = self.shell
        for part in self.steps:
            self._steps.addWidget(part)
            # New widgets join the Tab order at its end; steps belong before what follows them.
            for widget in (part.block.lines, part.block.copy_button):
                QWidget.setTabOrder(before, widget)
                before = widget

    def _on_copy_all(self) -> None:
        if self._view is not None:
            self.copy_wanted.emit(self._view.everything)


def _set_visible(visible: bool, *widgets: QWidget) -> None:
    for widget in widgets:
        widget.setVisible(visible)


def _form(view: ToolView) -> tuple[object, ...]:
    """What must stay the same for the steps to be changed in place."""
    return view.app_id, len(view.steps)
