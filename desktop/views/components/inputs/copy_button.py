"""Copy: icon and word; for 1.6 s after it worked "Copied" with a check, in the same width."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop.views.components.announcement import announce
from desktop.views.components.inputs.field_button import FieldButton
from desktop.views.theme.theme import Theme


class CopyButton(FieldButton):
    """Copies what ``value`` returns at that moment. ``name`` says verb and object."""

    def __init__(
        self, theme: Theme, value: Callable[[], str], name: str, parent: QWidget | None = None
    ) -> None:
        copy, copied = self.tr("Copy"), self.tr("Copied")
        super().__init__(theme, (copy, copied), "copy", name, parent)
        self._copy_word, self._copied_word = copy, copied
        self._value = value
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(theme.tokens.motion["copied_ms"])
        self._timer.timeout.connect(self._on_time_over)
        self.clicked.connect(self._on_clicked)

    @property
    def shows_copied(self) -> bool:
        return self._timer.isActive()

    def show_copied(self) -> None:
        """Show that the value is in the clipboard, also when something else put it there."""
        self._timer.start()
        self.show_word(self._copied_word, "check", done=True)
        announce(self, self._copied_word)

    def _on_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._value())
        self.show_copied()

    def _on_time_over(self) -> None:
        self.show_word(self._copy_word, "copy")
