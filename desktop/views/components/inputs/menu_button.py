"""A button that opens a menu: words and a chevron. Also a choice of one among several."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.views.components.inputs.control_menu import ControlMenu
from desktop.views.components.inputs.painted_button import ICON, PaintedButton
from desktop.views.theme.theme import Theme

_GAP = 8
_PADDING = 11


class MenuButton(PaintedButton):
    """``chosen`` carries the value of the entry.

    With ``shows_choice`` the button shows the chosen entry.
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
        super().__init__(theme, name, is_fixed=False, parent=parent)
        self._name = name
        self._icon_name = icon
        self._shows_choice = shows_choice
        self._compact = compact
        self._entries: tuple[tuple[str, str], ...] = ()
        self._value = ""
        self.setAccessibleName(name)
        self.menu = ControlMenu(self)
        self.clicked.connect(self._on_clicked)
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
        self._entries = tuple(entries)
        if self.menu.set_entries(self._entries, self.chosen.emit):
            self.updateGeometry()
        self._value = value
        for action in self.menu.actions():
            action.setCheckable(self._shows_choice)
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
        role = self.font_role()
        widest = max(self._theme.words_width(role, each) for each in (self.text(), *labels))
        width = widest + 2 * _PADDING + _GAP + ICON + 2
        if self._icon_name:
            width += ICON + _GAP
        usual = heights["button_small" if self._compact else "button"]
        return QSize(min(width, 240), max(usual, metrics.height() + 10))

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(min(hint.width(), 110), hint.height()) if self._shows_choice else hint

    def font_role(self) -> str:
        return "body" if self._shows_choice else "button"

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = self.begun()
        enabled = self.isEnabled()
        ground = self.ground_token("surface") if enabled else ""
        self.paint_frame(painter, ground, "border" if enabled else "line")
        token = "text" if enabled else "text3"
        words = self.rect().adjusted(_PADDING, 0, -_PADDING - ICON - _GAP, 0)
        if self._icon_name:
            self.paint_icon(painter, self._icon_name, token, _PADDING)
            words.setLeft(words.left() + ICON + _GAP)
        self.paint_icon(painter, "chevron-down", token, self.width() - _PADDING - ICON + 3)
        text = QFontMetrics(self.font()).elidedText(
            self.text(), Qt.TextElideMode.ElideRight, words.width()
        )
        start = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        self.paint_words(painter, text, token, words, start)
        painter.end()

    def _on_clicked(self) -> None:
        if self._entries:
            self.menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))
