"""Whether the user asked the system for less motion. Qt 6.11 does not report it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

_SPI_GETCLIENTAREAANIMATION = 0x1042


def prefers_reduced_motion(
    environ: Mapping[str, str], home: Path, platform: str = sys.platform
) -> bool:
    if platform == "win32":
        return _windows_reduces()
    if platform == "darwin":
        return _macos_reduces(home)
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    return _gtk_reduces(config) or _plasma_reduces(config)


def _windows_reduces() -> bool:
    import ctypes

    animated = ctypes.c_int(1)
    windll = ctypes.windll  # type: ignore[attr-defined]  # exists on Windows only
    windll.user32.SystemParametersInfoW(_SPI_GETCLIENTAREAANIMATION, 0, ctypes.byref(animated), 0)
    return not animated.value


def _macos_reduces(home: Path) -> bool:
    import plistlib

    try:
        raw = (home / "Library/Preferences/com.apple.universalaccess.plist").read_bytes()
        return bool(plistlib.loads(raw).get("reduceMotion", False))
    except (OSError, plistlib.InvalidFileException):
        return False


def _gtk_reduces(config: Path) -> bool:
    """GNOME and related desktops write the setting for non-GTK programs here."""
    value = _ini_value(config / "gtk-3.0" / "settings.ini", "Settings", "gtk-enable-animations")
    return value in ("0", "false")


def _plasma_reduces(config: Path) -> bool:
    value = _ini_value(config / "kdeglobals", "KDE", "AnimationDurationFactor")
    try:
        return value is not None and float(value) == 0
    except ValueError:
        return False


def _ini_value(path: Path, section: str, name: str) -> str | None:
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    import configparser  # few systems have such a file

    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(content)
    except configparser.Error:
        return None
    return parser.get(section, name, fallback=None)
