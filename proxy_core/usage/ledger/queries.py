"""Figures from the ledger, for the user interface and the commands.

Every query opens the file, reads one consistent snapshot and closes it, so that it may be called
from any thread. All raise LedgerUnreadable.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta, tzinfo
from heapq import merge
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from msgspec import Struct

from proxy_core.status.status import RequestState
from proxy_core.status.totals import Totals
from proxy_core.usage.ledger.day_rows import DayRows, tables, totals_between
from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.reader import Unwritten, open_view
from proxy_core.usage.ledger.search import ANY_REQUEST, LedgerSearch
from proxy_core.usage.ledger.searching import entries_of, found_before

MOST_DAYS = 3_660
_NOTHING = Totals()
USUAL_REQUESTS = 50
"""Number of a tool's latest requests from which its habits are computed."""


class Range(Struct, frozen=True):
    """From ``since`` (included) to ``until`` (excluded), in seconds since 1970; ``client`` None: all."""

    since: float = 0.0
    until: float = float("inf")
    client: str | None = None


_EVER = Range()


class Share(Struct, frozen=True):
    """What one model or one client used; an empty name stands for requests without one."""

    name: str
    totals: Totals


class DayUsage(Struct, frozen=True):
    """One local day. ``clients`` are ordered by cost, highest first."""

    day: date
    totals: Totals
    clients: tuple[Share, ...] = ()


class Habits(Struct, frozen=True):
    """A tool's usual request, from its latest priced requests; ``requests`` is their number.

    ``output_tokens`` are the 25th and 90th percentile.
    """

    requests: int = 0
    nano_credits: int | None = None
    cache_hit_rate: float | None = None
    output_tokens: tuple[int, int] = (0, 0)


class Overview(Struct, frozen=True):
    """A snapshot of the ledger.

    ``misses`` counts the reasons why the prompt cache did not help, most frequent first;
    ``first_start`` is when the oldest request of all began, in seconds since 1970.
    """

    totals: Totals
    days: tuple[DayUsage, ...]
    models: tuple[Share, ...]
    clients: tuple[Share, ...]
    misses: tuple[tuple[str, int], ...]
    first_start: float | None


def day_start(day: date, zone: tzinfo) -> float:
    """Return when a local day begins, in seconds since 1970."""
    return datetime.combine(day, time.min, zone).timestamp()


def days_range(first: date, last: date, zone: tzinfo, client: str | None = None) -> Range:
    """Return the range of local days from ``first`` to ``last``, both included."""
    return Range(day_start(first, zone), day_start(last + timedelta(days=1), zone), client)


class UsageQueries:
    """``unwritten`` returns the entries the writer still holds, so that figures are up to date."""

    def __init__(self, path: Path, unwritten: Unwritten = tuple) -> None:
        self._path = path
        self._unwritten = unwritten

    def totals(self, wanted: Range = _EVER) -> Totals:
        with self._view() as view:
            return totals_between(view, wanted.since, wanted.until, wanted.client)

    def by_day(
        self, first: date, last: date, zone: tzinfo, client: str | None = None
    ) -> tuple[DayUsage, ...]:
        """Return every day from ``first`` to ``last``, both included, including days without requests.

        Raises ValueError for more than ``MOST_DAYS``.
        """
        with self._view() as view:
            bounds = _day_bounds(first, last, zone)
            return _days(DayRows(view, bounds, client), first, bounds)

    def overview(
        self, first: date, last: date, zone: tzinfo, client: str | None = None
    ) -> Overview:
        """Return all figures of local days, both included, from one consistent snapshot.

        Raises ValueError for more than ``MOST_DAYS``.
        """
        bounds = _day_bounds(first, last, zone)
        with self._view() as view:
            rows = DayRows(view, bounds, client)
            clients = _in_order([Share(*each) for each in rows.by("client")])
            return Overview(
                totals=sum((each.totals for each in clients), Totals()),
                days=_days(rows, first, bounds),
                models=_in_order([Share(*each) for each in rows.models()]),
                clients=clients,
                misses=rows.misses(),
                first_start=_first_start(view),
            )

    def latest(self, count: int, client: str | None = None) -> tuple[LedgerEntry, ...]:
        """Newest first."""
        with self._view() as view:
            return _latest(view, count, client)

    def before(
        self, started: float, count: int, wanted: LedgerSearch = ANY_REQUEST
    ) -> tuple[LedgerEntry, ...]:
        """Return the requests that began before ``started`` (seconds since 1970), newest first."""
        with self._view() as view:
            return found_before(view, started, count, wanted)

    def clients(self) -> tuple[str, ...]:
        """Return the names of all clients, sorted."""
        with self._view() as view:
            return tuple(sorted({name for each in tables(view) for name in _clients(view, each)}))

    def starts(self, since: float, until: float, step: float) -> tuple[tuple[int, int], ...]:
        """Return how many requests began in each step of time, oldest first; none is left out.

        ``since`` (included) and ``until`` (excluded) are in seconds since 1970; a step's number is
        counted from there, in ``step`` seconds.
        """
        with self._view() as view:
            rows = view.execute(
                "SELECT CAST(started / ? AS INTEGER) AS step, COUNT(*) FROM entries "
                "WHERE started >= ? AND started < ? GROUP BY step ORDER BY step",
                (step, since, until),
            )
            return tuple((int(number), int(count)) for number, count in rows)

    def habits(self, client: str, model: str | None = None) -> Habits:
        """Return a tool's habits, with one model or any."""
        # Said in full: else the index of such requests would not be used.
        more = f"AND ending = '{RequestState.DONE.value}' AND nano_credits IS NOT NULL"
        if model is not None:
            more += " AND model = ?"
        values = () if model is None else (model,)
        with self._view() as view:
            return _habits(_latest(view, USUAL_REQUESTS, client, more, values))

    def first_start(self) -> float | None:
        """Return when the oldest request began, in seconds since 1970."""
        with self._view() as view:
            return _first_start(view)

    @contextmanager
    def entries(self, wanted: Range = _EVER) -> Iterator[Iterator[LedgerEntry]]:
        """Yield an iterator over the range, oldest first, however large it is."""
        with self._view() as view:
            # Each source in its order, and no sort over both: there may be a million rows.
            found = [_entries(view, each, wanted, "ORDER BY started") for each in tables(view)]
            yield merge(*found, key=lambda each: each.started)

    def _view(self) -> Any:
        return open_view(self._path, self._unwritten)


