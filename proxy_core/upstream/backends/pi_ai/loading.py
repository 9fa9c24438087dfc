"""Whether an installed library can be loaded: a full disk or a cleaner may have left a part of it."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Mapping
from importlib.resources import as_file, files

from proxy_core.config.child_processes import NO_CONSOLE
from proxy_core.errors import translatable
from proxy_core.upstream.backends.pi_ai.failures import LibraryMissing
from proxy_core.upstream.backends.pi_ai.node import INSTALL_COMMAND, Installation
from proxy_core.upstream.backends.pi_ai.stderr import told_by

_LOAD_SECONDS = 20.0
_KEPT_VARIABLES = ("HOME", "LANG", "PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "USERPROFILE")


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what Node gets of ours: the library reads API keys from variables where it has none."""
    return {name: value for name, value in environ.items() if name.upper() in _KEPT_VARIABLES}


async def check_loads(installation: Installation, environ: Mapping[str, str]) -> None:
    """Load the library as a process of ours would. Raises LibraryMissing if it does not load."""
    problem = await asyncio.to_thread(_loading_problem, installation, environ)
    if problem is not None:
        raise LibraryMissing(
            translatable(
                "The library pi-ai {version} is damaged: {reason}.",
                version=installation.version,
                reason=problem.rstrip(".") or "?",
            ),
            translatable("Run “{command}” to install it again.", command=INSTALL_COMMAND),
        )


def _loading_problem(installation: Installation, environ: Mapping[str, str]) -> str | None:
    """Return why the library does not load; None if it does."""
    with as_file(files(__package__) / "bridge.mjs") as bridge:
        try:
            # Without input the process ends as soon as it has loaded.
            ended = subprocess.run(  # noqa: S603 - the program that the user's setting or PATH names
                [str(installation.node.path), str(bridge), str(installation.folder)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=_LOAD_SECONDS,
                check=False,
                env=clean_environment(environ),
                cwd=str(installation.folder),
                creationflags=NO_CONSOLE,
            )
        except (OSError, subprocess.SubprocessError) as error:
            return str(error)
    return told_by(ended.stderr) if ended.returncode != 0 else None
