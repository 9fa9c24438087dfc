"""Node and pi-ai, as far as they are here: tests never download.

``python -m tests.independent_clients.install`` installs what can be. ``INDEPENDENT_CLIENTS`` names
another folder with ``node_modules``, ``PI_AI_NODE`` another Node. ``TEST_BACKEND=pi_ai`` has the
server's tests use this backend.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import msgspec
import pytest

from proxy_core.config.settings import BackendName
from proxy_core.upstream.backends.pi_ai.failures import BackendUnavailable
from proxy_core.upstream.backends.pi_ai.node import PACKAGE, PINNED, find_node, package_folder
from tests.independent_clients.install import NODE_FOLDER

FOLDER = Path(os.environ.get("INDEPENDENT_CLIENTS", NODE_FOLDER))
NODE = os.environ.get("PI_AI_NODE", "")
BACKEND = BackendName(os.environ.get("TEST_BACKEND", BackendName.COPILOT))


def installed_version() -> str | None:
    manifest = FOLDER / "node_modules" / PACKAGE / "package.json"
    if not manifest.is_file():
        return None
    version: str = msgspec.json.decode(manifest.read_bytes())["version"]
    return version


def missing() -> str | None:
    """Why the backend cannot run here, or None."""
    version = installed_version()
    oldest = dict(PINNED).get(version or "")
    if oldest is None:
        return "pi-ai is not installed: python -m tests.independent_clients.install"
    try:
        node = asyncio.run(find_node(NODE, os.environ))
    except BackendUnavailable as error:
        return error.message
    if node.version[:2] < oldest:
        return f"Node {node.words} is older than pi-ai {version} asks for"
    return None


MISSING = missing()
needs_pi_ai = pytest.mark.skipif(MISSING is not None, reason=MISSING or "")


def path_variable() -> str:
    """The PATH on which a server finds the Node that is meant."""
    path = os.environ.get("PATH", "")
    return f"{Path(NODE).parent}{os.pathsep}{path}" if NODE else path


def place_package(backends: Path) -> None:
    """Put the library where the app looks for it, below ``backends`` of its data folder."""
    version = installed_version()
    if version is None:
        return
    backends.mkdir(parents=True, exist_ok=True)
    package_folder(backends, version).symlink_to(FOLDER, target_is_directory=True)
