"""The commands where the system is not what they would like: slow pipes, lost terminals, no Qt."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from desktop import __main__ as program
from proxy_core.auth.client_keys import ClientKeys
from proxy_core.cli import main as cli
from proxy_core.config.paths import find_paths
from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.file import LedgerFile
from tests.integration.cli.processes import ROOT, TIME_LIMIT, Commands, serving

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no such signal or pipe")

PRINTS = """
import sys
from proxy_core.cli import main
main._command = lambda name: lambda parsed, environ: print("x" * 300_000 + "end") or 0
sys.exit(main.main(sys.argv[1:]))
"""
"""The command line with a command that prints more than any pipe holds."""

COMMANDS = next(each for each in cli.build_parser()._actions if each.dest == "command").choices

PRINTS_WITH_EACH = """
import sys
from proxy_core.cli import main
main._command = lambda name: lambda parsed, environ: print(parsed.command, "x" * 40_000) or 0
sys.exit(sum(main.main([each]) for each in sys.argv[1:]))
"""
"""The command line with one command after the other, each printing more than the pipe holds."""

JSON_COMMANDS = [
    ["usage", "--json"],
    ["status", "--json"],
    ["models", "--json"],
    ["doctor", "--json"],
    ["keys", "--json"],
    ["connect", "--json"],
    ["settings", "--json"],
    ["approve", "--json"],
    ["pause", "--json"],
    ["resume", "--json"],
]


READ_AT_ONCE = 1_500
"""Bytes; no divisor of any pipe's size, so that writes are cut in the middle of lines."""


def read_slowly(
    arguments: Sequence[str], environ: dict[str, str], *, refuses: Sequence[bool]
) -> tuple[bytes, bytes, int]:
    """Return output, errors and exit code of a program behind a small pipe that is read in bits.

    Before each of the first reads the next of ``refuses`` is what the pipe does with too much: it
    refuses it, or lets the writer wait. Who shares a pipe can change that while a program writes. The
    program must print more than those reads take: meanwhile the pipe is open here too.
    """
    reading, writing = os.pipe()
    if sys.platform == "linux":
        import fcntl

        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writing, not refuses[0])
    process = subprocess.Popen(
        arguments, cwd=ROOT, env=environ, stdout=writing, stderr=subprocess.PIPE
    )
    content = b""
    with open(reading, "rb", buffering=0) as output:  # noqa: PTH123 - a descriptor, not a path
        for refusing in refuses:
            os.set_blocking(writing, not refusing)
            content += output.read(READ_AT_ONCE)
        os.close(writing)
        while bit := output.read(READ_AT_ONCE):
            content += bit
    errors = process.communicate(timeout=TIME_LIMIT)[1]
    return content, errors, process.returncode


PIPES = {
    "waits": [False] * 5,
    "refuses": [True] * 5,
    "turns to refusing": [False] * 2 + [True] * 4,
    "changes all the time": [True, False] * 3,
}


@posix
@pytest.mark.parametrize("arguments", JSON_COMMANDS, ids=lambda each: each[0])
def test_output_into_a_slow_pipe_is_never_cut(arguments: list[str], tmp_path: Path) -> None:
    environ = {**os.environ, "G_COPILOT_PROXY_HOME": str(tmp_path)}
    kind = itertools.cycle(PIPES.values())
    for _ in range(JSON_COMMANDS.index(arguments) % len(PIPES) + 1):
        refuses = next(kind)
    content, errors, code = read_slowly(
        [sys.executable, "-c", PRINTS, *arguments], environ, refuses=refuses
    )
    assert (errors, code) == (b"", 0)
    assert content.endswith(b"xend\n")
    assert len(content) == 300_004


@posix
@pytest.mark.parametrize("refuses", PIPES.values(), ids=list(PIPES))
def test_what_any_command_prints_for_people_arrives_whole(
    refuses: list[bool], tmp_path: Path
) -> None:
    names = list(COMMANDS or ())
    assert "usage" in names
    environ = {**os.environ, "G_COPILOT_PROXY_HOME": str(tmp_path)}
    content, errors, code = read_slowly(
        [sys.executable, "-c", PRINTS_WITH_EACH, *names], environ, refuses=refuses
    )
    assert (errors, code) == (b"", 0)
    assert content.decode().splitlines() == [f"{each} {'x' * 40_000}" for each in names]


