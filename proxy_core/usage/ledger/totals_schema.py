"""Totals beside the ledger's rows, kept by the database itself.

A million rows take seconds to add up, a year of totals some milliseconds. Triggers keep the totals in
the transaction that writes the rows, whoever writes these. They are of hours in UTC, so that they
answer for days of any time zone:

- ``quarter_totals``: what a client used from the begin of a day of UTC to the end of a quarter of an
  hour of it. Two of them subtracted are any time between; every zone's offset is whole quarters.
- ``utc_client_days``: what a client used on a day of UTC; ``utc_day_totals``: of a model;
  ``utc_day_misses``: why the prompt cache missed on it.
- ``totals_since``: the totals are of the requests that began then or later, and before ``END``. Those
  of a file of an older version are added up day by day, from the newest back (``adding_up.py``).
"""

from __future__ import annotations

import sqlite3

QUARTER_SECONDS = 900
DAY_SECONDS = 86_400
END = 253_402_300_800
"""The begin of the year 10000, in seconds since 1970: what began later is read from the rows."""

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
DAY_TABLES = ("utc_client_days", "utc_day_totals", "utc_day_misses")
_COUNTS = ", ".join(f"{name} INTEGER NOT NULL DEFAULT 0" for name in NAMES)


def sums_of(rows: str) -> str:
    """Return the columns of a SELECT that adds up the rows of a source, in the order of ``Totals``."""
    return ", ".join(f"COALESCE(SUM({each.format(r=rows)}), 0) AS {n}" for n, each in SUMS.items())


def begin_of(moment: str, seconds: int) -> str:
    """Return the SQL for the begin of the step of that length that holds a moment from 1970 on.

    Whole numbers: a division of moments as they are could round up into the next one.
    """
    return f"(CAST({moment} AS INTEGER) / {seconds} * {seconds})"


def _is_counted(row: str) -> str:
    return f"{row}.started >= (SELECT since FROM totals_since) AND {row}.started < {END}"  # noqa: S608  # our own words


def _changed(row: str, sign: str) -> str:
    """The statements that add a row to the existing totals, or take it away from them."""
    day, quarter = (begin_of(f"{row}.started", each) for each in (DAY_SECONDS, QUARTER_SECONDS))
    sums = ", ".join(
        f"{name} = {name} {sign} ({each.format(r=row)})" for name, each in SUMS.items()
    )
    return f"""
    UPDATE quarter_totals SET {sums}
        WHERE client = {row}.client AND quarter >= {quarter} AND quarter < {day} + {DAY_SECONDS};
    UPDATE utc_client_days SET {sums} WHERE day = {day} AND client = {row}.client;
    UPDATE utc_day_totals SET {sums}
        WHERE model = {row}.model AND day = {day} AND client = {row}.client;
    UPDATE utc_day_misses SET requests = requests {sign} 1
        WHERE day = {day} AND client = {row}.client AND reason = {row}.miss_reason;
    """  # noqa: S608  # our own words


def _add(row: str) -> str:
    # No "OR IGNORE": a conflict clause of the statement that fires a trigger overrides those in it.
    day, quarter = (begin_of(f"{row}.started", each) for each in (DAY_SECONDS, QUARTER_SECONDS))
    names = ", ".join(NAMES)
    former = ", ".join(f"COALESCE(former.{name}, 0)" for name in NAMES)
    return f"""
    INSERT INTO quarter_totals (client, quarter, {names})
        SELECT {row}.client, {quarter}, {former} FROM (SELECT 1) LEFT JOIN (
            SELECT * FROM quarter_totals
            WHERE client = {row}.client AND quarter >= {day} AND quarter < {quarter}
            ORDER BY quarter DESC LIMIT 1) AS former
        WHERE NOT EXISTS (
            SELECT 1 FROM quarter_totals WHERE client = {row}.client AND quarter = {quarter});
    INSERT INTO utc_client_days (day, client) SELECT {day}, {row}.client WHERE NOT EXISTS (
        SELECT 1 FROM utc_client_days WHERE day = {day} AND client = {row}.client);
    INSERT INTO utc_day_totals (model, day, client)
        SELECT {row}.model, {day}, {row}.client WHERE NOT EXISTS (
            SELECT 1 FROM utc_day_totals
            WHERE model = {row}.model AND day = {day} AND client = {row}.client);
    INSERT INTO utc_day_misses (day, client, reason)
        SELECT {day}, {row}.client, {row}.miss_reason
        WHERE {row}.miss_reason IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM utc_day_misses
            WHERE day = {day} AND client = {row}.client AND reason = {row}.miss_reason);
    {_changed(row, "+")}
    """  # noqa: S608  # our own words


