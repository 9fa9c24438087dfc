"""Holds the state of budgets and pauses while requests run. Any thread may call it.

The decisions are in ``budgets``, which is pure; this holds the state
and the running requests' cost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

from proxy_core.config.settings import BudgetAction
from proxy_core.usage.limits.budget_file import Remembered, combined
from proxy_core.usage.limits.budgets import (
    BudgetDecision,
    BudgetLimits,
    BudgetNotice,
    BudgetState,
    BudgetVerdict,
    Period,
    allow_more,
    counted_elsewhere,
    decide,
    new_state,
    rolled_over,
    spend,
)
from proxy_core.usage.limits.pauses import ClientPauses

_NO_BUDGET = BudgetDecision(BudgetVerdict.SEND)


class BudgetGuard:
    """``limits`` and ``today`` are called each time, so that a changed setting or a new day counts.

    ``on_notice`` is called once for each threshold reached; ``on_change`` when there is state to
    save (``remembered``). Both are called synchronously and must not block.
    """

    def __init__(
        self,
        remembered: Remembered,
        *,
        limits: Callable[[], BudgetLimits],
        today: Callable[[], date],
        wall: Callable[[], float],
        on_notice: Callable[[BudgetNotice], None],
        on_change: Callable[[], None],
    ) -> None:
        self._limits = limits
        self._today = today
        self._wall = wall
        self._on_notice = on_notice
        self._on_change = on_change
        self._state = remembered.budget or new_state(today())
        self._pauses = remembered.pauses
        self._running_cost: dict[str, int] = {}
        self._changing = threading.RLock()

    @property
    def state(self) -> BudgetState:
        """The spending of the current day and month."""
        return rolled_over(self._state, self._today())

    @property
    def remembered(self) -> Remembered:
        return Remembered(self._state, self._pauses)

    @property
    def needs_cost_estimate(self) -> bool:
        """Whether a budget may stop a request; if not, its price need not be estimated."""
        limits = self._limits()
        has_limit = limits.daily is not None or limits.monthly is not None
        return has_limit and limits.action is not BudgetAction.WARN

    def begin(self, request_id: str, expected: int = 0) -> BudgetDecision:
        """Decide on a request that may cost ``expected`` nano-credits.

        The expected cost counts until ``end``, also for one allowed by ``approved`` after the user
        was asked.
        """
        limits = self._limits()
        if limits.daily is None and limits.monthly is None:
            return _NO_BUDGET
        with self._changing:
            decision = decide(
                self._state,
                limits,
                self._today(),
                running_cost=sum(self._running_cost.values()),
                expected=expected,
            )
            if decision.verdict is BudgetVerdict.SEND:
                self._running_cost[request_id] = max(0, expected)
        return decision

    def approved(self, request_id: str, expected: int = 0) -> None:
        self._running_cost[request_id] = max(0, expected)

    def end(self, request_id: str, nano_credits: int | None) -> None:
        """Count the cost of an ended request; None if unknown."""
        self._running_cost.pop(request_id, None)
        if not nano_credits:
            return
        with self._changing:
            spent = spend(self._state, self._limits(), self._today(), nano_credits)
            self._state, notices = spent
        for notice in notices:
            self._on_notice(notice)
        self._on_change()

    def allow_more(self, period: Period, nano_credits: int) -> None:
        with self._changing:
            self._state = allow_more(self._state, self._today(), period, nano_credits)
        self._on_change()

    def counted_elsewhere(self, day: int, month: int) -> None:
        """Raise the spending to at least the ledger's, of today and this month."""
        with self._changing:
            self._state = counted_elsewhere(self._state, self._today(), day, month)

    def take_over(self, saved: Remembered, merged: Remembered) -> None:
        """Take over other processes' spending: ``merged`` includes what was ``saved`` of ours."""
        with self._changing:
            now = combined(merged, saved, Remembered(self._state, self._pauses))
            self._state = now.budget or self._state
            self._pauses = now.pauses

    @property
    def pauses(self) -> ClientPauses:
        """The pauses the user made; some may have ended."""
        return self._pauses

    def change_pauses(self, change: Callable[[ClientPauses, float], ClientPauses]) -> None:
        """Replace the pauses by ``change(pauses, now)``, ``now`` in seconds since 1970."""
        with self._changing:
            self._pauses = change(self._pauses, self._wall())
        self._on_change()
