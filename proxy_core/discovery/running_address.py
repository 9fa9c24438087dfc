"""Where the servers of this home listen now, so that commands find them wherever they were told to.

``serve --port`` and a port of 0 are not in the settings. Several servers may run for one home; each has
its entry, newest first, and removes its own alone. An entry may outlive its server (kill -9) or name
another's: whoever reads it asks there first who answers.
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
"""What was killed without a word is forgotten at last."""


def note_address(paths: Paths, address: Address | None, server: str = "") -> None:
    """Remember where this server listens; None: nowhere any more. Raises OSError.

    ``server`` tells the servers of one process apart. Another server's entry is left alone.
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
    """Return the server that runs for this home, or what answers at the address of its settings.

    ``is_ours`` only where it proved that it is this user's. Raises OSError for a secret that can
    neither be read nor made.
    """
    secret = load_or_make_secret(paths.server_proof_file)
    return find_noted(paths, seconds=seconds) or ask_server(
        settings.host, settings.port, seconds=seconds, proof_secret=secret
    )


def find_noted(
    paths: Paths, *, seconds: float, ask: Callable[..., RunningServer] = ask_server
) -> RunningServer | None:
    """Return the server that runs for this home, the one started last where there are several.

    Only one that proved that it is this user's. Raises OSError for a secret that can neither be read
    nor made.
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
    """Yield the entries, newest first. The newest is the file's own object, as it always was."""
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
    """Whether a process of that number may be there; only where asking does it no harm."""
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
