"""Home: server state, addresses for tools, account, latest requests."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from desktop.presenters.actions import Action
from desktop.presenters.home.home import HomeView
from desktop.presenters.shapes import Shape
from desktop.views.components.card import Card, Hairline
from desktop.views.components.charts.sparkline import Sparkline
from desktop.views.components.empty_state import EmptyState
from desktop.views.components.inputs.address_field import AddressField, SecretField
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.inputs.menu_button import MenuButton
from desktop.views.components.inputs.switch import Switch
from desktop.views.components.page_body import PageBody
from desktop.views.components.status_shape import StatusShape
from desktop.views.components.text import Text
from desktop.views.parts.account_card import AccountCard
from desktop.views.parts.credits_card import CreditsCard
from desktop.views.parts.request_table import RequestTable
from desktop.views.theme.theme import Theme

SIDE_BY_SIDE_FROM = 760
ACCOUNT_WIDTH = 295
LATELY_WIDTH = 268
NARROW_BELOW = 500
"""Below that much room labels stand above their addresses."""


class LatelyCard(QWidget):
    """How busy the last minutes were, behind a line at the end of the state's card."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.shape = StatusShape(theme, Shape.OFF, parent=self)
        self.running = Text(theme, role="small", tone="text2", parent=self)
        self.line = Sparkline(theme, self.tr("Requests of the last 15 minutes"), self)
        self.today = Text(theme, role="small", tone="text2", parent=self)
        self.busiest = Text(theme, role="small", tone="text2", parent=self)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(Text(theme, self.tr("Requests"), role="heading", parent=self), 1)
        head.addWidget(self.shape)
        head.addWidget(self.running)
        ends = QHBoxLayout()
        for words, stretch in ((self.tr("15 min ago"), 1), (self.tr("now"), 0)):
            caption = Text(theme, words, role="small", tone="text3", parent=self)
            ends.addWidget(caption, stretch)
        figures = QHBoxLayout()
        figures.addWidget(self.today, 1)
        figures.addWidget(self.busiest)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 14)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.line, 1)
        column.addLayout(ends)
        column.addWidget(Hairline(theme, self))
        column.addLayout(figures)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        """The design's width, or more where words in a large font or another language need it."""
        needed = super().minimumSizeHint()
        return QSize(max(LATELY_WIDTH, needed.width()), needed.height())

    def show_view(self, view: HomeView) -> None:
        self.shape.set_shape(view.running_shape)
        self.running.set_text(view.running)
        lately = view.sparkline
        self.line.show_values(lately.values, lately.labels, lately.sentence)
        self.today.set_text(lately.today)
        self.busiest.set_text(lately.busiest)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The line towards the rest of the card: at the start beside it, at the top below it."""
        painter = QPainter(self)
        colour = self._theme.colour("line")
        if self.y() > 0:
            painter.fillRect(0, 0, self.width(), 1, colour)
        else:
            mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            painter.fillRect(self.width() - 1 if mirrored else 0, 1, 1, self.height() - 2, colour)
        painter.end()


class StateCard(Card):
    """The large switch, the state in words, and the three addresses."""

    switch_clicked = Signal(bool)
    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.switch = Switch(theme, large=True, parent=self)
        self.switch.setAccessibleName(self.tr("Serve tools"))
        self.switch.clicked.connect(self.switch_clicked)
        self.word = Text(theme, role="state", parent=self)
        self.line = Text(theme, tone="text2", wrap=True, parent=self)
        self.pause = MenuButton(theme, self.tr("Pause for"), icon="pause", parent=self)
        self.resume = Button(theme, self.tr("Resume"), icon="play", parent=self)
        self.requests = LatelyCard(theme, self)
        self.openai = AddressField(theme, self.tr("OpenAI base URL"), self)
        self.anthropic = AddressField(theme, self.tr("Anthropic base URL"), self)
        self.key = SecretField(theme, self.tr("Local key"), self)
        self.key_label = Text(theme, self.tr("Local key"), tone="text2", parent=self)
        state = QHBoxLayout()
        state.setSpacing(16)
        state.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignVCenter)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.word)
        words.addWidget(self.line)
        state.addLayout(words, 1)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setSpacing(16)
        self._head.addLayout(state, 1)
        aligned = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        self._head.addWidget(self.pause, 0, aligned)
        self._head.addWidget(self.resume, 0, aligned)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._labels = (
            Text(theme, self.tr("OpenAI base URL"), tone="text2", parent=self),
            Text(theme, self.tr("Anthropic base URL"), tone="text2", parent=self),
            self.key_label,
        )
        self._fields = (self.openai, self.anthropic, self.key)
        for label, field in zip(self._labels, self._fields, strict=True):
            label.setBuddy(field.value)
        self._is_narrow: bool | None = None
        column = QVBoxLayout()
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(18)
        column.addLayout(self._head)
        column.addLayout(self._grid)
        self.fit(theme.scaled(NARROW_BELOW))
        self.parts = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self.parts.setContentsMargins(0, 0, 0, 0)
        self.parts.setSpacing(0)
        self.parts.addLayout(column, 1)
        self.parts.addWidget(self.requests)
        self.pause.chosen.connect(self.chosen)
        self.resume.clicked.connect(lambda: self.chosen.emit(Action.RESUME))

    def fit(self, width: int) -> None:
        """Put labels above their addresses where ``width`` has no room for both side by side."""
        narrow = width < self._theme.scaled(NARROW_BELOW)
        if narrow == self._is_narrow:
            return
        self._is_narrow = narrow
        direction = QBoxLayout.Direction
        self._head.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)
        for number, pair in enumerate(zip(self._labels, self._fields, strict=True)):
            for place, part in enumerate(pair):
                self._grid.removeWidget(part)
                if narrow:
                    self._grid.addWidget(part, 2 * number + place, 0, 1, 2)
                else:
                    self._grid.addWidget(part, number, place)

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
        self.pause.set_entries(view.pauses)
        self.pause.setVisible(bool(view.pauses) and not view.is_paused)
        self.resume.setVisible(view.is_paused)
        self.requests.show_view(view)


class RequestsCard(Card):
    """The latest requests, or that there are none yet."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.heading = Text(theme, self.tr("Latest requests"), role="heading", parent=self)
        self.all = Button(theme, self.tr("All activity"), ButtonKind.LINK, parent=self)
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
        head.addWidget(self.all)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 4)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.table)
        column.addWidget(self.empty)

    def show_view(self, view: HomeView) -> None:
        self.table.show_rows(view.rows)
        self.table.setVisible(bool(view.rows))
        self.empty.setVisible(not view.rows)


