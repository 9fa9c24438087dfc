"""The ground of an entry in a list of places: the sidebar's pages and the settings' sections."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractButton

from desktop.views.theme.theme import Theme

_BAR = 3


def paint_navigation_ground(painter: QPainter, theme: Theme, entry: QAbstractButton) -> None:
    """Paint the background: soft if selected or hovered, with a bar if selected."""
    rect = QRectF(entry.rect())
    painter.setPen(Qt.PenStyle.NoPen)
    if entry.isChecked() or entry.underMouse():
        radius = theme.tokens.radii["control"]
        painter.setBrush(theme.colour("accentSoft" if entry.isChecked() else "hover"))
        painter.drawRoundedRect(rect, radius, radius)
    if entry.isChecked():
        bar = QRectF(0, 8, _BAR, rect.height() - 16)
        if entry.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            bar.moveRight(rect.right())
        painter.setBrush(theme.colour("accent"))
        painter.drawRoundedRect(bar, 2, 2)
