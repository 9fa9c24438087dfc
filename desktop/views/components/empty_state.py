"""What a place says while it has nothing to show: icon, heading, one sentence."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.views.components.line_icon import LineIcon
from desktop.views.components.text import Text
from desktop.views.theme.theme import Theme


class EmptyState(QWidget):
    def __init__(
        self, theme: Theme, icon: str, heading: str, sentence: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 24, 20, 28)
        column.setSpacing(8)
        self.heading = Text(theme, heading, role="heading")
        self.sentence = Text(theme, sentence, tone="text2", wrap=True)
        for text in (self.heading, self.sentence):
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(LineIcon(theme, icon, "text3", 28, self), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.heading)
        column.addWidget(self.sentence)
