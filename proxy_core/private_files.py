"""Files that only the user may read: written whole or not at all, 0600 in folders made 0700.

A reader never sees half a file: content goes to a temporary file beside the target, which then takes
its place. On Windows the user's profile folder protects the files; the modes have no effect there.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private_folder(folder: Path) -> None:
    """Make ``folder`` and what is missing above it, 0700. A folder that exists stays as it is."""
    missing = [folder, *folder.parents]
    while missing and missing[-1].exists():
        missing.pop()
    for each in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process made it meanwhile
            each.mkdir(mode=FOLDER_MODE)


def write_private(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content`` in one step. Raises OSError; the old file is then untouched."""
    make_private_folder(path.parent)
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
