"""The tray as KDE and GNOME use it: no icon window, everything over D-Bus."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.screen import session_bus
from tests.desktop.screen.running_app import App
from tests.desktop.screen.status_notifier_host import Host
from tests.desktop.screen.virtual_screen import (
    PROGRAMS,
    VirtualScreen,
    eventually,
    missing_programs,
)
from tests.integration.free_ports import free_port

needed = {**PROGRAMS, **session_bus.PROGRAMS}
missing = [*missing_programs(), *session_bus.missing_programs()]
pytestmark = pytest.mark.skipif(
    bool(missing),
    reason="needs " + ", ".join(f"{name} (package {needed[name]})" for name in missing),
)


@pytest.fixture
def bus(qapp: object) -> Iterator[tuple[VirtualScreen, subprocess.Popen[str]]]:
    """A screen with a session bus, and a watcher on it."""
    with (
        VirtualScreen(has_tray=False) as screen,
        session_bus.session_bus(screen),
        session_bus.status_notifier_watcher(screen) as watcher,
    ):
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
        assert {"Off", "Start serving", "Copy base URL", "OpenAI base URL", "Quit"} <= set(
            host.menu()
        )
        host.click("Start serving")
        eventually(app.health, "an answer from the server")
        eventually(lambda: "Stop serving" in host.menu(), "the menu to say Stop")
        assert f"Demo running on 127.0.0.1:{app.port}" in host.menu()
        assert f"Demo running on 127.0.0.1:{app.port}" in host.tooltip()
        host.click("Stop serving")
        eventually(lambda: app.health() is None, "the server to be gone")
        host.activate()
        eventually(lambda: screen.windows("^g-copilot-proxy$") or None, "the window")
        host.click("Quit")
        assert process.wait(30) == 0
