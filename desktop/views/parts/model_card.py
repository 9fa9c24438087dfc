"""The selected model: pass-through interfaces, its id, one prompt to try it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.presenters.models.models import ModelDetails
from desktop.presenters.shapes import Shape
from desktop.views.components.announcement import announce
from desktop.views.components.card import Card
from desktop.views.components.flow import FlowRow
from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.inputs.edit_menu import NamedEditMenu
from desktop.views.components.status_shape import StatusShape
from desktop.views.components.text import Text
from desktop.views.literal_text import literal
from desktop.views.theme.theme import Theme

LONGEST_PROMPT = 2_000
_LONGEST_SHOWN = 600
_ANSWER_LINES = 4


STACKED_BELOW = 560


class _Prompt(NamedEditMenu, KeyboardFocus, QLineEdit):
    """One line; a small tag at its end says which key sends it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._hint = self.tr("Enter")
        self.setAccessibleName(self.tr("Prompt to try the model"))
        self.setPlaceholderText(self.tr("Say hello in five words."))
        self.setMaxLength(LONGEST_PROMPT)
        theme.changed.connect(self._restyle)
        self._restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.isEnabled():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = self._theme.font("small")
        metrics = QFontMetrics(font)
        size = QSize(metrics.horizontalAdvance(self._hint) + 10, metrics.height() + 4)
        left = self.width() - size.width() - 10
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left = 10
        tag = QRectF(left, (self.height() - size.height()) / 2, size.width(), size.height())
        painter.setPen(QPen(self._theme.colour("line"), 1))
        painter.setBrush(self._theme.colour("surface"))
        painter.drawRoundedRect(tag, 4, 4)
        painter.setFont(font)
        painter.setPen(self._theme.colour("text3"))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, self._hint)
        painter.end()

    def _restyle(self) -> None:
        self.setFont(self._theme.font("body"))
        tag = QFontMetrics(self._theme.font("small")).horizontalAdvance(self._hint) + 24
        self.setTextMargins(0, 0, tag, 0)
        self.update()


class ModelCard(Card):
    """``tried`` carries the prompt, ``enable_asked`` and ``use_asked`` the model's id."""

    tried = Signal(str)
    stopped = Signal()
    enable_asked = Signal(str)
    use_asked = Signal(str)
    copied = Signal(str)

    def __init__(self, theme: Theme, *, can_use: bool, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._details: ModelDetails | None = None
        self._can_use = can_use
        self.name = Text(theme, role="mono_heading", parent=self)
        self.line = Text(theme, tone="text2", wrap=True, parent=self)
        self.why = Text(theme, tone="text2", wrap=True, parent=self)
        self.copy = Button(theme, self.tr("Copy id"), icon="copy", compact=True, parent=self)
        self.use = Button(theme, self.tr("Use in a tool"), icon="plug", compact=True, parent=self)
        self.enable = Button(theme, self.tr("Enable…"), ButtonKind.PRIMARY, parent=self)
        self.prompt = _Prompt(theme, self)
        self.try_button = Button(
            theme, self.tr("Try it"), ButtonKind.PRIMARY, icon="send", parent=self
        )
        self.stop = Button(theme, self.tr("Stop waiting"), icon="stop", parent=self)
        self.warning = Text(theme, role="small", tone="attention", wrap=True, parent=self)
        self.shape = StatusShape(theme, Shape.DONE, parent=self)
        self.answer = Text(theme, wrap=True, parent=self)
        self.answer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.figures = Text(theme, role="small", tone="text2", parent=self)
        self._lay_out()
        self.copy.clicked.connect(self._on_copy)
        self.use.clicked.connect(lambda: self._tell(self.use_asked))
        self.enable.clicked.connect(lambda: self._tell(self.enable_asked))
        self.prompt.returnPressed.connect(self._on_try)
        self.try_button.clicked.connect(self._on_try)
        self.stop.clicked.connect(self.stopped)

    def show_details(self, details: ModelDetails) -> None:
        before, self._details = self._details, details
        if details == before:
            return
        self.name.set_text(details.model_id)
        self.line.set_text(details.line)
        self.why.set_text(details.why)
        self.why.setVisible(bool(details.why))
        self.use.setVisible(self._can_use and not details.why)
        self.enable.setVisible(details.can_enable or details.is_enabling)
        self.enable.setEnabled(details.can_enable)
        may_ask = details.can_try or details.is_trying
        self.prompt.setVisible(may_ask)
        self.prompt.setReadOnly(details.is_trying)
        self.try_button.setVisible(may_ask and not details.is_trying)
        self.stop.setVisible(details.is_trying)
        self.warning.set_text(details.warning)
        self.warning.setVisible(bool(details.warning) and may_ask)
        self._show_trial(details, before)

    def _show_trial(self, details: ModelDetails, before: ModelDetails | None) -> None:
        trial = details.trial
        for part in (self.shape, self.answer, self.figures):
            part.setVisible(trial is not None)
        if trial is None:
            return
        self.shape.set_shape(trial.shape)
        text = trial.line
        lines = text.splitlines()[:_ANSWER_LINES]
        shown = "\n".join(lines)[:_LONGEST_SHOWN]
        self.answer.set_text(shown if shown == text else f"{shown} …")
        self.answer.setToolTip("" if shown == text else literal(text[:4_000]))
        self.figures.set_text(trial.figures)
        ended = before is not None and before.is_trying and not details.is_trying
        if before is not None and ended and before.model_id == details.model_id:
            announce(self, f"{text[:200]}. {trial.figures}")

    def _lay_out(self) -> None:
        across, _ = self._theme.tokens.card_padding
        buttons = FlowRow(self)
        for button in (self.copy, self.use, self.enable):
            buttons.add(button)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setSpacing(12)
        self._head.addWidget(self.name)
        self._head.addWidget(self.line, 1)
        self._head.addWidget(buttons)
        ask = QHBoxLayout()
        ask.setSpacing(8)
        ask.addWidget(self.prompt, 1)
        ask.addWidget(self.try_button)
        ask.addWidget(self.stop)
        result = QHBoxLayout()
        result.setSpacing(10)
        result.addWidget(self.shape)
        result.addWidget(self.answer, 1)
        result.addWidget(self.figures)
        column = QVBoxLayout(self)
        column.setContentsMargins(across, 14, across, 14)
        column.setSpacing(12)
        column.addLayout(self._head)
        column.addWidget(self.why)
        column.addLayout(ask)
        column.addWidget(self.warning)
        column.addLayout(result)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Below one another where the name, its line and the buttons have no room in one line."""
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        narrow = self.width() < self._theme.scaled(STACKED_BELOW)
        self._head.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)
        self._head.setSpacing(6 if narrow else 12)

    def _tell(self, signal: object) -> None:
        if self._details is not None:
            signal.emit(self._details.model_id)  # type: ignore[attr-defined]  # a bound Qt signal

    def _on_copy(self) -> None:
        self._tell(self.copied)

    def _on_try(self) -> None:
        if self._details is None or not self._details.can_try:
            return
        self.tried.emit(self.prompt.text().strip() or self.prompt.placeholderText())
