"""Completions and manual page are made from the commands, and shells read them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from release.command_texts.command_tree import Command, command_tree
from release.command_texts.completions import all_commands, bash, fish, zsh
from release.command_texts.man_page import man_page

from proxy_core.cli.main import build_parser


@pytest.fixture(scope="module")
def tree() -> Command:
    return command_tree(build_parser())


def test_every_command_and_option_is_in_every_text(tree: Command) -> None:
    page = man_page(tree, "1.2.3", "2026-11-29").replace("\\-", "-")
    texts = {"bash": bash(tree), "zsh": zsh(tree), "fish": fish(tree), "page": page}
    missing = set()
    for command in (tree, *all_commands(tree)):
        words = command.name.split()
        flags = [flag for each in command.options for flag in each.flags if flag.startswith("--")]
        for kind, text in texts.items():
            missing |= {(kind, each) for each in words if each not in text}
            names = [each.lstrip("-") if kind == "fish" else each for each in flags]
            missing |= {(kind, each) for each in names if each not in text and each != "--help"}
    assert missing == set()
    assert "keys revoke" in {each.name for each in all_commands(tree)}


def completed(script: Path, *words: str) -> list[str]:
    """Return what bash offers for the last word."""
    quoted = " ".join(f"'{each}'" for each in words)
    asked = (
        f"source '{script}'; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _g_copilot_proxy; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.skipif(os.name == "nt" or shutil.which("bash") is None, reason="no bash here")
def test_bash_offers_commands_actions_values_and_files(tree: Command, tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(bash(tree), "utf-8")
    key = tmp_path / "key.txt"
    key.touch()
    program = "g-copilot-proxy"
    assert completed(script, program, "ke") == ["key", "keys"]
    assert completed(script, program, "keys", "re") == ["revoke"]
    assert completed(script, program, "login", "--store", "") == ["keychain", "file"]
    assert completed(script, program, "serve", "--key-file", f"{tmp_path}/ke") == [str(key)]
    assert completed(script, program, "serve", "--port", "") == []
    assert "--smoke" in completed(script, program, "--demo", "serve", "--")
    assert completed(script, program, "connect", "--json", "cl") == ["claude-code", "cline"]
    assert completed(script, program, "disconnect", "cod") == ["codex"]
    assert completed(script, program, "settings", "set", "server.po") == ["server.port"]


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish here")
def test_fish_offers_tools_and_settings(tree: Command, tmp_path: Path) -> None:
    script = tmp_path / "completion.fish"
    script.write_text(fish(tree), "utf-8")
    for line, offered in (
        ("connect cl", "claude-code cline"),
        ("settings get server.po", "server.port"),
    ):
        asked = f"source {script}; complete -C 'g-copilot-proxy {line}'"
        environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
        done = subprocess.run(
            ["fish", "-N", "-c", asked], capture_output=True, text=True, check=True, env=environ
        )
        assert [each.split("\t")[0] for each in done.stdout.splitlines()] == offered.split()


def test_no_command_of_zsh_says_twice_what_stands_in_one_place(tree: Command) -> None:
    """zsh then completes nothing and complains ("doubled rest argument definition")."""
    for function in zsh(tree).split("\n}\n"):
        places = re.findall(r"^ +'(\*|\d+):", function, re.MULTILINE)
        assert len(places) == len(set(places)), function
    assert "claude-code" in zsh(tree)


@pytest.mark.parametrize(("shell", "write"), [("zsh", zsh), ("fish", fish)])
def test_other_shells_can_read_theirs(
    tree: Command, tmp_path: Path, shell: str, write: object
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    assert callable(write)
    script = tmp_path / "completion"
    script.write_text(write(tree), "utf-8")
    assert subprocess.run([shell, "-n", script], check=False).returncode == 0


def test_a_line_of_the_page_that_begins_like_a_request_of_roff_is_text(tree: Command) -> None:
    command = Command("x", ".TH is no heading\\", ())
    page = man_page(Command("", "", (), (command,)), "1", "2026-01-01")
    assert "\\&.TH is no heading\\e" in page
