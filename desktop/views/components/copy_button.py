"""Copy: icon and word; for 1.6 s after it worked "Copied" with a check, in the same width."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop.views.components.announcement import announce
from desktop.views.components.field_button import FieldButton
from desktop.views.theme.theme import Theme


class CopyButton(FieldButton):
    """Copies what ``value`` returns at that moment. ``name`` says verb and object."""

    def __init__(
        self, theme: Theme, value: Callable[[], str], name: str, parent: QWidget | None = None
    ) -> None:
        self._value = value
        super().__init__(theme, "", "copy", name, parent)
        self._words = (self.tr("Copy"), self.tr("Copied"))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(theme.tokens.motion["copied_ms"])
        self._timer.timeout.connect(self._on_time_over)
        self.clicked.connect(self._on_clicked)
        self.setText(self._words[0])
        self._restyle()

    @property
    def shows_copied(self) -> bool:
        return self._timer.isActive()

    def show_copied(self) -> None:
        """Show that the value is in the clipboard, also when something else put it there."""
        self._timer.start()
        self._show(self._words[1], "check", "accent", done=True)
        announce(self, self._words[1])

    def sizeHint(self) -> QSize:
        """The wider of both words, so that nothing moves when they change."""
        shown = self.text()
        hint = super().sizeHint()
        metrics = self.fontMetrics()
        widest = max(metrics.horizontalAdvance(word) for word in self._words)
        hint.setWidth(hint.width() - metrics.horizontalAdvance(shown) + widest)
        return hint

    def _restyle(self) -> None:
        super()._restyle()
        if hasattr(self, "_words"):
            self.setMinimumWidth(0)
            self.setFixedWidth(self.sizeHint().width())

    def _on_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._value())
        self.show_copied()

    def _on_time_over(self) -> None:
        self._show(self._words[0], "copy", "text2", done=False)

    def _show(self, text: str, icon: str, token: str, *, done: bool) -> None:
        self.setText(text)
        self.setProperty("done", done)
        self.style().unpolish(self)
        self.style().polish(self)
        self.set_icon(icon, token)
