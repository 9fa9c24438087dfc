"""The base of buttons that paint themselves: frame, icons and words, from where reading begins."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTransform
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QWidget

from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.inputs.press_on_enter import PressOnEnter
from desktop.views.theme.theme import Theme

ICON = 16
_DIRECTED = ("chevron-right",)


class PaintedButton(KeyboardFocus, PressOnEnter, QAbstractButton):
    """Subclasses say their font's role, and paint with these parts.

    ``is_fixed``: it is never wider than its words. Tokens are names of the theme's colours; an empty
    one is not drawn.
    """

    def __init__(self, theme: Theme, text: str, *, is_fixed: bool, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Fixed if is_fixed else policy.Minimum, policy.Fixed)
        theme.changed.connect(self._restyle)

    def font_role(self) -> str:
        return "button"

    def ground_token(self, usual: str = "") -> str:
        """The ground under the pointer and while pressed; ``usual`` otherwise."""
        return "track" if self.isDown() else "hover" if self.underMouse() else usual

    def begun(self) -> QPainter:
        """Return a painter of this button; its user ends it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        return painter

    def paint_frame(self, painter: QPainter, ground: str, edge: str) -> None:
        colour, radius = self._theme.colour, self._theme.tokens.radii["control"]
        painter.setPen(QPen(colour(edge), 1) if edge else Qt.PenStyle.NoPen)
        painter.setBrush(colour(ground) if ground else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def paint_icon(self, painter: QPainter, name: str, token: str, left: int) -> None:
        """``left`` counts from where reading begins; an arrow that points there is turned round."""
        box = self._mirrored(QRect(QPoint(left, (self.height() - ICON) // 2), _ICON_SIZE))
        pixmap = self._theme.pixmap(name, token, ICON, self.devicePixelRatioF())
        if name in _DIRECTED and self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            pixmap = pixmap.transformed(QTransform().scale(-1, 1))
        painter.drawPixmap(box.topLeft(), pixmap)

    def paint_words(
        self,
        painter: QPainter,
        text: str,
        token: str,
        place: QRect,
        alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignCenter,
        *,
        wrap: bool = False,
    ) -> None:
        painter.setPen(self._theme.colour(token))
        flags = alignment | Qt.TextFlag.TextWordWrap if wrap else alignment
        painter.drawText(self._mirrored(place), flags, text)

    def _mirrored(self, box: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), box)

    def _restyle(self) -> None:
        self.setFont(self._theme.font(self.font_role()))
        self.updateGeometry()
        self.update()


_ICON_SIZE = QRect(0, 0, ICON, ICON).size()
