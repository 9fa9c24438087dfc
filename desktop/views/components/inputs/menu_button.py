"""A button that opens a menu: words and a chevron. Also a choice of one among several."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QStyle, QWidget

from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.inputs.press_on_enter import PressOnEnter
from desktop.views.theme.theme import Theme

_ICON = 16
_GAP = 8
_PADDING = 11


class MenuButton(KeyboardFocus, PressOnEnter, QAbstractButton):
    """``chosen`` carries the value of the entry.

    With ``shows_choice`` the button shows the chosen entry.

    The menu is popped up, never ``exec``-uted: a nested loop would stop the window's own coroutines.
    """

    chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        name: str,
        *,
        icon: str = "",
        shows_choice: bool = False,
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = name
        self._icon_name = icon
        self._shows_choice = shows_choice
        self._compact = compact
        self._entries: tuple[tuple[str, str], ...] = ()
        self._value = ""
        self.menu = QMenu(self)
        self.setText(name)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._on_clicked)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def value(self) -> str:
        return self._value

    def set_words(self, words: str) -> None:
        """Other words on the button; its menu stays."""
        if words != self.text():
            self.setText(words)
            self.setAccessibleName(words)
            self.updateGeometry()
            self.update()

    def set_entries(self, entries: Sequence[tuple[str, str]], value: str = "") -> None:
        """``entries`` are pairs of value and words; ``value`` is the chosen one."""
        if tuple(entries) == self._entries and value == self._value:
            return
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self.menu.clear()
            for key, words in self._entries:
                action = QAction(words.replace("&", "&&"), self.menu)
                action.setData(key)
                action.setCheckable(self._shows_choice)
                action.triggered.connect(lambda _=False, key=key: self.chosen.emit(key))
                self.menu.addAction(action)
            self.updateGeometry()
        self._value = value
        for action in self.menu.actions():
            action.setChecked(action.data() == value)
        if self._shows_choice:
            shown = dict(self._entries).get(value, self._name)
            self.setText(shown)
            self.setAccessibleName(f"{self._name}: {shown}")
        self.update()

    def sizeHint(self) -> QSize:
        heights = self._theme.tokens.heights
        metrics = QFontMetrics(self.font())
        labels = [words for _, words in self._entries] if self._shows_choice else []
        widest = max(metrics.horizontalAdvance(each) for each in (self.text(), *labels))
        width = widest + 2 * _PADDING + _GAP + _ICON + 2
        if self._icon_name:
            width += _ICON + _GAP
        usual = heights["button_small" if self._compact else "button"]
        return QSize(min(width, 240), max(usual, metrics.height() + 10))

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(min(hint.width(), 110), hint.height()) if self._shows_choice else hint

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = "track" if self.isDown() else "hover" if self.underMouse() else "surface"
        enabled = self.isEnabled()
        painter.setPen(QPen(theme.colour("border" if enabled else "line"), 1))
        painter.setBrush(theme.colour(ground) if enabled else Qt.BrushStyle.NoBrush)
        radius = theme.tokens.radii["control"]
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        token = "text" if enabled else "text3"
        middle = (self.height() - _ICON) // 2
        words = self.rect().adjusted(_PADDING, 0, -_PADDING - _ICON - _GAP, 0)
        if self._icon_name:
            self._paint_icon(painter, self._icon_name, token, QPoint(_PADDING, middle))
            words.setLeft(words.left() + _ICON + _GAP)
        chevron = QPoint(self.width() - _PADDING - _ICON + 3, middle)
        self._paint_icon(painter, "chevron-down", token, chevron)
        words = QStyle.visualRect(self.layoutDirection(), self.rect(), words)
        painter.setPen(theme.colour(token))
        text = QFontMetrics(self.font()).elidedText(
            self.text(), Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, text)
        painter.end()

    def _paint_icon(self, painter: QPainter, name: str, token: str, at: QPoint) -> None:
        box = QRect(at.x(), at.y(), _ICON, _ICON)
        box = QStyle.visualRect(self.layoutDirection(), self.rect(), box)
        pixmap = self._theme.pixmap(name, token, _ICON, self.devicePixelRatioF())
        painter.drawPixmap(box.topLeft(), pixmap)

    def _on_clicked(self) -> None:
        if self._entries:
            self.menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def _restyle(self) -> None:
        self.setFont(self._theme.font("body" if self._shows_choice else "button"))
        self.updateGeometry()
        self.update()
