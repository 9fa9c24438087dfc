"""Figures from the ledger, for the user interface and the commands.

Every query opens the file, reads one consistent snapshot and closes it, so that it may be called
from any thread. All raise LedgerUnreadable.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import msgspec

from proxy_core.status.status import RequestState
from proxy_core.status.totals import Totals
from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.reader import Unwritten, open_view
from proxy_core.usage.ledger.schema import COLUMNS

MOST_DAYS = 3_660
USUAL_REQUESTS = 50
"""Number of a tool's latest requests from which its habits are computed."""

_LIST = ", ".join(COLUMNS)
_SUMS = (
    "COUNT(*), "
    f"COALESCE(SUM(ending = '{RequestState.FAILED.value}'), 0), "
    f"COALESCE(SUM(ending = '{RequestState.CANCELLED.value}'), 0), "
    "COALESCE(SUM(input_tokens), 0), COALESCE(SUM(output_tokens), 0), "
    "COALESCE(SUM(cache_read_tokens), 0), COALESCE(SUM(cache_write_tokens), 0), "
    "COALESCE(SUM(reasoning_tokens), 0), COALESCE(SUM(nano_credits), 0), "
    "COALESCE(SUM(CASE WHEN estimated THEN nano_credits END), 0), "
    "COALESCE(SUM(saved_nano_credits), 0), "
    "COALESCE(SUM(nano_credits IS NULL AND input_tokens + output_tokens + cache_read_tokens "
    "+ cache_write_tokens > 0), 0), "
    "COALESCE(SUM(initiator = 'user'), 0), COALESCE(SUM(initiator = 'agent'), 0)"
)
"""In the order of the fields of ``Totals``."""


@dataclass(frozen=True, slots=True)
class Range:
    """From ``since`` (included) to ``until`` (excluded), in seconds since 1970; ``client`` None: all."""

    since: float = 0.0
    until: float = float("inf")
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What one model or one client used; an empty name stands for requests without one."""

    name: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class DayUsage:
    """One local day. ``clients`` are ordered by cost, highest first."""

    day: date
    totals: Totals
    clients: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Habits:
    """A tool's usual request, from its latest priced requests; ``requests`` is their number.

    ``output_tokens`` are the 25th and 90th percentile.
    """

    requests: int = 0
    nano_credits: int | None = None
    cache_hit_rate: float | None = None
    output_tokens: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Overview:
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

    def totals(self, wanted: Range = Range()) -> Totals:
        with self._view() as view:
            return _totals(view, wanted)

    def by_day(
        self, first: date, last: date, zone: tzinfo, client: str | None = None
    ) -> tuple[DayUsage, ...]:
        """Return every day from ``first`` to ``last``, both included, including days without requests.

        Raises ValueError for more than ``MOST_DAYS``.
        """
        with self._view() as view:
            return _days(view, first, last, zone, client)

    def overview(
        self, first: date, last: date, zone: tzinfo, client: str | None = None
    ) -> Overview:
        """Return all figures of local days, both included, from one consistent snapshot.

        Raises ValueError for more than ``MOST_DAYS``.
        """
        wanted = days_range(first, last, zone, client)
        with self._view() as view:
            return Overview(
                totals=_totals(view, wanted),
                days=_days(view, first, last, zone, client),
                models=_shares(view, "model", wanted),
                clients=_shares(view, "client", wanted),
                misses=_misses(view, wanted),
                first_start=_first_start(view),
            )

    def latest(self, count: int, client: str | None = None) -> tuple[LedgerEntry, ...]:
        """Newest first."""
        with self._view() as view:
            return tuple(
                _entries(view, Range(client=client), "ORDER BY started DESC LIMIT ?", (count,))
            )

    def habits(self, client: str, model: str | None = None) -> Habits:
        """Return a tool's habits, with one model or any."""
        with self._view() as view:
            found = tuple(
                _entries(
                    view,
                    Range(client=client),
                    "AND ending = ? AND nano_credits IS NOT NULL AND (? IS NULL OR model = ?) "
                    "ORDER BY started DESC LIMIT ?",
                    (RequestState.DONE.value, model, model, USUAL_REQUESTS),
                )
            )
        return _habits(found)

    def first_start(self) -> float | None:
        """Return when the oldest request began, in seconds since 1970."""
        with self._view() as view:
            return _first_start(view)

    @contextmanager
    def entries(self, wanted: Range = Range()) -> Iterator[Iterator[LedgerEntry]]:
        """Yield an iterator over the range, oldest first, however large it is."""
        with self._view() as view:
            yield _entries(view, wanted, "ORDER BY started", ())

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


def _totals(view: sqlite3.Connection, wanted: Range) -> Totals:
    where, values = _where(wanted)
    row = view.execute(f"SELECT {_SUMS} FROM entries WHERE {where}", values).fetchone()  # noqa: S608  # our own words
    return Totals(*row)


def _shares(view: sqlite3.Connection, column: str, wanted: Range) -> tuple[Share, ...]:
    where, values = _where(wanted)
    rows = view.execute(
        f"SELECT {column}, {_SUMS} FROM entries WHERE {where} GROUP BY {column}",  # noqa: S608  # our own words
        values,
    )
    shares = [Share(name, Totals(*sums)) for name, *sums in rows]
    shares.sort(key=lambda each: (-each.totals.nano_credits, -each.totals.requests, each.name))
    return tuple(shares)


def _days(
    view: sqlite3.Connection, first: date, last: date, zone: tzinfo, client: str | None
) -> tuple[DayUsage, ...]:
    count = (last - first).days + 1
    if count > MOST_DAYS:
        raise ValueError(f"at most {MOST_DAYS} days, not {count}")
    # One query per day, because a local day may have 23 or 25 hours.
    return tuple(_day(view, first + timedelta(days=each), zone, client) for each in range(count))


def _misses(view: sqlite3.Connection, wanted: Range) -> tuple[tuple[str, int], ...]:
    where, values = _where(wanted)
    rows = view.execute(
        f"SELECT miss_reason, COUNT(*) AS n FROM entries WHERE {where} AND miss_reason IS NOT NULL "  # noqa: S608  # our own words
        "GROUP BY miss_reason ORDER BY n DESC, miss_reason",
        values,
    )
    return tuple((str(reason), int(count)) for reason, count in rows)


def _first_start(view: sqlite3.Connection) -> float | None:
    (first,) = view.execute("SELECT MIN(started) FROM entries").fetchone()
    return None if first is None else float(first)


def _day(view: sqlite3.Connection, day: date, zone: tzinfo, client: str | None) -> DayUsage:
    bounds = Range(day_start(day, zone), day_start(day + timedelta(days=1), zone), client)
    shares = _shares(view, "client", bounds)
    return DayUsage(day, sum((each.totals for each in shares), Totals()), shares)


def _entries(
    view: sqlite3.Connection, wanted: Range, rest: str, values: tuple[Any, ...]
) -> Iterator[LedgerEntry]:
    where, bounds = _where(wanted)
    rows = view.execute(f"SELECT {_LIST} FROM entries WHERE {where} {rest}", (*bounds, *values))  # noqa: S608  # our own words
    for row in rows:
        yield msgspec.convert(dict(zip(COLUMNS, row, strict=True)), LedgerEntry, strict=False)


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
