"""Explains SQLite's and the system's errors of the ledger to a person."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from proxy_core.errors import Problem, translatable
from proxy_core.usage.ledger.schema import ForeignFile, NewerLedger

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_FORBIDDEN = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
_TITLE = translatable("The usage record cannot be written")

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
            "ledger_full",
            translatable("The disk is full."),
            translatable("Free some space on the disk that holds {file}.", file=str(path)),
        )
    code = _primary_code(error) if isinstance(error, sqlite3.Error) else None
    if code in _LOCKED:
        return _problem(
            "ledger_locked",
            translatable("Another program holds {file} locked.", file=path.name),
            translatable(
                "Close what has the file open, perhaps a second copy of this app or a backup."
            ),
        )
    if isinstance(error, OSError) or code in _FORBIDDEN:
        return _problem(
            "ledger_read_only",
            translatable("{file} cannot be opened for writing.", file=str(path)),
            translatable("Let your user write to the folder {folder}.", folder=str(path.parent)),
        )
    if isinstance(error, NewerLedger):
        return _problem(
            "ledger_newer",
            translatable(
                "{file} was written by a newer version of this app ({error}).",
                file=path.name,
                error=str(error),
            ),
            translatable("Install the newer version again; the file is left as it is."),
        )
    if isinstance(error, ForeignFile):
        return _problem(
            "ledger_foreign",
            translatable(
                "{file} is not a usage record: {error}.", file=str(path), error=str(error)
            ),
            translatable("Move that file elsewhere; it is left as it is."),
        )
    return _problem(
        "ledger_failed",
        translatable("Writing {file} failed: {error}.", file=str(path), error=str(error)),
        translatable("Look at the disk it lies on."),
    )


def explain_rebuilt(damaged: Path, recovered: int) -> Problem:
    """Return the problem to show after a damaged ledger was replaced."""
    return Problem(
        title=translatable("The usage record was damaged"),
        message=translatable(
            "A new one was begun; {count} entry was recovered from the old one, which is kept as "
            "{file}.",
            count=recovered,
            file=damaged.name,
        )
        if recovered == 1
        else translatable(
            "A new one was begun; {count} entries were recovered from the old one, which is kept as "
            "{file}.",
            count=recovered,
            file=damaged.name,
        ),
        next_step=translatable("Delete {file} once you no longer want it.", file=str(damaged)),
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
    message = translatable(
        "{reason} Requests go on; what they cost is kept in memory and written as soon as it can be.",
        reason=reason,
    )
    return Problem(_TITLE, message, next_step, code)
