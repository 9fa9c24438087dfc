"""The trace in a request's details: a note that there is none, or the content, folded."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QTextCursor, QTextOption
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.presenters.activity.traces import TracePartView, TraceView
from desktop.views.components.card import Card
from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.fold import Fold
from desktop.views.components.inputs.buttons import Button
from desktop.views.components.inputs.copy_button import CopyButton
from desktop.views.components.inputs.edit_menu import NamedEditMenu
from desktop.views.components.line_icon import LineIcon
from desktop.views.components.text import Text
from desktop.views.theme.theme import Theme
from proxy_core.status.request_trace import TracePlace

_LINES = 12


class _Content(NamedEditMenu, KeyboardFocus, QPlainTextEdit):
    """Read-only, of one height, with its own scroll bar: a request may have a thousand lines."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("kind", "code")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAutoFillBackground(False)
        theme.changed.connect(self._restyle)
        self._restyle()

    def ring_target(self) -> QWidget:
        return self.parentWidget() or self  # the whole block

    def _restyle(self) -> None:
        self.setFont(self._theme.font("mono"))
        self.setFixedHeight(QFontMetrics(self.font()).lineSpacing() * _LINES)


class _Part(Fold):
    """One place the request passed. Its text is laid out only while it is open."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        self._copied = ""
        self._shown = ""
        block = Card(theme, ground="sunken", line="line", radius="control")
        super().__init__(theme, "", block, parent)
        self.content = _Content(theme, block)
        self.copy = CopyButton(theme, lambda: self._copied, "", block)
        self.note = Text(theme, role="small", tone="text2", wrap=True, parent=block)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.note, 1)
        row.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignTrailing)
        inside = QVBoxLayout(block)
        inside.setContentsMargins(8, 4, 4, 8)
        inside.setSpacing(4)
        inside.addLayout(row)
        inside.addWidget(self.content)
        self.line.toggled.connect(self._lay_out_text)

    def show_part(self, part: TracePartView | None) -> None:
        """Show a part; None clears it, including its text."""
        self.setVisible(part is not None)
        self._copied = "" if part is None else part.copied
        self._shown = "" if part is None else part.shown
        if part is None:
            self.set_open(False)
        else:
            self.set_text(part.title)
            self.content.setAccessibleName(part.name)
            self.copy.setAccessibleName(part.copy_name)
            self.note.set_text(part.note)
        self._lay_out_text()

    def _lay_out_text(self) -> None:
        text = self._shown if self.is_open else ""
        before = self.content.toPlainText()
        if before and text.startswith(before):  # a running answer grows; what is selected stays
            selection = self.content.textCursor()
            selection.setKeepPositionOnInsert(True)
            end = QTextCursor(self.content.document())
            end.movePosition(QTextCursor.MoveOperation.End)
            end.insertText(text[len(before) :])
            selection.setKeepPositionOnInsert(False)
            self.content.setTextCursor(selection)
        elif text != before:
            self.content.setPlainText(text)


class TraceSection(QWidget):
    trace_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: TraceView | None = None
        self.parts: dict[TracePlace, _Part] = {}
        """Built when there is content for the first time: most never have any traced."""
        self.storage_icon = LineIcon(theme, "shield", "text2", parent=self)
        self.content_icon = LineIcon(theme, "eye", "attention", parent=self)
        self.sentence = Text(theme, role="small", tone="text2", wrap=True, parent=self)
        self.offer = Button(theme, compact=True, icon="eye", parent=self)
        self.offer_line = Text(theme, role="small", tone="text3", wrap=True, parent=self)
        self.offer.clicked.connect(self.trace_asked)
        top = Qt.AlignmentFlag.AlignTop
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.storage_icon, 0, top)
        head.addWidget(self.content_icon, 0, top)
        head.addWidget(self.sentence, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        self._folds = QVBoxLayout()
        self._folds.setSpacing(8)
        column.addLayout(self._folds)
        column.addWidget(self.offer, 0, Qt.AlignmentFlag.AlignLeading)
        column.addWidget(self.offer_line)

    def show_trace(self, view: TraceView | None) -> None:
        """None: no request is chosen."""
        if view == self._view:
            return
        self._view = view
        parts = {} if view is None else {part.place: part for part in view.parts}
        if parts and not self.parts:
            for place in TracePlace:
                self.parts[place] = _Part(self._theme, self)
                self._folds.addWidget(self.parts[place])
        for place, widget in self.parts.items():
            widget.show_part(parts.get(place))
        if view is None:
            return
        self.storage_icon.setVisible(not view.is_content)
        self.content_icon.setVisible(view.is_content)
        self.sentence.set_text(view.sentence)
        self.sentence.set_tone("attention" if view.is_content else "text2")
        self.offer.setText(view.offer)
        self.offer.setVisible(bool(view.offer))
        self.offer_line.set_text(view.offer_line)
        self.offer_line.setVisible(bool(view.offer_line))
