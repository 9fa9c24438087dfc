"""Installs the library into the app's data folder, on the user's explicit act alone.

By name, with npm as the user configured it, and without running the scripts of any package.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from proxy_core.config.child_processes import NO_CONSOLE
from proxy_core.errors import ProxyError
from proxy_core.status.redaction import redact
from proxy_core.upstream.backends.pi_ai.failures import LibraryMissing
from proxy_core.upstream.backends.pi_ai.loading import check_loads
from proxy_core.upstream.backends.pi_ai.node import (
    PACKAGE,
    PINNED,
    Installation,
    Node,
    fitting_version,
    is_installed,
    package_folder,
)

INSTALL_SECONDS = 900.0
_LOOK_SECONDS = 0.2
"""Between two looks whether the app is quitting, which must not wait for npm."""
_SAID = 600


class InstallFailed(ProxyError):
    """The library could not be installed or removed; what was there before is as it was."""

    title = "The library pi-ai was not installed"


def npm_of(node: Node, environ: Mapping[str, str]) -> Path:
    """Return npm: the one beside Node, or that of the PATH. Raises InstallFailed."""
    for folder in (str(node.path.parent), environ.get("PATH")):
        found = shutil.which("npm", path=folder)
        if found is not None:
            return Path(found)
    raise InstallFailed(
        "npm was not found beside Node.js or on the PATH. It comes with Node.js from nodejs.org.",
        code="npm_missing",
    )


async def install(node: Node, root: Path, environ: Mapping[str, str]) -> Installation:
    """Install the version that fits ``node``; one that is there and loads stays. Raises ProxyError.

    Cancelling ends npm; what was there before is as it was.
    """
    version = fitting_version(node)
    made = Installation(node, package_folder(root, version), version)
    if not await _is_whole(made, root, environ):
        npm = npm_of(node, environ)
        ended = threading.Event()
        try:
            await asyncio.to_thread(_install, npm, root, version, environ, ended)
        except OSError as error:
            raise InstallFailed(f"{root} cannot be used: {error.strerror or error}.") from error
        finally:
            ended.set()
        await check_loads(made, environ)
    return made


async def _is_whole(found: Installation, root: Path, environ: Mapping[str, str]) -> bool:
    if not is_installed(root, found.version):
        return False
    try:
        await check_loads(found, environ)
    except LibraryMissing:
        return False
    return True


def _install(
    npm: Path, root: Path, version: str, environ: Mapping[str, str], ended: threading.Event
) -> None:
    """Install beside the place, then move it there: an interrupted one leaves nothing half."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=root, prefix="installing-") as folder:
        (Path(folder) / "package.json").write_text("{}")
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--loglevel=error")
        command = [str(npm), "install", *options, "--prefix", folder, f"{PACKAGE}@{version}"]
        status, said = _run(command, folder, environ, ended)
        if status != 0 or not (Path(folder) / "node_modules" / PACKAGE).is_dir():
            said = redact(said.strip()[-_SAID:])
            raise InstallFailed(f"npm said: {said}", code="npm_failed")
        (Path(folder) / "node_modules").rename(_emptied(package_folder(root, version)))


def _run(
    command: Sequence[str], folder: str, environ: Mapping[str, str], ended: threading.Event
) -> tuple[int, str]:
    """Return npm's exit status and what it said; it is killed once ``ended`` is set."""
    until = time.monotonic() + INSTALL_SECONDS
    with subprocess.Popen(  # noqa: S603 - npm, as found beside Node or on the PATH
        command,
        cwd=folder,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        creationflags=NO_CONSOLE,
    ) as npm:
        while True:
            try:
                output, errors = npm.communicate(timeout=_LOOK_SECONDS)
            except subprocess.TimeoutExpired as error:
                if ended.is_set() or time.monotonic() > until:
                    npm.kill()
                    raise InstallFailed(
                        "npm did not end in time. Try again.", code="npm_failed"
                    ) from error
            else:
                return npm.returncode, errors or output


def _emptied(folder: Path) -> Path:
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder / "node_modules"


def remove(root: Path) -> tuple[str, ...]:
    """Remove every installed version; return them. Raises OSError."""
    found = tuple(version for version, _ in PINNED if is_installed(root, version))
    for version in found:
        folder = package_folder(root, version)
        if folder.is_symlink():
            folder.unlink()
        else:
            shutil.rmtree(folder)
    return found
