"""Lines to copy: mono, selectable, left to right in every language, with Copy at the top end."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFocusEvent, QFontMetrics, QPalette, QResizeEvent, QTextOption
from PySide6.QtWidgets import QBoxLayout, QFrame, QPlainTextEdit, QSizePolicy, QWidget

from desktop.views.components.card import Card
from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.inputs.copy_button import CopyButton
from desktop.views.components.inputs.edit_menu import NamedEditMenu
from desktop.views.theme.theme import Theme

_PADDING = 3
_NARROW = 4.5
"""In widths of the Copy button: below it the button stands above the lines."""


class CodeLines(NamedEditMenu, KeyboardFocus, QPlainTextEdit):
    """As high as its wrapped lines: the page scrolls, not the block."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("kind", "code")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(_PADDING)
        theme.changed.connect(self.restyle)
        self.restyle()

    def ring_target(self) -> QWidget:
        return self.parentWidget() or self  # the whole block

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._focus_by_keyboard:
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            cursor = self.textCursor()
            cursor.clearSelection()
            self.setTextCursor(cursor)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def sizeHint(self) -> QSize:
        return QSize(160, self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self._height())

    def fit(self) -> None:
        """Take the height of the lines; ``height()`` may still be the one before the next layout."""
        height = self._height()
        if height != self.maximumHeight():
            self.setFixedHeight(height)

    def restyle(self) -> None:
        self.setFont(self._theme.font("mono"))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        palette.setColor(QPalette.ColorRole.Text, self._theme.colour("text"))
        self.setPalette(palette)
        self.fit()

    def _height(self) -> int:
        """Measured line by line: a mask's dots may come from a font with higher lines."""
        height, block = 0.0, self.document().begin()
        while block.isValid():
            height += self.blockBoundingRect(block).height()
            block = block.next()
        line = QFontMetrics(self.font()).lineSpacing()
        return max(line, math.ceil(height)) + 2 * _PADDING + 2


class CodeBlock(Card):
    """``name`` says what the lines are, ``copy_name`` verb and object of the button.

    What is shown and what is copied may differ: keys are masked on the screen.
    """

    def __init__(
        self, theme: Theme, name: str, copy_name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, ground="sunken", line="line", radius="control", parent=parent)
        self._copied = ""
        self.lines = CodeLines(theme, self)
        self.lines.setAccessibleName(name)
        self.copy_button = CopyButton(theme, self.copied_value, copy_name, self)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(8, 4, 4, 4)
        self._row.setSpacing(4)
        self._row.addWidget(self.lines, 1)
        end = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignTrailing
        self._row.addWidget(self.copy_button, 0, end)

    def copied_value(self) -> str:
        return self._copied

    def show_lines(self, shown: str, copied: str) -> None:
        self._copied = copied
        if shown != self.lines.toPlainText():
            self.lines.setPlainText(shown)
            self.lines.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        narrow = event.size().width() < self.copy_button.sizeHint().width() * _NARROW
        self._row.setDirection(direction.BottomToTop if narrow else direction.LeftToRight)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.lines.fit()
