"""A presenter's menu as a native ``QMenu``, updated in place where its shape stays the same."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from desktop.presenters.tray import Menu, MenuEntry, MenuSeparator


class TrayMenu(QMenu):
    """Never styled. Entries that stay keep their ``QAction``, so an open menu does not jump."""

    chosen = Signal(str)
    """An :class:`~desktop.presenters.actions.Action`."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: Menu = ()
        self._actions: dict[str, QAction] = {}
        self._submenus: list[QMenu] = []
        self.setAccessibleName("g-copilot-proxy")

    def show_menu(self, menu: Menu) -> None:
        if menu == self._shown:
            return
        if _shape(menu) == _shape(self._shown):
            for entry in _entries(menu):
                self._apply(self._actions[entry.key], entry)
        else:
            self._rebuild(menu)
        self._shown = menu

    def action(self, key: str) -> QAction:
        return self._actions[key]

    def _rebuild(self, menu: Menu) -> None:
        self.clear()
        self._actions.clear()
        for submenu in self._submenus:
            submenu.deleteLater()
        self._submenus.clear()
        for entry in menu:
            if isinstance(entry, MenuSeparator):
                self.addSeparator()
            elif entry.submenu:
                submenu = QMenu(self)
                self._submenus.append(submenu)
                action = submenu.menuAction()
                self._actions[entry.key] = action
                self._apply(action, entry)
                self.addAction(action)
                for inner in entry.submenu:
                    self._add(submenu, inner)
            else:
                self._add(self, entry)

    def _add(self, menu: QMenu, entry: MenuEntry) -> None:
        action = QAction(menu)
        # A system may move entries by their words ("Quit", "About") into its own menu.
        action.setMenuRole(QAction.MenuRole.NoRole)
        action.triggered.connect(lambda: self._on_triggered(entry.key))
        self._actions[entry.key] = action
        self._apply(action, entry)
        menu.addAction(action)

    @staticmethod
    def _apply(action: QAction, entry: MenuEntry) -> None:
        # An ampersand in a name must not become a mnemonic.
        action.setText(entry.text.replace("&", "&&"))
        action.setEnabled(entry.enabled)
        action.setCheckable(entry.checked is not None)
        action.setChecked(bool(entry.checked))
        submenu = action.menu()
        if isinstance(submenu, QMenu):
            submenu.setAccessibleName(entry.text)

    def _on_triggered(self, key: str) -> None:
        for entry in _entries(self._shown):
            if entry.key == key and entry.action is not None:
                self.chosen.emit(entry.action)


def _entries(menu: Menu) -> list[MenuEntry]:
    found: list[MenuEntry] = []
    for entry in menu:
        if isinstance(entry, MenuEntry):
            found.append(entry)
            found.extend(entry.submenu)
    return found


def _shape(menu: Menu) -> list[tuple[str, tuple[str, ...]]]:
    """What must stay the same for an update in place: keys, order, nesting."""
    return [
        (entry.key, tuple(each.key for each in getattr(entry, "submenu", ()))) for entry in menu
    ]
