"""The account: who is signed in, where the sign-in is stored, sign-in and sign-out."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.presenters.home.home import AccountView
from desktop.presenters.usage.credits import TodayView
from desktop.views.components.card import Card, Hairline
from desktop.views.components.charts.meter import Meter
from desktop.views.components.inputs.buttons import Button
from desktop.views.components.inputs.control_menu import ControlMenu
from desktop.views.components.inputs.icon_button import IconButton
from desktop.views.components.text import Text
from desktop.views.replaced import empty
from desktop.views.theme.theme import Theme

_SIZE = 36
_ROWS = 8


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


class _Today(QWidget):
    """What the day used, against the user's own budget where one is set; and cache hits."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.spent = Text(theme, role="small_strong", parent=self)
        self.of = Text(theme, role="small", tone="text2", parent=self)
        self.meter = Meter(theme, self.tr("Today's credits"), small=True, parent=self)
        self.hits = Text(theme, role="small_strong", parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_ROWS)
        column.addLayout(self._row(theme, self.tr("Today"), self.spent, self.of))
        column.addWidget(self.meter)
        column.addLayout(self._row(theme, self.tr("Cache hits today"), self.hits))

    def show_view(self, view: TodayView) -> None:
        self.spent.set_text(view.spent)
        self.of.set_text(view.of)
        self.hits.set_text(view.cache_hits)
        self.meter.setVisible(view.meter is not None)
        if view.meter is not None:
            self.meter.show_view(view.meter)

    def _row(self, theme: Theme, label: str, *figures: Text) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(Text(theme, label, role="small", tone="text2", parent=self), 1)
        for figure in figures:
            row.addWidget(figure)
        return row


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
        self.more = IconButton(theme, "more", self.tr("Account"), quiet=True, parent=self)
        self.menu = ControlMenu(self.more)
        self.button = Button(theme, compact=True, parent=self)
        self.today = _Today(theme, self)
        head = QHBoxLayout()
        head.setSpacing(12)
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addWidget(self.title)
        names.addWidget(self.line)
        head.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(names, 1)
        head.addWidget(self.more)
        head.addWidget(self.button)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(_ROWS)
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        across, down = theme.tokens.card_padding
        column.setContentsMargins(across, down, across, down)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(Hairline(theme, self))
        rows = QVBoxLayout()
        rows.setSpacing(_ROWS)
        rows.addWidget(self.today)
        rows.addLayout(self._grid)
        column.addLayout(rows)
        column.addStretch(1)
        self.setAccessibleName(self.tr("Account"))
        self.more.clicked.connect(self._on_more)
        self.button.clicked.connect(self._on_button)

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
        self._show_choices(view)

    def _show_choices(self, view: AccountView) -> None:
        """A menu for an account that is there, a button for the way in."""
        in_menu = bool(view.initial) and bool(view.choices)
        self.more.setVisible(in_menu)
        self.button.setVisible(bool(view.choices) and not in_menu)
        entries = [(each.action, each.text) for each in view.choices if in_menu]
        self.menu.set_entries(entries, self.chosen.emit)
        if view.choices and not in_menu:
            self.button.setText(view.choices[0].text)
            self.button.updateGeometry()

    def _on_more(self) -> None:
        self.menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height())))

    def _on_button(self) -> None:
        if self._view is not None and self._view.choices:
            self.chosen.emit(self._view.choices[0].action)

    def _build_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        empty(self._grid)
        self._facts = {}
        for number, (label, _) in enumerate(facts):
            name = Text(self._theme, label, role="small", tone="text2", parent=self)
            value = Text(self._theme, role="small", wrap=True, parent=self)
            trailing = Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignTop
            value.setAlignment(trailing)
            self._grid.addWidget(name, number, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, number, 1)
            self._facts[label] = value
