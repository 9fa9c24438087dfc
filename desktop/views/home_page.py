"""Home: is it on, what to paste into a tool, whose account, what ran last."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.presenters.actions import Action
from desktop.presenters.home import HomeView
from desktop.presenters.shapes import Shape
from desktop.views.account_card import AccountCard
from desktop.views.components.address_field import AddressField, SecretField
from desktop.views.components.card import Card
from desktop.views.components.empty_state import EmptyState
from desktop.views.components.status_shape import StatusShape
from desktop.views.components.switch import Switch
from desktop.views.components.text import Text
from desktop.views.request_table import RequestTable
from desktop.views.theme.theme import Theme

SIDE_BY_SIDE_FROM = 760
ACCOUNT_WIDTH = 252


class StateCard(Card):
    """The large switch, the state in words, and the three addresses."""

    switch_clicked = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.switch = Switch(theme, large=True, parent=self)
        self.switch.setAccessibleName(self.tr("Serve tools"))
        self.switch.clicked.connect(self.switch_clicked)
        self.word = Text(theme, role="state", parent=self)
        self.line = Text(theme, tone="text2", wrap=True, parent=self)
        self.openai = AddressField(theme, self.tr("OpenAI base URL"), self)
        self.anthropic = AddressField(theme, self.tr("Anthropic base URL"), self)
        self.key = SecretField(theme, self.tr("Local key"), self)
        self.key_label = Text(theme, self.tr("Local key"), tone="text2", parent=self)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignVCenter)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.word)
        words.addWidget(self.line)
        head.addLayout(words, 1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        labels = (
            Text(theme, self.tr("OpenAI base URL"), tone="text2", parent=self),
            Text(theme, self.tr("Anthropic base URL"), tone="text2", parent=self),
            self.key_label,
        )
        for number, (label, field) in enumerate(
            zip(labels, (self.openai, self.anthropic, self.key), strict=True)
        ):
            label.setBuddy(field.value)
            grid.addWidget(label, number, 0)
            grid.addWidget(field, number, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(18)
        column.addLayout(head)
        column.addLayout(grid)

    def show_view(self, view: HomeView) -> None:
        self.switch.set_on(view.switch_on)
        self.switch.setEnabled(view.switch_enabled)
        self.switch.setAccessibleDescription(f"{view.state_word}. {view.state_line}")
        self.word.set_text(view.state_word)
        self.line.set_text(view.state_line)
        self.openai.set_value(view.openai_url)
        self.anthropic.set_value(view.anthropic_url)
        self.key.set_secret(view.local_key, view.masked_key)
        self.key_label.set_text(view.key_label)


class RequestsCard(Card):
    """The latest requests, or that there are none yet."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.heading = Text(theme, self.tr("Latest requests"), role="heading", parent=self)
        self.shape = StatusShape(theme, Shape.OFF, parent=self)
        self.running = Text(theme, role="small", tone="text2", parent=self)
        self.table = RequestTable(theme, self.tr("Latest requests"), fits_rows=True, parent=self)
        self.empty = EmptyState(
            theme,
            "pulse",
            self.tr("No requests yet"),
            self.tr("They show up here the moment a tool sends one."),
            self,
        )
        head = QHBoxLayout()
        head.setContentsMargins(8, 2, 8, 0)
        head.setSpacing(6)
        head.addWidget(self.heading, 1)
        head.addWidget(self.shape, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.running)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 4)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.table)
        column.addWidget(self.empty)

    def show_view(self, view: HomeView) -> None:
        self.shape.set_shape(view.running_shape)
        self.running.set_text(view.running)
        self.table.show_rows(view.rows)
        self.table.setVisible(bool(view.rows))
        self.empty.setVisible(not view.rows)


class HomePage(QScrollArea):
    """Scrolls when large text or a small window needs it; nothing is cut."""

    chosen = Signal(str)
    """An :class:`~desktop.presenters.actions.Action`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        body = QWidget()
        body.setAutoFillBackground(False)
        self.state = StateCard(theme, body)
        self.account = AccountCard(theme, body)
        self.requests = RequestsCard(theme, body)
        self.account.setMinimumWidth(ACCOUNT_WIDTH)
        self._pair = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._pair.setSpacing(theme.tokens.card_gap)
        self._pair.addWidget(self.state, 1)
        self._pair.addWidget(self.account)
        column = QVBoxLayout(body)
        across, down = theme.tokens.page_margin
        column.setContentsMargins(across, down, across, down)
        column.setSpacing(theme.tokens.card_gap)
        column.addLayout(self._pair)
        column.addWidget(self.requests)
        column.addStretch(1)
        self.setWidget(body)
        self.account.chosen.connect(self.chosen)
        self.state.switch_clicked.connect(self._on_switch_clicked)

    def show_view(self, view: HomeView) -> None:
        self.state.show_view(view)
        self.account.show_view(view.account)
        self.requests.show_view(view)
        self._arrange()

    def first_focus(self) -> QWidget:
        return self.state.switch

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Put the account beside the state where both have room, else below."""
        direction = QBoxLayout.Direction
        margins, gap = 2 * self._theme.tokens.page_margin[0], self._theme.tokens.card_gap
        cards = self.state.minimumSizeHint().width() + self.account.minimumWidth()
        wide = self.viewport().width() >= max(SIDE_BY_SIDE_FROM, cards + margins + gap)
        self._pair.setDirection(direction.LeftToRight if wide else direction.TopToBottom)

    def _on_switch_clicked(self, on: bool) -> None:
        self.chosen.emit(Action.START if on else Action.STOP)
