"""The installed program's first act: start the newer version that was chosen, if one was.

A version that has not confirmed yet runs as a child, so that the installed program can go back at
once if it fails to start; a confirmed one replaces this process where the system can do that.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from proxy_core.app.updates.installed_versions import InstalledVersions
from proxy_core.app.updates.update_source import is_newer
from proxy_core.config.paths import INSTALLED_VARIABLE

STARTED_VARIABLE = "G_COPILOT_PROXY_UPDATED_FROM"
"""Set for a version that another one started, to that one's version: it starts no further one."""
MOST_STARTS = 2
"""Starts of a version that never confirmed, before it is given up: the first may have been cut off by
the user.
"""

_ENDED_BY_THE_USER = (129, 130, 143)
"""128 and SIGHUP, SIGINT, SIGTERM: says nothing about the version."""

Run = Callable[[Path, Sequence[str], Mapping[str, str]], int]


def start_newest(
    versions: InstalledVersions,
    own_version: str,
    arguments: Sequence[str],
    environ: Mapping[str, str],
    *,
    own_program: str = sys.executable,
    run: Run | None = None,
    replace_process: Callable[[Path, Sequence[str], Mapping[str, str]], None] | None = None,
) -> int | None:
    """Start the chosen version; return its exit code, or None if this program is the one to run.

    ``arguments`` are those after the program's name, ``own_program`` is this one's path. Anything that
    cannot be read or started means that this program runs: a broken update must never keep the app from
    starting.
    """
    if environ.get(STARTED_VARIABLE):
        return None
    run = run or _run_child
    replace_process = replace_process or _replace_process
    while True:
        try:
            choice = versions.choice
            program = versions.program(choice.version)
            if program is None or not is_newer(choice.version, own_version):
                return None
            program = _of_the_same_kind(program, own_program)
            started = {
                **environment_of_others(environ),
                STARTED_VARIABLE: own_version,
                INSTALLED_VARIABLE: own_program,
            }
            if choice.is_confirmed:
                replace_process(program, arguments, started)
                return None  # not reached where the process is replaced
            if choice.starts < MOST_STARTS:
                versions.count_start(choice.version)
                code = run(program, arguments, started)
                after = versions.choice
                if code == 0 or after.is_confirmed or after.version != choice.version:
                    return code
                if code in _ENDED_BY_THE_USER:
                    return code
            versions.reject(choice.version)
        except OSError as error:
            said = f"g-copilot-proxy: the newer version cannot be started ({error})"
            print(f"{said}; this is {own_version}.", file=sys.stderr)
            return None


def _of_the_same_kind(program: Path, own_program: str) -> Path:
    """Return the program beside it that is called as ours: Windows has one without a console."""
    alike = program.with_name(Path(own_program).name)
    return alike if alike.is_file() else program


def environment_of_others(environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` for another program: without what PyInstaller's starter set for this one.

    Its library path would have the other bundle load this one's libraries
    (https://pyinstaller.org/en/stable/runtime-information.html).
    """
    others = {**environ, "PYINSTALLER_RESET_ENVIRONMENT": "1"}
    for name in ("LD_LIBRARY_PATH", "LIBPATH", "DYLD_LIBRARY_PATH"):
        before = others.pop(f"{name}_ORIG", None)
        if before is not None:
            others[name] = before
        elif getattr(sys, "frozen", False):
            others.pop(name, None)
    return others


def _run_child(program: Path, arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run to the end, passing on the signals that end a program. Raises OSError."""
    child = subprocess.Popen([program, *arguments], env=dict(environ))  # noqa: S603 - ours, verified

    def pass_on(number: int, frame: FrameType | None) -> None:
        del frame
        child.send_signal(number)

    before: dict[int, Any] = {}
    for name in ("SIGTERM", "SIGHUP", "SIGINT"):  # Windows has no SIGHUP
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            # Ctrl-C reaches the child by itself: the terminal sends it to both.
            ignored = name == "SIGINT"
            before[number] = signal.signal(number, signal.SIG_IGN if ignored else pass_on)
    try:
        code = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 128 - code if code < 0 else code


def _replace_process(program: Path, arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    """Never returns. Raises OSError if the program cannot be started."""
    command = [str(program), *arguments]
    if sys.platform == "win32":  # exec there returns to the shell at once
        raise SystemExit(_run_child(program, arguments, environ))
    os.execve(program, command, dict(environ))  # noqa: S606 - ours, verified
