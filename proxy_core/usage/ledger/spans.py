"""Which stored totals make up a span of time, and which rows are beside them. Pure.

Spans are from their begin (included) to their end (excluded), in seconds since 1970.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from proxy_core.usage.ledger.totals_schema import DAY_SECONDS, END, QUARTER_SECONDS

Span = tuple[float, float]


class Parts(NamedTuple):
    """``stored`` begins and ends with quarters of an hour and has totals, None: nothing of the span
    does; ``rest`` is to be read from the rows."""

    stored: tuple[int, int] | None
    rest: tuple[Span, ...]


class Term(NamedTuple):
    """What was used on a day of UTC until ``until``, added (1) or taken away (-1)."""

    day: int
    until: int
    sign: int


def parts_of(span: Span, totals_since: int, step: int = QUARTER_SECONDS) -> Parts:
    """Take apart a span by what is stored of it: totals from ``totals_since`` on, in such steps."""
    since, until = span
    first = max(_next_step(since, step), totals_since)
    last = _last_step(until, step)
    if first >= last:
        return Parts(None, (span,) if since < until else ())
    rest = ((since, first), (last, until))
    return Parts((first, last), tuple(each for each in rest if each[0] < each[1]))


def terms_of(first: int, last: int) -> Iterator[Term]:
    """Yield what to add up for the time from ``first`` to ``last``, both begins of quarters."""
    for day in range(day_of(first), day_of(last), DAY_SECONDS):
        yield Term(day, day + DAY_SECONDS, 1)
    yield from edges_of(first, last)


def edges_of(first: int, last: int) -> Iterator[Term]:
    """Yield what is left of ``terms_of`` without the whole days."""
    if first > day_of(first):
        yield Term(day_of(first), first, -1)
    if last > day_of(last):
        yield Term(day_of(last), last, 1)


def day_of(moment: int) -> int:
    """Return the begin of the day of UTC."""
    return moment // DAY_SECONDS * DAY_SECONDS


def _next_step(moment: float, step: int) -> int:
    return -_last_step(-moment, step) if moment > 0 else 0


def _last_step(moment: float, step: int) -> int:
    """Whole seconds first: a division of the moment as it is could round up into the next step."""
    return math.floor(max(-float(END), min(moment, float(END)))) // step * step
