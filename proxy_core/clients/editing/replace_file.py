"""Another program's file replaced by a changed one: whole or not at all, and never over an edit unseen.

Links are followed, and stay links: what they lead to is replaced. A file that nobody may write is left:
whoever made it so meant it.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from proxy_core.clients.editing.document import CannotEdit
from proxy_core.clients.editing.file_operations import NEW_ENDING, FileOperations
from proxy_core.errors import ErrorKind, ProxyError, translatable

NO_FILE = ""
"""What stands for the hash of a file that is not there."""
_LARGEST = 4_000_000
"""Bytes. Settings are no larger; what is, is something else by that name."""


class ChangedMeanwhile(ProxyError):
    """The file is not what was looked at: another program wrote it in between. It was left alone."""

    kind = ErrorKind.INTERNAL
    title: str = translatable("The file was changed meanwhile")


def hash_of(content: bytes | None) -> str:
    return NO_FILE if content is None else hashlib.sha256(content).hexdigest()


def target_of(path: Path) -> Path:
    """Follow links to the file that is meant. Raises CannotEdit for a circle, or for no plain file."""
    try:
        target = Path(os.path.realpath(path, strict=False))
        found = target.lstat() if os.path.lexists(target) else None
    except OSError as error:
        raise CannotEdit(
            translatable("{file}: {reason}.", file=path, reason=error.strerror or error),
            code="file",
        ) from error
    if found is not None and not stat.S_ISREG(found.st_mode):
        raise CannotEdit(translatable("{path} is not a file.", path=path), code="file")
    if found is not None and found.st_size > _LARGEST:
        raise CannotEdit(translatable("{path} is too large for settings.", path=path), code="file")
    return target


def check_writable(path: Path, target: Path) -> None:
    """Raise CannotEdit where the file may not be written, by its own mode or for this user."""
    if not target.exists():
        return
    if not target.stat().st_mode & stat.S_IWUSR:
        raise CannotEdit(
            translatable("{path} is read-only; it was left as it is.", path=path), code="read_only"
        )
    if not os.access(target, os.W_OK) or not os.access(target.parent, os.W_OK):
        raise CannotEdit(
            translatable("{path} cannot be written by you.", path=path), code="read_only"
        )


def missing_folders(target: Path) -> tuple[Path, ...]:
    """The folders that must be made for ``target``, the outermost first."""
    missing = [each for each in target.parents if not each.exists()]
    return tuple(reversed(missing))


def replace_file(
    target: Path, content: bytes | None, *, expected: str, files: FileOperations
) -> None:
    """Put ``content`` in place of what hashes to ``expected``; None removes the file.

    Raises ChangedMeanwhile where something else is there, or OSError; the file is then as it was.
    """
    if content is None:
        _remove(target, expected, files)
        return
    new = files.write_beside(target, content)
    try:
        # The last look, right before the name changes hands.
        _check(target, expected, files)
        if files.replace(new, target):
            if hash_of(files.read(new)) != expected:
                # An edit of the instant since that look: it gets its name back.
                files.replace(new, target)
                raise _changed(target)
            files.remove(new)
    except FileExistsError as error:
        files.remove(new)
        raise _changed(target) from error
    except (OSError, ProxyError):
        files.remove(new)
        raise


def _remove(target: Path, expected: str, files: FileOperations) -> None:
    _check(target, expected, files)
    if expected == NO_FILE:
        return
    aside = files.move_aside(target)
    if hash_of(files.read(aside)) != expected:
        files.replace(aside, target)
        raise _changed(target)
    files.remove(aside)


def remove_leftovers(target: Path, files: FileOperations) -> None:
    """Remove what a killed process of ours left beside ``target``. Only under our lock."""
    if not target.parent.is_dir():
        return
    for each in sorted(target.parent.iterdir()):
        if each.name.startswith(f".{target.name}.") and each.name.endswith(NEW_ENDING):
            files.remove(each)


def _check(target: Path, expected: str, files: FileOperations) -> None:
    if hash_of(files.read(target)) != expected:
        raise _changed(target)


def _changed(target: Path) -> ChangedMeanwhile:
    return ChangedMeanwhile(
        translatable(
            "{target} was changed by another program just now; nothing was written.", target=target
        ),
        code="changed_meanwhile",
    )