class HomePage(PageBody):
    """Scrolls when large text or a small window needs it; nothing is cut."""

    chosen = Signal(str)
    """An :class:`~desktop.presenters.actions.Action`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        body = self.body
        self.state = StateCard(theme, body)
        self.credits = CreditsCard(theme, body)
        self.account = AccountCard(theme, body)
        self.requests = RequestsCard(theme, body)
        self.account.setMinimumWidth(ACCOUNT_WIDTH)
        self._pair = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._pair.setSpacing(theme.tokens.card_gap)
        self._pair.addWidget(self.credits, 1)
        self._pair.addWidget(self.account)
        self.column.addWidget(self.state)
        self.column.addLayout(self._pair)
        self.column.addWidget(self.requests)
        self.column.addStretch(1)
        self.account.chosen.connect(self.chosen)
        self.state.chosen.connect(self.chosen)
        self.state.switch_clicked.connect(self._on_switch_clicked)
        self.requests.all.clicked.connect(lambda: self.chosen.emit(Action.OPEN_ACTIVITY))

    def show_view(self, view: HomeView) -> None:
        self.state.show_view(view)
        self.credits.show_view(view.credits)
        self.account.show_view(view.account)
        self.account.today.show_view(view.today)
        self.requests.show_view(view)
        self._arrange()

    def first_focus(self) -> QWidget:
        """The switch while it is off; the first address while the switch would stop the server."""
        switch = self.state.switch
        return self.state.openai.value if switch.isChecked() else switch

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Put what stands at the end beside its neighbour where both have room, else below."""
        direction = QBoxLayout.Direction
        margins, gap = 2 * self._theme.tokens.page_margin[0], self._theme.tokens.card_gap
        room = self.viewport().width() - margins
        addresses = self.state.openai.minimumSizeHint().width() + self._theme.scaled(180)
        lately = self.state.requests.minimumSizeHint().width()
        beside = room >= max(self._theme.scaled(SIDE_BY_SIDE_FROM) - margins, addresses + lately)
        self.state.parts.setDirection(direction.LeftToRight if beside else direction.TopToBottom)
        self.state.fit(room - (lately if beside else 0))
        cards = self.credits.minimumSizeHint().width() + self.account.minimumSizeHint().width()
        wide = room >= max(self._theme.scaled(SIDE_BY_SIDE_FROM) - margins, cards + gap)
        self._pair.setDirection(direction.LeftToRight if wide else direction.TopToBottom)

    def _on_switch_clicked(self, on: bool) -> None:
        self.chosen.emit(Action.START if on else Action.STOP)
