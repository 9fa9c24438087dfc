"""The whole app as a person meets it: a real screen, a real tray, a mouse and a keyboard."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.desktop.screen.running_app import App
from tests.desktop.screen.virtual_screen import (
    PROGRAMS,
    VirtualScreen,
    eventually,
    missing_programs,
)
from tests.integration.free_ports import free_port

START_OR_STOP = 5
"""How many times Down is pressed for it: state, account, credits, what runs, then this."""
WINDOW = "^g-copilot-proxy$"

missing = missing_programs()
pytestmark = pytest.mark.skipif(
    bool(missing),
    reason="needs " + ", ".join(f"{name} (package {PROGRAMS[name]})" for name in missing),
)


@contextmanager
def running_app(app: App) -> Iterator[subprocess.Popen[bytes]]:
    with app.screen.running(app.command, environ=app.environ) as process:
        yield process


@pytest.fixture
def app(qapp: object, tmp_path: Path) -> Iterator[App]:
    port = free_port()
    (tmp_path / "settings.toml").write_text(
        f"[server]\nport = {port}\n\n[desktop]\nstart_server = false\n"
    )
    with VirtualScreen() as screen:
        yield App(screen, tmp_path, port)


def test_the_icon_shows_and_its_menu_starts_and_stops_the_server(app: App) -> None:
    with running_app(app) as process:
        icon = app.icon("off")
        assert app.health() is None
        app.choose(icon, START_OR_STOP)
        health = eventually(app.health, "an answer from the server")
        assert health
        icon = app.icon("ok")
        app.choose(icon, START_OR_STOP)
        eventually(lambda: app.health() is None, "the server to be gone")
        app.icon("off")
        process.terminate()
        assert process.wait(30) == 0, "SIGTERM ends it in order"


def test_the_window_opens_by_left_click_closes_to_the_tray_and_quits_from_the_menu(
    app: App,
) -> None:
    with running_app(app) as process:
        icon = app.icon("off")
        # The demo opens its window by itself.
        eventually(lambda: app.screen.has_keyboard(WINDOW), "the window with the keyboard")
        app.screen.key("ctrl+w")
        eventually(lambda: not app.screen.windows(WINDOW), "the window to close")
        assert process.poll() is None, "the tray stays"
        app.screen.click(*icon)
        eventually(lambda: app.screen.windows(WINDOW) or None, "the window again")
        app.open_menu(icon)
        app.screen.key("Up", "Return")  # the last entry
        assert process.wait(30) == 0


def test_a_second_start_ends_at_once_and_opens_the_first_ones_window(app: App) -> None:
    with running_app(app) as process:
        app.icon("off")
        eventually(lambda: app.screen.has_keyboard(WINDOW), "the window with the keyboard")
        app.screen.key("ctrl+w")
        eventually(lambda: not app.screen.windows(WINDOW), "the window to close")
        second = subprocess.run(
            app.command,
            env={**app.screen.environ, **app.environ},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert second.returncode == 0
        assert "runs already" in second.stdout
        eventually(lambda: app.screen.windows(WINDOW) or None, "the first one's window")
        assert process.poll() is None


def test_keys_in_the_window_start_and_stop_the_server(app: App) -> None:
    with running_app(app):
        app.icon("off")
        eventually(lambda: app.screen.has_keyboard(WINDOW), "the window with the keyboard")
        app.screen.key("space")
        eventually(app.health, "an answer from the server")
        app.icon("ok")
        app.screen.key("space")
        eventually(lambda: app.health() is None, "the server to be gone")
