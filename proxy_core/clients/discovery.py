"""Finds installed tools on PATH and among VS Code's extensions; read-only.

A program's version is what it prints for ``--version``; it is started for nothing else, with no input
and within a time limit. Blocks, so it belongs into a worker thread.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from proxy_core.clients.tool import Tool
from proxy_core.config.child_processes import NO_CONSOLE

VERSION_SECONDS = 6.0
"""Timeout. Node-based agents take up to two seconds on a busy computer to print their version."""
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)*(?:-[0-9A-Za-z.]+)?")
_EXTENSION_FOLDERS = (".vscode", ".vscode-insiders", ".vscode-oss", ".cursor", ".windsurf")


@dataclass(frozen=True, slots=True)
class FoundTool:
    """``version`` is empty if unknown. ``place`` is the program's path or the extension's folder."""

    app_id: str
    version: str
    place: str


VersionReader = Callable[[str], str]


def read_version(program: str, seconds: float = VERSION_SECONDS) -> str:
    """Return the version ``program --version`` prints, or ``""``; never raises."""
    try:
        done = subprocess.run(  # noqa: S603  # a program the user put on PATH
            [program, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
            creationflags=NO_CONSOLE,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    found = _VERSION.search((done.stdout + done.stderr).decode("utf-8", "replace"))
    return found[0] if found else ""


def find_tools(
    tools: Iterable[Tool],
    *,
    environ: Mapping[str, str] = os.environ,
    home: Path | None = None,
    version_of: VersionReader = read_version,
) -> tuple[FoundTool, ...]:
    """Return the installed tools, in the order given."""
    folder = home or Path.home()
    places = {tool.app_id: _place_of(tool, environ, folder) for tool in tools}
    present = {app_id: place for app_id, place in places.items() if place is not None}
    versions: dict[str, str] = {}

    def ask(app_id: str, place: Path) -> None:
        versions[app_id] = _version_of(place, version_of)

    # Daemons: quitting the app must not wait for a slow program.
    asking = [Thread(target=ask, args=pair, daemon=True) for pair in present.items()]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    return tuple(
        FoundTool(app_id, versions.get(app_id, ""), str(place)) for app_id, place in present.items()
    )


def _place_of(tool: Tool, environ: Mapping[str, str], home: Path) -> Path | None:
    for program in tool.programs:
        # An empty path must not fall back to this process's PATH.
        path = shutil.which(program, path=environ.get("PATH", os.defpath))
        if path:
            return Path(path)
    return _newest_extension(tool.extension, home) if tool.extension else None


def _newest_extension(extension: str, home: Path) -> Path | None:
    """``continue.continue-1.2.3-linux-x64``: folders are named after extension and version."""
    found: list[Path] = []
    for editor in _EXTENSION_FOLDERS:
        folder = home / editor / "extensions"
        try:
            found += [each for each in folder.iterdir() if _is_version_of(extension, each.name)]
        except OSError:  # missing, or not readable
            continue
    return max(found, key=lambda each: _sortable(each.name), default=None)


def _is_version_of(extension: str, folder: str) -> bool:
    return re.match(re.escape(extension) + r"-\d", folder, re.IGNORECASE) is not None


def _sortable(folder: str) -> tuple[int, ...]:
    version = _VERSION.search(folder)
    digits = re.findall(r"\d+", version[0]) if version else []
    return tuple(int(each) for each in digits)


def _version_of(place: Path, version_of: VersionReader) -> str:
    if place.is_dir():  # an extension's folder name contains the version
        named = re.search(r"-(\d+(?:\.\d+)*)", place.name)
        return named[1] if named else ""
    return version_of(str(place))
