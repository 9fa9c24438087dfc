"""What must hold on every surface for everyone: names, roles, order, size, contrast, nothing cut.

Each check returns sentences about what is wrong; none is good.
"""

from __future__ import annotations

import itertools
from collections import Counter

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QContextMenuEvent, QImage, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QWidget,
)

from desktop.views.sidebar import Sidebar
from tests.desktop.screen.seen import accessible_name, accessible_role, focusable

SMALLEST_HIT = 24
RATIO = 3
"""Pictures are taken this many times larger: thin strokes of letters then have their full colour."""
MOST_STOPS = 400
_SILENT = {QAccessible.Role.NoRole, QAccessible.Role.Client}


def controls(window: QWidget) -> list[QWidget]:
    """What a person can act on: all that takes the keyboard, and every button in sight."""
    found = focusable(window)
    buttons = [each for each in window.findChildren(QAbstractButton) if _is_ours(each)]
    return [*found, *(each for each in buttons if each not in found and each.isEnabled())]


def without_name_or_role(window: QWidget) -> list[str]:
    found = []
    for each in controls(window):
        if not accessible_name(each).strip():
            found.append(f"{_told(each)} has no name")
        if accessible_role(each) in _SILENT:
            found.append(f"{_told(each)} has no role")
    return found


def menus_without_name(window: QWidget) -> list[str]:
    """Every menu there is, and those that Qt makes for a text on a click with the right button."""
    wrong = []
    for each in (window, *window.findChildren(QWidget)):
        if isinstance(each, QMenu) and not accessible_name(each).strip():
            wrong.append(f"{_told(each)} of {_told(each.parentWidget() or each)} has no name")
        if isinstance(each, QLineEdit | QPlainTextEdit | QLabel) and each.isVisibleTo(window):
            wrong += _context_menus_without_name(each)
    return wrong


def _context_menus_without_name(text: QWidget) -> list[str]:
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Keyboard, text.rect().center(), QPoint(), Qt.KeyboardModifier(0)
    )
    QApplication.sendEvent(text, event)
    wrong = []
    while isinstance(menu := QApplication.activePopupWidget(), QMenu):
        if not accessible_name(menu).strip():
            wrong.append(f"the menu of {_told(text)} has no name")
        menu.close()
    return wrong


def too_small(window: QWidget) -> list[str]:
    return [
        f"{_told(each)} is {each.width()} x {each.height()}"
        for each in controls(window)
        if min(each.width(), each.height()) < SMALLEST_HIT
    ]


def focus_traps(window: QWidget) -> list[str]:
    """Walk with Tab and with Shift+Tab: each walk must come back, having been everywhere."""
    reachable = focusable(window)
    if not reachable:
        return []
    wrong = []
    for key, name in ((Qt.Key.Key_Tab, "Tab"), (Qt.Key.Key_Backtab, "Shift+Tab")):
        start = reachable[0]
        start.setFocus(Qt.FocusReason.TabFocusReason)
        start = QApplication.focusWidget() or start
        seen = [start]
        for _ in range(MOST_STOPS):
            at = QApplication.focusWidget()
            if at is None:
                return [f"{name} loses the keyboard after {_told(seen[-1])}"]
            QTest.keyClick(at, key)
            now = QApplication.focusWidget()
            if now is at:
                return [f"{name} does not leave {_told(at)}"]
            if now is start:
                break
            if now is not None:
                seen.append(now)
        else:
            wrong.append(f"{name} does not come back to {_told(start)}")
        missed = [each for each in reachable if not any(_holds(stop, each) for stop in seen)]
        wrong += [f"{name} does not reach {_told(each)}" for each in missed]
    return wrong


def out_of_order(window: QWidget) -> list[str]:
    """Tab goes down each column of a page: never to a control that stands above the one before."""
    stops = [
        each
        for each in focusable(window)
        if not _is_in_sidebar(each, window) and _is_in_sight(each)
    ]
    wrong = []
    for before, after in itertools.pairwise(stops):
        one, other = _place(before, window), _place(after, window)
        same_column = one.left() <= other.right() and other.left() <= one.right()
        if same_column and other.bottom() < one.top():
            wrong.append(f"Tab goes up from {_told(before)} to {_told(after)}")
    return wrong


def faint(window: QWidget) -> list[str]:
    """Texts under AA: 4.5 to 1, 3 to 1 for large ones. Disabled controls are exempt, as in WCAG."""
    wrong = []
    image = enlarged(window)
    for each in window.findChildren(QWidget):
        text = _text_of(each)
        if not text or not _is_in_sight(each) or not each.isEnabled():
            continue
        colours = _colours(image, _place(each, window))
        if not colours:
            continue
        ground = colours.most_common(1)[0][0]
        if isinstance(each, QLabel):
            ink = each.palette().color(QPalette.ColorRole.WindowText).rgb() & 0xFFFFFF
            ratio = contrast(ink, ground)
        else:
            ratio = max(contrast(colour, ground) for colour in colours)
        wanted = 3.0 if _is_large(each) else 4.5
        if round(ratio, 2) < wanted:
            wrong.append(f"{_told(each)} has a contrast of {ratio:.2f}, not {wanted}")
    return wrong


