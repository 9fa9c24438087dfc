"""One of several values, or a text of one's own, whose field appears once that is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.views.components.inputs.choice_field import ChoiceField
from desktop.views.components.inputs.value_field import ValueField
from desktop.views.theme.theme import Theme

OWN = ""
"""The choice that stands for a text of one's own."""


class ChoiceOrText(QWidget):
    """``typed`` with every change of the text; ``meant`` with a choice or a finished text."""

    typed = Signal(str)
    meant = Signal(str)

    def __init__(self, theme: Theme, name: str, width: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.choice = ChoiceField(theme, name, parent=self)
        self.field = ValueField(theme, name, width, self)
        self.field.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._name = name
        self._choices: tuple[tuple[str, str], ...] = ()
        self._value = ""
        self._is_begun = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.choice)
        column.addWidget(self.field)
        self.setFocusProxy(self.choice)
        self.field.hide()
        self.choice.activated.connect(lambda _: self._on_chosen(self.choice.chosen))
        self.field.typed.connect(self.typed)
        self.field.meant.connect(self.meant)
        self.field.installEventFilter(self)

    def show_value(self, choices: Sequence[tuple[str, str]], value: str) -> None:
        """``choices`` are pairs of value and text; the value of one's own text is ``OWN``."""
        self._choices, self._value = tuple(choices), value
        names = dict(self._choices)
        self.field.setAccessibleName(f"{self._name}: {names.get(OWN, '')}")
        is_own = value not in names or value == OWN
        if is_own:
            self._is_begun = False
            self.field.show_text(value)
        self._show(OWN if is_own or self._is_begun else value)

    def show_problem(self, has_problem: bool) -> None:
        self.field.show_problem(has_problem)

    def _show(self, chosen: str) -> None:
        self.choice.show_choices(self._choices, chosen)
        if self.field.isHidden() is (chosen == OWN):
            self.field.setVisible(chosen == OWN)
            self.updateGeometry()

    def _on_chosen(self, chosen: str) -> None:
        if chosen != OWN:
            self._is_begun = False
            self.meant.emit(chosen)
            return
        if self.field.isHidden():
            self._is_begun = True
            self.field.clear()
            self._show(OWN)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the field being left; Qt tells ``editingFinished`` only of one that was edited."""
        elsewhere = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
        if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in elsewhere:
            self._on_left()
        return super().eventFilter(watched, event)

    def _on_left(self) -> None:
        """A text that was never begun: show again what is in force."""
        if self._is_begun and not self.field.text():
            self._is_begun = False
            self.show_value(self._choices, self._value)
