"""Where a demo stores its files, so that the other commands find a running one.

A demo without a home of its own uses a temporary folder, which is removed at its end; the user's
files are not touched. The folder is recognised by its name and by belonging to this user alone.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from proxy_core.config.paths import HOME_VARIABLE, find_paths
from proxy_core.discovery.running_address import find_noted
from proxy_core.discovery.server_client import RunningServer, ask_server

PREFIX = "g-copilot-proxy-demo-"
Ask = Callable[..., RunningServer]


def make_demo_folder() -> Path:
    """Return a new folder that no other user can read."""
    return Path(tempfile.mkdtemp(prefix=PREFIX))


def environment_in_use(
    environ: Mapping[str, str], *, demo: bool, seconds: float, ask: Ask = ask_server
) -> Mapping[str, str] | None:
    """Return ``environ`` with the home of the running server, however it was started.

    The user's own server comes first; ``demo`` considers only a demo and returns None if none runs.
    A home that ``environ`` names is used unchanged. Raises OSError.
    """
    if environ.get(HOME_VARIABLE):
        return environ
    if not demo:
        own = find_paths(environ)
        if own.running_file.exists() and find_noted(own, seconds=seconds, ask=ask) is not None:
            return environ
    for folder in _demo_folders():
        inside = {**environ, HOME_VARIABLE: str(folder)}
        if find_noted(find_paths(inside), seconds=seconds, ask=ask) is not None:
            return inside
    return None if demo else environ


def _demo_folders() -> Iterator[Path]:
    """Yield the folders of this user's demos, newest first; some may belong to demos that have ended."""
    found = []
    for each in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            known = each.lstat()
        except OSError:
            continue
        if _is_private(known) and (each / "state" / "running.json").is_file():
            found.append((known.st_mtime, each))
    for _, folder in sorted(found, reverse=True):
        yield folder


def _is_private(known: os.stat_result) -> bool:
    if not stat.S_ISDIR(known.st_mode):
        return False  # also a symlink, whose target is unknown
    if os.name != "posix":
        return True  # on Windows the temporary folder is the user's own
    return known.st_uid == os.getuid() and not known.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