def cut(window: QWidget) -> list[str]:
    """Texts that have less room than they need."""
    wrong = []
    for each in window.findChildren(QWidget):
        text = _text_of(each)
        if not text or not _is_in_sight(each):
            continue
        if isinstance(each, QLabel) and each.wordWrap():
            needed = each.heightForWidth(each.width())
            if each.height() + 1 < needed:
                wrong.append(f"{_told(each)} is {each.height()} high and needs {needed}")
        elif isinstance(each, QLabel | QAbstractButton):
            needed = each.minimumSizeHint()
            if each.width() + 2 < needed.width() or each.height() + 1 < needed.height():
                wrong.append(
                    f"{_told(each)} is {each.width()} x {each.height()} and needs "
                    f"{needed.width()} x {needed.height()}"
                )
    wrong += _outside(window)
    return wrong


def _outside(window: QWidget) -> list[str]:
    """Parts that stick out of their parent where nothing scrolls."""
    wrong = []
    for each in window.findChildren(QWidget):
        parent = each.parentWidget()
        if not _is_in_sight(each) or parent is None or each.isWindow() or not _text_of(each):
            continue
        area = parent.parentWidget()
        if isinstance(area, QAbstractScrollArea):
            continue
        room = parent.rect().adjusted(-1, -1, 1, 1)
        if not room.contains(each.geometry()):
            wrong.append(f"{_told(each)} sticks out of {type(parent).__name__}")
    return wrong


def said_texts(window: QWidget) -> list[tuple[QWidget, str]]:
    """Every text in sight or for a screen reader, with the widget that says it."""
    found: list[tuple[QWidget, str]] = []
    for each in (window, *window.findChildren(QWidget)):
        if not each.isVisibleTo(window) and each is not window:
            continue
        texts = {_text_of(each), each.toolTip(), each.accessibleName()}
        texts |= {each.accessibleDescription()}
        if each.isWindow():
            texts.add(each.windowTitle())
        if isinstance(each, QLineEdit):
            texts.add(each.placeholderText())
        found += [(each, text) for text in texts if text]
    return found


def enlarged(window: QWidget) -> QImage:
    image = QImage(window.size() * RATIO, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(RATIO)
    window.render(image)
    return image


def contrast(one: int, other: int) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(rgb: int) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue, _ = QColor(rgb).getRgbF()
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def _colours(image: QImage, place: QRect) -> Counter[int]:
    box = QRect(place.topLeft() * RATIO, place.size() * RATIO).intersected(image.rect())
    found: Counter[int] = Counter()
    for y in range(box.top(), box.bottom() + 1, 2):
        for x in range(box.left(), box.right() + 1):
            found[image.pixel(x, y) & 0xFFFFFF] += 1
    return found


def _place(widget: QWidget, window: QWidget) -> QRect:
    """The part of the widget that is in sight, in the window's coordinates."""
    seen = widget.visibleRegion().boundingRect()
    return QRect(widget.mapTo(window, seen.topLeft()), seen.size())


def _text_of(widget: QWidget) -> str:
    if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
        return widget.text()
    return ""


def _is_large(widget: QWidget) -> bool:
    size = widget.font().pointSizeF()
    return size >= 18 or (size >= 14 and widget.font().bold())


def _is_in_sight(widget: QWidget) -> bool:
    return widget.isVisible() and not widget.visibleRegion().isEmpty()


def _is_in_sidebar(widget: QWidget, window: QWidget) -> bool:
    return any(each.isAncestorOf(widget) for each in window.findChildren(Sidebar))


def _is_ours(button: QWidget) -> bool:
    """Not a part that Qt makes inside its own widgets, such as a table's corner."""
    return button.isVisible() and type(button).__module__.startswith("desktop.")


def _holds(stop: QWidget, wanted: QWidget) -> bool:
    """Whether a stop of the walk is the wanted control: itself, its proxy, or its group's button."""
    if stop is wanted or wanted.focusProxy() is stop:
        return True
    group = wanted.group() if isinstance(wanted, QAbstractButton) else None
    return group is not None and isinstance(stop, QAbstractButton) and stop.group() is group


def _told(widget: QWidget) -> str:
    name = accessible_name(widget) or _text_of(widget) or widget.objectName()
    corner = widget.mapTo(widget.window(), QPoint(0, 0))
    return f"{type(widget).__name__} “{name[:60]}” at {corner.x()}, {corner.y()}"
