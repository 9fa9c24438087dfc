"""Node and the library: where they are, and which version of it fits."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from proxy_core.upstream.backends.pi_ai.failures import OTHER_WAY, BackendUnavailable

PACKAGE = "@earendil-works/pi-ai"
PINNED: tuple[tuple[str, tuple[int, int]], ...] = (("0.87.1", (22, 19)), ("0.74.2", (20, 0)))
"""Versions that were tried, the best first, each with the oldest Node it asks for."""
INSTALL_COMMAND = "g-copilot-proxy backend install"
_VERSION_SECONDS = 20.0
_VERSION = re.compile(r"v(\d+)\.(\d+)\.(\d+)")

Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Node:
    path: Path
    version: Version

    @property
    def words(self) -> str:
        return ".".join(map(str, self.version))


@dataclass(frozen=True, slots=True)
class Installation:
    """A Node and a copy of the library that it can run. ``folder`` holds ``node_modules``."""

    node: Node
    folder: Path
    version: str


async def find_node(wanted: str, environ: Mapping[str, str]) -> Node:
    """Return the Node that the setting names, or that of the PATH. Raises BackendUnavailable."""
    found = str(Path(wanted).expanduser()) if wanted else shutil.which("node", path=_path(environ))
    if found is None:
        raise BackendUnavailable(
            "Node.js was not found. Install Node 20 or newer (22.19 is better) from nodejs.org, name it "
            f"in upstream.node_path, {OTHER_WAY}."
        )
    try:
        answer = await asyncio.to_thread(_ask_version, found)
    except (OSError, subprocess.SubprocessError) as error:
        raise BackendUnavailable(
            f"Node.js at {found} does not start: {error}. Name another in upstream.node_path, "
            f"{OTHER_WAY}."
        ) from error
    version = _VERSION.search(answer)
    if version is None:
        raise BackendUnavailable(
            f"{found} is not Node.js. Name another in upstream.node_path, {OTHER_WAY}."
        )
    major, minor, patch = map(int, version.groups())
    return Node(Path(found), (major, minor, patch))


def _path(environ: Mapping[str, str]) -> str | None:
    return environ.get("PATH")


def _ask_version(path: str) -> str:
    asked = subprocess.run(  # noqa: S603 - the program that the user's setting or PATH names
        [path, "--version"], capture_output=True, timeout=_VERSION_SECONDS, check=True, text=True
    )
    return asked.stdout


def fitting_version(node: Node) -> str:
    """Return the library's version for ``node``. Raises BackendUnavailable if Node is too old."""
    for version, oldest in PINNED:
        if node.version[:2] >= oldest:
            return version
    raise BackendUnavailable(
        f"Node.js {node.words} at {node.path} is too old: the pi_ai backend needs 20 or newer. "
        f"Update it, name another in upstream.node_path, {OTHER_WAY}."
    )


def package_folder(root: Path, version: str) -> Path:
    """Return the folder whose ``node_modules`` has this version, below the app's own data."""
    return root / f"pi-ai-{version}"


def is_installed(root: Path, version: str) -> bool:
    manifest = package_folder(root, version) / "node_modules" / PACKAGE / "package.json"
    return manifest.is_file()


def find_installation(node: Node, root: Path) -> Installation:
    """Return the best installed version that ``node`` can run. Raises BackendUnavailable."""
    best = fitting_version(node)
    for version, oldest in PINNED:
        if node.version[:2] >= oldest and is_installed(root, version):
            return Installation(node, package_folder(root, version), version)
    raise BackendUnavailable(
        f"The library pi-ai {best} is not installed. Run “{INSTALL_COMMAND}” (about 130 MB, from npm), "
        f"{OTHER_WAY}."
    )
