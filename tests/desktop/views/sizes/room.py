"""What is wrong with a window at its size: parts beyond their room, texts and buttons that are cut."""

from __future__ import annotations

import re

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QLabel,
    QScrollArea,
    QWidget,
)

from tests.desktop import perceivable

_BREAKS = re.compile(r"[\s\u200b]+|(?<=[\u2e80-\uffef])|(?=[\u2e80-\uffef])")
"""Where a line may end: at spaces, and before and behind each Chinese character."""
_SLACK = 2
"""Pixels by which fractions may be rounded."""


def problems(window: QWidget) -> list[str]:
    return [
        *wider_than_their_room(window),
        *narrower_than_their_words(window),
        *lines_out_of_sight(window),
        *perceivable.cut(window),
    ]


def wider_than_their_room(window: QWidget) -> list[str]:
    """Whatever sticks out of the scroll area it is in, unless that scrolls sideways."""
    wrong = []
    for area in window.findChildren(QScrollArea):
        body = area.widget()
        if not area.isVisible() or body is None:
            continue
        room = area.viewport().width()
        for each in body.findChildren(QWidget):
            if not each.isVisible() or each.width() == 0 or _inner_area(each, area):
                continue
            right = each.mapTo(body, QPoint(each.width(), 0)).x()
            if right > room + 1 or each.mapTo(body, QPoint(0, 0)).x() < -1:
                wrong.append(f"{told(each)} ends at {right} of {room}")
    return wrong


def narrower_than_their_words(window: QWidget) -> list[str]:
    """Labels of one line, and buttons, whose words have no room, and no tooltip that says them."""
    wrong = []
    for each in window.findChildren(QWidget):
        if not isinstance(each, QLabel | QAbstractButton) or not each.isVisible():
            continue
        # Where lines wrap, a word longer than the line is cut.
        wraps = each.hasHeightForWidth()
        words = _BREAKS.split(each.text()) if wraps else each.text().split("\n")
        metrics = QFontMetrics(each.font())
        needed = max((metrics.horizontalAdvance(word) for word in words), default=0)
        is_icon = isinstance(each, QAbstractButton) and not _shows_text(each, needed)
        if not is_icon and needed > each.width() + _SLACK and each.toolTip() != each.text():
            wrong.append(f"{told(each)} is {each.width()} wide, its words {needed}")
    return wrong


def told(widget: QWidget) -> str:
    name = widget.accessibleName() or str(widget.property("text") or "")
    return f"{type(widget).__name__} “{name[:60]}”"


def lines_out_of_sight(window: QWidget) -> list[str]:
    """Areas that hold more than they show, and have no bar to reach it by."""
    wrong = []
    for area in window.findChildren(QAbstractScrollArea):
        hides_bar = area.verticalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if area.isVisible() and hides_bar and area.verticalScrollBar().maximum() > 0:
            wrong.append(f"{told(area)} hides {area.verticalScrollBar().maximum()} of its lines")
    return wrong


def _shows_text(button: QAbstractButton, needed: int) -> bool:
    """Whether it paints its words: an icon alone wants less room than they need."""
    return button.sizeHint().width() >= needed


def _inner_area(widget: QWidget, area: QScrollArea) -> bool:
    """Whether the widget lies in another scrolling part inside ``area``, or is one."""
    if isinstance(widget, QAbstractScrollArea):
        return False
    parent = widget.parentWidget()
    while parent is not None and parent is not area:
        if isinstance(parent, QAbstractScrollArea | QAbstractItemView):
            return True
        parent = parent.parentWidget()
    return False
