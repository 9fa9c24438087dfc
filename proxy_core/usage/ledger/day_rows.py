"""What local days used, by client and model, in one view of the ledger.

From its totals where they are of these very days, from the rows otherwise.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from proxy_core.status.totals import Totals
from proxy_core.usage.ledger.totals_schema import NAMES, are_stale, sums_of

Bounds = Sequence[tuple[float, float]]
"""Begin and end of each day, in seconds since 1970, in order and without gaps."""

_SUMMED = ", ".join(f"SUM({name})" for name in NAMES)


class DayRows:
    """The days between ``bounds`` in an open view (``reader.open_view``), of one client or all."""

    def __init__(self, view: sqlite3.Connection, bounds: Bounds, client: str | None) -> None:
        bounds = bounds or [(0.0, 0.0)]
        self._view = view
        self._has_client_days = False
        self._client = client
        sources = tables(view)
        uses_totals = "main.requests" in sources and _has_totals_of(view, bounds)
        read = [each for each in sources if each != "main.requests" or not uses_totals]
        if read:
            view.execute("CREATE TEMP TABLE bounds (since REAL PRIMARY KEY, until REAL)")
            view.executemany("INSERT INTO temp.bounds VALUES (?, ?)", bounds)
        rows, misses = [], []
        if uses_totals:
            # Our own numbers: a view takes no values.
            where = f"WHERE since >= {bounds[0][0]!r} AND since < {bounds[-1][1]!r}"
            columns = ", ".join(NAMES)
            rows.append(f"SELECT since, client, model, {columns} FROM main.day_totals {where}")  # noqa: S608 - see above
            misses.append(f"SELECT client, reason, requests FROM main.day_misses {where}")  # noqa: S608 - as above
        for number, source in enumerate(read):
            self._add_up(number, source)
            rows.append(f"SELECT * FROM temp.day_rows_{number}")  # noqa: S608 - a count
            misses.append(f"SELECT * FROM temp.day_misses_{number}")  # noqa: S608 - a count
        view.execute(f"CREATE TEMP VIEW day_rows AS {' UNION ALL '.join(rows)}")
        view.execute(f"CREATE TEMP VIEW misses AS {' UNION ALL '.join(misses)}")

    def by(self, *columns: str) -> list[tuple[tuple[Any, ...], Totals]]:
        """Return the totals of every combination of these columns (``since``, ``client``, ``model``)."""
        listed = ", ".join(columns)
        source = "day_rows" if "model" in columns else self._client_days()
        found = self._view.execute(
            f"SELECT {listed}, {_SUMMED} FROM temp.{source} WHERE ?1 IS NULL OR client = ?1 "  # noqa: S608  # our own words
            f"GROUP BY {listed} HAVING SUM(requests) > 0",
            (self._client,),
        )
        count = len(columns)
        return [(row[:count], Totals(*row[count:])) for row in found]

    def _client_days(self) -> str:
        """Return the table of days and clients, a fraction of the rows: most figures are asked of it."""
        if not self._has_client_days:
            self._has_client_days = True
            sums = ", ".join(f"SUM({name}) AS {name}" for name in NAMES)
            self._view.execute(
                f"CREATE TEMP TABLE client_days AS SELECT since, client, {sums} "  # noqa: S608  # our own words
                "FROM temp.day_rows GROUP BY since, client"
            )
        return "client_days"

    def misses(self) -> tuple[tuple[str, int], ...]:
        """Return the reasons why the prompt cache missed, and how often, most frequent first."""
        found = self._view.execute(
            "SELECT reason, SUM(requests) AS n FROM temp.misses WHERE ?1 IS NULL OR client = ?1 "
            "GROUP BY reason HAVING n > 0 ORDER BY n DESC, reason",
            (self._client,),
        )
        return tuple((str(reason), int(count)) for reason, count in found)

    def _add_up(self, number: int, source: str) -> None:
        """Add up the rows of a source, all of them in one go."""
        joined = (
            f"FROM temp.bounds AS b JOIN {source} AS r "
            "ON r.started >= b.since AND r.started < b.until"
        )
        self._view.execute(
            f"CREATE TEMP TABLE day_rows_{number} AS "
            f"SELECT b.since AS since, r.client AS client, r.model AS model, {sums_of('r')} "
            f"{joined} GROUP BY b.since, r.client, r.model"
        )
        self._view.execute(
            f"CREATE TEMP TABLE day_misses_{number} AS SELECT r.client AS client, "  # our own words
            f"r.miss_reason AS reason, COUNT(*) AS requests {joined} "
            "WHERE r.miss_reason IS NOT NULL GROUP BY r.client, r.miss_reason"
        )


def tables(view: sqlite3.Connection) -> tuple[str, ...]:
    """Return the tables with rows of a view: the file's, what is not written yet, or both."""
    found = []
    if view.execute("SELECT 1 FROM main.sqlite_master WHERE name = 'requests'").fetchone():
        found.append("main.requests")
    if view.execute("SELECT 1 FROM temp.sqlite_master WHERE name = 'waiting'").fetchone():
        found.append("temp.waiting")
    return tuple(found)


