"""The app's icon as two kinds of desktop have it: a window in a panel (XEmbed), or a name on a bus."""

from __future__ import annotations

import subprocess
import threading
import time
from typing import Protocol

from tests.desktop.screen.running_app import COLOURS
from tests.desktop.screen.status_notifier_host import Host
from tests.desktop.screen.virtual_screen import VirtualScreen, eventually

FROM_BELOW = (
    "Quit",
    "About this app…",
    "Doctor…",
    "Settings…",
    "Open window",
    "Ask before sending",
)
"""A panel's menu is seen as pixels only: its entries are counted from its end."""
SAID = {
    "off": "Off",
    "ok": "unning on 127.0.0.1",
    "attention": "needs you",
    "signed_out": "Signed out",
}
"""What the tooltip has in each state."""

_CLICKS, _MENU_SECONDS = 3, 4.0
"""Qt's own balloon points at the icon with a tip that covers it: a click on that closes the balloon."""


class Tray(Protocol):
    def shows(self, state: str) -> None:
        """Wait until the icon shows the state, called as in the colours of the tray."""

    def chooses(self, entry: str) -> None:
        """Open the menu and choose an entry."""

    def left_click(self) -> None: ...


class PanelTray:
    """XEmbed: found by its colour, pressed by the mouse."""

    def __init__(self, screen: VirtualScreen) -> None:
        self._screen = screen
        self._place = (0, 0)

    def shows(self, state: str) -> None:
        self._place = eventually(
            lambda: self._screen.place_of(COLOURS[state]), f"the icon of the state {state}"
        )

    def chooses(self, entry: str) -> None:
        self._open_menu()
        self._screen.key(*["Up"] * (FROM_BELOW.index(entry) + 1), "Return")
        eventually(lambda: not self._screen.open_menus(), "the menu to close")

    def left_click(self) -> None:
        self._screen.click(*self._place)

    def _open_menu(self) -> None:
        """Keys that come before the menu has the keyboard would go elsewhere: wait for it."""
        for _ in range(_CLICKS):
            self._screen.click(*self._place, button=3)
            end = time.monotonic() + _MENU_SECONDS
            while time.monotonic() < end:
                if self._screen.open_menus():
                    return
        raise AssertionError("no menu opened")


class BusTray:
    """StatusNotifier: the icon registers with the watcher, a host calls it."""

    def __init__(self, screen: VirtualScreen, watcher: subprocess.Popen[str]) -> None:
        self._screen = screen
        self._watcher = watcher
        self._registered: list[str] = []
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    @property
    def _host(self) -> Host:
        """Of the icon that registered last: an app that starts again as the demo has another."""
        name = eventually(lambda: (self._registered or [None])[-1], "an icon on the bus")
        return Host(self._screen, name)

    def _listen(self) -> None:
        assert self._watcher.stdout is not None
        for line in self._watcher.stdout:
            self._registered.append(line.strip())

    def shows(self, state: str) -> None:
        eventually(lambda: SAID[state] in self._host.tooltip(), f"a tooltip of the state {state}")

    def chooses(self, entry: str) -> None:
        eventually(lambda: entry in self._host.menu(), f"the entry {entry}")
        self._host.click(entry)

    def left_click(self) -> None:
        self._host.activate()