def _trigger(name: str, event: str, row: str, statements: str) -> str:
    return (
        f"CREATE TRIGGER {name} AFTER {event} ON requests "
        f"WHEN {_is_counted(row)} BEGIN {statements} END"
    )


WHEN_DELETED = _trigger("deleted_is_uncounted", "DELETE", "OLD", _changed("OLD", "-"))

_FORMER = (
    *(f"DROP TRIGGER IF EXISTS request_{each}" for each in ("added", "changed", "deleted")),
    *(f"DROP TABLE IF EXISTS {each}" for each in ("days", "day_totals", "day_misses")),
    "DROP TABLE IF EXISTS totals_state",
)
"""Totals by days of the computer's time zone, which versions 3 and 4 had."""

_QUARTER_TOTALS = (
    f"CREATE TABLE quarter_totals (client TEXT NOT NULL, quarter INTEGER NOT NULL, {_COUNTS}, "
    "PRIMARY KEY (client, quarter)) WITHOUT ROWID"
)
_CLIENT_DAYS = (
    f"CREATE TABLE utc_client_days (day INTEGER NOT NULL, client TEXT NOT NULL, {_COUNTS}, "
    "PRIMARY KEY (day, client)) WITHOUT ROWID"
)
_DAY_TOTALS = (
    "CREATE TABLE utc_day_totals (model TEXT NOT NULL, day INTEGER NOT NULL, client TEXT NOT NULL, "
    f"{_COUNTS}, PRIMARY KEY (model, day, client)) WITHOUT ROWID"
)
"""Models first: they are added up in their order, without sorting."""
_DAY_MISSES = (
    "CREATE TABLE utc_day_misses (day INTEGER NOT NULL, client TEXT NOT NULL, reason TEXT NOT NULL, "
    "requests INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (day, client, reason)) WITHOUT ROWID"
)
_FIRST_SINCE = (
    "INSERT INTO totals_since "  # noqa: S608  # our own number
    f"SELECT 1, CASE WHEN EXISTS (SELECT 1 FROM requests) THEN {END} ELSE 0 END"
)
_UNUSUAL_INDEX = (
    "CREATE INDEX requests_unusual ON requests (ending, started, client) "
    "WHERE ending <> 'done' OR attempts > 1"
)
"""Activity looks for failures among a million requests that did not fail."""

STEP: tuple[str, ...] = (
    *_FORMER,
    _QUARTER_TOTALS,
    _CLIENT_DAYS,
    _DAY_TOTALS,
    _DAY_MISSES,
    "CREATE TABLE totals_since (id INTEGER PRIMARY KEY CHECK (id = 1), since INTEGER NOT NULL)",
    _FIRST_SINCE,
    _trigger("added_is_counted", "INSERT", "NEW", _add("NEW")),
    _trigger("changed_is_uncounted", "UPDATE", "OLD", _changed("OLD", "-")),
    _trigger("changed_is_counted", "UPDATE", "NEW", _add("NEW")),
    WHEN_DELETED,
    _UNUSUAL_INDEX,
)
"""From version 4 to 5 of the ledger. Never changed once it is released."""

DONE_INDEX = (
    "CREATE INDEX requests_done ON requests (client, model, started) "
    "WHERE ending = 'done' AND nano_credits IS NOT NULL"
)
"""What is usual for a tool is asked before a request is sent."""


def totals_since(connection: sqlite3.Connection) -> int:
    """Return since when the file's totals are of all requests: ``END`` where it has none."""
    has_table = "SELECT 1 FROM main.sqlite_master WHERE name = 'totals_since'"
    if connection.execute(has_table).fetchone() is None:
        return END
    return int(connection.execute("SELECT since FROM main.totals_since").fetchone()[0])
