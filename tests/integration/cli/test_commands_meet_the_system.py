"""The commands where the system is not what they would like: slow pipes, lost terminals, no Qt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop import __main__ as program
from tests.integration.cli.processes import ROOT, TIME_LIMIT, Commands, serving

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no such signal or pipe")

PRINTS = """
import sys
from proxy_core.cli import main
main._command = lambda name: lambda parsed, environ: print("x" * 300_000 + "end") or 0
sys.exit(main.main(sys.argv[1:]))
"""
"""The command line with a command that prints more than any pipe holds."""

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


@posix
@pytest.mark.parametrize("arguments", JSON_COMMANDS, ids=lambda each: each[0])
def test_output_into_a_slow_pipe_is_never_cut(arguments: list[str], tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    environ = {**os.environ, "G_COPILOT_PROXY_HOME": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-c", PRINTS, *arguments],
        cwd=ROOT,
        env=environ,
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    with open(reading, "rb") as output:  # noqa: PTH123 - a descriptor, not a path
        content = output.read()
    assert process.communicate(timeout=TIME_LIMIT)[1] == b""
    assert process.returncode == 0
    assert content.endswith(b"xend\n")
    assert len(content) == 300_004


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
