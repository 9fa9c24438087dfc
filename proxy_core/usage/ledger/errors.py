"""Explains SQLite's and the system's errors of the ledger to a person."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from proxy_core.errors import Problem
from proxy_core.usage.ledger.schema import ForeignFile, NewerLedger

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_FORBIDDEN = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
_TITLE = "The usage record cannot be written"
_MEANWHILE = "Requests go on; what they cost is kept in memory and written as soon as it can be."

UpstreamErrorResponse = OSError | sqlite3.Error | NewerLedger | ForeignFile
FAILURES = (OSError, sqlite3.Error, NewerLedger, ForeignFile)


def is_damage(error: Exception) -> bool:
    """Whether the file's content is damaged, as opposed to access to it."""
    return isinstance(error, sqlite3.Error) and _primary_code(error) in _DAMAGED


def is_busy(error: Exception) -> bool:
    """Whether another process holds the file's lock, which is temporary."""
    return isinstance(error, sqlite3.Error) and _primary_code(error) == sqlite3.SQLITE_BUSY


def explain(error: UpstreamErrorResponse, path: Path) -> Problem:
    """Return the problem to show for an error of opening or writing ``path``."""
    if _is_full(error):
        return _problem(
            "ledger_full", "The disk is full.", f"Free some space on the disk that holds {path}."
        )
    code = _primary_code(error) if isinstance(error, sqlite3.Error) else None
    if code in _LOCKED:
        return _problem(
            "ledger_locked",
            f"Another program holds {path.name} locked.",
            "Close what has the file open, perhaps a second copy of this app or a backup.",
        )
    if isinstance(error, OSError) or code in _FORBIDDEN:
        return _problem(
            "ledger_read_only",
            f"{path} cannot be opened for writing.",
            f"Let your user write to the folder {path.parent}.",
        )
    if isinstance(error, NewerLedger):
        return _problem(
            "ledger_newer",
            f"{path.name} was written by a newer version of this app ({error}).",
            "Install the newer version again; the file is left as it is.",
        )
    if isinstance(error, ForeignFile):
        return _problem(
            "ledger_foreign",
            f"{path} is not a usage record: {error}.",
            "Move that file elsewhere; it is left as it is.",
        )
    return _problem(
        "ledger_failed", f"Writing {path} failed: {error}.", "Look at the disk it lies on."
    )


def explain_rebuilt(damaged: Path, recovered: int) -> Problem:
    """Return the problem to show after a damaged ledger was replaced."""
    entries = "entry was" if recovered == 1 else "entries were"
    return Problem(
        title="The usage record was damaged",
        message=f"A new one was begun; {recovered} {entries} recovered from the old one, "
        f"which is kept as {damaged.name}.",
        next_step=f"Delete {damaged} once you no longer want it.",
        code="ledger_rebuilt",
    )


def _is_full(error: UpstreamErrorResponse) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, sqlite3.Error) and _primary_code(error) == sqlite3.SQLITE_FULL


def _primary_code(error: sqlite3.Error) -> int | None:
    """SQLite's result code without its extension; None for what the Python module itself raises."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


def _problem(code: str, reason: str, next_step: str) -> Problem:
    return Problem(_TITLE, f"{reason} {_MEANWHILE}", next_step, code)
