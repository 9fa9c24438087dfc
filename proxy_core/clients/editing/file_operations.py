"""What is done to the disk while a tool's settings are changed, one step at a time.

Handed in, so that a test can stop the world at every one of them.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from pathlib import Path
from typing import Protocol

from proxy_core.clients.editing.exchange import exchange
from proxy_core.storage.private_files import read_private, remove_private, write_private

NEW_ENDING = ".g-copilot-proxy.new"


class FileOperations(Protocol):
    """Every method raises OSError."""

    def read(self, path: Path) -> bytes | None:
        """Return the content, None where there is no file."""

    def write_beside(self, path: Path, content: bytes) -> Path:
        """Write a new file in the folder of ``path``, with its rights if it exists, and return it."""

    def replace(self, new: Path, path: Path) -> bool:
        """Give ``new`` the name ``path``, in one step.

        Returns whether what was at ``path`` has the name ``new`` now; where a system cannot exchange
        names, it is gone. Raises FileExistsError if a file came to ``path`` where there was none.
        """

    def move_aside(self, path: Path) -> Path:
        """Give ``path`` another name beside it, and return that."""

    def remove(self, path: Path) -> None: ...

    def make_folder(self, path: Path) -> None: ...

    def remove_folder(self, path: Path) -> None:
        """Remove the folder if it is empty; else leave it without a word."""

    def store(self, path: Path, content: bytes) -> None:
        """Write a file of our own, whole or not at all, for the user alone."""

    def load(self, path: Path) -> bytes | None: ...

    def discard(self, path: Path) -> None:
        """Remove a file of our own, if it is there."""


class SystemFiles:
    """The real disk."""

    def read(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def write_beside(self, path: Path, content: bytes) -> Path:
        new = path.with_name(f".{path.name}.{secrets.token_hex(6)}{NEW_ENDING}")
        # Keys go into these files: what did not exist is made for the user alone.
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                if path.exists():
                    _take_rights(path, new)
                os.fsync(file.fileno())
        except BaseException:
            new.unlink(missing_ok=True)
            raise
        return new

    def replace(self, new: Path, path: Path) -> bool:
        try:
            is_exchanged = exchange(new, path)
            if not is_exchanged:
                new.replace(path)
        except FileNotFoundError:
            is_exchanged = False
            _put(new, path)
        _sync_folder(path.parent)
        return is_exchanged

    def move_aside(self, path: Path) -> Path:
        aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}{NEW_ENDING}")
        path.rename(aside)
        return aside

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        _sync_folder(path.parent)

    def make_folder(self, path: Path) -> None:
        path.mkdir(mode=0o700)

    def remove_folder(self, path: Path) -> None:
        with contextlib.suppress(OSError):
            path.rmdir()

    def store(self, path: Path, content: bytes) -> None:
        write_private(path, content)

    def load(self, path: Path) -> bytes | None:
        return read_private(path)

    def discard(self, path: Path) -> None:
        remove_private(path)


def _put(new: Path, path: Path) -> None:
    """Give ``new`` a name that no file has. Raises FileExistsError if one has it by now."""
    try:
        path.hardlink_to(new)
    except FileExistsError:
        raise
    except OSError:  # a file system without second names
        new.replace(path)
    else:
        new.unlink()


def _take_rights(old: Path, new: Path) -> None:
    """Give ``new`` the mode and extended attributes of ``old``, and its owner where that is possible."""
    found = old.stat()
    if os.name == "posix":
        try:
            os.chown(new, found.st_uid, found.st_gid)
        except OSError:  # only root gives files away; its group at most can still read it
            with contextlib.suppress(OSError):
                os.chown(new, -1, found.st_gid)
    shutil.copystat(old, new)
    os.utime(new)  # but the time is now: programs watch it


def _sync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's names; not every system can."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