@posix
def test_long_reports_arrive_whole_through_a_pipe_that_changes(commands: Commands) -> None:
    fill_ledger(commands, models=200)
    reported = read_json(commands, "usage", "--json")
    assert {each["name"] for each in reported["models"]} == {f"model-{n}" for n in range(200)}
    for_people, _, code = read_slowly(
        [sys.executable, "-m", "desktop", "usage"],
        commands.environ,
        refuses=PIPES["turns to refusing"],
    )
    assert code == 0
    assert all(f"model-{number}".encode() in for_people for number in range(200))
    assert read_json(commands, "settings", "--json")["settings"]
    names = [f"tool {number}" for number in range(60)]
    keys = ClientKeys(find_paths(commands.environ).client_keys_file, time.time)
    for name in names:
        keys.make(name)
    listed = read_json(commands, "keys", "list", "--json")
    assert [each["name"] for each in listed["keys"]] == names


@posix
def test_a_reader_that_leaves_early_is_not_taken_for_one_that_got_all(commands: Commands) -> None:
    fill_ledger(commands, models=900)
    process = commands.start("usage", "--json")
    assert process.stdout is not None
    assert process.stdout.readline() == "{\n"
    process.stdout.close()
    process.stdout = None
    _, errors = process.communicate(timeout=TIME_LIMIT)
    assert (errors, process.returncode) == ("", 141)


def read_json(commands: Commands, *arguments: str) -> dict[str, Any]:
    program = [sys.executable, "-m", "desktop", *arguments]
    pipe = PIPES["changes all the time"]
    content, _, code = read_slowly(program, commands.environ, refuses=pipe)
    assert code == 0
    found = json.loads(content)
    assert isinstance(found, dict)
    return found


def fill_ledger(commands: Commands, *, models: int) -> None:
    paths = find_paths(commands.environ)
    paths.state.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(
        LedgerFile(paths.usage_file, time.time, lambda problem: None)
    ) as ledger:
        ledger.open()
        ledger.write(
            [
                LedgerEntry(f"r{number}", time.time(), model=f"model-{number}", output_tokens=1)
                for number in range(models)
            ]
        )


@posix
def test_a_terminal_that_goes_away_ends_the_server_cleanly(commands: Commands) -> None:
    process, _ = serving(commands)
    process.send_signal(signal.SIGHUP)
    _, errors = process.communicate(timeout=TIME_LIMIT)
    assert process.returncode == 0, errors
    assert not (commands.home / "state" / "running.json").exists()


def test_a_taken_port_has_a_next_step(commands: Commands) -> None:
    _, url = serving(commands)
    refused = commands.run("serve", "--demo", "--port", url.rsplit(":", 1)[1])
    assert "Choose another with --port" in refused.stderr


@pytest.mark.parametrize("command", ["open", "quit"])
def test_without_qts_libraries_there_is_a_sentence(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "desktop.app_commands", None)
    assert program.main([command]) == 1
    said = capsys.readouterr().err
    assert f"{command} needs Qt's libraries" in said
    assert "g-copilot-proxy serve" in said


@posix
def test_ctrl_c_while_the_program_loads_is_a_word_and_no_traceback() -> None:
    # As if the key were hit while the first of our modules is being read.
    interrupts = (
        "import sys, importlib.abc\n"
        "class Hit(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'proxy_core.cli.main': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Hit())\n"
        "from desktop.__main__ import main\n"
        "sys.exit(main(['status']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", interrupts], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (130, "\nInterrupted.\n")


@pytest.mark.parametrize("arguments", [["status"], ["keys", "list"], ["usage", "--json"]])
def test_a_port_is_refused_where_no_server_is_started(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--port", "5000", *arguments], {}) == 2
    assert "--port has no meaning" in capsys.readouterr().err


def test_the_port_of_a_server_may_stand_before_its_command(commands: Commands) -> None:
    _, taken = serving(commands)
    port = taken.rsplit(":", 1)[1]
    refused = commands.run("--port", port, "serve", "--demo").stderr
    assert f"Port {port} is already in use" in refused
