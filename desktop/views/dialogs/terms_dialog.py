"""What agreeing to a model's terms means, before it is sent to GitHub."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.views.calm_focus import CalmFocus
from desktop.views.components.card import Card
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.text import Text
from desktop.views.theme.theme import Theme

_WIDTH = 472


class TermsDialog(CalmFocus, QDialog):
    """``accepted`` where the user agrees. Esc and the first focus do nothing at GitHub."""

    def __init__(self, theme: Theme, model_id: str, terms: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        theme.dress(self)
        self.setWindowTitle(self.tr("Enable a model"))
        self.setMinimumWidth(_WIDTH)
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
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.agree)
        column = QVBoxLayout(self)
        column.setContentsMargins(26, 22, 26, 20)
        column.setSpacing(14)
        for part in (heading, what, card):
            column.addWidget(part)
        column.addLayout(row)
        self.cancel.clicked.connect(self.reject)
        self.agree.clicked.connect(self.accept)
        self.cancel.setFocus()
