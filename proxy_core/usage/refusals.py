"""What a tool is told when the user's own rules keep its request from being sent.

The statuses are those that agents do not answer by trying again: the request would be refused again,
and each try would ask the user once more.
"""

from __future__ import annotations

import math
from datetime import datetime, tzinfo

from proxy_core.errors import Actor, ErrorKind, ProxyError
from proxy_core.usage.budgets import Decision, Period
from proxy_core.usage.pricing import NANO_PER_CREDIT


class BudgetReached(ProxyError):
    """The user's own budget is used up, or this request would exceed it."""

    kind = ErrorKind.QUOTA
    http_status = 402
    title = "Your own budget is reached"
    actor = Actor.USER


class NotApproved(ProxyError):
    """The user was asked and did not let the request be sent."""

    kind = ErrorKind.PERMISSION
    http_status = 403
    title = "The request was not sent"
    actor = Actor.USER


class ClientPaused(ProxyError):
    """The user paused this tool."""

    kind = ErrorKind.PERMISSION
    http_status = 403
    title = "This tool is paused"
    actor = Actor.USER


def budget_reached(decision: Decision) -> BudgetReached:
    """Return the error for a decision that is about a budget."""
    assert decision.period is not None
    of_day = decision.period is Period.DAY
    limit = credits_text(decision.limit)
    if decision.spent >= decision.limit:
        state = f"{credits_text(decision.spent)} of {limit} credits are used"
    else:
        state = (
            f"{credits_text(decision.spent)} of {limit} credits are used and this request may cost "
            f"{credits_text(decision.expected)}"
        )
    return BudgetReached(
        f"Your own budget for this {'day' if of_day else 'month'} in g-copilot-proxy stopped this "
        f"request: {state}. It starts again {'at midnight' if of_day else 'on the 1st'}; allow more "
        f"in the app, or raise budget.{'daily' if of_day else 'monthly'}_credits.",
        code="own_budget_reached",
    )


def not_approved(client: str, *, timed_out: bool = False) -> NotApproved:
    if timed_out:
        return NotApproved(
            "g-copilot-proxy asked before sending this request and nobody answered in time, so it "
            "was not sent.",
            code="approval_timed_out",
        )
    return NotApproved(
        f"You chose in g-copilot-proxy not to send this request of {client}.", code="not_approved"
    )


def client_paused(client: str, until: float, zone: tzinfo) -> ClientPaused:
    """``until`` is in seconds since 1970, or infinity."""
    if math.isinf(until):
        end = "until you resume it"
    else:
        end = f"until {datetime.fromtimestamp(until, zone):%H:%M on %d %b}"
    return ClientPaused(f"{client} is paused in g-copilot-proxy {end}.", code="client_paused")


def credits_text(nano_credits: int) -> str:
    return f"{nano_credits / NANO_PER_CREDIT:,.1f}"
