"""The approval dialog. Never takes the focus from another window; without an answer nothing is sent."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.presenters.notices.approvals import ApprovalView
from desktop.views.application import bind_quit_key
from desktop.views.calm_focus import CalmFocus
from desktop.views.components.announcement import announce
from desktop.views.components.card import Card
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.inputs.tick import Tick
from desktop.views.components.line_icon import LineIcon
from desktop.views.components.text import Text
from desktop.views.theme.theme import Theme


class _Facts(Card):
    """Model, size, expected credits in large, and what they do to today's budget."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent=parent)
        self.model = Text(theme, role="mono", wrap=True, parent=self)
        self.size_text = Text(theme, wrap=True, parent=self)
        self.expected = Text(theme, role="section_strong", parent=self)
        self.unit = Text(theme, parent=self)
        self.today = Text(theme, wrap=True, parent=self)
        self.today_label = Text(theme, self.tr("Today"), tone="text2", parent=self)
        labels = (self.tr("Model"), self.tr("Size"), self.tr("Expected"))
        grid = QGridLayout(self)
        grid.setContentsMargins(18, 14, 18, 14)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(9)
        grid.setColumnMinimumWidth(0, 96)
        grid.setColumnStretch(1, 1)
        for row, label in enumerate(labels):
            grid.addWidget(Text(theme, label, tone="text2", parent=self), row, 0)
        grid.addWidget(self.today_label, 3, 0)
        price = QHBoxLayout()
        price.setSpacing(5)
        price.addWidget(self.expected)
        price.addWidget(self.unit, 0, Qt.AlignmentFlag.AlignBottom)
        price.addStretch(1)
        grid.addWidget(self.model, 0, 1)
        grid.addWidget(self.size_text, 1, 1)
        grid.addLayout(price, 2, 1)
        grid.addWidget(self.today, 3, 1)

    def show_view(self, view: ApprovalView) -> None:
        self.model.set_text(view.model)
        self.size_text.set_text(view.size)
        self.expected.set_text(view.expected)
        self.unit.set_text(view.expected_unit)
        self.today.set_text(view.today)
        for part in (self.today, self.today_label):
            part.setVisible(bool(view.today))


class _Warning(Card):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(
            theme, ground="attentionSoft", line="attentionLine", radius="banner", parent=parent
        )
        self.text = Text(theme, wrap=True, parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 9, 12, 9)
        row.setSpacing(10)
        row.addWidget(LineIcon(theme, "warning", "attention", parent=self))
        row.addWidget(self.text, 1)


class ApprovalDialog(CalmFocus, QDialog):
    """``answered`` carries the request's id, whether to send, and whether to stop asking."""

    answered = Signal(str, bool, bool)
    all_sent = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: ApprovalView | None = None
        theme.dress(self)
        bind_quit_key(self)
        self.setWindowTitle(self.tr("Ask before sending"))
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
        self._narrowest = theme.tokens.approval_width
        self.heading = Text(theme, role="section_strong", wrap=True, parent=self)
        self.line = Text(theme, tone="text2", wrap=True, parent=self)
        self.position = Text(theme, role="small", tone="text2", parent=self)
        self.facts = _Facts(theme, self)
        self.warning = _Warning(theme, self)
        self.stop_asking = Tick(theme, self)
        self.countdown = Text(theme, role="small", tone="text2", wrap=True, parent=self)
        self.decline = Button(theme, self.tr("Don't send"), parent=self)
        self.send = Button(theme, self.tr("Send"), ButtonKind.PRIMARY, parent=self)
        self.send_all = Button(theme, kind=ButtonKind.QUIET, compact=True, parent=self)
        self._lay_out()
        self.decline.clicked.connect(self.reject)
        self.send.clicked.connect(self._on_send)
        self.send_all.clicked.connect(self._on_send_all)
        self.decline.setFocus()

    def show_view(self, view: ApprovalView) -> None:
        """Show that question; for a new one the focus is on "Don't send"."""
        before, self._view = self._view, view
        if view == before:
            return
        if before is None or before.request_id != view.request_id:
            self.stop_asking.setChecked(False)
            self.decline.setFocus()
            self.setAccessibleName(view.heading)
            if self.isVisible():
                announce(self, f"{view.heading}. {view.model}. {view.expected}")
        self.heading.set_text(view.heading)
        self.line.set_text(view.line)
        self.position.set_text(view.position)
        self.facts.show_view(view)
        self.warning.text.set_text(view.warning)
        self.warning.setVisible(bool(view.warning))
        self.stop_asking.set_words(view.stop_asking)
        self.countdown.set_text(view.countdown)
        self.send_all.setText(view.send_all)
        self.send_all.setVisible(bool(view.send_all))
        self.send.setEnabled(view.can_send)
        self.send_all.setEnabled(view.can_send)
        if before is None or _parts(before) != _parts(view):
            self._fit()

    def _fit(self) -> None:
        """As high as its words at this width: a layout's own hint supposes one line each."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            narrowest = max(self._narrowest, layout.totalMinimumSize().width())
            self.setMinimumSize(narrowest, layout.totalHeightForWidth(narrowest))
            width = max(self.width() if self.isVisible() else 0, narrowest)
            self.resize(width, layout.totalHeightForWidth(width))

    def reject(self) -> None:
        """Handle Esc and the window's close button as "Don't send"."""
        self._answer(send=False)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self._answer(send=False)

    def _answer(self, *, send: bool) -> None:
        if self._view is not None:
            stop = send and self.stop_asking.isChecked()
            self.answered.emit(self._view.request_id, send, stop)

    def _on_send(self) -> None:
        self._answer(send=True)

    def _on_send_all(self) -> None:
        if self._view is not None:
            self.all_sent.emit(self._view.client)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.line, 1)
        head.addWidget(self.position)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.countdown, 1)
        buttons.addWidget(self.decline)
        buttons.addWidget(self.send)
        column = QVBoxLayout(self)
        # Its own minimum is the height at a width that is never shown, and leaves gaps.
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        column.setContentsMargins(26, 24, 26, 20)
        column.setSpacing(14)
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(self.heading)
        words.addLayout(head)
        column.addLayout(words)
        for part in (self.facts, self.warning, self.stop_asking):
            column.addWidget(part)
        column.addLayout(buttons)
        column.addWidget(self.send_all, 0, Qt.AlignmentFlag.AlignTrailing)


def _parts(view: ApprovalView) -> tuple[object, ...]:
    """What the dialog's height depends on."""
    return view.request_id, bool(view.warning), bool(view.send_all), bool(view.today)
