"""What local days used, by client and model, in one view of the ledger (``reader.open_view``).

From the stored totals as far as there are any, from the rows otherwise; what is not written yet is
always rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from proxy_core.status.totals import Totals
from proxy_core.usage.ledger.schema import readable_columns
from proxy_core.usage.ledger.spans import (
    Span,
    Term,
    edges_of,
    parts_of,
    terms_of,
)
from proxy_core.usage.ledger.totals_schema import DAY_SECONDS, END, NAMES, sums_of, totals_since

Bounds = Sequence[Span]
"""Begin and end of each day, in seconds since 1970, in order and without gaps."""

_SUMMED = ", ".join(f"SUM({name})" for name in NAMES)
_NAMED = ", ".join(f"SUM({name}) AS {name}" for name in NAMES)
_SIGNED = ", ".join(f"t.sign * q.{name} AS {name}" for name in NAMES)
_COLUMNS = ", ".join(NAMES)
_MINE = "(:client IS NULL OR client = :client)"
_TERMS = "terms (of REAL, day INTEGER, until INTEGER, sign INTEGER)"
_CLIENTS = """
FROM temp.terms AS t
CROSS JOIN main.utc_client_days AS c
    ON c.day = t.day AND (:client IS NULL OR c.client = :client)"""
_IS_WHOLE = f"t.until = t.day + {DAY_SECONDS}"
_TERM_TOTALS = f"""
SELECT t.of AS since, c.client AS client, {_COLUMNS} {_CLIENTS} WHERE {_IS_WHOLE}
UNION ALL
SELECT t.of AS since, c.client AS client, {_SIGNED} {_CLIENTS}
CROSS JOIN main.quarter_totals AS q ON q.client = c.client AND q.quarter = (
    SELECT MAX(quarter) FROM main.quarter_totals
    WHERE client = c.client AND quarter >= t.day AND quarter < t.until)
WHERE NOT {_IS_WHOLE}"""  # noqa: S608  # our own words


class DayRows:
    """The days between ``bounds``, of one client or all."""

    def __init__(self, view: sqlite3.Connection, bounds: Bounds, client: str | None) -> None:
        self._view = view
        self._client = {"client": client}
        self._bounds = bounds or [(0.0, 0.0)]
        self._sources = tables(view)
        self._since = totals_since(view)
        view.execute("CREATE TEMP TABLE spans (source TEXT, of REAL, since REAL, until REAL)")
        view.execute(f"CREATE TEMP TABLE {_TERMS}")
        self._take_apart()
        view.execute(
            f"CREATE TEMP TABLE client_days AS SELECT since, client, {_NAMED} "  # noqa: S608  # our own words
            f"FROM ({' UNION ALL '.join(self._parts())}) "
            "GROUP BY since, client HAVING SUM(requests) > 0",
            self._client,
        )

    def days(self) -> list[tuple[float, str, Totals]]:
        """Return the totals of each day, by when it begins, and client."""
        found = self._view.execute(f"SELECT since, client, {_COLUMNS} FROM temp.client_days")  # noqa: S608  # our own words
        return [(row[0], row[1], Totals(*row[2:])) for row in found]

    def by(self, column: str) -> list[tuple[Any, Totals]]:
        """Return the totals of all days by ``since`` or ``client``."""
        found = self._view.execute(
            f"SELECT {column}, {_SUMMED} FROM temp.client_days GROUP BY {column} "  # noqa: S608  # our own words
            "HAVING SUM(requests) > 0"
        )
        return [(row[0], Totals(*row[1:])) for row in found]

    def models(self) -> list[tuple[str, Totals]]:
        """Return the totals of all days by model."""
        stored = f"SELECT model, {_NAMED} FROM main.utc_day_totals"  # noqa: S608  # our own words
        rows = f"SELECT model, {sums_of('r')} FROM {{source}} AS r"  # noqa: S608  # our own words
        each = self._all_of(stored, rows, "GROUP BY model")
        found = self._view.execute(
            f"SELECT model, {_SUMMED} FROM ({each}) "  # noqa: S608  # our own words
            "GROUP BY model HAVING SUM(requests) > 0",
            self._client,
        )
        return [(row[0], Totals(*row[1:])) for row in found]

    def misses(self) -> tuple[tuple[str, int], ...]:
        """Return the reasons why the prompt cache missed, and how often, most frequent first."""
        stored = "SELECT reason, SUM(requests) AS requests FROM main.utc_day_misses"
        rows = (
            "SELECT reason, COUNT(*) AS requests FROM "
            "(SELECT started, client, miss_reason AS reason FROM {source} "
            "WHERE miss_reason IS NOT NULL)"
        )
        each = self._all_of(stored, rows, "GROUP BY reason")
        found = self._view.execute(
            f"SELECT reason, SUM(requests) AS n FROM ({each}) "  # noqa: S608  # our own words
            "GROUP BY reason HAVING n > 0 ORDER BY n DESC, reason",
            self._client,
        )
        return tuple((str(reason), int(count)) for reason, count in found)

    def _all_of(self, stored: str, rows: str, more: str) -> str:
        """Return the SELECT over whole days of UTC of the totals, and rows of what is around them.

        The numbers in it are our own.
        """
        whole = (self._bounds[0][0], self._bounds[-1][1])
        found = []
        for source in self._sources:
            rest: tuple[Span, ...] = (whole,)
            if source == "main.requests":
                of_totals, rest = parts_of(whole, self._since, DAY_SECONDS)
                if of_totals is not None:
                    first, last = of_totals
                    found.append(
                        f"{stored} WHERE day >= {first} AND day < {last} AND {_MINE} {more}"
                    )
            select = rows.format(source=rows_of(self._view, source))
            found += [
                f"{select} WHERE started >= {since!r} AND started < {until!r} AND {_MINE} {more}"
                for since, until in rest
            ]
        return " UNION ALL ".join(found)

    def _take_apart(self) -> None:
        """Note which totals and which rows each day is made of."""
        terms: list[tuple[float, Term]] = []
        spans = []
        for day in self._bounds:
            rest: dict[str, tuple[Span, ...]] = dict.fromkeys(self._sources, (day,))
            if "main.requests" in rest:
                parts = parts_of(day, self._since)
                rest["main.requests"] = parts.rest
                if parts.stored is not None:
                    terms += [(day[0], each) for each in terms_of(*parts.stored)]
            spans += [(source, day[0], *each) for source in rest for each in rest[source]]
        _store_terms(self._view, terms)
        self._view.executemany("INSERT INTO temp.spans VALUES (?, ?, ?, ?)", spans)

    def _parts(self) -> Iterator[str]:
        """Yield a SELECT of what clients used on days for each source."""
        if "main.requests" in self._sources and self._since < END:
            yield _TERM_TOTALS
        for source in self._sources:
            yield (
                f"SELECT s.of AS since, r.client AS client, {sums_of('r')} "  # noqa: S608  # our own words
                f"FROM temp.spans AS s CROSS JOIN {rows_of(self._view, source)} AS r "
                f"ON s.source = '{source}' AND r.started >= s.since AND r.started < s.until "
                "WHERE :client IS NULL OR r.client = :client GROUP BY s.of, r.client"
            )


def tables(view: sqlite3.Connection) -> tuple[str, ...]:
    """Return the tables with rows of a view: the file's, what is not written yet, or both."""
    found = []
    if view.execute("SELECT 1 FROM main.sqlite_master WHERE name = 'requests'").fetchone():
        found.append("main.requests")
    if view.execute("SELECT 1 FROM temp.sqlite_master WHERE name = 'waiting'").fetchone():
        found.append("temp.waiting")
    return tuple(found)


