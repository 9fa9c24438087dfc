"""What macOS is told of the app."""

from __future__ import annotations

from release.facts import DESCRIPTION, IDENTIFIER, NAME

OLDEST_MACOS = "13.0"
"""What Qt 6.11 supports."""


def info_plist(version: str, day: str) -> dict[str, object]:
    """Return ``Info.plist``. ``day``: the date of the copyright line, ISO."""
    return {
        "CFBundleIdentifier": IDENTIFIER,
        "CFBundleName": NAME,
        "CFBundleDisplayName": NAME,
        "CFBundleExecutable": NAME,
        "CFBundlePackageType": "APPL",
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "CFBundleDevelopmentRegion": "en",
        "CFBundleLocalizations": ["en", "zh_CN"],
        "CFBundleGetInfoString": DESCRIPTION,
        "LSApplicationCategoryType": "public.app-category.developer-tools",
        "LSMinimumSystemVersion": OLDEST_MACOS,
        # A menu bar app: no icon in the Dock, no menu of its own.
        "LSUIElement": True,
        "NSHighResolutionCapable": True,
        "NSSupportsAutomaticGraphicsSwitching": True,
        "NSHumanReadableCopyright": f"{day[:4]} the g-copilot-proxy contributors, MIT licence",
    }
