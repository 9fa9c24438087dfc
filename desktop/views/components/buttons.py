"""Buttons: primary, secondary, quiet, danger. A verb and an object, never "OK"."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.press_on_enter import PressOnEnter
from desktop.views.theme.theme import Theme


class ButtonKind(StrEnum):
    PRIMARY = "primary"
    SECONDARY = "secondary"
    QUIET = "quiet"
    DANGER = "danger"


_ICON_TOKENS = {
    ButtonKind.PRIMARY: "onAccent",
    ButtonKind.SECONDARY: "text",
    ButtonKind.QUIET: "link",
    ButtonKind.DANGER: "danger",
}


class Button(KeyboardFocus, PressOnEnter, QPushButton):
    def __init__(
        self,
        theme: Theme,
        text: str = "",
        kind: ButtonKind = ButtonKind.SECONDARY,
        *,
        icon: str = "",
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self._kind = kind
        self._icon_name = icon
        self.setProperty("kind", kind.value)
        self.setProperty("compact", compact)
        self.setAutoDefault(False)
        self.setIconSize(QSize(16, 16))
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def kind(self) -> ButtonKind:
        return self._kind

    def set_kind(self, kind: ButtonKind) -> None:
        if kind == self._kind:
            return
        self._kind = kind
        self.setProperty("kind", kind.value)
        # A sheet looks at properties only when the widget is polished.
        self.style().unpolish(self)
        self.style().polish(self)
        self._restyle()

    def _restyle(self) -> None:
        primary = self._kind is ButtonKind.PRIMARY
        self.setFont(self._theme.font("button_primary" if primary else "button"))
        if self._icon_name:
            self.setIcon(self._theme.icon(self._icon_name, _ICON_TOKENS[self._kind]))
