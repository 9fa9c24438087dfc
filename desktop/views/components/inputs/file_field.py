"""The path of a file: typed, or chosen from the system's dialog."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.views.components.inputs.buttons import Button
from desktop.views.components.inputs.value_field import ValueField
from desktop.views.theme.theme import Theme


class FileField(QWidget):
    """``typed`` with every change, ``meant`` once finished, ``asked`` for the dialog."""

    typed = Signal(str)
    meant = Signal(str)
    asked = Signal()

    def __init__(self, theme: Theme, name: str, width: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.field = ValueField(theme, name, width, self)
        self.field.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.choose = Button(theme, self.tr("Choose…"), compact=True, parent=self)
        self.choose.setAccessibleName(f"{self.choose.text()} {name}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignTrailing)
        self.setFocusProxy(self.field)
        self.field.typed.connect(self.typed)
        self.field.meant.connect(self.meant)
        self.choose.clicked.connect(self.asked)

    def show_text(self, text: str) -> None:
        self.field.show_text(text)

    def show_problem(self, has_problem: bool) -> None:
        self.field.show_problem(has_problem)
