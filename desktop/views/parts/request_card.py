"""The chosen request in full. Its parts are reused: only texts change while it runs."""

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

from desktop.presenters.activity.request_details import Fact, RequestDetails
from desktop.presenters.shapes import Shape
from desktop.views.components.card import Card, Hairline
from desktop.views.components.charts.stacked_bar import StackedBar
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.inputs.icon_button import IconButton
from desktop.views.components.page_body import ScrolledBody
from desktop.views.components.status_shape import StatusShape
from desktop.views.components.text import Text
from desktop.views.parts.trace_section import TraceSection
from desktop.views.replaced import empty
from desktop.views.theme.theme import Theme

_BAR = 12
"""Width of a scroll bar, as in ``style.qss``."""
_LABEL_WIDTH = 76


class RequestCard(Card):
    """``forget_asked`` carries a ``ParameterRefusal``; the others a request's id or a tool's name."""

    closed = Signal()
    cancel_asked = Signal(str)
    report_asked = Signal()
    pause_asked = Signal(str)
    resume_asked = Signal(str)
    forget_asked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._details: RequestDetails | None = None
        self._facts: list[Text] = []
        self._amounts: list[Text] = []
        self.setAccessibleName(self.tr("Request"))
        self.shape = StatusShape(theme, Shape.DONE, parent=self)
        self.heading = Text(theme, role="heading", wrap=True, parent=self)
        self.line = Text(theme, role="small", tone="text2", wrap=True, parent=self)
        self.close_button = IconButton(
            theme, "cross", self.tr("Close details"), quiet=True, parent=self
        )
        self.back = Button(theme, self.tr("Back to the list"), compact=True, parent=self)
        self.back.hide()
        self.body = ScrolledBody()
        self.time = Text(theme, parent=self.body)
        self.bar = StackedBar(theme, self.tr("Time of the request"), self.body)
        self.credits = Text(theme, role="button_primary", parent=self.body)
        self.credit_note = Text(theme, role="small", tone="text3", wrap=True, parent=self.body)
        self.trace = TraceSection(theme, self.body)
        self.cancel = Button(
            theme, self.tr("Cancel"), ButtonKind.DANGER, compact=True, icon="stop", parent=self
        )
        self.report = Button(theme, self.tr("Copy report"), compact=True, icon="copy", parent=self)
        self.pause = Button(theme, compact=True, icon="pause", parent=self)
        self._facts_grid, self._amounts_grid = _grid(), _grid()
        self._lay_out()
        self._connect()

    def set_alone(self, alone: bool) -> None:
        """``alone``: the details fill the page, and lead back to the list."""
        self.back.setVisible(alone)
        self.close_button.setVisible(not alone)

    def show_details(self, details: RequestDetails) -> None:
        before, self._details = self._details, details
        if details == before:
            return
        self.shape.set_shape(details.shape)
        self.heading.set_text(details.heading)
        self.line.set_text(details.line)
        self._show_facts(details.facts, before)
        self.time.set_text(details.time)
        self.bar.show_parts(details.time_parts, details.sentence)
        self.credits.set_text(details.credits)
        self._show_amounts(details, before)
        self.credit_note.set_text(details.credit_note)
        self.credit_note.setVisible(bool(details.credit_note))
        self.cancel.setVisible(details.can_cancel)
        self.pause.setVisible(bool(details.tool))
        template = self.tr("Resume {tool}") if details.tool_is_paused else self.tr("Pause {tool}")
        self.pause.setText(template.format(tool=details.tool))
        self.pause.updateGeometry()
        self.pause.update()
        self._fit_buttons()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_buttons()

    def _fit_buttons(self) -> None:
        """One above the other where a tool's name is too long for one line of them."""
        shown = [each for each in self._all_buttons() if not each.isHidden()]
        needed = sum(each.sizeHint().width() for each in shown)
        needed += self._buttons.spacing() * (len(shown) - 1)
        direction = QBoxLayout.Direction
        fits = needed <= self._buttons.geometry().width()
        self._buttons.setDirection(direction.LeftToRight if fits else direction.TopToBottom)

    def _all_buttons(self) -> tuple[Button, ...]:
        return self.cancel, self.report, self.pause

    def _show_facts(self, facts: tuple[Fact, ...], before: RequestDetails | None) -> None:
        shown = () if before is None else tuple(_form(fact) for fact in before.facts)
        if shown != tuple(_form(fact) for fact in facts):
            empty(self._facts_grid)
            self._facts = [self._add_fact(number, fact) for number, fact in enumerate(facts)]
        for text, fact in zip(self._facts, facts, strict=True):
            text.set_text(fact.value)

    def _add_fact(self, row: int, fact: Fact) -> Text:
        top = Qt.AlignmentFlag.AlignTop
        label = Text(self._theme, fact.label, role="small", tone="text2", parent=self.body)
        role = "mono" if fact.mono else "small"
        value = Text(self._theme, role=role, wrap=True, parent=self.body)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._facts_grid.addWidget(label, 2 * row, 0, top)
        self._facts_grid.addWidget(value, 2 * row, 1)
        if fact.refusal is not None:
            refusal = fact.refusal
            forget = Button(
                self._theme, self.tr("Forget"), ButtonKind.LINK, compact=True, parent=self.body
            )
            forget.setAccessibleName(self.tr("Forget: {what}").format(what=fact.value))
            forget.clicked.connect(lambda: self.forget_asked.emit(refusal))
            start = Qt.AlignmentFlag.AlignLeading
            self._facts_grid.addWidget(forget, 2 * row + 1, 1, start)
        return value

    def _show_amounts(self, details: RequestDetails, before: RequestDetails | None) -> None:
        labels = [each.label for each in details.amounts]
        if before is None or [each.label for each in before.amounts] != labels:
            empty(self._amounts_grid)
            self._amounts = []
            for row, label in enumerate(labels):
                name = Text(self._theme, label, role="small", tone="text2", parent=self.body)
                figure = Text(self._theme, role="small", parent=self.body)
                self._amounts_grid.addWidget(name, row, 0)
                self._amounts_grid.addWidget(figure, row, 1, Qt.AlignmentFlag.AlignTrailing)
                self._amounts.append(figure)
        for text, amount in zip(self._amounts, details.amounts, strict=True):
            text.set_text(amount.figure)

    def _lay_out(self) -> None:
        theme = self._theme
        head = QHBoxLayout()
        head.setSpacing(8)
        beside_heading = QVBoxLayout()
        beside_heading.addSpacing(3)
        beside_heading.addWidget(self.shape)
        beside_heading.addStretch(1)
        head.addLayout(beside_heading)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.heading)
        words.addWidget(self.line)
        head.addLayout(words, 1)
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        inside = QVBoxLayout(self.body)
        inside.setContentsMargins(0, 0, _BAR, 0)
        inside.setSpacing(10)
        inside.addLayout(self._facts_grid)
        inside.addWidget(Hairline(theme, self.body))
        inside.addLayout(_titled(theme, self.tr("Time"), self.time, self.body))
        inside.addWidget(self.bar)
        inside.addWidget(Hairline(theme, self.body))
        inside.addLayout(_titled(theme, self.tr("Tokens and credits"), self.credits, self.body))
        inside.addLayout(self._amounts_grid)
        inside.addWidget(self.credit_note)
        inside.addWidget(Hairline(theme, self.body))
        inside.addWidget(self.trace)
        inside.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.viewport().setAutoFillBackground(False)
        area.setWidget(self.body)
        self.body.setAutoFillBackground(False)  # setWidget switches it on
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons.setSpacing(8)
        for button in self._all_buttons():
            self._buttons.addWidget(button, 1)
        column = QVBoxLayout(self)
        # The scroll bar stands in the card's margin, a distance from the figures.
        column.setContentsMargins(18, 16, 18 - _BAR, 16)
        for row in (head, self._buttons):
            row.setContentsMargins(0, 0, _BAR, 0)
        column.setSpacing(12)
        column.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeading)
        column.addLayout(head)
        column.addWidget(area, 1)
        column.addLayout(self._buttons)
        # The area's parts came under it last, and with that to the end of the chain of Tab.
        QWidget.setTabOrder(self.close_button, self.trace)

    def _connect(self) -> None:
        self.close_button.clicked.connect(self.closed)
        self.back.clicked.connect(self.closed)
        self.cancel.clicked.connect(self._on_cancel)
        self.report.clicked.connect(self.report_asked)
        self.pause.clicked.connect(self._on_pause)

    def _on_cancel(self) -> None:
        if self._details is not None:
            self.cancel_asked.emit(self._details.request_id)

    def _on_pause(self) -> None:
        if self._details is not None:
            paused = self._details.tool_is_paused
            (self.resume_asked if paused else self.pause_asked).emit(self._details.tool)


def _form(fact: Fact) -> tuple[object, ...]:
    """What must stay the same for a fact's widgets to be used again."""
    return fact.label, fact.mono, fact.refusal


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(5)
    grid.setColumnMinimumWidth(0, _LABEL_WIDTH)
    grid.setColumnStretch(1, 1)
    return grid


def _titled(theme: Theme, words: str, figure: Text, parent: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(Text(theme, words, role="heading", parent=parent), 1)
    row.addWidget(figure)
    return row
