"""Tokens to ``QPalette`` and back.

Every role is set for Active, Inactive and Disabled: a missing Inactive or Disabled role breaks dark
mode. The reverse direction serves high contrast, which uses the system's colours.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QColor, QPalette

_Role = QPalette.ColorRole
_Group = QPalette.ColorGroup

ROLES: Mapping[QPalette.ColorRole, str] = {
    _Role.Window: "window",
    _Role.WindowText: "text",
    _Role.Base: "surface",
    _Role.AlternateBase: "sunken",
    _Role.Text: "text",
    _Role.PlaceholderText: "text3",
    _Role.Button: "surface",
    _Role.ButtonText: "text",
    _Role.BrightText: "error",
    _Role.Light: "surface",
    _Role.Midlight: "hover",
    _Role.Mid: "border",
    _Role.Dark: "border",
    _Role.Shadow: "border",
    _Role.Highlight: "accent",
    _Role.HighlightedText: "onAccent",
    _Role.Accent: "accent",
    _Role.Link: "link",
    _Role.LinkVisited: "link",
    _Role.ToolTipBase: "tooltip",
    _Role.ToolTipText: "onTooltip",
}
DISABLED: Mapping[QPalette.ColorRole, str] = {
    _Role.WindowText: "text3",
    _Role.Text: "text3",
    _Role.ButtonText: "text3",
    _Role.Highlight: "border",
    _Role.HighlightedText: "surface",
    _Role.Accent: "border",
    _Role.Link: "text3",
    _Role.LinkVisited: "text3",
}


def palette_from_colours(colours: Mapping[str, str]) -> QPalette:
    palette = QPalette()
    for role, token in ROLES.items():
        colour = QColor(colours[token])
        for group in (_Group.Active, _Group.Inactive):
            palette.setColor(group, role, colour)
        palette.setColor(_Group.Disabled, role, QColor(colours[DISABLED.get(role, token)]))
    return palette


def is_dark(palette: QPalette) -> bool:
    """Return whether text is lighter than the ground.

    For systems that do not tell their colour scheme (bare X11, the offscreen platform).
    """
    window = palette.color(_Group.Active, _Role.Window)
    text = palette.color(_Group.Active, _Role.WindowText)
    return text.lightness() > window.lightness()


def colours_from_palette(palette: QPalette, names: Mapping[str, str]) -> dict[str, str]:
    """Return every token of ``names`` in the system's own colours.

    In a high contrast theme only text, ground, selection and link exist: hairlines and borders
    become text, soft grounds become the window.
    """

    def name(role: QPalette.ColorRole) -> str:
        return palette.color(_Group.Active, role).name()

    ground, text = name(_Role.Window), name(_Role.WindowText)
    selection, on_selection = name(_Role.Highlight), name(_Role.HighlightedText)
    grounds = {"window", "sidebar", "surface", "sunken", "hover", "track", "chartBand", "tooltip"}
    known = {
        "accent": selection,
        "accentHover": selection,
        "accentPressed": selection,
        "onAccent": on_selection,
        "onDanger": ground,
        "link": name(_Role.Link),
    }
    return {
        token: known.get(token, ground if token in grounds or token.endswith("Soft") else text)
        for token in names
    }
