"""A small button inside a field: icon and word, at the field's end."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QWidget

from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.inputs.press_on_enter import PressOnEnter
from desktop.views.literal_text import literal
from desktop.views.theme.theme import Theme

_ICON = 16
_GAP = 5
_PADDING = 6
_HEIGHT = 24


class FieldButton(KeyboardFocus, PressOnEnter, QAbstractButton):
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
        super().__init__(parent)
        self._theme = theme
        self._words = words
        self._icon_name = icon
        self._done = False
        self.setText(words[0])
        self.setAccessibleName(name)
        self.setToolTip(literal(name))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)
        self._restyle()

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
        return QSize(widest + _ICON + _GAP + 2 * _PADDING, height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("track" if self.isDown() else "hover"))
            painter.drawRoundedRect(QRectF(self.rect()), self.ring_radius(), self.ring_radius())
        font = self._bold() if self._done else self.font()
        colour = "accent" if self._done else "text2"
        width = QFontMetrics(font).horizontalAdvance(self.text())
        place = self.rect().adjusted(_PADDING, 0, -_PADDING, 0)
        words = QRect(place.right() - width + 1, place.top(), width, place.height())
        icon = QRect(words.left() - _GAP - _ICON, (self.height() - _ICON) // 2, _ICON, _ICON)
        direction = self.layoutDirection()
        words = QStyle.visualRect(direction, self.rect(), words)
        icon = QStyle.visualRect(direction, self.rect(), icon)
        pixmap = theme.pixmap(self._icon_name, colour, _ICON, self.devicePixelRatioF())
        painter.drawPixmap(icon.topLeft(), pixmap)
        painter.setFont(font)
        painter.setPen(theme.colour(colour))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()

    def _bold(self) -> QFont:
        font = self._theme.font("small")
        font.setWeight(font.Weight.DemiBold)
        return font

    def _restyle(self) -> None:
        self.setFont(self._theme.font("small"))
        self.updateGeometry()
        self.update()
