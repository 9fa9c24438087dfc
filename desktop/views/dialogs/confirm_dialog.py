"""A confirmation of an irreversible action. The initial focus, Enter there and Esc change nothing."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.views.components.flow import FlowRow
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.text import Text
from desktop.views.dialogs.fitted_dialog import FittedDialog
from desktop.views.theme.theme import Theme

_WIDTH = 420


class ConfirmDialog(FittedDialog):
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
        super().__init__(theme, _WIDTH, (26, 22, 26, 20), 12, parent)
        self.setWindowTitle(title)
        self.keep = Button(theme, keep, parent=self)
        self.do = Button(theme, do, ButtonKind.DANGER, parent=self)
        buttons = FlowRow(self, align_end=True)
        buttons.add(self.keep)
        buttons.add(self.do)
        self.column.addWidget(Text(theme, heading, role="section", wrap=True, parent=self))
        self.column.addWidget(Text(theme, sentence, tone="text2", wrap=True, parent=self))
        self.set_foot(buttons)
        self.keep.clicked.connect(self.reject)
        self.do.clicked.connect(self.accept)
        self.keep.setFocus()
