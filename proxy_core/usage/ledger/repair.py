"""What to do with a damaged ledger: keep it under another name, and save what can still be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from proxy_core.usage.ledger.entry import LedgerEntry, storable
from proxy_core.usage.ledger.schema import COLUMNS, readable_columns

_SIDE_FILES = ("-wal", "-shm")


def move_aside(path: Path, now: float) -> Path:
    """Rename the damaged file with the time in its name; return the new path.

    ``now`` is in seconds since 1970. Nothing may have the file open. Raises OSError.
    """
    moment = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H%M%SZ")
    kept = path.with_name(f"{path.stem}-damaged-{moment}{path.suffix}")
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.stem}-damaged-{moment}-{number}{path.suffix}")
    path.replace(kept)
    for suffix in _SIDE_FILES:
        # The log holds the latest entries: without it the kept file could not be read as it was.
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.replace(kept.with_name(kept.name + suffix))
    return kept


def readable_entries(kept: Path) -> Iterator[LedgerEntry]:
    """Yield every entry that can still be read, from both ends towards the damage. Never raises."""
    last = -1
    try:
        with closing(
            sqlite3.connect(f"{kept.absolute().as_uri()}?mode=rw", uri=True)
        ) as connection:
            for row in _rows(connection, "ASC"):
                last = row[0]
                yield from _entry(row)
            for row in _rows(connection, "DESC"):
                if row[0] <= last:
                    return
                yield from _entry(row)
    except sqlite3.Error:
        return


def _rows(connection: sqlite3.Connection, order: str) -> Iterator[tuple[int, ...]]:
    try:
        columns = readable_columns(connection)
        query = f"SELECT rowid, {columns} FROM requests NOT INDEXED ORDER BY rowid {order}"  # noqa: S608  # our own names
        yield from connection.execute(query)
    except sqlite3.DatabaseError:
        return  # the damaged page; what lies behind it is reached from the other end


def _entry(row: tuple[int, ...]) -> Iterator[LedgerEntry]:
    """The row as an entry, or nothing when damage left values that cannot be."""
    values = dict(zip(COLUMNS, row[1:], strict=True))
    try:
        yield storable(msgspec.convert(values, LedgerEntry, strict=False))
    except msgspec.ValidationError:
        return
