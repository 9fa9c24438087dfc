"""A card that says how something stands: a shape, a line, and more about it below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.presenters.shapes import Shape
from desktop.views.components.card import Card
from desktop.views.components.status_shape import StatusShape
from desktop.views.components.text import Text
from desktop.views.theme.theme import Theme


class StatusNote(Card):
    """Parts without a text are not shown. Announcing is the owner's: it knows what is news."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, ground="sunken", radius="banner", parent=parent)
        self.shape = StatusShape(theme, Shape.OFF, ground="sunken", parent=self)
        self.line = Text(theme, role="button_primary", wrap=True, parent=self)
        self.detail = Text(theme, tone="text2", wrap=True, parent=self)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.line)
        words.addWidget(self.detail)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(10)
        row.addWidget(self.shape, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(words, 1)
        self.hide()

    def show_status(self, shape: Shape, line: str, detail: str) -> None:
        self.shape.set_shape(shape)
        for part, text in ((self.line, line), (self.detail, detail)):
            part.set_text(text)
            part.setVisible(bool(text))
        self.setVisible(bool(line or detail))
