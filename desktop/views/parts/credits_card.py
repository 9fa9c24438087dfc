"""The month's credits: used and total, the pace, and the figures' sources."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.presenters.usage.credits import CreditsView
from desktop.views.components.card import Card
from desktop.views.components.charts.meter import Meter
from desktop.views.components.flow import FlowRow
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.text import Text
from desktop.views.theme.theme import Theme


class _Under(QWidget):
    """The percent at the start, and the tick's caption under the tick."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._tick: float | None = None
        self.percent = Text(theme, role="small", tone="text2", parent=self)
        self.pace = Text(theme, role="small", tone="text2", parent=self)
        self.setMinimumHeight(self.percent.sizeHint().height())

    def show_texts(self, percent: str, pace: str, tick: float | None) -> None:
        self._tick = tick
        self.percent.set_text(percent)
        self.pace.set_text(pace)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        for text in (self.percent, self.pace):
            text.adjustSize()
        self.setMinimumHeight(self.percent.sizeHint().height())
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        middle = self.width() * (self._tick or 0.0)
        after = self.percent.width() + 12
        left = max(after, min(self.width() - self.pace.width(), middle - self.pace.width() / 2))
        if mirrored:
            self.percent.move(self.width() - self.percent.width(), 0)
            self.pace.move(round(self.width() - left - self.pace.width()), 0)
        else:
            self.percent.move(0, 0)
            self.pace.move(round(left), 0)


STACKED_BELOW = 430


class CreditsCard(Card):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.heading = Text(theme, self.tr("Credits this month"), role="heading", parent=self)
        self.resets = Text(theme, role="small", tone="text2", parent=self)
        self.used = Text(theme, role="display", parent=self)
        self.of = Text(theme, tone="text2", parent=self)
        self.forecast = Text(theme, role="small", tone="text2", parent=self)
        self.meter = Meter(theme, self.tr("Credits this month"), parent=self)
        self.under = _Under(theme, self)
        self.github = Text(theme, role="small", tone="text2", parent=self)
        self.counted = Text(theme, role="small", tone="text2", parent=self)
        self.why = Button(theme, self.tr("Why two?"), ButtonKind.LINK, compact=True, parent=self)
        self.reason = Text(
            theme,
            self.tr(
                "GitHub's figure holds everything the account did anywhere, and comes late. Ours is "
                "what went through this app, at once."
            ),
            role="small",
            tone="text2",
            wrap=True,
            parent=self,
        )
        self.nothing = Text(
            theme,
            self.tr("Figures come with GitHub's first answer."),
            tone="text2",
            wrap=True,
            parent=self,
        )
        self.reason.hide()
        self.why.clicked.connect(lambda: self.reason.setVisible(self.reason.isHidden()))
        self._lay_out()

    def show_view(self, view: CreditsView | None) -> None:
        self.nothing.setVisible(view is None)
        self._parts.setVisible(view is not None)
        self.resets.set_text("" if view is None else view.resets)
        if view is None:
            return
        self.used.set_text(view.used)
        self.of.set_text(view.of)
        self.forecast.set_text(view.forecast)
        self.meter.show_view(view.meter)
        self.under.show_texts(view.percent, view.even_pace, view.meter.tick)
        self.github.set_text(view.github)
        self.github.set_tone("attention" if view.is_old else "text2")
        self.counted.set_text(view.counted)
        self.why.setVisible(view.has_two)
        if not view.has_two:
            self.reason.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What stands at the end goes below where it has no room."""
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        narrow = self.width() < self._theme.scaled(STACKED_BELOW)
        for row in (self._figures, self._sources):
            row.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)

    def _lay_out(self) -> None:
        bottom = Qt.AlignmentFlag.AlignBottom
        head = QHBoxLayout()
        head.addWidget(self.heading, 1)
        head.addWidget(self.resets)
        self._parts = QWidget(self)
        used = QHBoxLayout()
        used.setSpacing(8)
        used.addWidget(self.used, 0, bottom)
        used.addWidget(self.of, 0, bottom)
        used.addStretch(1)
        self._figures = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._figures.addLayout(used, 1)
        self._figures.addWidget(self.forecast, 0, bottom)
        sources = FlowRow(self._parts, gap=20, line_gap=2)
        sources.add(self.github)
        sources.add(self.counted)
        self._sources = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        centre = Qt.AlignmentFlag.AlignVCenter
        self._sources.addWidget(sources, 1, centre)
        self._sources.addWidget(self.why, 0, Qt.AlignmentFlag.AlignLeading | centre)
        inside = QVBoxLayout(self._parts)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        inside.addLayout(self._figures)
        inside.addWidget(self.meter)
        inside.addWidget(self.under)
        inside.addLayout(self._sources)
        inside.addWidget(self.reason)
        column = QVBoxLayout(self)
        across, down = self._theme.tokens.card_padding
        column.setContentsMargins(across, down, across, down)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.nothing)
        column.addWidget(self._parts)
        column.addStretch(1)
