"""Totals by day, client and model beside the ledger's rows, kept by the database itself.

A million rows take seconds to add up, a year of days a few milliseconds. Triggers keep the totals in the
same transaction as the rows, whoever writes these. ``days`` holds the bounds of the local days that the
totals are of: a row outside them, or a computer that changed its time zone, makes the totals stale, and
readers add up the rows until the writer has made the totals anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

DayBounds = Callable[[float], tuple[float, float]]
"""Returns begin and end of the local day of a moment, all in seconds since 1970."""

SUMS = {
    "requests": "1",
    "failed": "{r}.ending = 'failed'",
    "cancelled": "{r}.ending = 'cancelled'",
    "input_tokens": "{r}.input_tokens",
    "output_tokens": "{r}.output_tokens",
    "cache_read_tokens": "{r}.cache_read_tokens",
    "cache_write_tokens": "{r}.cache_write_tokens",
    "reasoning_tokens": "{r}.reasoning_tokens",
    "nano_credits": "COALESCE({r}.nano_credits, 0)",
    "estimated_nano_credits": "CASE WHEN {r}.estimated THEN COALESCE({r}.nano_credits, 0) ELSE 0 END",
    "saved_nano_credits": "COALESCE({r}.saved_nano_credits, 0)",
    "unpriced": "{r}.nano_credits IS NULL AND {r}.input_tokens + {r}.output_tokens "
    "+ {r}.cache_read_tokens + {r}.cache_write_tokens > 0",
    "asked_by_user": "{r}.initiator = 'user'",
    "asked_by_agent": "{r}.initiator = 'agent'",
}
"""What one row ``{r}`` adds to each field of ``Totals``, in the order of its fields."""

NAMES = tuple(SUMS)


def sums_of(rows: str) -> str:
    """Return the columns of a SELECT that adds up the rows of a source, in the order of ``Totals``."""
    return ", ".join(f"COALESCE(SUM({each.format(r=rows)}), 0) AS {n}" for n, each in SUMS.items())


def _day(moment: str) -> str:
    """The begin of the day that holds a moment, or NULL. The nearest begin alone is looked at."""
    return (
        f"(SELECT since FROM (SELECT since, until FROM days WHERE since <= {moment} "  # noqa: S608  # our own words
        f"ORDER BY since DESC LIMIT 1) WHERE until > {moment})"
    )


def _add(row: str) -> str:
    # No "OR IGNORE": a conflict clause of the statement that fires a trigger overrides those in it.
    day = _day(f"{row}.started")
    plus = ", ".join(f"{name} = {name} + ({each.format(r=row)})" for name, each in SUMS.items())
    return f"""
    UPDATE totals_state SET is_stale = 1 WHERE is_stale = 0 AND {day} IS NULL;
    INSERT INTO day_totals (since, client, model)
        SELECT {day}, {row}.client, {row}.model WHERE {day} IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM day_totals
            WHERE since = {day} AND client = {row}.client AND model = {row}.model);
    UPDATE day_totals SET {plus}
        WHERE since = {day} AND client = {row}.client AND model = {row}.model;
    INSERT INTO day_misses (since, client, reason)
        SELECT {day}, {row}.client, {row}.miss_reason
        WHERE {day} IS NOT NULL AND {row}.miss_reason IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM day_misses
            WHERE since = {day} AND client = {row}.client AND reason = {row}.miss_reason);
    UPDATE day_misses SET requests = requests + 1
        WHERE since = {day} AND client = {row}.client AND reason = {row}.miss_reason;
    """  # noqa: S608  # our own words


def _take_away(row: str) -> str:
    day = _day(f"{row}.started")
    minus = ", ".join(f"{name} = {name} - ({each.format(r=row)})" for name, each in SUMS.items())
    return f"""
    UPDATE day_totals SET {minus}
        WHERE since = {day} AND client = {row}.client AND model = {row}.model;
    UPDATE day_misses SET requests = requests - 1
        WHERE since = {day} AND client = {row}.client AND reason = {row}.miss_reason;
    """  # noqa: S608  # our own words


_WHEN_DELETED = (
    f"CREATE TRIGGER request_deleted AFTER DELETE ON requests BEGIN {_take_away('OLD')} END"
)

_DAY_TOTALS = (
    "CREATE TABLE day_totals (since REAL NOT NULL, client TEXT NOT NULL, model TEXT NOT NULL, "
    + ", ".join(f"{name} INTEGER NOT NULL DEFAULT 0" for name in NAMES)
    + ", PRIMARY KEY (since, client, model)) WITHOUT ROWID"
)
_DAY_MISSES = (
    "CREATE TABLE day_misses (since REAL NOT NULL, client TEXT NOT NULL, reason TEXT NOT NULL, "
    "requests INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (since, client, reason)) WITHOUT ROWID"
)
_WHEN_CHANGED = (
    "CREATE TRIGGER request_changed AFTER UPDATE ON requests BEGIN "
    f"{_take_away('OLD')} {_add('NEW')} END"
)
_DONE_INDEX = (
    "CREATE INDEX requests_done ON requests (client, model, started) "
    "WHERE ending = 'done' AND nano_credits IS NOT NULL"
)
"""What is usual for a tool is asked before a request is sent."""

STEP: tuple[str, ...] = (
    "CREATE TABLE days (since REAL PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID",
    _DAY_TOTALS,
    _DAY_MISSES,
    "CREATE TABLE totals_state (id INTEGER PRIMARY KEY CHECK (id = 1), is_stale INTEGER NOT NULL)",
    "INSERT INTO totals_state SELECT 1, EXISTS (SELECT 1 FROM requests)",
    f"CREATE TRIGGER request_added AFTER INSERT ON requests BEGIN {_add('NEW')} END",
    _WHEN_CHANGED,
    _WHEN_DELETED,
    _DONE_INDEX,
)
"""From version 2 to 3 of the ledger. Never changed once it is released."""


def enter_days(
    connection: sqlite3.Connection, moments: tuple[float, ...], day_bounds: DayBounds
) -> None:
    """Make sure that the days of these moments are known, in a transaction of the caller's."""
    known = (0.0, 0.0)
    for moment in moments:
        if known[0] <= moment < known[1]:
            continue
        bounds = _bounds(day_bounds, moment)
        if bounds is None:
            continue  # the trigger makes the totals stale
        known = bounds
        overlapping = connection.execute(
            "SELECT since, until FROM days WHERE since < ? AND until > ?", (known[1], known[0])
        ).fetchall()
        if overlapping == [known]:
            continue
        if overlapping:  # days of another time zone
            _mark(connection, stale=True)
            return
        connection.execute("INSERT INTO days VALUES (?, ?)", known)


