"""Adds up the totals of rows that have none yet, and takes away those of rows that go.

A step is one transaction of some milliseconds and one day of UTC, so that neither requests nor readers
wait for it; killed between two steps, the next run goes on where this one was.
"""

from __future__ import annotations

import math
import sqlite3

from proxy_core.usage.ledger.search_schema import TEXT_TABLES
from proxy_core.usage.ledger.totals_schema import (
    DAY_SECONDS,
    DAY_TABLES,
    END,
    NAMES,
    QUARTER_SECONDS,
    WHEN_DELETED,
    begin_of,
    sums_of,
    totals_since,
)

_QUARTER = begin_of("started", QUARTER_SECONDS)
_OF_DAY = "FROM requests WHERE started >= :day AND started < :until"
_SO_FAR = ", ".join(f"SUM({name}) OVER so_far" for name in NAMES)


def add_up_a_day(connection: sqlite3.Connection) -> bool:
    """Add up the newest day that has no totals; return whether there may be another one.

    In a transaction of the caller's.
    """
    since = totals_since(connection)
    if since == 0:
        return False
    (newest,) = connection.execute(
        "SELECT MAX(started) FROM requests WHERE started >= 0 AND started < ?", (since,)
    ).fetchone()
    if newest is None:
        _set_since(connection, 0)
        return False
    day = int(newest) // DAY_SECONDS * DAY_SECONDS
    values = {"day": day, "until": min(since, day + DAY_SECONDS)}
    connection.execute(
        f"INSERT INTO quarter_totals SELECT client, quarter, {_SO_FAR} FROM ("  # noqa: S608  # our own words
        f"SELECT client, {_QUARTER} AS quarter, {sums_of('requests')} {_OF_DAY} "
        "GROUP BY client, quarter) WINDOW so_far AS (PARTITION BY client ORDER BY quarter)",
        values,
    )
    connection.execute(
        f"INSERT INTO utc_client_days SELECT :day, client, {sums_of('requests')} {_OF_DAY} "
        "GROUP BY client",
        values,
    )
    connection.execute(
        f"INSERT INTO utc_day_totals SELECT model, :day, client, {sums_of('requests')} {_OF_DAY} "
        "GROUP BY model, client",
        values,
    )
    connection.execute(
        f"INSERT INTO utc_day_misses SELECT :day, client, miss_reason, COUNT(*) {_OF_DAY} "
        "AND miss_reason IS NOT NULL GROUP BY client, miss_reason",
        values,
    )
    _set_since(connection, day)
    return True


def drop_totals_before(connection: sqlite3.Connection, moment: float) -> None:
    """Remove the totals up to the day that holds ``moment``, in a transaction of the caller's.

    Rows of before it are then deleted at no further cost; its day is added up again after that.
    """
    edge = min(max(0, math.ceil(moment / DAY_SECONDS) * DAY_SECONDS), END)
    if totals_since(connection) >= edge:
        return
    connection.execute(
        "DELETE FROM quarter_totals WHERE quarter < ?1 "
        "AND client IN (SELECT client FROM utc_client_days WHERE day < ?1)",
        (edge,),
    )
    for table in DAY_TABLES:
        connection.execute(f"DELETE FROM {table} WHERE day < ?", (edge,))  # noqa: S608  # our own words
    _set_since(connection, edge)


def delete_all(connection: sqlite3.Connection) -> None:
    """Delete all rows and totals, in a transaction of the caller's."""
    # The trigger would take away each row by itself.
    connection.execute("DROP TRIGGER deleted_is_uncounted")
    for table in ("requests", "quarter_totals", *DAY_TABLES, *TEXT_TABLES):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608  # our own words
    connection.execute(WHEN_DELETED)
    _set_since(connection, 0)
    connection.execute("UPDATE texts_since SET since = 0")


def _set_since(connection: sqlite3.Connection, since: int) -> None:
    connection.execute("UPDATE totals_since SET since = ?", (since,))
