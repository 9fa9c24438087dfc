"""The tray's drawings as icons, the way each system wants them.

macOS: black template, the system tints it. Windows: black or white by the taskbar's theme, coloured
only where the state needs the user. Elsewhere: coloured, visible on light and dark panels.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon

from desktop.presenters.tray import IconState
from desktop.views.theme.icons import ICONS_FOLDER, render_svg

_DRAWINGS = ((16, 16), (22, 22), (32, 32), (44, 22))
"""Size wanted and size of the drawing: 44 is the 22 drawing at twice the pixels."""
_NEEDS_USER = (IconState.ATTENTION, IconState.ERROR)


@dataclass(frozen=True, slots=True)
class TrayArtwork:
    """How to draw one state: which set, in which tint, and whether the system tints it."""

    folder: Path
    tint: str = ""
    is_mask: bool = False


def artwork(
    state: IconState, *, platform: str = sys.platform, taskbar_is_light: bool = False
) -> TrayArtwork:
    mono, colour = ICONS_FOLDER / "tray" / "mono", ICONS_FOLDER / "tray" / "colour"
    if platform == "darwin":
        return TrayArtwork(mono, is_mask=True)
    if platform == "win32" and state not in _NEEDS_USER:
        return TrayArtwork(mono, "#000000" if taskbar_is_light else "#FFFFFF")
    return TrayArtwork(colour)


def tray_icon(
    state: IconState, *, platform: str = sys.platform, taskbar_is_light: bool = False
) -> QIcon:
    drawn = artwork(state, platform=platform, taskbar_is_light=taskbar_is_light)
    tint = QColor(drawn.tint) if drawn.tint else None
    icon = QIcon()
    for size, drawing in _DRAWINGS:
        path = drawn.folder / f"{state.value}-{drawing}.svg"
        icon.addPixmap(render_svg(path, QSize(size, size), 1.0, tint))
    icon.setIsMask(drawn.is_mask)
    return icon


def app_icon() -> QIcon:
    icon = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        icon.addPixmap(render_svg(ICONS_FOLDER / "app-icon.svg", QSize(size, size)))
    return icon
