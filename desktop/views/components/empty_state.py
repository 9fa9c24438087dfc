"""The placeholder of an empty view: icon, heading, one sentence, at most two buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.line_icon import LineIcon
from desktop.views.components.text import Text
from desktop.views.theme.theme import Theme


class EmptyState(QWidget):
    """An empty ``icon`` is the square of what failed."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        heading: str = "",
        sentence: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 24, 20, 28)
        column.setSpacing(8)
        self.heading = Text(theme, heading, role="heading")
        self.sentence = Text(theme, sentence, tone="text2", wrap=True)
        for text in (self.heading, self.sentence):
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        token, size = ("text3", 28) if icon else ("error", 20)
        column.addStretch(1)
        column.addWidget(LineIcon(theme, icon, token, size, self), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.heading)
        column.addWidget(self.sentence)
        self._buttons = QHBoxLayout()
        self._buttons.setContentsMargins(0, 8, 0, 0)
        self._buttons.setSpacing(8)
        self._buttons.addStretch(1)
        self._buttons.addStretch(1)
        column.addLayout(self._buttons)
        column.addStretch(1)

    def add_button(
        self, text: str, kind: ButtonKind = ButtonKind.SECONDARY, icon: str = ""
    ) -> Button:
        button = Button(self._theme, text, kind, icon=icon, parent=self)
        self._buttons.insertWidget(self._buttons.count() - 1, button)
        return button

    def show_texts(self, heading: str, sentence: str) -> None:
        self.heading.set_text(heading)
        self.sentence.set_text(sentence)
        self.sentence.setVisible(bool(sentence))
