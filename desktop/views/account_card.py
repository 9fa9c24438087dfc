"""Who is signed in, where that is kept, and the way in or out."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.presenters.home import AccountView
from desktop.presenters.notices import Choice
from desktop.views.components.buttons import Button
from desktop.views.components.card import Card, Hairline
from desktop.views.components.text import Text
from desktop.views.theme.theme import Theme

_SIZE = 36


class Avatar(QWidget):
    """The account's initial in a disc; a dashed ring with a person where there is no account."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._initial = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_initial(self, initial: str) -> None:
        if initial != self._initial:
            self._initial = initial
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(_SIZE, _SIZE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        disc = QRectF(0, 0, _SIZE, _SIZE)
        if self._initial:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accentSoft"))
            painter.drawEllipse(disc)
            painter.setFont(theme.font("section"))
            painter.setPen(theme.colour("accent"))
            painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, self._initial)
        else:
            painter.setPen(QPen(theme.colour("border"), 1.5, Qt.PenStyle.DashLine))
            painter.drawEllipse(disc.adjusted(1, 1, -1, -1))
            pixmap = theme.pixmap("user", "text3", 16, self.devicePixelRatioF())
            painter.drawPixmap((_SIZE - 16) // 2, (_SIZE - 16) // 2, pixmap)
        painter.end()


class AccountCard(Card):
    chosen = Signal(str)
    """An :class:`~desktop.presenters.actions.Action`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._view: AccountView | None = None
        self._facts: dict[str, Text] = {}
        self.avatar = Avatar(theme, self)
        self.title = Text(theme, role="heading", parent=self)
        self.line = Text(theme, role="small", tone="text2", wrap=True, parent=self)
        self.buttons: list[Button] = []
        head = QHBoxLayout()
        head.setSpacing(12)
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addWidget(self.title)
        names.addWidget(self.line)
        head.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(names, 1)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self._row.addStretch(1)
        column = QVBoxLayout(self)
        across, down = theme.tokens.card_padding
        column.setContentsMargins(across, down, across, down)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(Hairline(theme, self))
        column.addLayout(self._grid)
        column.addStretch(1)
        column.addLayout(self._row)
        self.setAccessibleName(self.tr("Account"))

    def show_view(self, view: AccountView) -> None:
        before, self._view = self._view, view
        if view == before:
            return
        self.avatar.set_initial(view.initial)
        self.title.set_text(view.title)
        self.line.set_text(view.line)
        if before is None or [k for k, _ in before.facts] != [k for k, _ in view.facts]:
            self._build_facts(view.facts)
        for label, value in view.facts:
            self._facts[label].set_text(value)
        if before is None or before.choices != view.choices:
            self._build_choices(view.choices)

    def _build_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self._facts = {}
        for number, (label, _) in enumerate(facts):
            name = Text(self._theme, label, role="small", tone="text2", parent=self)
            value = Text(self._theme, role="small", wrap=True, parent=self)
            trailing = Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignTop
            value.setAlignment(trailing)
            self._grid.addWidget(name, number, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, number, 1)
            self._facts[label] = value

    def _build_choices(self, choices: tuple[Choice, ...]) -> None:
        for button in self.buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        for choice in choices:
            button = Button(self._theme, choice.text, compact=True, parent=self)
            action = choice.action
            button.clicked.connect(lambda _=False, action=action: self.chosen.emit(action))
            self._row.addWidget(button)
            self.buttons.append(button)
