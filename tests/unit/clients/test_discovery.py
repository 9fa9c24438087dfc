"""Finding tools: on PATH and among VS Code's extensions, without writing or waiting."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.discovery import FoundTool, find_tools, read_version

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")


def program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def found(home: Path, path: Path | str) -> dict[str, FoundTool]:
    tools = find_tools(TOOLS.values(), environ={"PATH": str(path)}, home=home)
    return {each.app_id: each for each in tools}


def test_programs_on_path_are_found_with_the_version_they_print(tmp_path: Path) -> None:
    claude = program(tmp_path / "bin", "claude", "echo '2.1.329 (Claude Code)'")
    program(tmp_path / "bin", "codex", "echo codex-cli 0.169.0")
    program(tmp_path / "bin", "aider", "echo aider 0.86.2 >&2")
    here = found(tmp_path, tmp_path / "bin")
    assert {name: each.version for name, each in here.items()} == {
        "claude-code": "2.1.329",
        "codex": "0.169.0",
        "aider": "0.86.2",
    }
    assert here["claude-code"].place == str(claude)


def test_extensions_are_found_by_their_newest_folder(tmp_path: Path) -> None:
    for name in ("continue.continue-1.9.2-linux-x64", "continue.continue-1.10.0-linux-x64"):
        (tmp_path / ".vscode" / "extensions" / name).mkdir(parents=True)
    (tmp_path / ".vscode" / "extensions" / "continue.continue-helper-9.0.0").mkdir()
    (tmp_path / ".cursor" / "extensions" / "saoudrizwan.claude-dev-3.40.1").mkdir(parents=True)
    here = found(tmp_path, "/nowhere")
    assert here["continue"].version == "1.10.0"
    assert here["cline"].version == "3.40.1"
    assert set(here) == {"continue", "cline"}


def test_a_program_that_tells_no_version_or_fails_is_found_all_the_same(tmp_path: Path) -> None:
    program(tmp_path / "bin", "claude", "echo hello; exit 3")
    program(tmp_path / "bin", "codex", "kill -9 $$")
    here = found(tmp_path, tmp_path / "bin")
    assert {name: each.version for name, each in here.items()} == {"claude-code": "", "codex": ""}


def test_a_program_that_hangs_is_given_up(tmp_path: Path) -> None:
    path = program(tmp_path, "claude", "exec sleep 60")
    began = time.monotonic()
    assert read_version(str(path), seconds=0.2) == ""
    assert time.monotonic() - began < 10


def test_a_program_that_asks_gets_no_answer_and_no_terminal(tmp_path: Path) -> None:
    path = program(tmp_path, "claude", 'read answer; echo "1.2.3 got [$answer]"')
    assert read_version(str(path)) == "1.2.3"


def test_nothing_is_found_where_nothing_is_and_nothing_is_made(tmp_path: Path) -> None:
    assert found(tmp_path, tmp_path / "bin") == {}
    assert list(tmp_path.iterdir()) == []


def test_a_version_may_have_an_ending(tmp_path: Path) -> None:
    path = program(tmp_path, "zed", "echo Zed 0.231.0-preview.2 /opt/zed")
    assert read_version(str(path)) == "0.231.0-preview.2"
    assert read_version(str(tmp_path / "missing")) == ""
