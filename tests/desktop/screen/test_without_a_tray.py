"""A desktop that shows no tray, as GNOME: the window is all there is, and two commands lead to it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.screen import session_bus
from tests.desktop.screen.day_on_the_screen import QUIT_SECONDS, app_command, app_on
from tests.desktop.screen.person import MAIN_WINDOW, Person
from tests.desktop.screen.virtual_screen import (
    PROGRAMS,
    VirtualScreen,
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
def demo(qapp: object, tmp_path: Path) -> Iterator[tuple[Person, subprocess.Popen[bytes]]]:
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text(f"[server]\nport = {free_port()}\n", encoding="utf-8")
    with (
        VirtualScreen(has_tray=False) as screen,
        app_on(screen, tmp_path, "--demo") as (person, process),
    ):
        person.has_window()
        yield person, process


def run(person: Person, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        app_command(*arguments),
        env=person.screen.environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def active_window(person: Person) -> str:
    return person.screen.said("xdotool", "getactivewindow").strip()


def test_the_window_opens_by_itself_and_a_second_start_or_open_brings_it_to_the_front(
    demo: tuple[Person, subprocess.Popen[bytes]],
) -> None:
    person, process = demo
    ours = person.screen.windows(MAIN_WINDOW)[0]
    for again in (("--demo",), ("open", "--demo")):
        with person.types_elsewhere():
            assert active_window(person) != ours
            answer = run(person, *again)
            assert answer.returncode == 0, answer.stderr
            person.until(lambda: active_window(person) == ours, f"the window after {again}")
            person.picture(again[0])
    assert process.poll() is None
    person.clicks("Doctor", role="check box")
    person.sees("This desktop shows no tray icons; the window works without.")
    person.picture("doctor")


def test_quit_ends_it_and_says_so_when_nothing_runs(
    demo: tuple[Person, subprocess.Popen[bytes]],
) -> None:
    person, process = demo
    person.sees("octocat")
    assert run(person, "quit", "--demo").returncode == 0
    assert process.wait(QUIT_SECONDS) == 0
    again = run(person, "quit", "--demo")
    assert (again.returncode, again.stdout) == (0, "g-copilot-proxy does not run.\n")


def test_closing_the_only_window_asks_and_can_leave_the_server_running(
    demo: tuple[Person, subprocess.Popen[bytes]],
) -> None:
    person, process = demo
    person.sees("octocat")
    person.until(lambda: person.screen.has_keyboard(MAIN_WINDOW), "the window's keyboard")
    person.presses("ctrl+w")
    person.clicks("Keep serving")
    person.until(lambda: not person.screen.windows(MAIN_WINDOW), "the window to go")
    assert process.poll() is None
    assert run(person, "open", "--demo").returncode == 0
    person.until(lambda: person.screen.windows(MAIN_WINDOW), "the window again")
    assert run(person, "quit", "--demo").returncode == 0
    assert process.wait(QUIT_SECONDS) == 0
