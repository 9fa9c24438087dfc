"""Where the server of this home listens now, so that commands find it wherever it was told to.

``serve --port`` and a port of 0 are not in the settings. The file may outlive its server (kill -9) or
name another's: whoever reads it asks there first who answers.
"""

from __future__ import annotations

import json
import os

from proxy_core.auth.server_proof import load_or_make_secret
from proxy_core.paths import Paths
from proxy_core.private_files import (
    make_private_folder,
    read_private,
    remove_private,
    write_private,
)
from proxy_core.running_server import RunningServer, ask_server
from proxy_core.settings import ServerSettings

Address = tuple[str, int]


def note_address(paths: Paths, address: Address | None) -> None:
    """Remember where this process listens; None: nowhere any more. Raises OSError.

    Another process's address is left alone when ours ends: the one that started last counts.
    """
    if address is not None:
        host, port = address
        make_private_folder(paths.state)
        content = json.dumps({"host": host, "port": port, "pid": os.getpid()}).encode()
        write_private(paths.running_file, content)
    elif _read(paths).get("pid") == os.getpid():
        remove_private(paths.running_file)


def find_running(paths: Paths, settings: ServerSettings, *, seconds: float) -> RunningServer:
    """Return the server that runs for this home, or what answers at the address of its settings.

    ``is_ours`` only where it proved that it is this user's. Raises OSError for a secret that can
    neither be read nor made.
    """
    secret = load_or_make_secret(paths.server_proof_file)
    noted = _read(paths)
    host, port = noted.get("host"), noted.get("port")
    if isinstance(host, str) and isinstance(port, int) and 0 < port < 65_536:
        found = ask_server(host, port, seconds=seconds, proof_secret=secret)
        if found.is_ours:
            return found
    return ask_server(settings.host, settings.port, seconds=seconds, proof_secret=secret)


def _read(paths: Paths) -> dict[str, object]:
    try:
        content = read_private(paths.running_file)
        noted = json.loads(content) if content else {}
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}
