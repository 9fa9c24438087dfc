"""A read-only address or key with Copy at its end; a secret is masked until Show."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from desktop.views.components.card import Card
from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.inputs.copy_button import CopyButton
from desktop.views.components.inputs.edit_menu import NamedEditMenu
from desktop.views.components.inputs.field_button import FieldButton
from desktop.views.literal_text import literal
from desktop.views.theme.theme import Theme

SHOWN_FOR_SECONDS = 30
_WIDEST = 480


class _Value(NamedEditMenu, KeyboardFocus, QLineEdit):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._whole = ""
        self.setProperty("kind", "address")
        self.setReadOnly(True)
        # An address is written left to right in every language.
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        theme.changed.connect(self._restyle)
        self._restyle()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._focus_by_keyboard:
            self.selectAll()

    def ring_target(self) -> QWidget:
        return self.parentWidget() or self  # the whole field

    def keep_room_for(self, text: str) -> None:
        """Reserve the width of ``text``: addresses are not truncated; a narrow page scrolls instead."""
        if text != self._whole:
            self._whole = text
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        width = QFontMetrics(self.font()).horizontalAdvance(self._whole) + 8
        return QSize(min(width, _WIDEST), super().minimumSizeHint().height())

    def _restyle(self) -> None:
        self.setFont(self._theme.font("mono"))
        self.updateGeometry()


class AddressField(Card):
    """``name`` describes the value ("OpenAI base URL") and names the field and its buttons."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, ground="sunken", line="line", radius="control", parent=parent)
        self._name = name
        self._secret = ""
        self.value = _Value(theme, self)
        self.value.setAccessibleName(name)
        self.copy_button = CopyButton(
            theme, self.copied_value, self.tr("Copy {name}").format(name=name), self
        )
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 4, 4, 4)
        self._row.setSpacing(4)
        self._row.addWidget(self.value, 1)
        self._row.addWidget(self.copy_button)
        self.setFocusProxy(self.value)

    def copied_value(self) -> str:
        return self._secret or self.value.text()

    def set_value(self, value: str) -> None:
        self.value.keep_room_for(value)
        self._show(value)

    def _show(self, value: str) -> None:
        if value != self.value.text():
            self.value.setText(value)
            self.value.setCursorPosition(0)


class SecretField(AddressField):
    """Shows a masked form; Show reveals the whole for 30 s. Copy always copies the whole."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, parent)
        self._masked = ""
        self._show_word, self._hide_word = self.tr("Show"), self.tr("Hide")
        self.show_button = FieldButton(
            theme,
            (self._show_word, self._hide_word),
            "eye",
            self.tr("Show {name}").format(name=name),
            self,
        )
        self._row.insertWidget(1, self.show_button)
        QWidget.setTabOrder(self.show_button, self.copy_button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_FOR_SECONDS * 1000)
        self._timer.timeout.connect(self.conceal)
        self.show_button.clicked.connect(self._on_show_clicked)

    @property
    def is_revealed(self) -> bool:
        return self._timer.isActive()

    @property
    def milliseconds_left(self) -> int:
        return self._timer.remainingTime()

    def set_secret(self, secret: str, masked: str) -> None:
        self._secret, self._masked = secret, masked
        self.value.keep_room_for(masked)
        self._show(secret if self.is_revealed else masked)

    def reveal(self) -> None:
        self._timer.start()
        self._show_state(self._secret, self._hide_word, self.tr("Hide {name}"))

    def conceal(self) -> None:
        self._timer.stop()
        self._show_state(self._masked, self._show_word, self.tr("Show {name}"))

    def _show_state(self, value: str, word: str, name: str) -> None:
        self._show(value)
        self.show_button.show_word(word, "eye")
        self.show_button.setAccessibleName(name.format(name=self._name))
        self.show_button.setToolTip(literal(name.format(name=self._name)))

    def _on_show_clicked(self) -> None:
        if self.is_revealed:
            self.conceal()
        else:
            self.reveal()
