"""How this program was invoked, so that hints can be typed as shown. Pure except ``here``."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from proxy_core.config.paths import INSTALLED_VARIABLE

NAME = "g-copilot-proxy"
_VERBS = (
    *("serve", "login", "logout", "models", "status", "usage", "doctor", "approve", "pause"),
    *("resume", "key", "keys", "open", "quit", "connect", "settings", "simulate", "update"),
)
_HINT = re.compile(rf"(?<![\w./\\-]){NAME}(?= (?:{'|'.join(_VERBS)})\b)")
"""The program's name followed by a command: a hint to type, not a mention of the program."""


def command_here(
    program: str, folder: Path, which: Callable[[str], str | None] = shutil.which
) -> str:
    """Return how to call ``program``, the path this process was started by, from ``folder``.

    Returns the bare name if PATH finds it, and if ``program`` is not that command.
    """
    path = Path(program)
    if path.stem != NAME or which(NAME) is not None:
        return NAME
    path = folder / path
    if path.is_relative_to(folder):
        path = path.relative_to(folder)
    return str(path) if os.name == "nt" else shlex.quote(str(path))


def here() -> str:
    """Return how to call this process's own program from the current folder."""
    try:
        program = os.environ.get(INSTALLED_VARIABLE) or sys.argv[0]
        return command_here(program, Path.cwd())
    except OSError:  # the folder is gone
        return NAME


def with_command(text: str, command: str) -> str:
    """Return ``text`` with ``command`` in every hint."""
    if command == NAME or NAME not in text:
        return text
    return _HINT.sub(lambda _: command, text)
