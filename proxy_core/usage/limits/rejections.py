"""Errors for requests that the user's own rules do not allow.

The statuses are ones that agents do not retry: the request would be refused again, and each retry
would ask the user again.
"""

from __future__ import annotations

import math
from datetime import datetime, tzinfo

from proxy_core.config.settings import BudgetAction
from proxy_core.errors import Actor, ErrorKind, ProxyError, joined, translatable
from proxy_core.status.totals import NANO_PER_CREDIT
from proxy_core.usage.limits.budgets import BudgetDecision, BudgetNotice, Period


class BudgetReached(ProxyError):
    """The user's own budget is used up, or this request would exceed it."""

    kind = ErrorKind.OWN_BUDGET
    http_status = 402
    is_own_text = True
    title: str = translatable("Your own budget is reached")
    actor = Actor.USER


class NotApproved(ProxyError):
    """The user was asked and did not let the request be sent."""

    kind = ErrorKind.NOT_SENT
    http_status = 403
    is_own_text = True
    title: str = translatable("The request was not sent")
    actor = Actor.USER


class ClientPaused(ProxyError):
    """The user paused this tool."""

    kind = ErrorKind.NOT_SENT
    http_status = 403
    is_own_text = True
    title: str = translatable("This tool is paused")
    actor = Actor.USER


class ProxyPaused(ProxyError):
    """The user paused all tools."""

    kind = ErrorKind.NOT_SENT
    http_status = 403
    is_own_text = True
    title: str = translatable("g-copilot-proxy is paused")
    actor = Actor.USER


class ProxyEnding(ProxyError):
    """The program ended while the user was being asked."""

    kind = ErrorKind.STOPPED
    http_status = 503
    title: str = translatable("The proxy was stopped")
    is_own_text = True


def budget_reached(decision: BudgetDecision) -> BudgetReached:
    """Return the error for a decision about a budget."""
    assert decision.period is not None
    of_day = decision.period is Period.DAY
    limit = credits_text(decision.limit)
    spent = credits_text(decision.spent)
    if decision.spent >= decision.limit:
        state = translatable("{spent} of {limit} credits are used", spent=spent, limit=limit)
    else:
        state = translatable(
            "{spent} of {limit} credits are used and this request may cost {expected}",
            spent=spent,
            limit=limit,
            expected=credits_text(decision.expected),
        )
    return BudgetReached(
        translatable(
            "Your own budget for this day in g-copilot-proxy stopped this request: {state}. It starts "
            "again at midnight; allow more in the app, or raise budget.daily_credits.",
            state=state,
        )
        if of_day
        else translatable(
            "Your own budget for this month in g-copilot-proxy stopped this request: {state}. It "
            "starts again on the 1st; allow more in the app, or raise budget.monthly_credits.",
            state=state,
        ),
        code="own_budget_reached",
    )


def not_approved(client: str, *, timed_out: bool = False) -> NotApproved:
    if timed_out:
        return NotApproved(
            translatable(
                "g-copilot-proxy asked before sending this request and nobody answered in "
                "time, so it was not sent."
            ),
            code="approval_timed_out",
        )
    return NotApproved(
        translatable(
            "You chose in g-copilot-proxy not to send this request of {client}.", client=client
        ),
        code="not_approved",
    )


def too_many_waiting() -> NotApproved:
    return NotApproved(
        translatable(
            "So many requests wait for your approval in g-copilot-proxy that this one was not sent."
        ),
        code="too_many_waiting",
    )


def proxy_ending() -> ProxyEnding:
    return ProxyEnding(
        translatable(
            "g-copilot-proxy was stopped while this request waited for your approval; it "
            "was not sent."
        ),
        code="proxy_stopped",
    )


def proxy_paused(until: float, zone: tzinfo) -> ProxyPaused:
    """``until`` is in seconds since 1970, or infinity."""
    return ProxyPaused(
        translatable("g-copilot-proxy is paused {until}.", until=_end(until, zone)),
        code="proxy_paused",
    )


def client_paused(client: str, until: float, zone: tzinfo) -> ClientPaused:
    """``until`` is in seconds since 1970, or infinity."""
    return ClientPaused(
        translatable(
            "{client} is paused in g-copilot-proxy {until}.", client=client, until=_end(until, zone)
        ),
        code="client_paused",
    )


def _end(until: float, zone: tzinfo) -> str:
    if math.isinf(until):
        return translatable("until you resume it")
    end = datetime.fromtimestamp(until, zone)
    return translatable("until {time} on {day}", time=f"{end:%H:%M}", day=f"{end:%d %b}")


def budget_notice_words(notice: BudgetNotice, action: BudgetAction) -> tuple[str, str, str]:
    """Return heading, sentence and next step for a threshold that was reached."""
    period = translatable("today")
    if notice.period is not Period.DAY:
        period = translatable("this month")
    spent, limit = credits_text(notice.spent), credits_text(notice.limit)
    message = translatable(
        "{spent} of your own {limit} credits for {period} are used.",
        spent=spent,
        limit=limit,
        period=period,
    )
    if notice.percent < 100:
        title = translatable(
            "{percent} % of your budget for {period} is used", percent=notice.percent, period=period
        )
        return title, message, ""
    then = {
        BudgetAction.WARN: translatable("Requests go on."),
        BudgetAction.ASK: translatable("You are asked before each further request."),
        BudgetAction.STOP: translatable("Further requests are refused."),
    }[action]
    return (
        translatable("Your budget for {period} is used up", period=period),
        joined((message, then)),
        translatable("Allow more, or wait."),
    )


def credits_text(nano_credits: int) -> str:
    """As :func:`credits_words`, of nano-credits."""
    return credits_words(nano_credits / NANO_PER_CREDIT)


def credits_words(value: float) -> str:
    """Format with one decimal; with two if one would show zero, and never zero for what was used."""
    if 0 < value < 0.005:
        return translatable("less than 0.01")
    return f"{value:,.{2 if 0 < value < 0.1 else 1}f}"
