"""The sidebar: pages at the top, the server's state at the bottom."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QButtonGroup,
    QFrame,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.presenters.frame import FrameView
from desktop.presenters.shapes import Shape
from desktop.views.components.card import Hairline
from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.inputs.switch import Switch
from desktop.views.components.navigation_ground import paint_navigation_ground
from desktop.views.components.status_shape import COLOUR_TOKENS, StatusShape, paint_shape
from desktop.views.components.text import Text
from desktop.views.literal_text import literal
from desktop.views.theme.theme import Theme

ICON = 16
ICONS_ONLY_WIDTH = 60
_MARK, _SMALL_MARK = 12, 9
"""Of a page that has something to say; the small one stands over its icon."""
_WIDE, _NARROW = (12, 10, 8, 6), (4, 10, 4, 6)
"""Margins of the foot."""


class PageButton(KeyboardFocus, QAbstractButton):
    """One page. The chosen one has a ground, a bar and bold words."""

    def __init__(self, theme: Theme, text: str, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon = icon
        self._icons_only = False
        self._mark: Shape | None = None
        self._mark_words = ""
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)

    def set_icons_only(self, icons_only: bool) -> None:
        self._icons_only = icons_only
        self._name()
        self.updateGeometry()
        self.update()

    @property
    def mark(self) -> Shape | None:
        return self._mark

    def set_mark(self, mark: Shape | None, words: str) -> None:
        """``words`` say what the mark means; None and no words for none."""
        if (mark, words) != (self._mark, self._mark_words):
            self._mark, self._mark_words = mark, words
            self._name()
            self.updateGeometry()
            self.update()

    def _name(self) -> None:
        """Set the accessible name to include everything shown; the tooltip adds hidden text."""
        accessible_texts = [self.text(), self._mark_words] if self._mark_words else [self.text()]
        self.setAccessibleName(", ".join(accessible_texts))
        unseen = accessible_texts if self._icons_only else accessible_texts[1:]
        self.setToolTip(literal(", ".join(unseen)))

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        height = max(self._theme.tokens.heights["nav"], metrics.height() + 12)
        if self._icons_only:
            return QSize(ICONS_ONLY_WIDTH - 16, height)
        width = 12 + ICON + 10 + metrics.horizontalAdvance(self.text()) + 14
        return QSize(width + (_MARK + 8 if self._mark is not None else 0), height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        rect = QRectF(self.rect())
        paint_navigation_ground(painter, theme, self)
        left = (rect.width() - ICON) / 2 if self._icons_only else 12.0
        if mirrored and not self._icons_only:
            left = rect.width() - 12 - ICON
        top = (rect.height() - ICON) / 2
        token = "accent" if self.isChecked() else "text2"
        pixmap = theme.pixmap(self._icon, token, ICON, self.devicePixelRatioF())
        painter.drawPixmap(round(left), round(top), pixmap)
        if not self._icons_only:
            inset = 12 + ICON + 10
            box = rect.adjusted(8, 0, -inset, 0) if mirrored else rect.adjusted(inset, 0, -8, 0)
            painter.setFont(theme.font("button_primary" if self.isChecked() else "body"))
            painter.setPen(theme.colour("text" if self.isChecked() else "text2"))
            flags = Qt.AlignmentFlag.AlignVCenter | (
                Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
            )
            painter.drawText(box, flags, self.text())
        if self._mark is not None:
            self._paint_mark(painter, left, top, mirrored=mirrored)
        painter.end()

    def _paint_mark(self, painter: QPainter, left: float, top: float, *, mirrored: bool) -> None:
        """At the line's end; over the icon's corner where there is only the icon."""
        assert self._mark is not None
        theme = self._theme
        token = "accentSoft" if self.isChecked() else "hover" if self.underMouse() else "sidebar"
        if self._icons_only:
            place = QRectF(left + ICON - 4, top - 4, _SMALL_MARK, _SMALL_MARK)
        else:
            place = QRectF(0, (self.height() - _MARK) / 2, _MARK, _MARK)
            place.moveLeft(10 if mirrored else self.width() - 10 - _MARK)
        colour = theme.colour(COLOUR_TOKENS[self._mark])
        paint_shape(painter, place, self._mark, colour, theme.colour(token))


class StateFoot(QWidget):
    """Shape, word, address and switch: the same on every page."""

    clicked = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state_words: tuple[str, ...] = ()
        self.shape = StatusShape(theme, Shape.OFF, ground="sidebar", parent=self)
        self.word = Text(theme, role="button_primary", parent=self)
        self.line = Text(theme, role="small", tone="text3", parent=self)
        self.switch = Switch(theme, parent=self)
        self.switch.setAccessibleName(self.tr("Serve tools"))
        self.switch.clicked.connect(self.clicked)
        self._words = QWidget(self)
        column = QVBoxLayout(self._words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.word)
        column.addWidget(self.line)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(*_WIDE)
        self._row.setSpacing(10)
        centre = Qt.AlignmentFlag.AlignCenter
        self._row.addWidget(self.shape, 0, centre)
        self._row.addWidget(self._words, 1)
        self._row.addWidget(self.switch, 0, centre)
        theme.changed.connect(self._keep_room)

    def show_view(self, view: FrameView) -> None:
        self._state_words = view.state_words
        self._keep_room()
        self.shape.set_shape(view.shape)
        self.word.set_text(view.state_word)
        self.line.set_text(view.footer_line)
        self.switch.set_on(view.switch_on)
        self.switch.setEnabled(view.switch_enabled)
        self.switch.setToolTip(literal(view.state_word))
        self.setAccessibleName(f"{view.state_word}, {view.footer_line}")

    def _keep_room(self) -> None:
        """For the longest state's word: a change of state must not move the page beside it."""
        metrics = QFontMetrics(self._theme.font("button_primary"))
        widths = [metrics.horizontalAdvance(each) for each in self._state_words]
        self.word.setMinimumWidth(max(widths, default=0))

    def set_icons_only(self, icons_only: bool) -> None:
        direction = QBoxLayout.Direction
        self._words.setVisible(not icons_only)
        self._row.setDirection(direction.TopToBottom if icons_only else direction.LeftToRight)
        self._row.setContentsMargins(*(_NARROW if icons_only else _WIDE))


