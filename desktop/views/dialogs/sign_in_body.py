"""Signing in: the code for GitHub, the progress, and every result in place.

Stands in the sign-in dialog and in the first run.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.presenters.shapes import Shape
from desktop.presenters.sign_in.sign_in_view import SignInChoice, SignInView, Stage
from desktop.views.components.announcement import announce
from desktop.views.components.card import Card, Hairline
from desktop.views.components.charts.time_bar import TimeBar
from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.fold import Fold
from desktop.views.components.inputs.address_field import AddressField
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.inputs.copy_button import CopyButton
from desktop.views.components.inputs.edit_menu import NamedEditMenu
from desktop.views.components.line_icon import LineIcon
from desktop.views.components.status_shape import StatusShape
from desktop.views.components.text import Text
from desktop.views.replaced import take_away
from desktop.views.theme.theme import Theme

TICK_MILLISECONDS = 500


class _Code(KeyboardFocus, Text):
    """The code, large, to read and to select."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, role="code_large", parent=parent)
        self.show_code("")
        self.setAccessibleDescription(self.tr("Code to type on GitHub"))
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)

    def show_code(self, code: str) -> None:
        self.set_text(code)
        # A label's accessible name replaces its text: a fixed one would hide the code from screen
        # readers.
        self.setAccessibleName(code or self.tr("Code to type on GitHub"))

    def ring_target(self) -> QWidget:
        return self.parentWidget() or self  # the whole card

    def ring_radius(self) -> float:
        return self._theme.tokens.radii["card"]


class CodeCard(Card):
    """Keeps its height while waiting for the code, so that nothing moves."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.code = _Code(theme, self)
        self.copy_button = CopyButton(theme, self.code.text, self.tr("Copy the code"), self)
        self.copy_button.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(22, 14, 14, 14)
        row.addWidget(self.code, 1)
        row.addWidget(self.copy_button)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_code(self, code: str) -> None:
        if code == self.code.text():
            return
        self.code.show_code(code)
        self.copy_button.setVisible(bool(code))
        if code:  # it is already in the clipboard
            self.copy_button.show_copied()

    def _restyle(self) -> None:
        height = QFontMetrics(self._theme.font("code_large")).height()
        self.code.setMinimumHeight(height)


class CompanyAddress(QWidget):
    """Inside the fold: the company's own GitHub address."""

    entered = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = Text(theme, self.tr("GitHub address"), tone="text2", parent=self)
        self.field = _AddressEdit(theme, self)
        self.label.setBuddy(self.field)
        self.button = Button(theme, self.tr("Use this address"), parent=self)
        self.problem = Text(theme, role="small", tone="attention", wrap=True, parent=self)
        self.problem.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 0, 0, 4)
        column.setSpacing(4)
        column.addWidget(self.label)
        column.addLayout(row)
        column.addWidget(self.problem)
        self.button.clicked.connect(self._on_entered)
        self.field.returnPressed.connect(self._on_entered)

    def show_problem(self, problem: str) -> None:
        self.problem.set_text(problem)
        self.problem.setVisible(bool(problem))
        self.field.setAccessibleDescription(problem)

    def _on_entered(self) -> None:
        self.entered.emit(self.field.text())


class _AddressEdit(NamedEditMenu, KeyboardFocus, QLineEdit):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setPlaceholderText("company.ghe.com")
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


