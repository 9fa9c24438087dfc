"""The theme in force: scheme, palette, style sheet, fonts and motion."""

from __future__ import annotations

from pathlib import Path
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetrics, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyleFactory, QToolTip, QWidget

from desktop.views.theme.fonts import font_for
from desktop.views.theme.icons import IconCache
from desktop.views.theme.palette import colours_from_palette, is_dark, palette_from_colours
from desktop.views.theme.styled_surface import StyledSurface
from desktop.views.theme.tokens import DesignTokens, Scheme, read_tokens

STYLE_SHEET_FILE = Path(__file__).resolve().parents[2] / "resources" / "style.qss"


_USUAL_PIXELS = 13
"""The usual height of a system's font, for which the design's widths are."""
_KEPT_WIDTHS = 1000
"""Widths of words kept before all are let go: words with figures in them never end."""


class Theme(QObject):
    """Applies the tokens to the application and follows the system while it runs.

    ``changed``: colours or sizes changed, for painted parts and role fonts. Each page, dialog and
    part of a window is dressed in the style sheet once, when it is built.
    """

    changed = Signal()
    _sheet_changed = Signal(str)

    def __init__(
        self,
        application: QApplication,
        tokens: DesignTokens | None = None,
        *,
        reduced_motion: bool = False,
    ) -> None:
        super().__init__(application)
        self.tokens = tokens or read_tokens()
        self.reduced_motion = reduced_motion
        self._application = application
        self._system_palette = QPalette(application.palette())
        self._override: Scheme | None = None
        self._icons = IconCache()
        self._template = Template(STYLE_SHEET_FILE.read_text(encoding="utf-8"))
        self._colours: dict[str, str] = {}
        self._parsed_colours: dict[str, QColor] = {}
        self._fonts: dict[str, QFont] = {}
        self._words_palettes: dict[str, QPalette] = {}
        self._widths: dict[tuple[str, str], int] = {}
        self._sheet = ""
        # Fusion looks the same on three systems and offscreen; native styles fall apart as soon as
        # a style sheet sets one border.
        application.setStyle(QStyleFactory.create("Fusion"))
        hints = application.styleHints()
        hints.colorSchemeChanged.connect(self._on_system_changed)
        if hasattr(hints, "accessibility"):
            hints.accessibility().contrastPreferenceChanged.connect(self._on_system_changed)
        self.apply()

    @property
    def scheme(self) -> Scheme:
        if self._override is not None:
            return self._override
        scheme_of_system = self._application.styleHints().colorScheme()
        if scheme_of_system == Qt.ColorScheme.Unknown:
            return Scheme.DARK if is_dark(self._system_palette) else Scheme.LIGHT
        return Scheme.DARK if scheme_of_system == Qt.ColorScheme.Dark else Scheme.LIGHT

    @property
    def high_contrast(self) -> bool:
        hints = self._application.styleHints()
        if not hasattr(hints, "accessibility"):  # before Qt 6.10
            return False
        return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast

    def choose(self, scheme: Scheme | None) -> None:
        """Use ``scheme`` whatever the system says; None follows the system again."""
        if scheme == self._override:
            return
        self._override = scheme
        hints = self._application.styleHints()
        if scheme is None:
            hints.unsetColorScheme()
        else:  # so that the frame, file dialogs and the tray's menu go along
            dark = scheme is Scheme.DARK
            hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
        self.apply()

    def apply(self) -> None:
        tokens = dict(self.tokens.colours[self.scheme])
        if self.high_contrast:
            # The system's contrast theme rules: no palette and no sheet of ours, shapes stay.
            self._colours = colours_from_palette(self._system_palette, tokens)
            self._application.setPalette(self._system_palette)
            self._use_sheet("")
        else:
            self._colours = tokens
            palette = palette_from_colours(tokens)
            self._application.setPalette(palette)
            QToolTip.setPalette(palette)
            self._use_sheet(self._style_sheet())
        for made in (
            self._icons,
            self._parsed_colours,
            self._fonts,
            self._words_palettes,
            self._widths,
        ):
            made.clear()
        self.changed.emit()

    def dress(self, surface: QWidget) -> None:
        """Give ``surface`` and all inside it the style sheet, now and whenever it is another one."""
        self._sheet_changed.connect(StyledSurface(surface, self._sheet).use)

    def on_application_font_changed(self) -> None:
        """Sizes follow the system's font; call when the application got another one."""
        self.apply()

    def colour(self, token: str) -> QColor:
        found = self._parsed_colours.get(token)
        if found is None:
            found = self._parsed_colours[token] = QColor(self._colours[token])
        return QColor(found)

    def font(self, role: str) -> QFont:
        found = self._fonts.get(role)
        if found is None:
            style = self.tokens.type_styles[role]
            found = self._fonts[role] = font_for(style, self._application.font())
        return QFont(found)

    def words_palette(self, tone: str) -> QPalette:
        """Return a palette that sets nothing but the colour of words, to a colour token's."""
        found = self._words_palettes.get(tone)
        if found is None:
            found = self._words_palettes[tone] = QPalette()
            found.setColor(QPalette.ColorRole.WindowText, self.colour(tone))
        return found

    def words_width(self, role: str, text: str) -> int:
        """Return the width of ``text`` in the font of ``role``; layouts ask for the same ones often."""
        found = self._widths.get((role, text))
        if found is None:
            if len(self._widths) >= _KEPT_WIDTHS:
                self._widths.clear()
            found = QFontMetrics(self.font(role)).horizontalAdvance(text)
            self._widths[role, text] = found
        return found

    def scaled(self, width: int) -> int:
        """Return a width for text of the usual size as one for the system's: larger with its font."""
        pixels = QFontInfo(self._application.font()).pixelSize()
        return round(width * max(1.0, pixels / _USUAL_PIXELS))

    def icon(self, name: str, colour: str = "text2", size: int = 16, ratio: float = 1.0) -> QIcon:
        return self._icons.icon(name, self.colour(colour), self.colour("text3"), size, ratio)

    def pixmap(self, name: str, colour: str, size: int, ratio: float) -> QPixmap:
        return self._icons.pixmap(name, self.colour(colour), size, ratio)

    def duration(self, name: str) -> int:
        """Milliseconds of a movement; none where the user asked for less motion."""
        return 0 if self.reduced_motion else self.tokens.motion[name]

    def _use_sheet(self, sheet: str) -> None:
        if sheet != self._sheet:
            self._sheet = sheet
            self._sheet_changed.emit(sheet)

    def _on_system_changed(self) -> None:
        self.apply()

    def _style_sheet(self) -> str:
        values = dict(self._colours)
        values.update({f"radius_{k}": str(v) for k, v in self.tokens.radii.items()})
        # min-height in a sheet is the content's: the border of 1 px on each side comes on top.
        values.update({f"height_{k}": str(v - 2) for k, v in self.tokens.heights.items()})
        return self._template.substitute(values)