def _has_totals_of(view: sqlite3.Connection, bounds: Bounds) -> bool:
    """Whether the file's totals are of these days, as far as it has any of them."""
    if not _has_totals(view):
        return False
    stored = view.execute(
        "SELECT since, until FROM main.days WHERE until > ? AND since < ?",
        (bounds[0][0], bounds[-1][1]),
    )
    return set(stored) <= set(bounds)


def totals_between(
    view: sqlite3.Connection, since: float, until: float, client: str | None
) -> Totals:
    """Add up what began from ``since`` (included) to ``until`` (excluded), in seconds since 1970.

    Whole days are taken from the totals; rows are read of the days that the range cuts, and of what has
    no totals.
    """
    sources = tables(view)
    if "main.requests" not in sources or not _has_totals(view):
        return _of_rows(view, "entries", since, until, client)
    found = _whole_days(view, since, until, client)
    for first, last in _cut_days(view, since, until):
        found += _of_rows(view, "main.requests", max(since, first), min(until, last), client)
    if "temp.waiting" in sources:
        found += _of_rows(view, "temp.waiting", since, until, client)
    return found


def _whole_days(view: sqlite3.Connection, since: float, until: float, client: str | None) -> Totals:
    summed = ", ".join(f"COALESCE(SUM({name}), 0)" for name in NAMES)
    row = view.execute(
        f"SELECT {summed} FROM main.day_totals WHERE since IN "  # noqa: S608  # our own words
        "(SELECT since FROM main.days WHERE since >= ?1 AND until <= ?2) "
        "AND (?3 IS NULL OR client = ?3)",
        (since, until, client),
    ).fetchone()
    return Totals(*row)


def _cut_days(view: sqlite3.Connection, since: float, until: float) -> list[tuple[float, float]]:
    """Return the days that are in the range in part: every row is of a day while there are totals."""
    return view.execute(
        "SELECT since, until FROM main.days WHERE since < ?2 AND until > ?1 "
        "AND NOT (since >= ?1 AND until <= ?2)",
        (since, until),
    ).fetchall()


def _of_rows(
    view: sqlite3.Connection, source: str, since: float, until: float, client: str | None
) -> Totals:
    row = view.execute(
        f"SELECT {sums_of('r')} FROM {source} AS r WHERE r.started >= ?1 AND r.started < ?2 "  # noqa: S608  # our own words
        "AND (?3 IS NULL OR r.client = ?3)",
        (since, until, client),
    ).fetchone()
    return Totals(*row)


def _has_totals(view: sqlite3.Connection) -> bool:
    has_table = "SELECT 1 FROM main.sqlite_master WHERE name = 'totals_state'"
    return view.execute(has_table).fetchone() is not None and not are_stale(view)
