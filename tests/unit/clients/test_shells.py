"""Variables and command lines as real shells read them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from proxy_core.clients.shells import Shell, command_line, environment_lines, shell_of

VALUES = (
    "http://127.0.0.1:4141/v1",
    "it's",
    'a "quoted" word',
    "$HOME and `date`",
    "back\\slash",
    "a & b | c > d",
    "100%",
    "käse",
)
PRINT = "import os, sys; sys.stdout.buffer.write(os.environ['OUR_VALUE'].encode())"
ARGUMENT = "import sys; sys.stdout.buffer.write(sys.argv[1].encode())"
RUN = {
    Shell.POSIX: ("sh", "-c"),
    Shell.FISH: ("fish", "-c"),
    Shell.POWERSHELL: ("pwsh", "-NoProfile", "-Command"),
}


def said_by(shell: Shell, script: str) -> str:
    program, *arguments = RUN[shell]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    done = subprocess.run(
        [program, *arguments, script],
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        timeout=30,
        check=True,
    )
    return done.stdout.decode()


@pytest.mark.parametrize("shell", list(RUN))
@pytest.mark.parametrize("value", VALUES)
def test_a_variable_arrives_as_it_was_meant(shell: Shell, value: str) -> None:
    lines = environment_lines(shell, [("OUR_VALUE", value)])
    start = command_line(shell, [sys.executable, "-c", PRINT])
    if shell is Shell.POWERSHELL:
        start = "& " + start
    assert said_by(shell, f"{lines}\n{start}") == value


@pytest.mark.parametrize("value", VALUES)
def test_an_argument_arrives_as_it_was_meant(value: str) -> None:
    line = command_line(Shell.POSIX, [sys.executable, "-c", ARGUMENT, value])
    assert said_by(Shell.POSIX, line) == value


@pytest.mark.skipif(sys.platform != "win32", reason="cmd is part of Windows")
def test_cmd_reads_a_variable_with_signs_of_its_own() -> None:
    lines = environment_lines(Shell.CMD, [("OUR_VALUE", "a & b")])
    done = subprocess.run(
        f'cmd /c {lines} ^&^& "{sys.executable}" -c "{PRINT}"', capture_output=True, check=True
    )
    assert done.stdout == b"a & b"


def test_each_shell_has_its_own_form() -> None:
    variables = [("A", "1"), ("B", "two words")]
    assert environment_lines(Shell.POSIX, variables) == "export A=1\nexport B='two words'"
    assert environment_lines(Shell.FISH, variables) == "set -gx A 1\nset -gx B 'two words'"
    assert environment_lines(Shell.POWERSHELL, variables) == "$env:A = '1'\n$env:B = 'two words'"
    assert environment_lines(Shell.CMD, variables) == 'set "A=1"\nset "B=two words"'


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({"SHELL": "/bin/zsh"}, "darwin", Shell.POSIX),
        ({"SHELL": "/usr/bin/fish"}, "linux", Shell.FISH),
        ({}, "linux", Shell.POSIX),
        ({"SHELL": "/usr/bin/bash"}, "win32", Shell.POWERSHELL),
    ],
)
def test_the_usual_shell_is_chosen(environ: dict[str, str], platform: str, expected: Shell) -> None:
    assert shell_of(environ, platform) is expected
