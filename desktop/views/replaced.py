"""Takes away widgets that others replace.

They are hidden at once, so that they are not seen beside the new ones and the window moves the
keyboard's focus to a safe place (:mod:`desktop.views.calm_focus`), and deleted in the next turn of the
loop, because the replacement may run inside one of their own signals.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QLayout, QWidget


def take_away(layout: QLayout, widgets: Iterable[QWidget]) -> None:
    for widget in tuple(widgets):
        layout.removeWidget(widget)
        delete_soon(widget)


def empty(layout: QLayout) -> None:
    """Take away every widget of ``layout``, and its stretches and spaces."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            delete_soon(widget)


def delete_soon(widget: QWidget) -> None:
    """Take away a widget that is in no layout."""
    widget.hide()
    widget.deleteLater()
