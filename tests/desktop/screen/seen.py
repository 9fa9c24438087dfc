"""What a person or a screen reader perceives of a widget."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtWidgets import QWidget


def accessible_name(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def accessible_role(widget: QWidget) -> QAccessible.Role:
    return QAccessible.queryAccessibleInterface(widget).role()


def picture(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def colours_in(image: QImage) -> set[str]:
    """Every colour on a coarse grid of the picture."""
    return {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    }


def contains(image: QImage, colour: QColor) -> bool:
    return any(
        image.pixelColor(x, y).name() == colour.name()
        for x in range(image.width())
        for y in range(image.height())
    )


def focusable(window: QWidget) -> list[QWidget]:
    """Every control the Tab key can reach, in order."""
    found: list[QWidget] = []
    each = window.nextInFocusChain()
    while each is not window:
        if (
            each.isVisibleTo(window)
            and each.isEnabled()
            and each.focusPolicy() & Qt.FocusPolicy.TabFocus
            and each.focusProxy() is None
        ):
            found.append(each)
        each = each.nextInFocusChain()
    return found
