"""Hints name the command that works where they are read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from proxy_core.cli import control
from proxy_core.cli.command_name import command_here, with_command


def nowhere(name: str) -> str | None:
    del name
    return None


def on_path(name: str) -> str | None:
    return f"/usr/bin/{name}"


@pytest.mark.skipif("os.name == 'nt'", reason="paths as POSIX writes them")
def test_a_clone_says_what_can_be_typed_in_it() -> None:
    clone = Path("/home/ada/proxy")
    program = "/home/ada/proxy/.venv/bin/g-copilot-proxy"
    assert command_here(program, clone, nowhere) == ".venv/bin/g-copilot-proxy"
    assert command_here(".venv/bin/g-copilot-proxy", clone, nowhere) == ".venv/bin/g-copilot-proxy"
    assert command_here(program, Path("/tmp"), nowhere) == program
    blank = "/home/ada/my tools/.venv/bin/g-copilot-proxy"
    assert command_here(blank, Path("/tmp"), nowhere) == f"'{blank}'"


def test_where_the_name_is_found_the_name_is_said() -> None:
    assert command_here("/opt/x/g-copilot-proxy", Path("/opt"), on_path) == "g-copilot-proxy"
    assert command_here("/opt/desktop/__main__.py", Path("/opt"), nowhere) == "g-copilot-proxy"


def test_only_what_is_to_be_typed_is_changed() -> None:
    said = "Nobody is signed in; run `g-copilot-proxy login`. No g-copilot-proxy runs here."
    wanted = (
        "Nobody is signed in; run `.venv/bin/g-copilot-proxy login`. No g-copilot-proxy runs here."
    )
    assert with_command(said, ".venv/bin/g-copilot-proxy") == wanted
    assert with_command("/usr/bin/g-copilot-proxy login", "x") == "/usr/bin/g-copilot-proxy login"
    assert with_command(said, "g-copilot-proxy") == said


def test_a_pause_is_told_by_the_clock_on_the_wall() -> None:
    told = control._until("2026-11-29T09:15:31.123456Z")
    assert re.fullmatch(r"until 2026-11-\d\d \d\d:\d\d:31", told)
    assert control._until(None) == "until resumed"
