"""Decides whether a request may be sent: pauses, budgets, and the user's approval.

The server awaits one call: it returns when the request may be sent, or raises the client's error.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from proxy_core.canonical.model import Model
from proxy_core.errors import ProxyError
from proxy_core.status.approvals import AskReason, ExpectedCharge, Question
from proxy_core.usage.ledger.queries import Habits
from proxy_core.usage.ledger.reader import LedgerUnreadable
from proxy_core.usage.limits.approvals import ApprovalDecision, ApprovalQueue
from proxy_core.usage.limits.budget_guard import BudgetGuard
from proxy_core.usage.limits.budgets import BudgetDecision, BudgetVerdict
from proxy_core.usage.limits.rejections import (
    budget_reached,
    client_paused,
    not_approved,
    proxy_ending,
    proxy_paused,
    too_many_waiting,
)
from proxy_core.usage.pricing import expected_charge

log = logging.getLogger("g_copilot_proxy.usage")

FIRST_GUESS = (100, 2_000)
"""Tokens of a short and a long response, for a tool without history."""
LEAST_REQUESTS = 5
"""Requests of a tool before one can be called unusual."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request that is ready to be sent.

    ``prompt_tokens`` is an estimate; ignored unless ``Admission.needs_cost_estimate``.
    """

    request_id: str
    client: str
    model: Model
    prompt_tokens: int
    is_user_turn: bool = True
    calls: int = 1
    """How many calls of this size are sent together, to answer one request of its client."""
    is_authenticated: bool = False
    """True: ``client`` is the name of the key that was sent, not what the program calls itself."""


class Admission:
    """``asks_always`` is the user's setting, read at every request; ``habits`` reads from disk.

    ``wall`` is in seconds since 1970; ``zone`` is the user's, for times in messages.
    """

    def __init__(
        self,
        guard: BudgetGuard,
        approvals: ApprovalQueue,
        *,
        asks_always: Callable[[], bool],
        habits: Callable[[str, str], Habits],
        wall: Callable[[], float],
        zone: tzinfo,
    ) -> None:
        self._guard = guard
        self._approvals = approvals
        self._asks_always = asks_always
        self._habits = habits
        self._wall = wall
        self._zone = zone

    @property
    def needs_cost_estimate(self) -> bool:
        """Whether a request's size matters for whether it may be sent."""
        return self._asks_always() or self._guard.needs_cost_estimate

    async def admit(self, outgoing: Outgoing, on_asking: Callable[[], None] = lambda: None) -> None:
        """Return once the request may be sent; its expected cost counts until it has ended.

        ``on_asking`` is called before the user is asked.

        Raises ProxyPaused, ClientPaused, BudgetReached, NotApproved or ProxyEnding. Cancelling
        withdraws the question.
        """
        self._refuse_paused(outgoing.client)
        asks = self._asks_always()
        if not asks and not self._guard.needs_cost_estimate:
            self._guard.begin(outgoing.request_id)
            return
        habits = await self._look_up(outgoing)
        expected = _expected(outgoing, habits)
        least = expected.low if expected is not None else 0
        decision = self._guard.begin(outgoing.request_id, least)
        if decision.verdict is BudgetVerdict.STOP:
            raise budget_reached(decision)
        if decision.verdict is BudgetVerdict.ASK:
            question = _question(outgoing, habits, expected, AskReason.BUDGET, decision)
        elif asks:
            question = _question(outgoing, habits, expected, AskReason.ALWAYS, decision)
        else:
            return
        on_asking()
        try:
            answer = await self._approvals.ask(question)
            if answer is not ApprovalDecision.SEND:
                raise _refusal(outgoing.client, answer)
            self._refuse_paused(outgoing.client)  # a pause may have begun while the user was asked
        except BaseException:
            self._guard.end(outgoing.request_id, None)
            raise
        self._guard.approved(outgoing.request_id, least)

    def _refuse_paused(self, client: str) -> None:
        pauses, now = self._guard.pauses, self._wall()
        until = pauses.everyone_until(now)
        if until is not None:
            raise proxy_paused(until, self._zone)
        until = pauses.paused_until(client, now)
        if until is not None:
            raise client_paused(client, until, self._zone)

    async def _look_up(self, outgoing: Outgoing) -> Habits:
        try:
            return await asyncio.to_thread(self._habits, outgoing.client, outgoing.model.id)
        except LedgerUnreadable as error:
            log.warning("what is usual is not known: %s", error.message)
            return Habits()


def _refusal(client: str, answer: ApprovalDecision) -> ProxyError:
    if answer is ApprovalDecision.CLOSED:
        return proxy_ending()
    if answer is ApprovalDecision.TOO_MANY:
        return too_many_waiting()
    return not_approved(client, timed_out=answer is ApprovalDecision.TIMED_OUT)


def _expected(outgoing: Outgoing, habits: Habits) -> ExpectedCharge | None:
    one = expected_charge(
        outgoing.model.prices,
        prompt_tokens=outgoing.prompt_tokens,
        cached_tokens=round(outgoing.prompt_tokens * (habits.cache_hit_rate or 0.0)),
        output_tokens=habits.output_tokens if habits.requests >= LEAST_REQUESTS else FIRST_GUESS,
    )
    if one is None or outgoing.calls == 1:
        return one
    return ExpectedCharge(one.low * outgoing.calls, one.high * outgoing.calls)


def _question(
    outgoing: Outgoing,
    habits: Habits,
    expected: ExpectedCharge | None,
    reason: AskReason,
    decision: BudgetDecision,
) -> Question:
    of_budget = decision.period is not None
    return Question(
        request_id=outgoing.request_id,
        client=outgoing.client,
        model=outgoing.model.id,
        reason=reason,
        is_user_turn=outgoing.is_user_turn,
        prompt_tokens=outgoing.prompt_tokens * outgoing.calls,
        cached_share=habits.cache_hit_rate,
        expected=expected,
        times_usual=_times_usual(expected, habits),
        spent=decision.spent if of_budget else None,
        limit=decision.limit if of_budget else None,
        is_authenticated=outgoing.is_authenticated,
    )


def _times_usual(expected: ExpectedCharge | None, habits: Habits) -> float | None:
    if expected is None or not habits.nano_credits or habits.requests < LEAST_REQUESTS:
        return None
    return (expected.low + expected.high) / 2 / habits.nano_credits
