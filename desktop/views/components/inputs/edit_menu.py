"""The name of Qt's own menu of a text: Copy, Paste, Select All."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QMenu, QWidget

tr = partial(QCoreApplication.translate, "EditMenu")


class NamedEditMenu:
    """Mix-in for fields and labels, before the Qt class in the list of bases.

    Qt makes the menu when it is asked for, and gives it no name for a screen reader.
    """

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # Qt's signature
        super().contextMenuEvent(event)  # type: ignore[misc]  # QWidget's, by the order of bases
        _name_menus(self)


def _name_menus(text: object) -> None:
    assert isinstance(text, QWidget)
    for menu in text.findChildren(QMenu):
        if not menu.accessibleName():
            menu.setAccessibleName(tr("Edit"))
