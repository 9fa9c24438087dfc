"""Fields for a setting's value: signals while typing, and when the user is done."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.inputs.edit_menu import NamedEditMenu
from desktop.views.theme.theme import Theme

_LINES = 4


class ValueField(NamedEditMenu, KeyboardFocus, QLineEdit):
    """``typed`` with every change; ``meant`` on Enter and when the field is left."""

    typed = Signal(str)
    meant = Signal(str)

    def __init__(self, theme: Theme, name: str, width: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._width = width
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.textEdited.connect(self.typed)
        self.editingFinished.connect(self._on_finished)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_text(self, text: str) -> None:
        if text != self.text():
            self.setText(text)

    def show_problem(self, has_problem: bool) -> None:
        state = "bad" if has_problem else ""
        if self.property("state") != state:
            self.setProperty("state", state)
            self.style().unpolish(self)
            self.style().polish(self)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        height = max(self._theme.tokens.heights["field"], metrics.height() + 12)
        return QSize(max(self._width, metrics.averageCharWidth() * 12), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _on_finished(self) -> None:
        # Also emitted for an unchanged field, or twice for one Enter.
        if self.isModified():
            self.setModified(False)
            self.meant.emit(self.text())

    def _restyle(self) -> None:
        self.setFont(self._theme.font("body"))
        self.updateGeometry()


class LinesField(NamedEditMenu, KeyboardFocus, QPlainTextEdit):
    """Several lines; ``meant`` when the field is left. Tab leaves it."""

    typed = Signal(str)
    meant = Signal(str)

    def __init__(self, theme: Theme, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_shown = False
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self._on_changed)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_text(self, text: str) -> None:
        if text != self.toPlainText():
            self._is_shown = True
            self.setPlainText(text)
            self._is_shown = False
            self.document().setModified(False)

    def show_problem(self, has_problem: bool) -> None:
        state = "bad" if has_problem else ""
        if self.property("state") != state:
            self.setProperty("state", state)
            self.style().unpolish(self)
            self.style().polish(self)

    def sizeHint(self) -> QSize:
        return QSize(240, QFontMetrics(self.font()).lineSpacing() * _LINES + 18)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.document().isModified():
            self.document().setModified(False)
            self.meant.emit(self.toPlainText())

    def _on_changed(self) -> None:
        if not self._is_shown:
            self.typed.emit(self.toPlainText())

    def _restyle(self) -> None:
        self.setFont(self._theme.font("mono"))
        self.updateGeometry()
