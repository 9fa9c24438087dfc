"""Files that only the user may read: written whole or not at all, 0600 in folders made 0700.

A reader never sees half a file: content goes to a temporary file beside the target, which then takes
its place. On Windows the user's profile folder protects the files; the modes have no effect there.
"""

from __future__ import annotations

import contextlib
import glob
import os
import stat
import tempfile
import time
from datetime import datetime
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700
CUT_OFF_SECONDS = 60.0
"""A temporary file this old belongs to no running write."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private_folder(folder: Path) -> None:
    """Make ``folder`` and what is missing above it, 0700. A folder that exists stays as it is."""
    missing = [folder, *folder.parents]
    while missing and missing[-1].exists():
        missing.pop()
    for each in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process made it meanwhile
            each.mkdir(mode=FOLDER_MODE)


def close_to_others(folder: Path) -> None:
    """Take from everyone else what they may do in ``folder``, where it exists and is ours.

    For folders that hold nothing but our files: made by an older version, restored from a backup.
    """
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):  # not ours, or not there: nothing can be done or needs to be
        found = folder.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_mode & _OTHERS:
            folder.chmod(FOLDER_MODE)


def make_private_file(path: Path) -> None:
    """Make ``path`` if it is missing, the user's alone, for what others write into. Raises OSError."""
    make_private_folder(path.parent)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, FILE_MODE))
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        path.chmod(FILE_MODE)


def keep_aside(path: Path, now: datetime) -> Path:
    """Give a damaged file another name, so that it can be looked at; return that. Raises OSError."""
    stem = f"{path.stem}.broken-{now:%Y%m%d-%H%M%S}"
    kept = path.with_name(f"{stem}{path.suffix}")
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{stem}-{number}{path.suffix}")
    path.rename(kept)
    return kept


def write_private(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content`` in one step. Raises OSError; the old file is then untouched."""
    make_private_folder(path.parent)
    _remove_cut_off_writes(path)
    # mkstemp creates 0600 exclusively, so that no one can read or plant the file before it is renamed.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _remove_cut_off_writes(path: Path) -> None:
    """Remove what was left by processes that were killed while they wrote ``path``."""
    for each in path.parent.glob(f".{glob.escape(path.name)}.*.new"):
        with contextlib.suppress(OSError):  # another process finished it meanwhile
            if time.time() - each.stat().st_mtime > CUT_OFF_SECONDS:
                each.unlink()


def read_private(path: Path) -> bytes | None:
    """Return the content, or None where there is no file. Raises OSError where it cannot be read.

    A file that others may read (copied, restored from a backup) is made private again.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        with contextlib.suppress(PermissionError):  # not ours to change, though we may read it
            path.chmod(FILE_MODE)
    return content


def remove_private(path: Path) -> bool:
    """Remove the file; return whether there was one."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True
