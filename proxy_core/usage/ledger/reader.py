"""Read-only views of the ledger: a snapshot of the file together with unwritten entries.

Any thread may read while the writer writes: with WAL, readers and the writer do not block each
other.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from proxy_core.errors import Actor, ProxyError, translatable
from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.schema import (
    APPLICATION_ID,
    VERSION,
    readable_columns,
    temporary_table,
    write_entries,
)

BUSY_SECONDS = 2.0
_NOT_WRITABLE = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})

Unwritten = Callable[[], Sequence[LedgerEntry]]


class LedgerUnreadable(ProxyError):
    """The ledger's file exists but cannot be read."""

    title: str = translatable("The usage record cannot be read")
    actor = Actor.USER


@contextlib.contextmanager
def open_view(path: Path, unwritten: Unwritten = tuple) -> Iterator[sqlite3.Connection]:
    """Yield a connection with a table ``entries`` of what the file and ``unwritten`` hold together.

    Nothing changes in it while it is open. A file that does not exist counts as empty.

    Raises: LedgerUnreadable: the file cannot be read, even if that shows only while reading.
    """
    # Taken before reading the file: an entry written in between is in both, and deduplicated.
    waiting = unwritten()
    try:
        with closing(_connect(path)) as connection:
            connection.execute("BEGIN")
            _define_entries(connection, waiting)
            yield connection
    except sqlite3.Error as error:
        raise LedgerUnreadable(
            translatable("{name} cannot be read: {error}.", name=path.name, error=error),
            code="ledger_unreadable",
        ) from error


def _connect(path: Path) -> sqlite3.Connection:
    """Return a connection to the file, or to an empty database if it has no entries yet."""
    if not path.exists():
        return _empty()
    try:
        return _open(path, "mode=ro")
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _NOT_WRITABLE:
            raise
        # The folder is read-only, so SQLite cannot create the WAL's index: read without it.
        return _open(path, "mode=ro&immutable=1")


def _open(path: Path, how: str) -> sqlite3.Connection:
    connection = _read_only(path, how)
    try:
        is_ours = _is_ours(connection)
    except BaseException:
        connection.close()
        raise
    if is_ours:
        return connection
    connection.close()
    return _empty()


def _read_only(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}", uri=True, timeout=BUSY_SECONDS, isolation_level=None
    )


def _empty() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None)


def _is_ours(connection: sqlite3.Connection) -> bool:
    """False for a file that was just created and has no tables yet."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if version > VERSION:
        raise sqlite3.NotSupportedError("it was written by a newer version of this app")
    return bool(application == APPLICATION_ID)


def _define_entries(connection: sqlite3.Connection, waiting: Sequence[LedgerEntry]) -> None:
    has_table = connection.execute(
        "SELECT 1 FROM main.sqlite_master WHERE name = 'requests'"
    ).fetchone()
    sources = [_select(connection, "requests", "main.requests")] if has_table else []
    if waiting or not sources:
        # A temporary table of the connection; the file is not changed.
        connection.execute(temporary_table("waiting"))
        write_entries(connection, waiting, "temp.waiting")
        # Twenty thousand entries may wait while the disk is full, and 400 days be asked for.
        connection.execute("CREATE INDEX temp.waiting_by_start ON waiting (started)")
        if has_table:
            connection.execute(
                "DELETE FROM temp.waiting WHERE EXISTS (SELECT 1 FROM main.requests AS written "
                "WHERE written.request_id = waiting.request_id AND written.started = waiting.started)"
            )
        sources.append(_select(connection, "waiting", "temp.waiting"))
    connection.execute(f"CREATE TEMP VIEW entries AS {' UNION ALL '.join(sources)}")


def _select(connection: sqlite3.Connection, table: str, source: str) -> str:
    return f"SELECT {readable_columns(connection, table)} FROM {source}"  # noqa: S608  # our own names
