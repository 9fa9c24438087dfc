"""Buttons: primary, secondary, quiet, danger. A verb and an object, never "OK"."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QWidget

from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.inputs.press_on_enter import PressOnEnter
from desktop.views.theme.theme import Theme

_ICON = 16
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


class Button(KeyboardFocus, PressOnEnter, QAbstractButton):
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
        super().__init__(parent)
        self._theme = theme
        self._kind = kind
        self._icon_name = icon
        self._compact = compact
        self._large = large
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)
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
        width = metrics.horizontalAdvance(self.text()) + 2 * padding + 2
        if self._icon_name:
            width += _ICON + _GAP
        return QSize(width, max(usual, metrics.height() + 10))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, edge, text = self._colours()
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = self._theme.tokens.radii["control"]
        painter.setPen(QPen(self._theme.colour(edge), 1) if edge else Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(ground) if ground else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(frame, radius, radius)
        width = QFontMetrics(self.font()).horizontalAdvance(self.text())
        whole = width + (_ICON + _GAP if self._icon_name else 0)
        left = (self.width() - whole) // 2
        if self._icon_name:
            box = QRect(left, (self.height() - _ICON) // 2, _ICON, _ICON)
            box = QStyle.visualRect(self.layoutDirection(), self.rect(), box)
            pixmap = self._theme.pixmap(self._icon_name, text, _ICON, self.devicePixelRatioF())
            painter.drawPixmap(box.topLeft(), pixmap)
            left += _ICON + _GAP
        words = QRect(left, 0, width, self.height())
        words = QStyle.visualRect(self.layoutDirection(), self.rect(), words)
        painter.setPen(self._theme.colour(text))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.text())
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
        ground = "track" if pressed else "hover" if hovered else "" if quiet else "surface"
        edge = {ButtonKind.QUIET: "", ButtonKind.DANGER: "danger"}.get(self._kind, "border")
        return ground, edge, text

    def _restyle(self) -> None:
        primary = self._kind is ButtonKind.PRIMARY
        role = "button_primary" if primary else "button"
        if self._kind is ButtonKind.LINK:
            role = "small" if self._compact else "body"
        self.setFont(self._theme.font(role))
        self.updateGeometry()
        self.update()
