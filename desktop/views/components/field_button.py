"""A small button inside a field: icon and word."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.press_on_enter import PressOnEnter
from desktop.views.theme.theme import Theme


class FieldButton(KeyboardFocus, PressOnEnter, QToolButton):
    def __init__(
        self, theme: Theme, text: str, icon: str, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon_name = icon
        self._icon_colour = "text2"
        self.setProperty("kind", "field")
        self.setText(text)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(16, 16))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self._restyle)
        self._restyle()

    def ring_radius(self) -> float:
        return self._theme.tokens.radii["tag"]

    def set_icon(self, name: str, colour: str) -> None:
        self._icon_name, self._icon_colour = name, colour
        self._restyle()

    def _restyle(self) -> None:
        self.setFont(self._theme.font("small"))
        self.setIcon(self._theme.icon(self._icon_name, self._icon_colour))
