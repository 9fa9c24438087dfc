"""A square button with an icon alone; its name says verb and object."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.views.components.inputs.painted_button import ICON, PaintedButton
from desktop.views.literal_text import literal
from desktop.views.theme.theme import Theme


class IconButton(PaintedButton):
    """``quiet``: no border, for the corner of a card."""

    def __init__(
        self, theme: Theme, icon: str, name: str, *, quiet: bool = False, parent: QWidget
    ) -> None:
        super().__init__(theme, "", is_fixed=True, parent=parent)
        self._icon_name = icon
        self._quiet = quiet
        self.setAccessibleName(name)
        self.setToolTip(literal(name))

    def sizeHint(self) -> QSize:
        heights = self._theme.tokens.heights
        if self._quiet:
            return QSize(heights["button_small"], heights["button_small"])
        return QSize(heights["button"] + 12, heights["button"])

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = self.begun()
        edge = "" if self._quiet else "border" if self.isEnabled() else "line"
        self.paint_frame(painter, self.ground_token("" if self._quiet else "surface"), edge)
        token = "text" if self.isEnabled() else "text3"
        self.paint_icon(painter, self._icon_name, token, (self.width() - ICON) // 2)
        painter.end()
