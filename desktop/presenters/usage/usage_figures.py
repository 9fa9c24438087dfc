"""The four figures at the top of Usage: credits, forecast, tokens, cache hits. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.presenters.usage.forecast_words import foretold, rounded
from desktop.presenters.usage.usage_chart import LEAST_SHOWN
from desktop.presenters.words import Words
from proxy_core.status.status import QuotaStatus
from proxy_core.status.totals import NANO_PER_CREDIT, Totals
from proxy_core.usage.quota.forecast import Forecast, Outlook
from proxy_core.usage.quota.quota import Billing
from proxy_core.usage.report import UsageReport


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    line: str
    detail: str = ""
    """Additional text for the tooltip and screen readers."""


def figures(
    report: UsageReport, quota: QuotaStatus | None, words: Words, *, whole_month: bool
) -> tuple[Figure, ...]:
    """``whole_month``: the report is of this month and of all tools, as GitHub's own count is."""
    return (
        _credits(report, quota if whole_month else None, words),
        _forecast(report, quota, words, _used(report, quota, whole_month)),
        _tokens(report.totals, words),
        _cache(report, words),
    )


def _unit(billing: Billing, words: Words) -> str:
    tr = words.tr
    if billing is Billing.PREMIUM_REQUESTS:
        return tr("Premium requests")
    return tr("Requests") if billing is Billing.FREE else tr("Credits")


def _credits(report: UsageReport, quota: QuotaStatus | None, words: Words) -> Figure:
    """``quota``: GitHub's own count of the same days, if there is one."""
    tr, decimal = words.tr, words.amount
    here = tr("{credits} credits counted here").format(credits=decimal(report.totals.credits))
    says = quota.used if quota is not None else None
    if quota is None or says is None:
        estimated = report.totals.estimated_nano_credits / NANO_PER_CREDIT
        line = (
            tr("counted here, {credits} estimated").format(credits=decimal(estimated))
            if estimated >= LEAST_SHOWN
            else tr("counted here")
        )
        return Figure(tr("Credits"), decimal(report.totals.credits), line)
    resets = "" if quota.resets is None else words.locale.day(quota.resets)
    if quota.unlimited or quota.entitlement is None:
        line = tr("no limit known")
    elif resets:
        line = tr("of {limit}, resets {day}").format(
            limit=words.plain_number(quota.entitlement), day=resets
        )
    else:
        line = tr("of {limit}").format(limit=words.plain_number(quota.entitlement))
    return Figure(_unit(report.billing, words), decimal(says), line, here)


def _forecast(report: UsageReport, quota: QuotaStatus | None, words: Words, used: float) -> Figure:
    tr = words.tr
    label, found = tr("Forecast"), report.forecast
    day = "" if quota is None or quota.resets is None else words.locale.day(quota.resets)
    pace = (
        ""
        if found.per_day is None
        else tr("{amount} a day at the present pace").format(amount=words.amount(found.per_day))
    )
    if found.outlook is Outlook.OVER:
        return Figure(label, tr("used up"), _until(tr("until {day}"), day), pace)
    if found.outlook is Outlook.RUNS_OUT and found.runs_out_on is not None:
        value = tr("until {day}").format(day=words.locale.calendar_day(found.runs_out_on))
        return Figure(label, value, tr("then the allowance is used up"), pace)
    if found.by_reset is None:
        return Figure(label, "–", _no_forecast(found, words), pace)
    value = tr("about {amount}").format(amount=foretold(found.by_reset, used, words))
    if found.outlook is Outlook.WITHIN:
        line = tr("by {day}, within the plan").format(day=day) if day else tr("within the plan")
    else:
        line = tr("by {day}, no limit known").format(day=day)
    return Figure(label, value, line, pace)


def _used(report: UsageReport, quota: QuotaStatus | None, whole_month: bool) -> float:
    """Return what the month has used, as far as GitHub or the report says."""
    if quota is not None and quota.used is not None:
        return quota.used
    return report.totals.credits if whole_month else 0.0


def _no_forecast(found: Forecast, words: Words) -> str:
    tr = words.tr
    if found.outlook is Outlook.NO_DATA:
        return tr("no pace known yet")
    return tr("GitHub does not say when it resets")


def _tokens(totals: Totals, words: Words) -> Figure:
    tr = words.tr
    return Figure(
        tr("Tokens"),
        words.tokens(totals.prompt_tokens + totals.output_tokens),
        tr("{prompt} in, {output} out").format(
            prompt=words.tokens(totals.prompt_tokens), output=words.tokens(totals.output_tokens)
        ),
    )


def _cache(report: UsageReport, words: Words) -> Figure:
    tr = words.tr
    rate = report.cache_hit_rate
    if rate is None:
        return Figure(tr("Cache hits"), "–", tr("no prompts yet"))
    saved = report.totals.saved_credits
    line = (
        tr("saved about {credits} credits").format(credits=rounded(saved, words))
        if saved >= 1
        else tr("of all prompt tokens")
    )
    value = tr("{percent} %").format(percent=round(100 * rate))
    return Figure(tr("Cache hits"), value, line)


def _until(template: str, day: str) -> str:
    return template.format(day=day) if day else ""
