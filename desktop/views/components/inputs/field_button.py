"""A small button inside a field: icon and word, at the field's end."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.views.components.inputs.painted_button import ICON, PaintedButton
from desktop.views.literal_text import literal
from desktop.views.theme.theme import Theme

_GAP = 5
_PADDING = 6
_HEIGHT = 24


class FieldButton(PaintedButton):
    """Self-painted: a style sheet cannot align icon and text at the end of a reserved width.

    ``words`` are all possible texts; the widest one's width is reserved, so nothing moves.
    """

    def __init__(
        self,
        theme: Theme,
        words: tuple[str, ...],
        icon: str,
        name: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, words[0], is_fixed=True, parent=parent)
        self._words = words
        self._icon_name = icon
        self._done = False
        self.setAccessibleName(name)
        self.setToolTip(literal(name))
        self._restyle()

    def font_role(self) -> str:
        return "small"

    def ring_radius(self) -> float:
        return self._theme.tokens.radii["tag"]

    def show_word(self, word: str, icon: str, *, done: bool = False) -> None:
        """``done``: in the accent and bold, for what just worked."""
        self._icon_name, self._done = icon, done
        self.setText(word)
        self.update()

    def sizeHint(self) -> QSize:
        bold = QFontMetrics(self._bold())
        widest = max(bold.horizontalAdvance(word) for word in self._words)
        height = max(_HEIGHT, bold.height() + 6)
        return QSize(widest + ICON + _GAP + 2 * _PADDING, height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = self.begun()
        ground = self.ground_token()
        if ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour(ground))
            painter.drawRoundedRect(QRectF(self.rect()), self.ring_radius(), self.ring_radius())
        font = self._bold() if self._done else self.font()
        colour = "accent" if self._done else "text2"
        width = QFontMetrics(font).horizontalAdvance(self.text())
        left = self.width() - _PADDING - width
        self.paint_icon(painter, self._icon_name, colour, left - _GAP - ICON)
        painter.setFont(font)
        self.paint_words(painter, self.text(), colour, QRect(left, 0, width, self.height()))
        painter.end()

    def _bold(self) -> QFont:
        font = self._theme.font("small")
        font.setWeight(font.Weight.DemiBold)
        return font
