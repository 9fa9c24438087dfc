"""The month's credits as reported by GitHub, and today's against the user's budget. Pure."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime

from desktop.presenters.usage.forecast_words import forecast_sentence
from desktop.presenters.words import Words
from proxy_core.status.status import QuotaStatus, Status
from proxy_core.status.totals import NANO_PER_CREDIT
from proxy_core.usage.quota.forecast import Forecast
from proxy_core.usage.quota.quota import PREMIUM

OLD_AFTER = 15 * 60
"""Seconds after which a reading is marked as old."""
_FREE = "chat"


@dataclass(frozen=True, slots=True)
class MeterView:
    """``share`` and ``tick`` are 0 to 1 of the track; ``share`` None: no limit is known.

    ``is_over``: more than the limit was used. ``text`` is the whole meter for a screen reader.
    """

    share: float | None
    text: str
    tick: float | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class CreditsView:
    """``used`` is shown large. ``even_pace`` is the caption of the tick. Empty texts are not shown."""

    used: str
    of: str
    resets: str
    forecast: str
    meter: MeterView
    percent: str
    even_pace: str
    github: str
    is_old: bool
    counted: str
    has_two: bool
    """Whether GitHub's figure and ours are both there, so that their difference wants a reason."""


@dataclass(frozen=True, slots=True)
class TodayView:
    """``spent`` is bold, ``of`` beside it; ``meter`` None: no budget is set."""

    spent: str
    of: str
    meter: MeterView | None
    cache_hits: str


def main_quota(status: Status) -> QuotaStatus | None:
    """Return the billed allowance: the plan's credits, or the free plan's chat requests."""
    named = {each.name: each for each in status.quotas if not each.is_rate_limit}
    return named.get(PREMIUM) or named.get(_FREE)


def credits_line(status: Status, words: Words) -> str:
    """``1,087.4 of 1,500 credits left, resets 1 Dec``; empty if unknown."""
    tr = words.tr
    quota = main_quota(status)
    if quota is None or (quota.used is None and not quota.unlimited):
        return ""
    if quota.unlimited or quota.entitlement is None:
        used = words.amount(quota.used or 0.0)
        return tr("{used} credits used, no limit").format(used=used)
    left, limit = _left(quota, words), words.whole(quota.entitlement)
    if quota.resets is None:
        return tr("{left} of {limit} credits left").format(left=left, limit=limit)
    return tr("{left} of {limit} credits left, resets {day}").format(
        left=left, limit=limit, day=words.locale.day(quota.resets)
    )


def credits_left(status: Status, words: Words) -> str:
    """``1,087.4 credits left``; empty if unknown, or without a limit."""
    quota = main_quota(status)
    if quota is None or quota.used is None or quota.unlimited or quota.entitlement is None:
        return ""
    return words.tr("{left} credits left").format(left=_left(quota, words))


def _left(quota: QuotaStatus, words: Words) -> str:
    return words.whole(round(max(0.0, (quota.entitlement or 0.0) - (quota.used or 0.0)), 2))


def credits_view(
    status: Status, now: float, words: Words, forecast: Forecast | None = None
) -> CreditsView | None:
    """Return the month's card, or None if neither GitHub nor the ledger has figures.

    ``forecast`` is the usage report's.
    """
    tr = words.tr
    quota = main_quota(status)
    month = status.budget.month_spent if status.budget is not None else None
    if (quota is None or quota.used is None) and month is None:
        return None
    counted = ""
    if month is not None:
        counted = tr("counted here {credits}, live").format(credits=words.credits(month))
    if quota is None or quota.used is None:
        return _own_count(month or 0, words, tr("no figure from GitHub yet"))
    limited = not quota.unlimited and bool(quota.entitlement)
    share = quota.used / quota.entitlement if limited and quota.entitlement else None
    passed = _passed(quota, now) if limited else None
    age = None if quota.read_at is None else max(0.0, now - quota.read_at)
    percent = f"{words.locale.integer(round(100 * share))} %" if share is not None else ""
    over = share is not None and share > 1
    of = tr("used, no limit")
    if limited and quota.entitlement:
        of = tr("of {limit} used").format(limit=words.whole(quota.entitlement))
    text = " ".join((words.amount(quota.used), of, percent)).strip()
    tick = (1 / share if over and share else passed) if share is not None else None
    return CreditsView(
        used=words.amount(quota.used),
        of=of,
        resets=_resets(quota, now, words),
        forecast=forecast_sentence(forecast, words, used=quota.used) if limited else "",
        meter=MeterView(None if share is None else min(1.0, share), text, tick, over),
        percent=percent,
        even_pace=tr("even pace, {percent} %").format(percent=round(100 * passed))
        if passed is not None and not over
        else "",
        github=_github(quota.used, age, words),
        is_old=age is not None and age > OLD_AFTER,
        counted=counted,
        has_two=bool(counted),
    )


