"""Checks whether a window can be shown before Qt is loaded, because Qt would abort the process.

A missing xcb library or display ends in ``qFatal``: not catchable, and its text names the wrong
library. Missing libGL is an ``ImportError`` with a soname. So each library is loaded by name here,
and the result names the packages. Linux only; macOS and Windows always have what their wheels need.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

_ALWAYS = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
}
_X11 = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
_WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}


class Obstacle(StrEnum):
    NO_SCREEN = "no_screen"
    MISSING_LIBRARIES = "missing_libraries"


@dataclass(frozen=True, slots=True)
class ScreenProblem:
    obstacle: Obstacle
    message: str
    packages: tuple[str, ...] = ()
    """Debian and Ubuntu packages that would help."""


def find_screen_problem(
    environ: Mapping[str, str],
    *,
    platform: str = sys.platform,
    can_load: Callable[[str], bool] | None = None,
) -> ScreenProblem | None:
    """Return why no window can be shown, or None. Takes a few milliseconds."""
    if platform != "linux":
        return None
    chosen = environ.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]
    has_x11, has_wayland = bool(environ.get("DISPLAY")), bool(environ.get("WAYLAND_DISPLAY"))
    needed = dict(_ALWAYS)
    if chosen == "wayland" or (not chosen and has_wayland):
        needed |= _WAYLAND
    elif chosen in ("", "xcb"):
        if not has_x11:
            return ScreenProblem(
                Obstacle.NO_SCREEN,
                "There is no screen here: neither DISPLAY nor WAYLAND_DISPLAY is set.",
            )
        needed |= _X11
    load = can_load or _can_load
    packages = tuple(package for library, package in needed.items() if not load(library))
    if not packages:
        return None
    return ScreenProblem(
        Obstacle.MISSING_LIBRARIES,
        "The window needs system libraries that are missing. On Debian or Ubuntu:\n"
        f"    sudo apt-get install {' '.join(packages)}",
        packages,
    )


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