class Sidebar(QFrame):
    page_chosen = Signal(str)
    switch_clicked = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons_only = False
        self._group = QButtonGroup(self)
        self.pages: dict[str, PageButton] = {}
        self._at_top = 0
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 12, 8, 8)
        self._column.setSpacing(2)
        self._column.addStretch(1)
        self._hairline = Hairline(theme, self)
        self._column.addSpacing(6)
        self._column.addWidget(self._hairline)
        self.foot = StateFoot(theme, self)
        self.foot.clicked.connect(self.switch_clicked)
        self._column.addWidget(self.foot)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Pages"))
        theme.changed.connect(self.update)

    def add_page(self, key: str, text: str, icon: str, *, at_foot: bool = False) -> None:
        """Add a page below those already there. Arrow keys move between pages, Tab leaves them."""
        button = PageButton(self._theme, text, icon, self)
        button.set_icons_only(self._icons_only)
        # The stretch stands between the pages at the top and those at the foot.
        place = self._at_top if not at_foot else len(self.pages) + 1
        self._column.insertWidget(place, button)
        self._at_top += not at_foot
        self._group.addButton(button)
        self.pages[key] = button
        button.clicked.connect(lambda _=False, key=key: self.page_chosen.emit(key))

    def choose(self, key: str) -> None:
        self.pages[key].setChecked(True)

    @property
    def chosen(self) -> PageButton | None:
        return next((each for each in self.pages.values() if each.isChecked()), None)

    def set_icons_only(self, icons_only: bool) -> None:
        if icons_only == self._icons_only:
            return
        self._icons_only = icons_only
        for button in self.pages.values():
            button.set_icons_only(icons_only)
        self.foot.set_icons_only(icons_only)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """The token's width, or more where words in a large font need it."""
        needed = super().sizeHint()
        width = ICONS_ONLY_WIDTH if self._icons_only else self._theme.tokens.sidebar
        return QSize(max(width, needed.width()), needed.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("sidebar"))
        line = self.rect()
        line.setWidth(1)
        if self.layoutDirection() == Qt.LayoutDirection.LeftToRight:
            line.moveRight(self.rect().right())
        painter.fillRect(line, self._theme.colour("line"))
        painter.end()
