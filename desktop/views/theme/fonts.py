"""Fonts by role, all relative to the application's font, so that the system's size rules."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase

from desktop.views.theme.tokens import TypeStyle


def font_for(style: TypeStyle, application_font: QFont) -> QFont:
    """Return the font for ``style``; digits have equal widths, so that changing numbers do not move."""
    if style.fixed:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setStyleHint(QFont.StyleHint.Monospace)
    else:
        font = QFont(application_font)
    if application_font.pointSizeF() > 0:
        font.setPointSizeF(application_font.pointSizeF() * style.size)
    else:
        font.setPixelSize(round(application_font.pixelSize() * style.size))
    font.setWeight(QFont.Weight(style.weight))
    if style.spacing:
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 100 * (1 + style.spacing))
    font.setFeature(QFont.Tag("tnum"), 1)
    if style.fixed:
        font.setFeature(QFont.Tag("calt"), 0)
    return font
