"""The first run in three steps; the sign-in of the second is the one of the sign-in dialog."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.presenters.sign_in.first_run import FirstRunChoice, FirstRunView
from desktop.views.calm_focus import CalmFocus
from desktop.views.components.announcement import announce
from desktop.views.components.card import Card
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.line_icon import LineIcon
from desktop.views.components.text import Text
from desktop.views.dialogs.first_run_picture import FirstRunPicture, StepMarks
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


class FirstRunDialog(CalmFocus, QDialog):
    """Shows views; emits what the user does. ``open()`` or ``show()`` it, never ``exec()``."""

    acted = Signal(str)
    """A :class:`~desktop.presenters.sign_in.first_run.FirstRunAction`."""
    tool_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: FirstRunView | None = None
        theme.dress(self)
        self.setWindowTitle(self.tr("Welcome"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.marks = StepMarks(theme, self)
        self.picture = FirstRunPicture(theme, self)
        self.heading = Text(theme, role="title", wrap=True, parent=self)
        self.text = Text(theme, tone="text2", wrap=True, parent=self)
        self.risk = RiskCard(theme, self)
        self.sign_in = SignInBody(theme, self)
        self.tools_card = Card(theme, parent=self)
        self.tools = ToolList(theme, self.sign_in.company.button, self.tools_card)
        self.skip = Button(theme, kind=ButtonKind.LINK, large=True, parent=self)
        self.second = Button(theme, large=True, parent=self)
        self.primary = Button(theme, kind=ButtonKind.PRIMARY, large=True, parent=self)
        self._lay_out()
        self.tools.tool_chosen.connect(self.tool_chosen)
        self.sign_in.height_changed.connect(self._fit_soon)
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
        for button, choice in (
            (self.skip, view.skip),
            (self.second, view.second),
            (self.primary, view.primary),
        ):
            _show_choice(button, choice)
        self._fit_soon()
        if before is None or before.step != view.step:
            self.setAccessibleDescription(view.spoken_step)
            if before is not None:
                announce(self, f"{view.spoken_step}. {view.heading}")
            self.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def first_focus(self) -> QWidget:
        if self._view is not None and self._view.sign_in and self.sign_in.choices:
            return self.sign_in.choices[0]
        return self.primary if self._view is None or self._view.primary else self.second

    def sizeHint(self) -> QSize:
        """The design's width, and the height the text needs."""
        width = max(self._theme.tokens.first_run_width, self._column.minimumSize().width())
        height = self._column.totalHeightForWidth(width)
        return QSize(width, height if height > 0 else super().sizeHint().height())

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
        self._column = column = QVBoxLayout(self)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        # The quiet button's words, not its ground, stand in line with the rest.
        column.setContentsMargins(36, 28, 36, 22)
        column.setSpacing(18)
        column.addWidget(self.marks)
        column.addWidget(self.picture)
        column.addLayout(words)
        column.addWidget(self.risk)
        column.addWidget(self.sign_in, 1)
        column.addWidget(self.tools_card)
        column.addStretch(1)
        column.addLayout(foot)

    def _on_sign_in_stage(self) -> None:
        if self.sign_in.isVisible():
            self.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def _fit_soon(self) -> None:
        QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        self._column.activate()
        hint = self.sizeHint()
        self.setMinimumSize(hint)
        self.resize(hint)


def _show_choice(button: Button, choice: FirstRunChoice | None) -> None:
    button.setVisible(choice is not None)
    if choice is not None:
        button.setText(choice.text)
        button.setProperty("action", choice.action.value)
        button.updateGeometry()
