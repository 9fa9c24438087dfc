"""What agreeing to a model's terms means, before it is sent to GitHub."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.views.components.card import Card
from desktop.views.components.flow import FlowRow
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.text import Text
from desktop.views.dialogs.fitted_dialog import FittedDialog
from desktop.views.theme.theme import Theme

_WIDTH = 472


class TermsDialog(FittedDialog):
    """``accepted`` where the user agrees. Esc and the first focus do nothing at GitHub."""

    def __init__(self, theme: Theme, model_id: str, terms: str, parent: QWidget) -> None:
        super().__init__(theme, _WIDTH, (26, 22, 26, 20), 14, parent)
        self.setWindowTitle(self.tr("Enable a model"))
        heading = Text(
            theme,
            self.tr("Enable {model}").format(model=model_id),
            role="section",
            wrap=True,
            parent=self,
        )
        what = Text(
            theme,
            self.tr("GitHub asks for your agreement once. It holds for your account everywhere."),
            tone="text2",
            wrap=True,
            parent=self,
        )
        card = Card(theme, parent=self)
        self.terms = Text(
            theme,
            terms or self.tr("GitHub gives no terms for this model."),
            wrap=True,
            parent=card,
        )
        self.terms.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.terms.setAccessibleName(self.tr("Terms"))
        inside = QVBoxLayout(card)
        inside.setContentsMargins(18, 14, 18, 14)
        inside.addWidget(self.terms)
        self.cancel = Button(theme, self.tr("Leave it off"), parent=self)
        self.agree = Button(theme, self.tr("Agree and enable"), ButtonKind.PRIMARY, parent=self)
        buttons = FlowRow(self, align_end=True)
        buttons.add(self.cancel)
        buttons.add(self.agree)
        for part in (heading, what, card):
            self.column.addWidget(part)
        self.set_foot(buttons)
        self.cancel.clicked.connect(self.reject)
        self.agree.clicked.connect(self.accept)
        self.cancel.setFocus()
