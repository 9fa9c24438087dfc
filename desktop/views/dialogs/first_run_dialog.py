"""The first run in three steps; the sign-in of the second is the one of the sign-in dialog."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.presenters.sign_in.first_run import FirstRunChoice, FirstRunView
from desktop.views.components.announcement import announce
from desktop.views.components.card import Card
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.inputs.tick import Tick
from desktop.views.components.line_icon import LineIcon
from desktop.views.components.text import Text
from desktop.views.dialogs.first_run_picture import FirstRunPicture, StepMarks
from desktop.views.dialogs.fitted_dialog import FittedDialog
from desktop.views.dialogs.sign_in_body import SignInBody
from desktop.views.parts.tool_list import ToolList
from desktop.views.theme.theme import Theme


class RiskCard(Card):
    """The notice shown before anything is sent."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme, ground="attentionSoft", line="attentionLine", radius="banner", parent=parent
        )
        self.icon = LineIcon(theme, "warning", "attention", parent=self)
        self.title = Text(theme, role="button_primary", wrap=True, parent=self)
        self.text = Text(theme, wrap=True, parent=self)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(10)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def show_words(self, title: str, text: str) -> None:
        self.title.set_text(title)
        self.text.set_text(text)
        self.setVisible(bool(text))


class FirstRunDialog(FittedDialog):
    """Shows views; emits what the user does. ``open()`` or ``show()`` it, never ``exec()``."""

    acted = Signal(str)
    """A :class:`~desktop.presenters.sign_in.first_run.FirstRunAction`."""
    tool_chosen = Signal(str)
    at_login_chosen = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        # The quiet button's words, not its ground, stand in line with the rest.
        super().__init__(theme, theme.tokens.first_run_width, (36, 28, 36, 22), 18, parent)
        self._view: FirstRunView | None = None
        self.setWindowTitle(self.tr("Welcome"))
        self.marks = StepMarks(theme, self)
        self.picture = FirstRunPicture(theme, self)
        self.heading = Text(theme, role="title", wrap=True, parent=self)
        self.text = Text(theme, tone="text2", wrap=True, parent=self)
        self.risk = RiskCard(theme, self)
        self.sign_in = SignInBody(theme, self)
        self.tools_card = Card(theme, parent=self)
        self.tools = ToolList(theme, self.sign_in.company.button, self.tools_card)
        self.at_login = Tick(theme, self)
        self.at_login_problem = Text(theme, role="small", tone="attention", wrap=True, parent=self)
        self.skip = Button(theme, kind=ButtonKind.LINK, large=True, parent=self)
        self.second = Button(theme, large=True, parent=self)
        self.primary = Button(theme, kind=ButtonKind.PRIMARY, large=True, parent=self)
        self._lay_out()
        self.tools.tool_chosen.connect(self.tool_chosen)
        self.at_login.box.toggled.connect(self.at_login_chosen)
        self.sign_in.height_changed.connect(self.fit_soon)
        self.sign_in.stage_changed.connect(self._on_sign_in_stage)
        self._bind(self.skip)
        self._bind(self.second)
        self._bind(self.primary)

    def show_view(self, view: FirstRunView) -> None:
        before, self._view = self._view, view
        if view == before:
            return
        about = bool(view.risk)
        self.marks.show_marks(view.marks, view.spoken_step)
        self.picture.setVisible(about)
        self.heading.set_text(view.heading)
        self.heading.setVisible(bool(view.heading))
        self.text.set_text(view.text)
        self.text.setVisible(bool(view.text))
        self.risk.show_words(view.risk_title, view.risk)
        self.sign_in.setVisible(view.sign_in)
        self.tools_card.setVisible(bool(view.tools))
        self.tools.show_rows(view.tools)
        self._show_at_login(view)
        for button, choice in (
            (self.skip, view.skip),
            (self.second, view.second),
            (self.primary, view.primary),
        ):
            _show_choice(button, choice)
        self.fit_soon()
        if before is None or before.step != view.step:
            self.setAccessibleDescription(view.spoken_step)
            if before is not None:
                announce(self, f"{view.spoken_step}. {view.heading}")
            self.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_at_login(self, view: FirstRunView) -> None:
        self.at_login.setVisible(view.at_login is not None)
        self.at_login.set_words(view.at_login_words)
        with QSignalBlocker(self.at_login.box):
            self.at_login.setChecked(bool(view.at_login))
        self.at_login_problem.set_text(view.at_login_problem)
        self.at_login_problem.setVisible(bool(view.at_login_problem))

    def first_focus(self) -> QWidget:
        if self._view is not None and self._view.sign_in and self.sign_in.choices:
            return self.sign_in.choices[0]
        return self.primary if self._view is None or self._view.primary else self.second

    def _bind(self, button: Button) -> None:
        button.clicked.connect(lambda: self.acted.emit(button.property("action")))

    def _lay_out(self) -> None:
        inside = QVBoxLayout(self.tools_card)
        inside.setContentsMargins(6, 6, 6, 6)
        inside.addWidget(self.tools)
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(self.heading)
        words.addWidget(self.text)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.skip)
        foot.addStretch(1)
        foot.addWidget(self.second)
        foot.addWidget(self.primary)
        self.set_foot(foot)
        column = self.column
        column.addWidget(self.marks)
        column.addWidget(self.picture)
        column.addLayout(words)
        column.addWidget(self.risk)
        column.addWidget(self.sign_in, 1)
        column.addWidget(self.tools_card)
        column.addWidget(self.at_login)
        column.addWidget(self.at_login_problem)
        column.addStretch(1)

    def _on_sign_in_stage(self) -> None:
        if self.sign_in.isVisible() and not self.is_resting:
            self.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)


def _show_choice(button: Button, choice: FirstRunChoice | None) -> None:
    button.setVisible(choice is not None)
    if choice is not None:
        button.setText(choice.text)
        button.setProperty("action", choice.action.value)
        button.updateGeometry()
