"""Windows: whether the taskbar is light. It has a theme of its own, apart from the apps'."""

from __future__ import annotations

import sys

_KEY = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"


def taskbar_is_light() -> bool:
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _KEY) as key:
                value, _ = winreg.QueryValueEx(key, "SystemUsesLightTheme")
        except FileNotFoundError:  # before Windows 10 1903 the taskbar was always dark
            return False
        return bool(value)
    return False
