"""The ledger's tables, and the migrations from every older version."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields

from proxy_core.usage.ledger import search_schema, totals_schema
from proxy_core.usage.ledger.entry import LedgerEntry

APPLICATION_ID = 0x67435055
"""Marks the file as ours (``gCPU``), so that no other program's database is treated as a ledger."""

COLUMNS = tuple(each.name for each in fields(LedgerEntry))
_LIST = ", ".join(COLUMNS)
_KEY = ("request_id", "started")
_WRITE = (
    f"INSERT INTO {{table}} ({_LIST}) VALUES ({', '.join('?' * len(COLUMNS))}) "  # noqa: S608  # names of our own fields
    f"ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name not in _KEY)
)

_FIRST_TABLE = """
CREATE TABLE requests (
    request_id TEXT NOT NULL,
    started REAL NOT NULL,
    client TEXT NOT NULL,
    model TEXT NOT NULL,
    path TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    translated INTEGER NOT NULL,
    streamed INTEGER NOT NULL,
    ending TEXT NOT NULL,
    error TEXT,
    stop_reason TEXT,
    http_status INTEGER,
    duration REAL,
    first_byte REAL,
    attempts INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    nano_credits INTEGER,
    estimated INTEGER NOT NULL,
    saved_nano_credits INTEGER,
    miss_reason TEXT,
    UNIQUE (request_id, started)
)
"""
"""SQLite treats declared types as hints; ``entry.storable`` makes values fit."""

_ADDED = {
    "initiator": "initiator TEXT NOT NULL DEFAULT ''",
    "reason": "reason TEXT NOT NULL DEFAULT ''",
}
"""Columns that later versions added, by name."""

_STEPS: tuple[tuple[str, ...], ...] = (
    (
        _FIRST_TABLE,
        "CREATE INDEX requests_by_start ON requests (started)",
        "CREATE INDEX requests_by_client ON requests (client, started)",
    ),
    (f"ALTER TABLE requests ADD COLUMN {_ADDED['initiator']}",),
    (totals_schema.DONE_INDEX,),
    (f"ALTER TABLE requests ADD COLUMN {_ADDED['reason']}",),
    totals_schema.STEP,
    search_schema.STEP,
)
"""Step ``n`` migrates version ``n`` to ``n + 1``. What a step leaves behind is never changed once it is
released, but for what a later one removes.
"""

VERSION = len(_STEPS)


class NewerLedger(Exception):
    """The file was written by a later version of the program."""


class ForeignFile(Exception):
    """The file is a database, but not ours."""


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit the block's changes atomically. Takes the write lock at once."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite rolls back by itself after a full disk and other serious errors.
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def upgrade(connection: sqlite3.Connection) -> None:
    """Migrate the tables to the current version. Raises NewerLedger, ForeignFile or sqlite3.Error."""
    if ledger_version(connection) == VERSION:
        return
    with transaction(connection):
        # Checked again under the lock: another process may have migrated meanwhile.
        for step in _STEPS[ledger_version(connection) :]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def ledger_version(connection: sqlite3.Connection) -> int:
    """Return the version of the file's tables, 0 for none; writes nothing.

    Raises NewerLedger, ForeignFile or sqlite3.Error.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application == APPLICATION_ID:
        if version > VERSION:
            raise NewerLedger(f"version {version}, this program knows {VERSION}")
        return int(version)
    if connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None:
        raise ForeignFile("it is the database of another program")
    return 0


def temporary_table(name: str) -> str:
    """Return the statement that makes a table of today's form, which goes with its connection."""
    first = _FIRST_TABLE.replace("CREATE TABLE requests", f"CREATE TEMP TABLE {name}")
    added = "".join(f"{each},\n    " for each in _ADDED.values())
    return first.replace("UNIQUE (", added + "UNIQUE (")


def readable_columns(connection: sqlite3.Connection, table: str = "requests") -> str:
    """Return today's columns for a SELECT from a table that may be of an older version.

    What it lacks is its default. Raises sqlite3.Error.
    """
    found = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    return ", ".join(
        name if name in found or name not in _ADDED else f"'' AS {name}" for name in COLUMNS
    )


def write_entries(
    connection: sqlite3.Connection, entries: Iterable[LedgerEntry], table: str = "requests"
) -> None:
    """Insert, or replace the rows of the same keys: safe to repeat after an uncertain commit."""
    connection.executemany(_WRITE.format(table=table), (astuple(each) for each in entries))
