"""A page's head: its name, one line beside it, and controls at the end."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.views.components.text import Text
from desktop.views.theme.theme import Theme


class PageHead(QHBoxLayout):
    def __init__(self, theme: Theme, title: str, parent: QWidget) -> None:
        super().__init__()
        self.setSpacing(12)
        self.title = Text(theme, title, role="title", parent=parent)
        self.line = Text(theme, tone="text2", parent=parent)
        self.addWidget(self.title)
        self.addWidget(self.line, 0, Qt.AlignmentFlag.AlignBottom)
        self.addStretch(1)

    def add(self, control: QWidget) -> None:
        self.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)

    def set_line(self, text: str) -> None:
        self.line.set_text(text)