def requests_today(status: Status, now: float, words: Words) -> int:
    """Return how many requests began today, those that still run among them; guests' are not counted.

    ``now`` is in seconds since 1970.
    """
    day, today = words.locale.day, words.locale.day(now)
    running = (each for each in status.active if not each.is_guests)
    return status.today.requests + sum(day(each.started) == today for each in running)


def today_view(status: Status, words: Words) -> TodayView:
    tr = words.tr
    spent = status.today.nano_credits
    limit = status.budget.day_limit if status.budget is not None else None
    rate = status.today.cache_hit_rate
    hits = "–" if rate is None else f"{round(100 * rate)} %"
    if not limit:
        return TodayView(words.credits(spent), tr("credits, no budget set"), None, hits)
    day_spent = status.budget.day_spent if status.budget is not None else spent
    share = day_spent / limit
    of = tr("of {limit} (your budget)").format(limit=words.whole(limit / NANO_PER_CREDIT))
    text = f"{words.credits(day_spent)} {of}"
    over = share > 1
    meter = MeterView(min(1.0, share), text, 1 / share if over else None, over)
    return TodayView(words.credits(day_spent), of, meter, hits)


def _own_count(month: int, words: Words, github: str) -> CreditsView:
    tr = words.tr
    text = tr("{credits} credits, no limit known").format(credits=words.credits(month))
    return CreditsView(
        used=words.credits(month),
        of=tr("credits, no limit known"),
        resets="",
        forecast="",
        meter=MeterView(None, text),
        percent="",
        even_pace="",
        github=github,
        is_old=False,
        counted=tr("counted here, live"),
        has_two=False,
    )


def _github(used: float, age: float | None, words: Words) -> str:
    tr, figure = words.tr, words.amount(used)
    if age is None:
        return tr("GitHub says {used}").format(used=figure)
    if age > OLD_AFTER:
        return tr("The last reading, {used}, is {age} old").format(used=figure, age=words.span(age))
    return tr("GitHub says {used}, {ago}").format(used=figure, ago=words.ago(age))


def _resets(quota: QuotaStatus, now: float, words: Words) -> str:
    tr = words.tr
    if quota.resets is None or quota.resets <= now:
        return ""
    days = int((quota.resets - now) // 86_400)
    day = words.locale.day(quota.resets)
    if days < 1:
        return tr("Resets {day}, in {span}").format(day=day, span=words.span(quota.resets - now))
    if days == 1:
        return tr("Resets {day}, in 1 day").format(day=day)
    return tr("Resets {day}, in {days} days").format(day=day, days=days)


def _passed(quota: QuotaStatus, now: float) -> float | None:
    """The share of the month that has passed, 0 to 1; None where no reset is known."""
    if quota.resets is None or quota.resets <= now:
        return None
    reset = datetime.fromtimestamp(quota.resets, UTC)
    year, month = (reset.year - 1, 12) if reset.month == 1 else (reset.year, reset.month - 1)
    length = monthrange(year, month)[1] * 86_400.0
    return min(1.0, max(0.0, 1 - (quota.resets - now) / length))
