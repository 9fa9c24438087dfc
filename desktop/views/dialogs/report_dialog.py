"""A text to read and to copy: the report of a crash."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.views.application import bind_quit_key
from desktop.views.calm_focus import CalmFocus
from desktop.views.components.announcement import announce
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.inputs.edit_menu import NamedEditMenu
from desktop.views.components.text import Text
from desktop.views.theme.theme import Theme


class _Report(NamedEditMenu, QPlainTextEdit):
    pass


class ReportDialog(CalmFocus, QDialog):
    delete_asked = Signal()

    def __init__(
        self, theme: Theme, heading: str, sentence: str, text: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        theme.dress(self)
        bind_quit_key(self)
        self.setWindowTitle(self.tr("Report"))
        self.resize(640, 440)
        self.text = _Report(text, self)
        self.text.setReadOnly(True)
        self.text.setUndoRedoEnabled(False)
        self.text.setTabChangesFocus(True)
        self.text.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(theme.font("mono"))
        self.text.setAccessibleName(heading)
        self.copy = Button(
            theme, self.tr("Copy report"), ButtonKind.PRIMARY, icon="copy", parent=self
        )
        self.delete = Button(theme, self.tr("Delete report"), parent=self)
        self.leave = Button(theme, self.tr("Close"), parent=self)
        self.copy.clicked.connect(self._on_copy)
        self.delete.clicked.connect(self._on_delete)
        self.leave.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.delete)
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(Text(theme, heading, role="title", parent=self))
        column.addWidget(Text(theme, sentence, tone="text2", wrap=True, parent=self))
        column.addWidget(self.text, 1)
        column.addLayout(buttons)
        self.copy.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText(self.tr("Copied"))
        announce(self, self.tr("Copied"))

    def _on_delete(self) -> None:
        self.delete_asked.emit()
        self.accept()
