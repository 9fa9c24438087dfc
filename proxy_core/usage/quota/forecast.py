"""How long the month's allowance will last at the present pace. Pure.

All amounts are in the unit of the account's billing (credits or requests). Days are local days of
the zone of ``now``.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

WINDOW_DAYS = 14
"""Two whole weeks, so that weekends have the same weight as in a month."""
LEAST_OF_A_DAY = 0.25
"""Minimum length of the first day: its first request does not predict the rest of the day."""
FARTHEST_DAYS = 366.0
"""Without a reset date, an allowance that lasts longer than this counts as sufficient."""
_DAY = timedelta(days=1)


class Outlook(StrEnum):
    NO_DATA = "no_data"
    """Nothing was used yet, or usage is unknown."""
    NO_LIMIT = "no_limit"
    WITHIN = "within"
    RUNS_OUT = "runs_out"
    OVER = "over"


class Forecast(Struct, frozen=True):
    """``per_day`` is the present pace; ``by_reset`` what will have been used by the reset at that pace.

    ``runs_out_on`` is the local day on which the allowance ends, if that is before the reset.
    ``even_pace`` is the share of the period that has passed, 0 to 1. None: unknown.
    """

    outlook: Outlook
    per_day: float | None = None
    by_reset: float | None = None
    runs_out_on: date | None = None
    even_pace: float | None = None


def forecast(
    daily: Mapping[date, float],
    now: datetime,
    *,
    used: float | None = None,
    entitlement: float | None = None,
    resets_at: datetime | None = None,
    period_start: datetime | None = None,
) -> Forecast:
    """Return the outlook for the running period.

    ``daily`` is the use of each local day, including today so far; missing days count as zero.
    ``used`` is what the period has used so far by the best source; without it the period's days are
    summed. ``entitlement`` None: no limit. ``resets_at`` in the past counts as not known.
    ``period_start`` defaults to a month before the reset. All datetimes are aware.
    """
    figures = {day: amount for day, each in daily.items() if (amount := _amount(each)) is not None}
    reset = resets_at.astimezone(now.tzinfo) if resets_at is not None else None
    if reset is not None and reset <= now:
        reset = None
    start = period_start.astimezone(now.tzinfo) if period_start is not None else None
    if start is None and reset is not None:
        start = month_before(reset)
    so_far = _amount(used)
    if so_far is None:
        so_far = sum(
            amount for day, amount in figures.items() if start is None or day >= start.date()
        )
    pace = _pace(figures, now)
    left = None if reset is None else (reset - now) / _DAY
    by_reset = None if pace is None or left is None else so_far + pace * left
    outlook, runs_out_on = _outlook(so_far, pace, left, _amount(entitlement), now)
    return Forecast(
        outlook=outlook,
        per_day=pace,
        by_reset=by_reset,
        runs_out_on=runs_out_on,
        even_pace=_share_passed(start, reset, now),
    )


def month_before(moment: datetime) -> datetime:
    """Return the same time one calendar month earlier; the 31st becomes the month's last day."""
    year, month = (moment.year, moment.month - 1) if moment.month > 1 else (moment.year - 1, 12)
    if year < 1:
        return moment
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day)


def _amount(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return max(0.0, value)


def _pace(figures: Mapping[date, float], now: datetime) -> float | None:
    """Return the mean daily use over the window, including today's elapsed part."""
    today = now.date()
    used_days = [day for day, amount in figures.items() if amount > 0 and day <= today]
    if not used_days:
        return None
    # Days before the first use do not count: the program was not in use yet.
    days = min((today - min(used_days)).days, WINDOW_DAYS)
    total = sum(amount for day, amount in figures.items() if 0 <= (today - day).days <= days)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    passed = min(max((now - midnight) / _DAY, 0.0), 1.0)
    return total / (days + (passed if days else max(passed, LEAST_OF_A_DAY)))


def _outlook(
    so_far: float,
    pace: float | None,
    left: float | None,
    entitlement: float | None,
    now: datetime,
) -> tuple[Outlook, date | None]:
    if entitlement is None:
        return (Outlook.NO_LIMIT if pace is not None else Outlook.NO_DATA), None
    if so_far > entitlement or (so_far == entitlement and so_far > 0):
        return Outlook.OVER, None
    if pace is None:
        return Outlook.NO_DATA, None
    if pace == 0:
        return Outlook.WITHIN, None
    days = (entitlement - so_far) / pace
    if days >= (FARTHEST_DAYS if left is None else left):
        return Outlook.WITHIN, None
    try:
        return Outlook.RUNS_OUT, (now + timedelta(days=days)).date()
    except OverflowError:
        return Outlook.WITHIN, None


def _share_passed(start: datetime | None, reset: datetime | None, now: datetime) -> float | None:
    if start is None or reset is None or reset <= start:
        return None
    return min(max((now - start) / (reset - start), 0.0), 1.0)
