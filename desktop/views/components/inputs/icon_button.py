"""A square button with an icon alone; its name says verb and object."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.inputs.press_on_enter import PressOnEnter
from desktop.views.literal_text import literal
from desktop.views.theme.theme import Theme

_ICON = 16


class IconButton(KeyboardFocus, PressOnEnter, QAbstractButton):
    """``quiet``: no border, for the corner of a card."""

    def __init__(
        self, theme: Theme, icon: str, name: str, *, quiet: bool = False, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon_name = icon
        self._quiet = quiet
        self.setAccessibleName(name)
        self.setToolTip(literal(name))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        heights = self._theme.tokens.heights
        if self._quiet:
            return QSize(heights["button_small"], heights["button_small"])
        return QSize(heights["button"] + 12, heights["button"])

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = "track" if self.isDown() else "hover" if self.underMouse() else ""
        if not self._quiet:
            ground = ground or "surface"
        edge = "" if self._quiet else "border" if self.isEnabled() else "line"
        painter.setPen(QPen(self._theme.colour(edge), 1) if edge else Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(ground) if ground else Qt.BrushStyle.NoBrush)
        radius = self._theme.tokens.radii["control"]
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        box = QRect(0, 0, _ICON, _ICON)
        box.moveCenter(self.rect().center())
        token = "text" if self.isEnabled() else "text3"
        pixmap = self._theme.pixmap(self._icon_name, token, _ICON, self.devicePixelRatioF())
        painter.drawPixmap(box.topLeft(), pixmap)
        painter.end()
