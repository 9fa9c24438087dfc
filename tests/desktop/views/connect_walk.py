"""The Connect page walked with the real app: a change is read, applied, tested and undone.

The tool is a program of that name on PATH, with settings of its own in the person's home.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.desktop.screen.person import Person

SETTINGS = '{\r\n\t// mine\r\n\t"model": "opus",\r\n\t"env": {"EDITOR": "nvim"}\r\n}\r\n'
CONNECT, TEST, UNDO = "Connect Claude Code", "Test it", "Undo"
_DIFFERENCE = re.compile(r"settings\.json: \d+ lines are added, \d+ removed")
_MOST_TABS = 40


def put_a_tool(folder: Path, home: Path) -> Path:
    """Put the program into ``folder``, which is on PATH; return its settings in ``home``."""
    program = folder / "claude"
    program.write_text("#!/bin/sh\necho '2.1.332 (Claude Code)'\n", encoding="utf-8")
    program.chmod(0o755)
    settings = home / ".claude/settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_bytes(SETTINGS.encode())
    return settings


def connects_and_undoes_by_mouse(person: Person, settings: Path) -> None:
    person.presses("ctrl+5")
    person.sees(re.compile("Claude Code 2.1.332"))
    person.sees(_DIFFERENCE)
    assert settings.read_bytes() == SETTINGS.encode(), "nothing is written before it is asked for"
    person.picture("connect-difference")
    person.clicks(CONNECT)
    person.sees("Claude Code is connected")
    assert b"ANTHROPIC_BASE_URL" in settings.read_bytes()
    person.picture("connect-connected")
    person.clicks(TEST)
    person.sees(re.compile("answered in"))
    person.picture("connect-tested")
    person.clicks(UNDO)
    person.sees("Claude Code is disconnected")
    assert settings.read_bytes() == SETTINGS.encode()
    person.picture("connect-undone")


def connects_and_undoes_by_keys(person: Person, settings: Path) -> None:
    """And another program's edit in between is named, and stays."""
    person.presses("ctrl+1", "ctrl+5")
    person.sees(CONNECT)
    _goes_to(person, CONNECT)
    person.presses("Return")
    person.sees("Claude Code is connected")
    changed = settings.read_bytes().replace(b'"EDITOR"', b'"PAGER": "less", "EDITOR"')
    settings.write_bytes(changed)
    _goes_to(person, UNDO)
    person.presses("Return")
    person.sees("Claude Code is disconnected")
    left = settings.read_bytes()
    assert left == SETTINGS.replace('"EDITOR"', '"PAGER": "less", "EDITOR"').encode()


def _goes_to(person: Person, name: str) -> None:
    for _ in range(_MOST_TABS):
        focused = next((each for each in person.reader.everything() if each.has_focus), None)
        if focused is not None and focused.name == name:
            return
        person.presses("Tab")
    raise AssertionError(f"Tab does not lead to {name}")
