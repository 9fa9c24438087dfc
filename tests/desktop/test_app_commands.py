"""``open`` and ``quit``: the running app hears them without a tray, as on GNOME."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.system.single_instance import SingleInstance, ask_to_quit, ask_to_show, instance_name
from tests.desktop.screen.virtual_screen import eventually
from tests.integration.free_ports import free_port

ROOT = Path(__file__).resolve().parents[2]


class Home:
    """A demo with a home of its own, on the offscreen platform: it has no tray."""

    def __init__(self, home: Path) -> None:
        self.path = home
        port = free_port()
        (home / "settings.toml").write_text(f"[server]\nport = {port}\n")
        self.environ = {
            **os.environ,
            "G_COPILOT_PROXY_HOME": str(home),
            "QT_QPA_PLATFORM": "offscreen",
        }
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "desktop", "--demo", *arguments],
            cwd=ROOT,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str) -> tuple[int, str]:
        process = self.start(*arguments)
        output, errors = process.communicate(timeout=90)
        return process.returncode, output + errors

    def is_running(self) -> bool:
        return ask_to_show(instance_name(self.path, demo=True))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path)
    yield home
    for process in home.started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_the_app_that_runs_is_opened_and_ended(home: Home, qapp) -> None:
    app = home.start("open")
    eventually(home.is_running, "the app")
    assert home.run("open") == (0, "")
    code, said = home.run()
    assert code == 0
    assert "runs already" in said
    assert home.run("quit")[0] == 0
    app.communicate(timeout=90)
    assert app.returncode == 0
    assert not home.is_running()


def test_nothing_runs_and_nothing_is_ended(home: Home) -> None:
    assert home.run("quit") == (0, "g-copilot-proxy does not run.\n")


def test_the_first_instance_hears_the_wish_to_quit(qapp, qtbot) -> None:
    name = f"g-copilot-proxy-quit-{os.getpid()}"
    first = SingleInstance(name)
    assert first.claim()
    with qtbot.waitSignal(first.quit_requested, timeout=30_000):
        assert ask_to_quit(name, seconds=0) is False, "it was told, and still runs"
    first.release()
    assert ask_to_quit(name) is None
