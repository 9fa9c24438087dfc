"""What a search of the ledger looks at before it reads rows, filled by the database itself.

A word that few requests hold is not to be looked for in a million rows, whose texts are few:

- ``request_texts``: what requests say, each different one once. ``attempts`` is 1 or 2 (or more).
- ``utc_text_days``: the days of UTC on which requests said so. Days are removed with their rows when
  old ones are pruned, and else only by ``forget``: that a day is here says no more than to look there.
- ``texts_since``: every request that began then or later, and before ``END``, has its day here. Days
  of a file of an older version are added one by one, from the newest back.
"""

from __future__ import annotations

import sqlite3

from proxy_core.usage.ledger.totals_schema import DAY_SECONDS, END, begin_of

_TEXTS = {
    "client": "{r}.client",
    "model": "{r}.model",
    "path": "{r}.path",
    "error": "COALESCE({r}.error, '')",
    "reason": "{r}.reason",
    "ending": "{r}.ending",
    "attempts": "1 + ({r}.attempts > 1)",
}
"""What is stored of a row ``{r}``: all that ``search.conditions`` ask for but its id."""

_NAMES = ", ".join(_TEXTS)
TEXT_TABLES = ("request_texts", "utc_text_days")
_IN_DAY = "r.started >= :day AND r.started < :until"


def _values_of(row: str) -> str:
    return ", ".join(each.format(r=row) for each in _TEXTS.values())


def _is_text_of(row: str) -> str:
    return " AND ".join(f"t.{name} = {each.format(r=row)}" for name, each in _TEXTS.items())


def _trigger(name: str, event: str) -> str:
    # No "OR IGNORE": a conflict clause of the statement that fires a trigger overrides those in it.
    day = begin_of("NEW.started", DAY_SECONDS)
    return f"""
    CREATE TRIGGER {name} AFTER {event} ON requests
    WHEN NEW.started >= (SELECT since FROM texts_since) AND NEW.started < {END} BEGIN
        INSERT INTO request_texts ({_NAMES}) SELECT {_values_of("NEW")} WHERE NOT EXISTS (
            SELECT 1 FROM request_texts AS t WHERE {_is_text_of("NEW")});
        INSERT INTO utc_text_days (day, text)
            SELECT {day}, t.id FROM request_texts AS t WHERE {_is_text_of("NEW")} AND NOT EXISTS (
                SELECT 1 FROM utc_text_days AS d WHERE d.day = {day} AND d.text = t.id);
    END"""  # noqa: S608  # our own words


_REQUEST_TEXTS = (
    "CREATE TABLE request_texts (id INTEGER PRIMARY KEY, client TEXT NOT NULL, model TEXT NOT NULL, "
    "path TEXT NOT NULL, error TEXT NOT NULL, reason TEXT NOT NULL, ending TEXT NOT NULL, "
    f"attempts INTEGER NOT NULL, UNIQUE ({_NAMES}))"
)
_TEXT_DAYS = (
    "CREATE TABLE utc_text_days (day INTEGER NOT NULL, text INTEGER NOT NULL, "
    "PRIMARY KEY (day, text)) WITHOUT ROWID"
)
_FIRST_SINCE = (
    "INSERT INTO texts_since "  # noqa: S608  # our own number
    f"SELECT 1, CASE WHEN EXISTS (SELECT 1 FROM requests) THEN {END} ELSE 0 END"
)

STEP: tuple[str, ...] = (
    _REQUEST_TEXTS,
    _TEXT_DAYS,
    "CREATE TABLE texts_since (id INTEGER PRIMARY KEY CHECK (id = 1), since INTEGER NOT NULL)",
    _FIRST_SINCE,
    _trigger("added_is_found", "INSERT"),
    _trigger("changed_is_found", "UPDATE"),
)
"""From version 5 to 6 of the ledger. Never changed once it is released."""


def texts_since(connection: sqlite3.Connection) -> int:
    """Return since when the file knows what its requests say: ``END`` where it does not."""
    has_table = "SELECT 1 FROM main.sqlite_master WHERE name = 'texts_since'"
    if connection.execute(has_table).fetchone() is None:
        return END
    return int(connection.execute("SELECT since FROM main.texts_since").fetchone()[0])


def add_texts_of_a_day(connection: sqlite3.Connection) -> bool:
    """Add the newest day whose texts are not known; return whether there may be another one.

    In a transaction of the caller's.
    """
    since = texts_since(connection)
    if since == 0:
        return False
    (newest,) = connection.execute(
        "SELECT MAX(started) FROM requests WHERE started >= 0 AND started < ?", (since,)
    ).fetchone()
    day = 0 if newest is None else int(newest) // DAY_SECONDS * DAY_SECONDS
    if newest is not None:
        values = {"day": day, "until": min(since, day + DAY_SECONDS)}
        connection.execute(
            f"INSERT OR IGNORE INTO request_texts ({_NAMES}) "  # noqa: S608  # our own words
            f"SELECT DISTINCT {_values_of('r')} FROM requests AS r WHERE {_IN_DAY}",
            values,
        )
        connection.execute(
            "INSERT OR IGNORE INTO utc_text_days (day, text) SELECT DISTINCT :day, t.id "  # noqa: S608  # our own words
            f"FROM requests AS r CROSS JOIN request_texts AS t ON {_is_text_of('r')} "
            f"WHERE {_IN_DAY}",
            values,
        )
    connection.execute("UPDATE texts_since SET since = ?", (day,))
    return newest is not None


def drop_texts_before(connection: sqlite3.Connection, moment: float) -> None:
    """Remove the days of rows that are gone, in a transaction of the caller's.

    ``moment`` is when the oldest row that stays may have begun.
    """
    first = begin_of("?", DAY_SECONDS)
    gone = connection.execute(
        f"DELETE FROM utc_text_days WHERE day < {first}",  # noqa: S608  # our own words
        (min(moment, END),),
    )
    if gone.rowcount > 0:
        connection.execute(
            "DELETE FROM request_texts WHERE id NOT IN (SELECT text FROM utc_text_days)"
        )
