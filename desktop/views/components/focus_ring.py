"""The focus ring: 2 px, two pixels outside the control, only after keyboard use.

Style sheets can draw focus only inside a widget, by changing its border and padding. This ring is a
transparent widget above the page, so nothing moves and all controls have the same ring.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QWidget
from shiboken6 import isValid

from desktop.views.theme.theme import Theme

GAP = 2
WIDTH = 2
KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class FocusRing(QWidget):
    """Follows one widget at a time inside its page (or window)."""

    def __init__(self, theme: Theme, host: QWidget) -> None:
        super().__init__(host)
        self._theme = theme
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        self._radius = 0.0
        self.setObjectName("focusRing")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        theme.changed.connect(self.update)

    @property
    def target(self) -> QWidget | None:
        return self._target

    def follow(self, target: QWidget, radius: float) -> None:
        self.leave()
        self._target, self._radius = target, radius
        each: QWidget | None = target
        while each is not None and each is not self.parentWidget():
            each.installEventFilter(self)
            self._watched.append(each)
            each = each.parentWidget()
        self._place()
        self.raise_()
        self.show()

    def leave(self) -> None:
        for each in self._watched:
            each.removeEventFilter(self)
        self._watched.clear()
        self._target = None
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize):
            self._place()
        elif event.type() == QEvent.Type.Hide and watched is self._target:
            self.leave()
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("focus"), WIDTH))
        half = WIDTH / 2
        radius = self._radius + GAP + half
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius
        )
        painter.end()

    def _place(self) -> None:
        host = self.parentWidget()
        if self._target is None or host is None:
            return
        corner = self._target.mapTo(host, QPoint(0, 0))
        margin = GAP + WIDTH
        self.setGeometry(
            QRect(corner, self._target.size()).adjusted(-margin, -margin, margin, margin)
        )


def _host_of(widget: QWidget) -> QWidget:
    """The page inside a scroll area, so that the ring scrolls and is cut with it, or the window."""
    each = widget
    while (parent := each.parentWidget()) is not None and not each.isWindow():
        area = parent.parentWidget()
        if isinstance(area, QAbstractScrollArea) and area.viewport() is parent:
            return each
        each = parent
    return each


class KeyboardFocus:
    """Mix-in for controls: shows the ring when focus came by Tab or a shortcut.

    Goes before the Qt class in the list of bases; the control has a ``_theme``.
    """

    _theme: Theme
    _focus_by_keyboard = False
    _ring: FocusRing | None = None

    def ring_radius(self) -> float:
        return self._theme.tokens.radii["control"]

    def ring_target(self) -> QWidget:
        assert isinstance(self, QWidget)
        return self

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)  # type: ignore[misc]  # QWidget's, by the order of bases
        assert isinstance(self, QWidget)
        reason = event.reason()
        if reason in KEYBOARD:
            # A window that opens gives its first control the focus "by Tab" before it is active.
            self._focus_by_keyboard = self.window().isActiveWindow()
        elif reason == Qt.FocusReason.MouseFocusReason:
            self._focus_by_keyboard = False
        if self._focus_by_keyboard:
            target = self.ring_target()
            self._ring = _ring_in(_host_of(target), self._theme)
            self._ring.follow(target, self.ring_radius())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)  # type: ignore[misc]  # QWidget's, by the order of bases
        # A window that is being destroyed still sends focus events; its ring may be gone already.
        if self._ring is not None and isValid(self._ring):
            if self._ring.target is self.ring_target():
                self._ring.leave()
            self._ring = None
        keeping_reasons = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
        if event.reason() not in keeping_reasons:
            self._focus_by_keyboard = False


def _ring_in(host: QWidget, theme: Theme) -> FocusRing:
    found = host.findChild(FocusRing, "focusRing", Qt.FindChildOption.FindDirectChildrenOnly)
    return found if isinstance(found, FocusRing) else FocusRing(theme, host)
