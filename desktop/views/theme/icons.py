"""Line icons: SVG in black, drawn for the exact size and pixel ratio, tinted, kept.

Not a ``QIconEngine``: a Python subclass crashes PySide6 6.11.3 when Qt clones it. Painted parts ask
for a pixmap at their own ratio; who needs a ``QIcon`` names the ratio of its screen, and asks again
when it is another one.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

ICONS_FOLDER = Path(__file__).resolve().parents[2] / "resources" / "icons"


def render_svg(path: Path, size: QSize, ratio: float = 1.0, tint: QColor | None = None) -> QPixmap:
    """Draw ``path`` at ``size`` logical pixels; ``tint`` replaces its colour, not its shape.

    Raises ``FileNotFoundError`` for a file that is missing or is not SVG.
    """
    renderer = QSvgRenderer(str(path))
    if not renderer.isValid():
        raise FileNotFoundError(f"no readable SVG at {path}")
    pixmap = QPixmap(QSize(round(size.width() * ratio), round(size.height() * ratio)))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(pixmap.rect()))
    if tint is not None:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(pixmap.rect(), tint)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


class IconCache:
    """Tinted line icons by name, colour, size and pixel ratio."""

    def __init__(self, folder: Path = ICONS_FOLDER / "line") -> None:
        self._folder = folder
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}

    def pixmap(self, name: str, colour: QColor, size: int = 16, ratio: float = 1.0) -> QPixmap:
        key = (name, colour.name(QColor.NameFormat.HexArgb), size, ratio)
        if key not in self._pixmaps:
            path = self._folder / f"{name}.svg"
            self._pixmaps[key] = render_svg(path, QSize(size, size), ratio, colour)
        return self._pixmaps[key]

    def icon(
        self, name: str, colour: QColor, disabled: QColor, size: int = 16, ratio: float = 1.0
    ) -> QIcon:
        """Return an icon whose disabled form has a colour of its own, not Qt's grey filter."""
        icon = QIcon()
        icon.addPixmap(self.pixmap(name, colour, size, ratio), QIcon.Mode.Normal)
        icon.addPixmap(self.pixmap(name, disabled, size, ratio), QIcon.Mode.Disabled)
        return icon

    def clear(self) -> None:
        self._pixmaps.clear()