def rows_of(view: sqlite3.Connection, source: str) -> str:
    """Return what a SELECT of today's columns is made from: the table may be of an older version."""
    if source != "main.requests" or totals_since(view) < END:
        return source
    return f"(SELECT {readable_columns(view)} FROM {source})"  # noqa: S608  # our own words


def totals_between(
    view: sqlite3.Connection, since: float, until: float, client: str | None
) -> Totals:
    """Add up what began from ``since`` (included) to ``until`` (excluded), in seconds since 1970.

    From the stored totals, but for rows around whole quarters of an hour and what has no totals.
    """
    sources, span = tables(view), (since, until)
    found = Totals()
    if "main.requests" in sources:
        parts = parts_of(span, totals_since(view))
        if parts.stored is not None:
            found += _stored(view, *parts.stored, client)
        for each in parts.rest:
            found += _of_rows(view, "main.requests", each, client)
    if "temp.waiting" in sources:
        found += _of_rows(view, "temp.waiting", span, client)
    return found


def _stored(view: sqlite3.Connection, first: int, last: int, client: str | None) -> Totals:
    summed = ", ".join(f"COALESCE(SUM({name}), 0)" for name in NAMES)
    view.execute(f"CREATE TEMP TABLE {_TERMS}")
    _store_terms(view, ((0.0, each) for each in edges_of(first, last)))
    row = view.execute(
        f"SELECT {summed} FROM ("  # noqa: S608  # our own words
        f"SELECT {_COLUMNS} FROM main.utc_client_days WHERE day >= :first AND day < :last AND {_MINE} "
        f"UNION ALL SELECT {_COLUMNS} FROM ({_TERM_TOTALS}))",
        {"first": first // DAY_SECONDS * DAY_SECONDS, "last": last // DAY_SECONDS * DAY_SECONDS}
        | {"client": client},
    ).fetchone()
    return Totals(*row)


def _store_terms(view: sqlite3.Connection, terms: Iterable[tuple[float, Term]]) -> None:
    view.executemany(
        "INSERT INTO temp.terms VALUES (?, ?, ?, ?)", ((of, *each) for of, each in terms)
    )


def _of_rows(view: sqlite3.Connection, source: str, span: Span, client: str | None) -> Totals:
    row = view.execute(
        f"SELECT {sums_of('r')} FROM {rows_of(view, source)} AS r "  # noqa: S608  # our own words
        "WHERE r.started >= ?1 AND r.started < ?2 AND (?3 IS NULL OR r.client = ?3)",
        (*span, client),
    ).fetchone()
    return Totals(*row)
