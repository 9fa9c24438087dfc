"""Moves a damaged ledger aside, and reads what is still readable."""

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
    damaged = path.with_name(f"{path.stem}-damaged-{moment}{path.suffix}")
    number = 1
    while damaged.exists():
        number += 1
        damaged = path.with_name(f"{path.stem}-damaged-{moment}-{number}{path.suffix}")
    path.replace(damaged)
    for suffix in _SIDE_FILES:
        # The WAL holds the latest entries: without it the moved file would be incomplete.
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.replace(damaged.with_name(damaged.name + suffix))
    return damaged


def readable_entries(damaged: Path) -> Iterator[LedgerEntry]:
    """Yield every entry that can still be read, from both ends towards the damage. Never raises."""
    last = -1
    try:
        with closing(
            sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=rw", uri=True)
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
        return  # the damaged page; entries beyond it are read from the other end


def _entry(row: tuple[int, ...]) -> Iterator[LedgerEntry]:
    """Yield the row as an entry, or nothing if damage left invalid values."""
    values = dict(zip(COLUMNS, row[1:], strict=True))
    try:
        yield storable(msgspec.convert(values, LedgerEntry, strict=False))
    except msgspec.ValidationError:
        return
