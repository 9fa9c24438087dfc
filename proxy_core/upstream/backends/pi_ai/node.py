"""Node and the library: where they are, and which version of it fits."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from proxy_core.config.child_processes import NO_CONSOLE
from proxy_core.config.paths import named_file
from proxy_core.errors import translatable
from proxy_core.upstream.backends.pi_ai.failures import BackendUnavailable, LibraryMissing

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
    found = str(named_file(wanted)) if wanted else shutil.which("node", path=environ.get("PATH"))
    if found is None:
        raise BackendUnavailable(
            translatable("Node.js was not found."),
            translatable(
                "Install Node.js 22.19 or newer (20 will do) from nodejs.org, or name it in "
                "upstream.node_path. The backend “copilot” needs nothing else."
            ),
        )
    try:
        answer = await asyncio.to_thread(_ask_version, found)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise _no_node(found) from error
    version = _VERSION.search(answer)
    if version is None:
        raise _no_node(found)
    major, minor, patch = map(int, version.groups())
    return Node(Path(found), (major, minor, patch))


def _no_node(path: str) -> BackendUnavailable:
    return BackendUnavailable(
        translatable("{path} is not a Node.js that starts.", path=path),
        translatable("Name another in upstream.node_path."),
    )


def _ask_version(path: str) -> str:
    asked = subprocess.run(  # noqa: S603 - the program that the user's setting or PATH names
        [path, "--version"],
        capture_output=True,
        timeout=_VERSION_SECONDS,
        check=True,
        encoding="utf-8",
        errors="replace",
        creationflags=NO_CONSOLE,
    )
    return asked.stdout


def fitting_version(node: Node) -> str:
    """Return the library's version for ``node``. Raises BackendUnavailable if Node is too old."""
    for version, oldest in PINNED:
        if node.version[:2] >= oldest:
            return version
    raise BackendUnavailable(
        translatable(
            "Node.js {version} at {path} is too old.", version=node.words, path=str(node.path)
        ),
        translatable("Update it to 20 or newer, or name another in upstream.node_path."),
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
    raise LibraryMissing(
        translatable("The library pi-ai {version} is not installed.", version=best),
        translatable(
            "Run “{command}”: about 140 MB, from npm, into our data folder.",
            command=INSTALL_COMMAND,
        ),
    )
