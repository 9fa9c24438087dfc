"""A confirmation of an irreversible action. The initial focus, Enter there and Esc change nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.views.calm_focus import CalmFocus
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.text import Text
from desktop.views.theme.theme import Theme

_WIDTH = 420


class ConfirmDialog(CalmFocus, QDialog):
    """``accepted`` if the user confirms. Buttons name their action, never "OK"."""

    def __init__(
        self,
        theme: Theme,
        title: str,
        heading: str,
        sentence: str,
        *,
        keep: str,
        do: str,
        parent: QWidget | None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        theme.dress(self)
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDTH)
        self.keep = Button(theme, keep, parent=self)
        self.do = Button(theme, do, ButtonKind.DANGER, parent=self)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self.keep)
        row.addWidget(self.do)
        column = QVBoxLayout(self)
        column.setContentsMargins(26, 22, 26, 20)
        column.setSpacing(12)
        column.addWidget(Text(theme, heading, role="section", wrap=True, parent=self))
        column.addWidget(Text(theme, sentence, tone="text2", wrap=True, parent=self))
        column.addLayout(row)
        self.keep.clicked.connect(self.reject)
        self.do.clicked.connect(self.accept)
        self.keep.setFocus()