def are_stale(connection: sqlite3.Connection, schema: str = "main") -> bool:
    """Whether the totals do not say what the rows say."""
    row = connection.execute(f"SELECT is_stale FROM {schema}.totals_state").fetchone()  # noqa: S608  # our own words
    return row is None or bool(row[0])


def make_anew(connection: sqlite3.Connection, day_bounds: DayBounds) -> None:
    """Add up all rows by the days of today's time zone, in a transaction of the caller's.

    Takes some seconds for a million rows. They stay stale where a row is of no possible day.
    """
    for table in ("day_totals", "day_misses", "days"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608  # our own words
    after = float("-inf")
    while True:
        (first,) = connection.execute(
            "SELECT MIN(started) FROM requests WHERE started >= ?", (after,)
        ).fetchone()
        if first is None:
            break
        bounds = _bounds(day_bounds, first)
        if bounds is None:
            _mark(connection, stale=True)
            return
        _add_up(connection, bounds)
        after = bounds[1]
    _mark(connection, stale=False)


def _add_up(connection: sqlite3.Connection, bounds: tuple[float, float]) -> None:
    connection.execute("INSERT INTO days VALUES (?, ?)", bounds)
    where = "FROM requests WHERE started >= ? AND started < ?"
    connection.execute(
        f"INSERT INTO day_totals SELECT ?, client, model, {sums_of('requests')} "  # our own words
        f"{where} GROUP BY client, model",
        (bounds[0], *bounds),
    )
    connection.execute(
        f"INSERT INTO day_misses SELECT ?, client, miss_reason, COUNT(*) {where} "  # our own words
        "AND miss_reason IS NOT NULL GROUP BY client, miss_reason",
        (bounds[0], *bounds),
    )


def drop_empty(connection: sqlite3.Connection) -> None:
    """Remove what deleted rows left, in a transaction of the caller's."""
    connection.execute("DELETE FROM day_totals WHERE requests <= 0")
    connection.execute("DELETE FROM day_misses WHERE requests <= 0")


def delete_all(connection: sqlite3.Connection) -> int:
    """Delete all rows and totals, in a transaction of the caller's; return how many rows went."""
    # The trigger would take away each row by itself.
    connection.execute("DROP TRIGGER request_deleted")
    rows = connection.execute("DELETE FROM requests").rowcount
    for table in ("day_totals", "day_misses", "days"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608  # our own words
    connection.execute(_WHEN_DELETED)
    _mark(connection, stale=False)
    return rows


def _mark(connection: sqlite3.Connection, *, stale: bool) -> None:
    connection.execute("UPDATE totals_state SET is_stale = ?", (int(stale),))


def _bounds(day_bounds: DayBounds, moment: float) -> tuple[float, float] | None:
    try:
        since, until = day_bounds(moment)
    except (OverflowError, OSError, ValueError):
        return None
    # A moment far from any date has a day without length, for want of digits.
    return (since, until) if since <= moment < until else None
