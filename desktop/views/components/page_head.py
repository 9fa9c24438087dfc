"""A page's head: its name, one line beside it, and controls at the end or below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QWidget

from desktop.views.components.flow import FlowRow
from desktop.views.components.text import Text
from desktop.views.theme.theme import Theme

_GAP = 12


class PageHead(QBoxLayout):
    """``fit`` puts the controls below the name where both have no room side by side; there they go
    on in a further line where one has no room for all of them.
    """

    def __init__(self, theme: Theme, title: str, parent: QWidget) -> None:
        super().__init__(QBoxLayout.Direction.LeftToRight)
        self.setSpacing(_GAP)
        self.title = Text(theme, title, role="title", parent=parent)
        self.line = Text(theme, tone="text2", parent=parent)
        self.line.setContentsMargins(0, 4, 0, 0)
        self._words = FlowRow(parent, gap=_GAP, line_gap=2)
        self._words.add(self.title)
        self._words.add(self.line)
        self._controls = FlowRow(parent, gap=_GAP, align_end=True)
        self.addWidget(self._words, 1, Qt.AlignmentFlag.AlignVCenter)
        self.addWidget(self._controls, 0, Qt.AlignmentFlag.AlignVCenter)

    def add(self, control: QWidget) -> None:
        """At the end, or below the name."""
        self._controls.add(control)

    def add_beside(self, part: QWidget) -> None:
        """Beside the name."""
        self._words.add(part)

    def set_line(self, text: str) -> None:
        self.line.set_text(text)
        self.line.setVisible(bool(text))

    def fit(self, width: int) -> None:
        """``width`` is the page's, margins not counted."""
        # Without a control the name needs no distance from one.
        self.setSpacing(0 if self._controls.is_empty() else _GAP)
        needed = self._words.sizeHint().width() + self._controls.sizeHint().width() + _GAP
        direction = QBoxLayout.Direction
        beside = needed <= width
        self.setDirection(direction.LeftToRight if beside else direction.TopToBottom)
        self._controls.set_align_end(beside)
