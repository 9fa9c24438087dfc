"""A month of three tools and four models, as the service would report it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from msgspec.structs import replace

from proxy_core.status.status import BudgetStatus, QuotaStatus
from proxy_core.status.totals import Totals
from proxy_core.usage.ledger.queries import DayUsage, Share
from proxy_core.usage.quota.forecast import Forecast, Outlook
from proxy_core.usage.quota.quota import Billing
from proxy_core.usage.report import UsageReport
from tests.desktop.fake_service import NOW

TODAY = datetime.fromtimestamp(NOW).astimezone().date()
CREDIT = 1_000_000_000
CLIENTS = {"Claude Code": (0.66, 61), "Codex": (0.24, 38), "aider": (0.1, 19)}
MODELS = {
    "claude-sonnet-4.6": (0.61, 0.91),
    "gpt-5.3-codex": (0.25, 0.85),
    "gpt-5.2": (0.08, 0.66),
    "claude-haiku-4.5": (0.06, 0.12),
}
SPENT = (3, 16, 25, 22, 25, 22, 5, 1, 21, 24, 29, 22, 23, 5, 4, 22, 23, 31, 26, 22)
"""Credits on the days of the month, from the first on."""
QUOTA = QuotaStatus(
    "premium_interactions",
    entitlement=1500,
    used=412.6,
    percent_used=27.5,
    resets=datetime(2026, 12, 1, 12).astimezone().timestamp(),
    read_at=NOW - 240,
)
BUDGET = BudgetStatus(day_spent=31 * CREDIT, day_limit=60 * CREDIT)


def totals(credits_used: float, requests: int, hit_rate: float = 0.87) -> Totals:
    prompt = round(credits_used * 13_000)
    cached = round(prompt * hit_rate)
    return Totals(
        requests=requests,
        input_tokens=prompt - cached,
        cache_read_tokens=cached,
        output_tokens=round(credits_used * 117),
        nano_credits=round(credits_used * CREDIT),
        saved_nano_credits=round(credits_used * 2.9 * CREDIT),
    )


def day(when: date, spent: float) -> DayUsage:
    shares = tuple(
        Share(name, totals(spent * part, max(1, count // 18)))
        for name, (part, count) in CLIENTS.items()
        if spent
    )
    return DayUsage(when, sum((share.totals for share in shares), Totals()), shares)


def make_report(first: date | None = None, last: date = TODAY, **changes: object) -> UsageReport:
    begin = first or last.replace(day=1)
    count = (last - begin).days + 1
    days = tuple(
        day(begin + timedelta(days=each), SPENT[each % len(SPENT)]) for each in range(count)
    )
    whole = sum(each.totals.credits for each in days)
    report = UsageReport(
        first=begin,
        last=last,
        client=None,
        made_at=NOW,
        since=NOW - 30 * 86_400,
        totals=sum((each.totals for each in days), Totals()),
        days=days,
        models=tuple(
            Share(name, totals(whole * part, 30, rate)) for name, (part, rate) in MODELS.items()
        ),
        clients=tuple(
            Share(name, totals(whole * part, count)) for name, (part, count) in CLIENTS.items()
        ),
        misses=(("first_request", 14), ("too_old", 6), ("tools_changed", 2)),
        billing=Billing.CREDITS,
        forecast=Forecast(
            Outlook.WITHIN, per_day=19.6, by_reset=601.3, runs_out_on=None, even_pace=0.6
        ),
        quotas=(QUOTA,),
        budget=BUDGET,
    )
    return replace(report, **changes)  # type: ignore[arg-type]  # the caller's own fields


def empty_report() -> UsageReport:
    days = tuple(day(TODAY - timedelta(days=each), 0) for each in reversed(range(TODAY.day)))
    return make_report(
        totals=Totals(),
        days=days,
        models=(),
        clients=(),
        misses=(),
        since=None,
        forecast=Forecast(Outlook.NO_DATA),
        quotas=(),
        budget=None,
    )
