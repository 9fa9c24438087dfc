"""Where the servers of this home listen now, so that commands find them at any address.

``serve --port`` and a port of 0 are not in the settings. Several servers may run for one home; each
has its entry, newest first, and removes only its own. An entry may outlive its server (kill -9) or
name another's port: readers check who answers first.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

from proxy_core.auth.server_proof import load_or_make_secret
from proxy_core.config.paths import Paths
from proxy_core.config.settings import ServerSettings
from proxy_core.discovery.server_client import RunningServer, ask_server
from proxy_core.storage.file_lock import locked
from proxy_core.storage.private_files import read_private, remove_private, write_private

Address = tuple[str, int]
MOST_ENTRIES = 16
"""Bounds the entries that killed servers left behind."""


def note_address(paths: Paths, address: Address | None, server: str = "") -> None:
    """Store where this server listens; None: it stopped. Raises OSError.

    ``server`` distinguishes the servers of one process. Other servers' entries stay.
    """
    if address is None and not paths.running_file.exists():
        return
    with locked(paths.running_file):
        others = [
            each
            for each in _entries(paths)
            if (each.get("pid"), each.get("server", "")) != (os.getpid(), server)
        ]
        if address is not None:
            host, port = address
            own = {"host": host, "port": port, "pid": os.getpid(), "server": server}
            others = [own, *(each for each in others if _may_run(each.get("pid")))]
        if others:
            newest, *older = others[:MOST_ENTRIES]
            content = {**newest, "older": older}
            write_private(paths.running_file, json.dumps(content).encode())
        else:
            remove_private(paths.running_file)


def find_running(paths: Paths, settings: ServerSettings, *, seconds: float) -> RunningServer:
    """Return this home's running server, or what answers at the address of its settings.

    ``is_ours`` is set only if it proved to be this user's. Raises OSError if the secret can be
    neither read nor created.
    """
    secret = load_or_make_secret(paths.server_proof_file)
    return find_noted(paths, seconds=seconds) or ask_server(
        settings.host, settings.port, seconds=seconds, proof_secret=secret
    )


def find_noted(
    paths: Paths, *, seconds: float, ask: Callable[..., RunningServer] = ask_server
) -> RunningServer | None:
    """Return this home's running server, the one started last if there are several.

    Only one that proved to be this user's. Raises OSError if the secret can be neither read nor
    created.
    """
    secret = load_or_make_secret(paths.server_proof_file)
    for each in _entries(paths):
        host, port = each.get("host"), each.get("port")
        if isinstance(host, str) and isinstance(port, int) and 0 < port < 65_536:
            found = ask(host, port, seconds=seconds, proof_secret=secret)
            if found.is_ours:
                return found
    return None


def _entries(paths: Paths) -> list[dict[str, Any]]:
    return list(_noted(paths))


def _noted(paths: Paths) -> Iterator[dict[str, Any]]:
    """Yield the entries, newest first.

    The newest is the file's top-level object, as in earlier versions.
    """
    try:
        content = read_private(paths.running_file)
        noted = json.loads(content) if content else {}
    except (OSError, ValueError):
        return
    if not isinstance(noted, dict) or not noted:
        return
    older = noted.pop("older", [])
    yield noted
    for each in older if isinstance(older, list) else ():
        if isinstance(each, dict):
            yield each


def _may_run(pid: object) -> bool:
    """Whether a process of that number may exist; True on systems where checking would harm it."""
    if not isinstance(pid, int) or pid <= 0:
        return False
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
