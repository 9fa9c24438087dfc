"""A usage report and its parts as JSON values. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from proxy_core.status.approvals import WaitingApproval
from proxy_core.status.status import AccountStatus, BudgetStatus, QuotaStatus
from proxy_core.status.totals import NANO_PER_CREDIT, Totals
from proxy_core.usage.ledger.queries import Share
from proxy_core.usage.limits.approvals import what_is_allowed
from proxy_core.usage.prompt_cache.health import MISS_WORDS, MissReason
from proxy_core.usage.quota.forecast import Forecast
from proxy_core.usage.report import UsageReport


def report_json(report: UsageReport) -> dict[str, Any]:
    """Amounts are AI credits (one is 0.01 USD), shares are 0 to 1, times ISO 8601 in UTC, days local."""
    return {
        "object": "usage_report",
        "first": report.first.isoformat(),
        "last": report.last.isoformat(),
        "client": report.client,
        "made_at": moment(report.made_at),
        "since": moment(report.since),
        "totals": totals_json(report.totals),
        "cache_hit_rate": report.cache_hit_rate,
        "cache_misses": [_miss(reason, count) for reason, count in report.misses],
        "days": [
            {
                "day": each.day.isoformat(),
                **totals_json(each.totals),
                "clients": [_share(share) for share in each.clients],
            }
            for each in report.days
        ],
        "models": [_share(each) for each in report.models],
        "clients": [_share(each) for each in report.clients],
        "billing": report.billing.value,
        "forecast": _forecast(report.forecast),
        "quotas": [quota_json(each) for each in report.quotas],
        "budget": budget_json(report.budget),
        "ledger_problem": report.ledger_problem,
    }


def account_json(account: AccountStatus) -> dict[str, Any]:
    """Return the account that GitHub's figures belong to."""
    return {"login": account.login, "plan": account.plan}


def totals_json(totals: Totals) -> dict[str, Any]:
    return {
        "requests": totals.requests,
        "asked_by_user": totals.asked_by_user,
        "asked_by_agent": totals.asked_by_agent,
        "failed": totals.failed,
        "cancelled": totals.cancelled,
        "prompt_tokens": totals.prompt_tokens,
        "input_tokens": totals.input_tokens,
        "cache_read_tokens": totals.cache_read_tokens,
        "cache_write_tokens": totals.cache_write_tokens,
        "output_tokens": totals.output_tokens,
        "reasoning_tokens": totals.reasoning_tokens,
        "credits": totals.credits,
        "estimated_credits": totals.estimated_nano_credits / NANO_PER_CREDIT,
        "saved_credits": totals.saved_credits,
        "unpriced_requests": totals.unpriced,
        "cache_hit_rate": totals.cache_hit_rate,
    }


def quota_json(quota: QuotaStatus) -> dict[str, Any]:
    return {
        "name": quota.name,
        "entitlement": quota.entitlement,
        "remaining": quota.remaining,
        "used": quota.used,
        "percent_used": quota.percent_used,
        "unlimited": quota.unlimited,
        "overage": quota.overage,
        "overage_permitted": quota.overage_permitted,
        "resets": moment(quota.resets),
        "read_at": moment(quota.read_at),
        "source": quota.source,
        "is_rate_limit": quota.is_rate_limit,
    }


def budget_json(budget: BudgetStatus | None) -> dict[str, Any] | None:
    if budget is None:
        return None
    return {
        "day_spent": in_credits(budget.day_spent),
        "day_limit": in_credits(budget.day_limit),
        "month_spent": in_credits(budget.month_spent),
        "month_limit": in_credits(budget.month_limit),
        "action": budget.action.value,
    }


def approval_json(waiting: WaitingApproval) -> dict[str, Any]:
    question = waiting.question
    expected = question.expected
    return {
        "id": question.request_id,
        "client": question.client,
        "is_authenticated": question.is_authenticated,
        "stop_asking_allows": what_is_allowed(question),
        "model": question.model,
        "reason": question.reason.value,
        "is_user_turn": question.is_user_turn,
        "prompt_tokens": question.prompt_tokens,
        "cached_share": question.cached_share,
        "expected_low": None if expected is None else in_credits(expected.low),
        "expected_high": None if expected is None else in_credits(expected.high),
        "times_usual": question.times_usual,
        "spent": in_credits(question.spent),
        "limit": in_credits(question.limit),
        "asked_at": moment(waiting.asked_at),
        "expires_at": moment(waiting.expires_at),
    }


def in_credits(nano_credits: int | None) -> float | None:
    return None if nano_credits is None else nano_credits / NANO_PER_CREDIT


def moment(seconds: float | None) -> str | None:
    """Return a time in seconds since 1970 as ISO 8601 in UTC; None if it is not representable."""
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, OSError, ValueError):
        return None


def _share(share: Share) -> dict[str, Any]:
    return {"name": share.name, **totals_json(share.totals)}


def _miss(reason: str, count: int) -> dict[str, Any]:
    known = reason in MissReason.__members__.values()
    return {
        "reason": reason,
        "requests": count,
        "meaning": MISS_WORDS[MissReason(reason)] if known else None,
    }


def _forecast(forecast: Forecast) -> dict[str, Any]:
    return {
        "outlook": forecast.outlook.value,
        "per_day": forecast.per_day,
        "by_reset": forecast.by_reset,
        "runs_out_on": None if forecast.runs_out_on is None else forecast.runs_out_on.isoformat(),
        "even_pace": forecast.even_pace,
    }