class Waiting(QWidget):
    """The progress, and the code's remaining time."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shape = StatusShape(theme, Shape.STREAMING, ground="window", parent=self)
        self.text = Text(theme, wrap=True, parent=self)
        self.left = Text(theme, tone="text2", parent=self)
        self.bar = TimeBar(theme, self)
        self.bar.setAccessibleName(self.tr("Time left for the code"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.shape, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.text, 1)
        row.addWidget(self.left)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        column.addLayout(row)
        column.addWidget(self.bar)

    def show_view(self, view: SignInView) -> None:
        self.shape.set_shape(view.shape)
        self.text.set_text(view.waiting)
        self.left.set_text(view.time_left)
        self.bar.set_fraction(view.fraction)


class SignInBody(QWidget):
    """Shows views; emits what the user does."""

    acted = Signal(str)
    """A :class:`~desktop.presenters.sign_in.sign_in_view.SignInAction`."""
    company_address_entered = Signal(str)
    ticked = Signal()
    height_changed = Signal()
    """The required height changed."""
    stage_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: SignInView | None = None
        self.shape = StatusShape(theme, Shape.STREAMING, size=20, ground="window", parent=self)
        self.heading = Text(theme, role="title", wrap=True, parent=self)
        self.line = Text(theme, tone="text2", wrap=True, parent=self)
        self.code = CodeCard(theme, self)
        self.address = AddressField(theme, self.tr("GitHub page"), self)
        self.waiting = Waiting(theme, self)
        self.company = CompanyAddress(theme, self)
        self.fold = Fold(
            theme, self.tr("My company uses its own GitHub address"), self.company, self
        )
        self.storage_icon = LineIcon(theme, "shield", "text2", parent=self)
        self.storage_line = Text(theme, tone="text2", wrap=True, parent=self)
        self.hairline = Hairline(theme, self)
        self.choices: list[Button] = []
        self._lay_out()
        self.company.entered.connect(self.company_address_entered)
        self.fold.height_changed.connect(self.height_changed)
        self.ticks = QTimer(self)
        self.ticks.setInterval(TICK_MILLISECONDS)
        self.ticks.timeout.connect(self.ticked)

    @property
    def view(self) -> SignInView | None:
        return self._view

    def show_view(self, view: SignInView) -> None:
        before, self._view = self._view, view
        waits = view.stage is Stage.WAITING
        asks = view.stage in (Stage.ASKING, Stage.WAITING)
        self.heading.set_text(view.heading)
        self.line.set_text(view.line)
        self.line.setVisible(bool(view.line))
        self.shape.set_shape(view.shape)
        self.shape.setVisible(not waits)
        self.code.setVisible(asks)
        self.code.show_code(view.code)
        self.address.setVisible(bool(view.address))
        self.address.set_value(view.address)
        self.waiting.setVisible(waits)
        self.waiting.show_view(view)
        self.hairline.setVisible(asks)
        self.fold.setVisible(asks)
        if view.company_address_problem != self.company.problem.text():
            self.company.show_problem(view.company_address_problem)
            self.height_changed.emit()
        self.storage_line.set_text(view.storage_line)
        self.storage_line.setVisible(bool(view.storage_line))
        self.storage_icon.setVisible(bool(view.storage_line))
        if before is None or before.choices != view.choices:
            self._set_choices(view.choices)
        self.ticks.start() if waits else self.ticks.stop()
        if before is None or (before.stage, before.heading) != (view.stage, view.heading):
            self._on_stage(view)
        elif (before.line, before.waiting, before.address) != (
            view.line,
            view.waiting,
            view.address,
        ):
            self.height_changed.emit()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.shape, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.heading, 1)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addLayout(head)
        words.addWidget(self.line)
        self._actions = QHBoxLayout()
        self._actions.setSpacing(8)
        self._actions.addStretch(1)
        storage_line = QHBoxLayout()
        storage_line.setSpacing(8)
        storage_line.addWidget(self.storage_icon, 0, Qt.AlignmentFlag.AlignTop)
        storage_line.addWidget(self.storage_line, 1)
        column = QVBoxLayout(self)
        # Qt's own minimum assumes the narrowest wrapping of all texts: taller than any stage.
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addLayout(words)
        column.addWidget(self.code)
        column.addWidget(self.address)
        column.addLayout(self._actions)
        column.addWidget(self.waiting)
        column.addWidget(self.hairline)
        column.addWidget(self.fold)
        column.addLayout(storage_line)
        column.addStretch(1)

    def _set_choices(self, choices: tuple[SignInChoice, ...]) -> None:
        take_away(self._actions, self.choices)
        self.choices = []
        for number, choice in enumerate(choices):
            kind = ButtonKind.PRIMARY if choice.primary else ButtonKind.SECONDARY
            button = Button(self._theme, choice.text, kind, icon=choice.icon, parent=self)
            action = choice.action
            button.clicked.connect(lambda _=False, action=action: self.acted.emit(action))
            self._actions.insertWidget(number, button)
            button.show()  # now, because a hidden widget cannot take the focus
            self.choices.append(button)

    def _on_stage(self, view: SignInView) -> None:
        spoken = f"{view.heading}. {view.line}"
        if self.isVisible():
            announce(self, f"{spoken} {' '.join(view.code)}" if view.code else spoken)
        self.setAccessibleDescription(spoken)
        self.height_changed.emit()
        self.stage_changed.emit()
