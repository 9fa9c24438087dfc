"""The tray as KDE and GNOME use it: no icon window, everything over D-Bus."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.desktop.running_app import App
from tests.desktop.virtual_screen import (
    PROGRAMS,
    VirtualScreen,
    eventually,
    free_port,
    missing_programs,
)

needed = {**PROGRAMS, "dbus-daemon": "dbus", "dbus-send": "dbus"}
missing = [
    *missing_programs(),
    *(each for each in ("dbus-daemon", "dbus-send") if not shutil.which(each)),
]
pytestmark = pytest.mark.skipif(
    bool(missing),
    reason="needs " + ", ".join(f"{name} (package {needed[name]})" for name in missing),
)


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


@pytest.fixture
def bus(qapp: object) -> Iterator[tuple[VirtualScreen, subprocess.Popen[str]]]:
    """A screen with a session bus, and a watcher on it."""
    with ExitStack() as stack:
        screen = stack.enter_context(VirtualScreen())
        daemon = stack.enter_context(
            subprocess.Popen(
                ["dbus-daemon", "--session", "--print-address", "--nofork"],
                env=screen.environ,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        )
        stack.callback(daemon.terminate)
        assert daemon.stdout is not None
        screen.environ["DBUS_SESSION_BUS_ADDRESS"] = daemon.stdout.readline().strip()
        watcher = stack.enter_context(
            subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("status_notifier_watcher.py"))],
                env=screen.environ,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        stack.callback(watcher.terminate)
        assert watcher.stdout is not None
        assert watcher.stdout.readline() == "ready\n"
        yield screen, watcher


def test_a_status_notifier_host_reads_the_menu_and_starts_the_server(
    bus: tuple[VirtualScreen, subprocess.Popen[str]], tmp_path: Path
) -> None:
    screen, watcher = bus
    app = App(screen, tmp_path, free_port())
    (tmp_path / "settings.toml").write_text(
        f"[server]\nport = {app.port}\n\n[desktop]\nstart_server = false\n"
    )
    with screen.running(app.command, environ=app.environ) as process:
        assert watcher.stdout is not None
        host = Host(screen, watcher.stdout.readline().strip())
        # The host read this before anybody opened the menu.
        eventually(lambda: "octocat, Pro" in host.menu(), "the signed-in menu")
        assert {"Off", "Start", "Copy base URL", "OpenAI base URL", "Quit"} <= set(host.menu())
        host.click("Start")
        eventually(app.health, "an answer from the server")
        eventually(lambda: "Stop" in host.menu(), "the menu to say Stop")
        assert f"Demo running on 127.0.0.1:{app.port}" in host.menu()
        assert f"Demo running on 127.0.0.1:{app.port}" in host.tooltip()
        host.click("Stop")
        eventually(lambda: app.health() is None, "the server to be gone")
        host.activate()
        eventually(lambda: screen.windows("^g-copilot-proxy$") or None, "the window")
        host.click("Quit")
        assert process.wait(15) == 0
