"""What a desktop's panel does with an icon over D-Bus: reads its menu, clicks, shows its tooltip."""

from __future__ import annotations

import re
import subprocess

from tests.desktop.screen.virtual_screen import VirtualScreen


class Host:
    """A StatusNotifier host: reads the exported menu and clicks its entries."""

    def __init__(self, screen: VirtualScreen, service: str) -> None:
        self._screen = screen
        self._service = service

    def menu(self) -> dict[str, int]:
        """Label to id of every entry, submenus too."""
        reply = self._send(
            "com.canonical.dbusmenu.GetLayout", "int32:0", "int32:-1", "array:string:label"
        )
        entries: dict[str, int] = {}
        number = 0
        is_label = False
        for line in reply.splitlines():
            if found := re.match(r"\s+int32 (\d+)$", line):
                number = int(found[1])
            elif re.match(r'\s+string "label"$', line):
                is_label = True
            elif is_label and (found := re.match(r'\s+variant\s+string "(.*)"$', line)):
                entries[found[1]] = number
                is_label = False
        return entries

    def click(self, label: str) -> None:
        number = self.menu()[label]
        self._send(
            "com.canonical.dbusmenu.Event",
            f"int32:{number}",
            "string:clicked",
            "variant:string:",
            "uint32:0",
        )

    def tooltip(self) -> str:
        return self._send(
            "org.freedesktop.DBus.Properties.Get",
            "string:org.kde.StatusNotifierItem",
            "string:ToolTip",
            path="/StatusNotifierItem",
        )

    def activate(self) -> None:
        """A left click on the icon."""
        self._send(
            "org.kde.StatusNotifierItem.Activate",
            "int32:0",
            "int32:0",
            path="/StatusNotifierItem",
        )

    def _send(self, member: str, *arguments: str, path: str = "/MenuBar") -> str:
        return subprocess.run(
            ["dbus-send", "--print-reply", f"--dest={self._service}", path, member, *arguments],
            env=self._screen.environ,
            capture_output=True,
            text=True,
            check=True,
            timeout=15,
        ).stdout
