"""Buttons: primary, secondary, quiet, danger. A verb and an object, never "OK"."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.views.components.inputs.painted_button import ICON, PaintedButton
from desktop.views.theme.theme import Theme

_GAP = 7


class ButtonKind(StrEnum):
    PRIMARY = "primary"
    SECONDARY = "secondary"
    QUIET = "quiet"
    DANGER = "danger"
    LINK = "link"
    """Inline in text: no background, no horizontal padding."""


_TEXT = {
    ButtonKind.PRIMARY: "onAccent",
    ButtonKind.SECONDARY: "text",
    ButtonKind.QUIET: "link",
    ButtonKind.DANGER: "danger",
    ButtonKind.LINK: "link",
}
_GROUNDLESS = (ButtonKind.QUIET, ButtonKind.LINK)


class Button(PaintedButton):
    """Paints itself, so that its kind can change at any time and icons keep their distance."""

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        kind: ButtonKind = ButtonKind.SECONDARY,
        *,
        icon: str = "",
        compact: bool = False,
        large: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, text, is_fixed=False, parent=parent)
        self._kind = kind
        self._icon_name = icon
        self._compact = compact
        self._large = large
        self._restyle()

    @property
    def kind(self) -> ButtonKind:
        return self._kind

    def set_kind(self, kind: ButtonKind) -> None:
        if kind != self._kind:
            self._kind = kind
            self._restyle()

    def sizeHint(self) -> QSize:
        heights = self._theme.tokens.heights
        metrics = QFontMetrics(self.font())
        usual = heights[
            "button_small" if self._compact else "button_large" if self._large else "button"
        ]
        padding = 9 if self._compact else 18 if self._large else 12
        if self._kind is ButtonKind.LINK:
            padding = 0
        width = self._theme.words_width(self.font_role(), self.text()) + 2 * padding + 2
        if self._icon_name:
            width += ICON + _GAP
        return QSize(width, max(usual, metrics.height() + 10))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def font_role(self) -> str:
        if self._kind is ButtonKind.LINK:
            return "small" if self._compact else "body"
        return "button_primary" if self._kind is ButtonKind.PRIMARY else "button"

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = self.begun()
        ground, edge, text = self._colours()
        self.paint_frame(painter, ground, edge)
        width = QFontMetrics(self.font()).horizontalAdvance(self.text())
        beside = ICON + _GAP if self._icon_name else 0
        left = (self.width() - width - beside) // 2
        if self._icon_name:
            self.paint_icon(painter, self._icon_name, text, left)
        words = QRect(left + beside, 0, width, self.height())
        self.paint_words(painter, self.text(), text, words)
        painter.end()

    def _colours(self) -> tuple[str, str, str]:
        """Return tokens of background, border and text; an empty one is not drawn."""
        if not self.isEnabled():
            return "", "" if self._kind in _GROUNDLESS else "line", "text3"
        text = _TEXT[self._kind]
        pressed, hovered = self.isDown(), self.underMouse()
        if self._kind is ButtonKind.PRIMARY:
            ground = "accentPressed" if pressed else "accentHover" if hovered else "accent"
            return ground, ground, text
        if self._kind is ButtonKind.LINK:
            return "", "", "accentPressed" if pressed else "accentHover" if hovered else text
        quiet = self._kind is ButtonKind.QUIET
        ground = self.ground_token("" if quiet else "surface")
        edge = {ButtonKind.QUIET: "", ButtonKind.DANGER: "danger"}.get(self._kind, "border")
        return ground, edge, text
