"""What stands in the documents' fenced blocks can be typed as it stands there.

A command of the program is held against its own parser, a command of this clone's scripts against
what the script lists, TOML against the settings, and the first request of docs/questions.md is made.
What needs more than a test has is in ``RUN_BY``, with what runs it or reads the file it names; a line
of no kind fails.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from proxy_core.cli.main import build_parser
from proxy_core.config.settings import Settings
from proxy_core.config.settings_reading import read_settings
from tests.integration.cli.processes import Commands, serving

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "AGENTS.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
EXPLAINED = re.compile(r"\s+# .*$|\s{3,}\S.*$")
PROGRAM = "g-copilot-proxy "
SCRIPT = re.compile(r"(?:sudo )?python3? (packaging/(?:\w+/)*\w+\.py)(?: ([\w-]+))?")
MODULE = re.compile(r"python3? -m ([\w.]+)$")
FIRST_WORDS = frozenset(
    (
        *("g-copilot-proxy", "python", "python3", "pip", "pipx", "uv", "uvx", "npm", "npx", "curl"),
        *("sudo", "sh", "bash", "export", "mkdir", "cp", "rm", "tar", "git", "gh", "sha256sum"),
        *("docker", "podman", "systemctl", "loginctl", "apt", "apt-get", "dpkg", "rpm", "pacman"),
        *("brew", "winget", "choco"),
    )
)
RUN_BY = {
    "docker compose ": "tests/unit/packaging/test_deployment_files.py",
    "mkdir -p -m 700 ~/.config/g-copilot": "tests/unit/packaging/test_deployment_files.py",
    "cp packaging/systemd/": "tests/unit/packaging/test_deployment_files.py",
    "systemctl --user ": "tests/unit/packaging/test_deployment_files.py",
    "loginctl enable-linger": "tests/unit/packaging/test_deployment_files.py",
    "sha256sum --check ": "tests/unit/packaging/test_bundles.py",
    "gh attestation verify ": ".github/workflows/release.yml",
    "pipx install .": "packaging/release/wheel.py",
    "pip install ./docs/examples/": "tests/integration/server/test_handler_example.py",
    "pip install 'g-copilot-proxy[copilot-sdk]'": "tests/independent_clients",
    "npm install --ignore-scripts @github/copilot": "tests/independent_clients",
    "export COPILOT_CLI_PATH": "tests/independent_clients",
    "python docs/examples/copilot-sdk/ask.py": "docs/examples/copilot-sdk/ask.py",
    "python3 run.py --only": "docs/performance.md",  # a set of programs that is not in this repository
}
"""How lines begin that need an engine, systemd, GitHub or a registry."""


def blocks(language: str) -> Iterator[tuple[Path, str]]:
    for document in DOCUMENTS:
        for found in BLOCK.finditer(document.read_text("utf-8")):
            if found[1] == language:
                yield document, found[2]


def command_lines() -> Iterator[tuple[str, str]]:
    """Yield document and command; comments and explanations are cut off, continued lines are one."""
    for language in ("", "sh"):
        for document, text in blocks(language):
            joined = re.sub(r"\\\n\s*", "", re.sub(r"\s+# [^\n]*\n(?=\s+-)", " ", text))
            for line in joined.splitlines():
                command = EXPLAINED.sub("", line).strip()
                if is_command(command):
                    yield document.name, command


def is_command(line: str) -> bool:
    """Drawings and tables of modules are in such blocks too."""
    return line.partition(" ")[0] in FIRST_WORDS


@cache
def parser_of(*words: str) -> argparse.ArgumentParser | None:
    """Return the parser that these words lead to; None if the program does not know them."""
    parser = build_parser()
    for word in words:
        below = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
        if not below or word not in below[0].choices:
            return None
        parser = below[0].choices[word]
    return parser


def words_taken(parser: argparse.ArgumentParser) -> set[str]:
    """Return every word that may stand in place of an argument, and every option."""
    taken = {flag for action in parser._actions for flag in action.option_strings}
    return taken | {str(word) for action in parser._actions for word in action.choices or ()}


def refused(line: str) -> list[str]:
    """Return what the program would not take of a line such as ``keys [list | add NAME] [--json]``."""
    problems: list[str] = []
    commands: list[str] = []
    own: dict[str, list[str]] = {}
    depth, parts = 0, [""]
    for piece in re.split(r"( \| |\[|\])", line.removeprefix(PROGRAM.strip()).strip()):
        depth += {"[": 1, "]": -1}.get(piece, 0)
        if piece == " | " and depth == 0:
            parts.append("")
        else:
            parts[-1] += piece
    for part in parts:
        first = part.strip("[ ").split(" ")[0].rstrip("]")
        if re.fullmatch(r"[a-z][a-z-]*", first):
            commands.append(first)
        elif not commands:
            commands.append("")
        own.setdefault(commands[-1], []).extend(re.findall(r"--[a-z-]+", part))
        inside = re.match(rf"{first} \[([a-z][^\]]*)\]", part)
        for word in re.findall(r"(?:^|\| )([a-z]+)", inside[1] if inside else ""):
            own[commands[-1]].append(word)
    for command in commands:
        parser = parser_of(*([command] if command else []))
        if parser is None:
            problems.append(f"{command} is no command")
            continue
        shared = own[commands[-1]] if not own[command] else []
        taken = words_taken(parser)
        problems += [
            f"{command} takes no {each}" for each in own[command] + shared if each not in taken
        ]
    return problems


@cache
def listed_by(script: str) -> str:
    done = subprocess.run(
        [sys.executable, ROOT / script, "--help"], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def problem_of(line: str) -> str:
    """Return why a line could not be typed as it stands there; nothing if it can."""
    if line.startswith(PROGRAM):
        return "; ".join(refused(line))
    if (script := SCRIPT.match(line)) is not None:
        if not (ROOT / script[1]).is_file():
            return "there is no such script"
        word = script[2]
        known = word is None or re.search(rf"\b{re.escape(word)}\b", listed_by(script[1]))
        return "" if known else f"{script[1]} lists no command {word}"
    if (module := MODULE.match(line)) is not None:
        place = ROOT.joinpath(*module[1].split("."))
        return "" if place.with_suffix(".py").is_file() or place.is_dir() else "no such module"
    place = next((by for begins, by in RUN_BY.items() if line.startswith(begins)), "")
    if line.startswith("curl "):
        return ""  # made below
    return "" if place and (ROOT / place).exists() else "nothing runs or reads it"


def test_every_command_in_a_fenced_block_can_be_typed() -> None:
    lines = list(command_lines())
    assert len(lines) > 40
    problems = {f"{document}: {line}": problem_of(line) for document, line in lines}
    assert {line: problem for line, problem in problems.items() if problem} == {}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("g-copilot-proxy serve [--host H] [--nonsense N]", "serve takes no --nonsense"),
        ("g-copilot-proxy status | modles [--json]", "modles is no command"),
        ("g-copilot-proxy keys [list | forget ID]", "keys takes no forget"),
        ("g-copilot-proxy open | quit [--jsn]", "open takes no --jsn; quit takes no --jsn"),
        ("g-copilot-proxy disconnect APP... | --everything", "disconnect takes no --everything"),
        ("g-copilot-proxy [serve] --smoke", ""),
        ("python3 packaging/build.py nonsense", "packaging/build.py lists no command nonsense"),
        ("python3 packaging/gone.py", "there is no such script"),
        ("python -m tests.gone.regenerate", "no such module"),
        ("uv tool run something", "nothing runs or reads it"),
    ],
)
def test_a_line_that_cannot_be_typed_is_seen(line: str, problem: str) -> None:
    assert problem_of(line) == problem


def test_the_front_page_names_every_command() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    synopsis = next(each for _, each in blocks("") if each.startswith(PROGRAM + "serve"))
    assert synopsis in text
    named = set(re.findall(r"(?:^g-copilot-proxy \[?| \| )([a-z]+)", synopsis, re.MULTILINE))
    parser = build_parser()
    (commands,) = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
    assert commands.choices.keys() - named == set()


def test_every_option_is_in_a_document() -> None:
    written = "\n".join(each.read_text("utf-8") for each in DOCUMENTS)
    known = set(options_of(build_parser())) - {"--help"}
    assert {each for each in known if not re.search(rf"{each}(?![\w-])", written)} == set()


def options_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from options_of(below)
        yield from (each for each in action.option_strings if each.startswith("--"))


def test_every_block_of_toml_is_taken_as_settings() -> None:
    found = list(blocks("toml"))
    assert found
    for document, text in found:
        loaded = read_settings(text, Settings())
        assert loaded.problems == (), document


@pytest.mark.skipif(
    sys.platform == "win32" or shutil.which("curl") is None, reason="needs a shell and curl"
)
def test_the_first_request_to_paste_is_answered(commands: Commands, tmp_path: Path) -> None:
    (text,) = [each for _, each in blocks("sh") if "curl " in each]
    assert "http://127.0.0.1:4141/" in text
    _, url = serving(commands)
    program = tmp_path / "bin" / PROGRAM.strip()
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\ncd "{ROOT}" && exec "{sys.executable}" -m proxy_core.cli "$@"\n', "utf-8"
    )
    program.chmod(0o755)
    path = f"{program.parent}:{commands.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", text.replace("http://127.0.0.1:4141", url)],
        env={**commands.environ, "PATH": path, "no_proxy": "*"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert '"chat.completion"' in done.stdout, done.stdout + done.stderr
    assert '"content"' in done.stdout
