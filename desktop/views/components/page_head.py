"""A page's head: its name, one line beside it, and controls at the end or below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from desktop.views.components.text import Text
from desktop.views.theme.theme import Theme

_GAP = 12


class PageHead(QBoxLayout):
    """``fit`` puts the controls below the name where both have no room side by side."""

    def __init__(self, theme: Theme, title: str, parent: QWidget) -> None:
        super().__init__(QBoxLayout.Direction.LeftToRight)
        self.setSpacing(_GAP)
        self.title = Text(theme, title, role="title", parent=parent)
        self.line = Text(theme, tone="text2", parent=parent)
        self.line.setContentsMargins(0, 4, 0, 0)
        self._words = QHBoxLayout()
        self._words.setSpacing(_GAP)
        self._words.addWidget(self.title)
        self._words.addWidget(self.line, 0, Qt.AlignmentFlag.AlignVCenter)
        self._words.addStretch(1)
        self._controls = QHBoxLayout()
        self._controls.setSpacing(_GAP)
        self._controls.addStretch(1)
        self.addLayout(self._words, 1)
        self.addLayout(self._controls)

    def add(self, control: QWidget) -> None:
        at = self._controls.count() - 1  # before the stretch
        self._controls.insertWidget(at, control, 0, Qt.AlignmentFlag.AlignVCenter)

    def set_line(self, text: str) -> None:
        self.line.set_text(text)

    def fit(self, width: int) -> None:
        """``width`` is the page's, margins not counted."""
        needed = self._words.sizeHint().width() + self._controls.sizeHint().width() + _GAP
        direction = QBoxLayout.Direction
        self.setDirection(direction.LeftToRight if needed <= width else direction.TopToBottom)
