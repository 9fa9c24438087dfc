"""The usage report, as one value for the window, ``usage --json`` and the server.

``make_report`` blocks on the ledger's file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo

from msgspec import Struct
from msgspec.structs import replace

from proxy_core.errors import BadRequest, translatable
from proxy_core.status.status import BudgetStatus, QuotaStatus
from proxy_core.status.totals import Totals
from proxy_core.usage.ledger.queries import MOST_DAYS, DayUsage, Overview, Share, UsageQueries
from proxy_core.usage.quota.forecast import WINDOW_DAYS, Forecast, Outlook, forecast, month_before
from proxy_core.usage.quota.quota import Allowances, Billing, Quota

USUAL_DAYS = 30
_LONGEST_PERIOD = 62
"""In days. Allowances are monthly: an older reset date is outdated."""


class Allowed(Struct, frozen=True):
    """The current state a report needs besides the ledger."""

    allowances: Allowances
    quotas: tuple[QuotaStatus, ...] = ()
    budget: BudgetStatus | None = None
    ledger_problem: str | None = None


class UsageReport(Struct, frozen=True):
    """The local days from ``first`` to ``last``, both included; ``client`` None: all tools.

    ``totals``, ``days``, ``models``, ``clients`` and ``misses`` are from the ledger, ``quotas``
    from GitHub. ``forecast`` is for the current period, in the unit of ``billing``. ``made_at`` and
    ``since``, when the oldest request of all began, are in seconds since 1970.
    """

    first: date
    last: date
    client: str | None
    made_at: float
    since: float | None
    totals: Totals
    days: tuple[DayUsage, ...]
    models: tuple[Share, ...]
    clients: tuple[Share, ...]
    misses: tuple[tuple[str, int], ...]
    billing: Billing
    forecast: Forecast
    quotas: tuple[QuotaStatus, ...]
    budget: BudgetStatus | None
    ledger_problem: str | None = None

    @property
    def cache_hit_rate(self) -> float | None:
        """The share of all prompt tokens that came from the cache, 0 to 1; None without any."""
        return self.totals.cache_hit_rate


def wanted_days(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """Return the days asked for; by default the last ``USUAL_DAYS``. Raises BadRequest."""
    end = last or today
    try:
        begin = first or end - timedelta(days=USUAL_DAYS - 1)
        (end + timedelta(days=2), begin - timedelta(days=2))
    except OverflowError as error:
        raise BadRequest(translatable("That date is out of range."), param="last") from error
    if begin > end:
        raise BadRequest(
            translatable("The first day, {begin}, is after the last, {end}.", begin=begin, end=end),
            param="first",
        )
    if (end - begin).days >= MOST_DAYS:
        raise BadRequest(
            translatable("At most {most_days} days can be asked for at once.", most_days=MOST_DAYS),
            param="first",
        )
    return begin, end


def make_report(
    queries: UsageQueries,
    first: date,
    last: date,
    client: str | None,
    now: datetime,
    allowed: Allowed,
) -> UsageReport:
    """Return the report of these days.

    ``now`` is aware and in the user's zone. Raises LedgerUnreadable.
    """
    zone = now.tzinfo
    assert zone is not None
    found: Overview = queries.overview(first, last, zone, client)
    return UsageReport(
        first=first,
        last=last,
        client=client,
        made_at=now.timestamp(),
        since=found.first_start,
        totals=found.totals,
        days=found.days,
        models=found.models,
        clients=found.clients,
        misses=found.misses,
        billing=allowed.allowances.billing,
        forecast=_forecast(queries, allowed.allowances, now, zone),
        quotas=allowed.quotas,
        budget=allowed.budget,
        ledger_problem=allowed.ledger_problem,
    )


def _forecast(
    queries: UsageQueries, allowances: Allowances, now: datetime, zone: tzinfo
) -> Forecast:
    main = allowances.main
    resets_at = _moment(main.resets_at if main is not None else allowances.resets_at, now)
    if allowances.billing in (Billing.PREMIUM_REQUESTS, Billing.FREE):
        daily = _even(main, resets_at, now)
    else:
        start = now.date() - timedelta(days=WINDOW_DAYS)
        if resets_at is not None:
            start = min(start, max(month_before(resets_at).date(), now.date() - timedelta(days=31)))
        daily = {each.day: each.totals.credits for each in queries.by_day(start, now.date(), zone)}
    unlimited = main is not None and main.unlimited
    found = forecast(
        daily,
        now,
        used=main.used if main is not None else None,
        entitlement=main.entitlement if main is not None and not unlimited else None,
        resets_at=resets_at,
    )
    # Known from the first day on, before a pace can be computed.
    return replace(found, outlook=Outlook.NO_LIMIT) if unlimited else found


def _even(main: Quota | None, resets_at: datetime | None, now: datetime) -> Mapping[date, float]:
    """Return an even daily pace over the period: the ledger does not count GitHub's requests."""
    if main is None or not main.used or resets_at is None:
        return {}
    start = month_before(resets_at)
    days = (now.date() - start.date()).days + 1
    if not 1 <= days <= _LONGEST_PERIOD:
        return {}
    passed = max((now - start) / timedelta(days=1), 0.25)
    by_day = {start.date() + timedelta(days=each): main.used / passed for each in range(days)}
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    by_day[now.date()] *= (now - max(midnight, start)) / timedelta(days=1)
    return by_day


def _moment(seconds: float | None, now: datetime) -> datetime | None:
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).astimezone(now.tzinfo)
    except (OverflowError, OSError, ValueError):
        return None
