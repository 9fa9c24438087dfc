"""Files that only the user may read: written atomically, 0600 in folders of mode 0700.

Content goes to a temporary file beside the target, which then replaces it, so a reader never sees
half a file. On Windows the user's profile folder protects the files; the modes have no effect
there.

A file that is read must belong to the user (or root) and be closed to others. Permissions are
corrected where possible; otherwise ``UntrustedFile`` says why. A file planted by another user is
never used.
"""

from __future__ import annotations

import contextlib
import errno
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
"""Age above which a temporary file belongs to no running write."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class UntrustedFile(PermissionError):
    """A file or folder that other users could have written. ``strerror`` is a sentence for a person."""

    def __init__(self, sentence: str, path: Path) -> None:
        super().__init__(errno.EPERM, sentence, str(path))


def make_private_folder(folder: Path) -> None:
    """Create ``folder`` and missing parents with mode 0700; correct an existing one's permissions.

    Raises OSError, or UntrustedFile for a folder in which other users can replace our files.
    """
    missing = [folder, *folder.parents]
    while missing and missing[-1].exists():
        missing.pop()
    for each in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process made it meanwhile
            each.mkdir(mode=FOLDER_MODE)
    trust_folder(folder)


def trust_folder(folder: Path) -> None:
    """Remove other users' write permission from ``folder``. A missing folder is trusted.

    Raises UntrustedFile if it is another user's, or others can write in it and we cannot change
    that. A sticky folder such as ``/tmp`` passes: nobody can replace another's files there.
    """
    if os.name != "posix":
        return
    try:
        found = folder.stat()
    except FileNotFoundError:
        return
    _check_owner(found, folder)
    if found.st_mode & _OTHERS_WRITE and not found.st_mode & stat.S_ISVTX:
        _close(folder, found, _OTHERS_WRITE, folder)


def _check_owner(found: os.stat_result, path: Path) -> None:
    if found.st_uid not in (os.geteuid(), 0):
        raise UntrustedFile(
            f"It belongs to another user of this computer (user id {found.st_uid}), who could have put "
            "anything there; it was not used. Remove it, or make it yours (chown)",
            path,
        )


def close_to_others(folder: Path) -> None:
    """Remove all permissions of other users from ``folder``, if it exists and is ours.

    For folders that hold only our files and were made by an older version or restored from a
    backup.
    """
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):  # not ours or missing: nothing to do
        found = folder.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_mode & _OTHERS:
            folder.chmod(FOLDER_MODE)


def make_private_file(path: Path) -> None:
    """Create ``path`` with mode 0600 if it is missing, for a library to write to. Raises OSError."""
    make_private_folder(path.parent)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, FILE_MODE))
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        path.chmod(FILE_MODE)


def keep_aside(path: Path, now: datetime) -> Path:
    """Rename a damaged file, so that it can be inspected; return the new path. Raises OSError."""
    backup = _free_name(path, now)
    path.rename(backup)
    return backup


def copy_aside(path: Path, now: datetime) -> Path:
    """Copy a damaged file under another name; return the copy's path. Raises OSError.

    For a file about to be replaced: a rename would leave a moment without any file.
    """
    backup = _free_name(path, now)
    write_private(backup, path.read_bytes())
    return backup


def _free_name(path: Path, now: datetime) -> Path:
    stem = f"{path.stem}.broken-{now:%Y%m%d-%H%M%S}"
    backup = path.with_name(f"{stem}{path.suffix}")
    number = 1
    while backup.exists():
        number += 1
        backup = path.with_name(f"{stem}-{number}{path.suffix}")
    return backup


def write_private(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replace ``path`` by ``content`` in one step. Raises OSError; the old file is then untouched.

    ``durable``: fsync, so that a power cut leaves the old file or the new one.
    """
    make_private_folder(path.parent)
    _remove_cut_off_writes(path)
    # mkstemp creates 0600 exclusively, so that no one can read or plant the file before it is renamed.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _remove_cut_off_writes(path: Path) -> None:
    """Remove temporary files of processes killed while they wrote ``path``."""
    for each in path.parent.glob(f".{glob.escape(path.name)}.*.new"):
        with contextlib.suppress(OSError):  # another process finished it meanwhile
            if time.time() - each.stat().st_mtime > CUT_OFF_SECONDS:
                each.unlink()


def read_private(path: Path, *, folder_is_ours: bool = True) -> bytes | None:
    """Return the content, or None where there is no file. Raises OSError where it cannot be read.

    A file that others may read or write (copied, restored from a backup) is made private again, and
    its folder is closed to other writers, unless ``folder_is_ours`` is false (the user named the
    file). Raises UntrustedFile for a file or folder of another user.
    """
    return _read(path, closed_to=_OTHERS, folder_is_ours=folder_is_ours)


def read_public(path: Path) -> bytes | None:
    """As ``read_private``, for a file that others may read but not write: the settings.

    It may be a symlink into another folder of the user's (dotfiles); that folder is not changed.
    """
    return _read(path, closed_to=_OTHERS_WRITE, folder_is_ours=True)


def _read(path: Path, *, closed_to: int, folder_is_ours: bool) -> bytes | None:
    try:
        with path.open("rb") as file:
            if os.name == "posix":
                if folder_is_ours:
                    trust_folder(path.parent)
                # Checked on the descriptor: the path could be replaced between check and read.
                found = os.fstat(file.fileno())
                _check_owner(found, path)
                if found.st_mode & closed_to:
                    _close(file.fileno(), found, closed_to, path)
            return file.read()
    except FileNotFoundError:
        return None


def _close(target: int | Path, found: os.stat_result, closed_to: int, path: Path) -> None:
    """Remove those permissions. Raises UntrustedFile if others can still write."""
    failed = found.st_uid != os.geteuid()
    if not failed:
        try:
            os.chmod(target, stat.S_IMODE(found.st_mode) & ~closed_to)  # noqa: PTH101 - also of a descriptor
        except OSError as error:
            failed = error.errno != errno.EROFS  # nobody can write to a read-only file system
    # Root may have made it readable on purpose, but others must not write it.
    if failed and found.st_mode & _OTHERS_WRITE:
        raise UntrustedFile(
            "Other users of this computer can write there, so nothing in it is believed. "
            "Take that right from them (chmod go-w)",
            path,
        )


def remove_private(path: Path) -> bool:
    """Remove the file; return whether there was one."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True