def _where(wanted: Range) -> tuple[str, tuple[Any, ...]]:
    if wanted.client is None:
        return "started >= ? AND started < ?", (wanted.since, wanted.until)
    return "started >= ? AND started < ? AND client = ?", (
        wanted.since,
        wanted.until,
        wanted.client,
    )


def _in_order(shares: list[Share]) -> tuple[Share, ...]:
    shares.sort(key=lambda each: (-each.totals.nano_credits, -each.totals.requests, each.name))
    return tuple(shares)


def _day_bounds(first: date, last: date, zone: tzinfo) -> list[tuple[float, float]]:
    """Return begin and end of every day: a local day may have 23 or 25 hours."""
    count = (last - first).days + 1
    if count > MOST_DAYS:
        raise ValueError(f"at most {MOST_DAYS} days, not {count}")
    starts = [day_start(first + timedelta(days=each), zone) for each in range(count + 1)]
    return list(pairwise(starts))


def _days(rows: DayRows, first: date, bounds: list[tuple[float, float]]) -> tuple[DayUsage, ...]:
    found: dict[float, list[Share]] = {}
    for since, client, totals in rows.days():
        found.setdefault(since, []).append(Share(client, totals))
    of_days = dict(rows.by("since"))
    return tuple(
        DayUsage(
            first + timedelta(days=number),
            of_days.get(since, _NOTHING),
            _in_order(found.get(since, [])),
        )
        for number, (since, _) in enumerate(bounds)
    )


def _first_start(view: sqlite3.Connection) -> float | None:
    queries = (f"SELECT MIN(started) FROM {each}" for each in tables(view))  # noqa: S608  # our own words
    starts = [view.execute(each).fetchone()[0] for each in queries]
    return min((float(each) for each in starts if each is not None), default=None)


def _latest(
    view: sqlite3.Connection,
    count: int,
    client: str | None,
    more: str = "",
    values: tuple[Any, ...] = (),
) -> tuple[LedgerEntry, ...]:
    """Return the newest entries, newest first: the newest of each source are enough."""
    rest = f"{more} ORDER BY started DESC LIMIT ?"
    found = [
        entry
        for source in tables(view)
        for entry in _entries(view, source, Range(client=client), rest, (*values, count))
    ]
    found.sort(key=lambda each: each.started, reverse=True)
    return tuple(found[:count])


def _clients(view: sqlite3.Connection, source: str) -> Iterator[str]:
    """Yield each name once, by the index: a look at every row would take long."""
    row = view.execute(f"SELECT MIN(client) FROM {source}").fetchone()  # noqa: S608  # our own words
    while row[0] is not None:
        yield row[0]
        later = f"SELECT MIN(client) FROM {source} WHERE client > ?"  # noqa: S608  # our own words
        row = view.execute(later, row).fetchone()


def _entries(
    view: sqlite3.Connection,
    source: str,
    wanted: Range,
    rest: str,
    values: tuple[Any, ...] = (),
) -> Iterator[LedgerEntry]:
    where, bounds = _where(wanted)
    return entries_of(view, source, f"WHERE {where} {rest}", (*bounds, *values))


def _habits(found: Sequence[LedgerEntry]) -> Habits:
    if not found:
        return Habits()
    prompt = sum(each.prompt_tokens for each in found)
    lengths = [each.output_tokens for each in found]
    cuts = quantiles(lengths, n=20, method="inclusive") if len(lengths) > 1 else lengths * 19
    return Habits(
        requests=len(found),
        nano_credits=round(median(each.nano_credits or 0 for each in found)),
        cache_hit_rate=sum(each.cache_read_tokens for each in found) / prompt if prompt else None,
        output_tokens=(round(cuts[4]), round(cuts[17])),
    )
