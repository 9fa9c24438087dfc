"""Environment variables and a command line in the syntax of four shells."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from enum import StrEnum


class Shell(StrEnum):
    POSIX = "sh"
    FISH = "fish"
    POWERSHELL = "powershell"
    CMD = "cmd"


def shell_of(environ: Mapping[str, str], platform: str) -> Shell:
    """Return the shell most likely used on this computer."""
    if platform == "win32":
        return Shell.POWERSHELL
    name = environ.get("SHELL", "").rpartition("/")[2]
    return {"fish": Shell.FISH, "pwsh": Shell.POWERSHELL}.get(name, Shell.POSIX)


def environment_lines(shell: Shell, variables: Sequence[tuple[str, str]]) -> str:
    """Return one line for each variable, for the session that is open."""
    return "\n".join(_assignment(shell, name, value) for name, value in variables)


def command_line(shell: Shell, arguments: Sequence[str]) -> str:
    return " ".join(_quoted(shell, each) for each in arguments)


def _assignment(shell: Shell, name: str, value: str) -> str:
    match shell:
        case Shell.FISH:
            return f"set -gx {name} {_quoted(shell, value)}"
        case Shell.POWERSHELL:
            # Always quoted: a bare value that looks like a number would not stay a string.
            return f"$env:{name} = '{value.replace(chr(39), chr(39) * 2)}'"
        case Shell.CMD:
            # Quoted as a whole: cmd would add a blank before & or at the end to the value.
            return f'set "{name}={value}"'
        case Shell.POSIX:
            return f"export {name}={_quoted(shell, value)}"


def _quoted(shell: Shell, value: str) -> str:
    match shell:
        case Shell.FISH:
            if shlex.quote(value) == value:
                return value
            return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        case Shell.POWERSHELL:
            if shlex.quote(value) == value and not value.startswith("@"):
                return value
            return "'" + value.replace("'", "''") + "'"
        case Shell.CMD:
            if shlex.quote(value) == value:
                return value
            return '"' + value.replace('"', '\\"') + '"'
        case Shell.POSIX:
            return shlex.quote(value)
