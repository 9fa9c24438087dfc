"""The user's own budgets: spending, notices shown, and decisions.

Pure. Days and months are local; the current day is a parameter. All amounts are nano-credits.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from proxy_core.config.settings import BudgetAction
from proxy_core.status.totals import NANO_PER_CREDIT

THRESHOLDS = (80, 100)
"""Percent of a budget at which the user is notified once."""
_DAY = timedelta(days=1)


class Period(StrEnum):
    DAY = "day"
    MONTH = "month"


class BudgetVerdict(StrEnum):
    SEND = "send"
    ASK = "ask"
    STOP = "stop"


class BudgetLimits(Struct, frozen=True):
    """None: no budget for that period."""

    daily: int | None = None
    monthly: int | None = None
    action: BudgetAction = BudgetAction.WARN

    def of(self, period: Period) -> int | None:
        return self.daily if period is Period.DAY else self.monthly


class Spent(Struct, frozen=True):
    """One current period. ``began`` is its first day; ``extra`` is what the user added to the budget."""

    began: date
    nano_credits: int = 0
    extra: int = 0
    told: tuple[int, ...] = ()
    """Thresholds already notified, in percent. The name is part of the file's format."""


class BudgetDecision(Struct, frozen=True):
    """What to do with a request.

    ``period`` names the budget that is reached, with ``spent``, the expected cost of running
    requests and of this one, and ``limit``; None if no budget is reached.
    """

    verdict: BudgetVerdict
    period: Period | None = None
    spent: int = 0
    expected: int = 0
    limit: int = 0


class BudgetNotice(Struct, frozen=True):
    """A threshold was reached. ``percent`` is the threshold; the actual share may be higher."""

    period: Period
    percent: int
    spent: int
    limit: int


class BudgetState(Struct, frozen=True):
    """Both current periods. Every function returns a new state."""

    day: Spent
    month: Spent

    def of(self, period: Period) -> Spent:
        return self.day if period is Period.DAY else self.month


def new_state(today: date) -> BudgetState:
    return BudgetState(Spent(today), Spent(today.replace(day=1)))


def limits_from_settings(
    daily: float | None, monthly: float | None, action: BudgetAction
) -> BudgetLimits:
    """Return limits from credits; None and 0 mean none."""
    return BudgetLimits(_nano(daily), _nano(monthly), action)


def rolled_over(state: BudgetState, today: date) -> BudgetState:
    """Return the state on that day: a new day or month starts at zero.

    A clock set back by a day (a flight westwards) starts no new budget; one that was far ahead and
    is corrected does, because otherwise the wrong date would stay in force for years.
    """
    first = today.replace(day=1)
    day = state.day if _still_runs(state.day.began, today) else Spent(today)
    month = state.month
    if month.began != first and not (today < month.began and month.began - today <= _DAY):
        month = Spent(first)
    return BudgetState(day, month)


def _still_runs(began: date, today: date) -> bool:
    return began == today or (today < began and began - today <= _DAY)


def decide(
    state: BudgetState,
    limits: BudgetLimits,
    today: date,
    *,
    running_cost: int = 0,
    expected: int = 0,
) -> BudgetDecision:
    """Return what to do with a request that is expected to cost ``expected``.

    ``running_cost`` is the expected cost of running requests. A budget is reached when it is spent,
    and also when the request would exceed it.
    """
    now = rolled_over(state, today)
    coming = max(0, running_cost) + max(0, expected)
    if limits.action is BudgetAction.WARN:
        return BudgetDecision(BudgetVerdict.SEND)
    for period in (Period.MONTH, Period.DAY):
        limit, spent = limits.of(period), now.of(period)
        if limit is None:
            continue
        allowed = limit + spent.extra
        if spent.nano_credits + max(0, running_cost) >= allowed or (
            spent.nano_credits + coming > allowed
        ):
            verdict = BudgetVerdict.ASK if limits.action is BudgetAction.ASK else BudgetVerdict.STOP
            return BudgetDecision(verdict, period, spent.nano_credits, coming, allowed)
    return BudgetDecision(BudgetVerdict.SEND)


def spend(
    state: BudgetState, limits: BudgetLimits, today: date, nano_credits: int
) -> tuple[BudgetState, tuple[BudgetNotice, ...]]:
    """Return the state after a request of that cost, and the notices to show.

    Of several thresholds passed at once only the highest is shown.
    """
    now = rolled_over(state, today)
    spent_more = max(0, nano_credits)
    notices: list[BudgetNotice] = []
    periods: dict[Period, Spent] = {}
    for period in Period:
        before = now.of(period)
        after = replace(before, nano_credits=before.nano_credits + spent_more)
        limit = limits.of(period)
        if limit is not None:
            allowed = limit + before.extra
            passed = _passed(after, allowed)
            # In a raised budget, thresholds already notified may be ahead again.
            known = [each for each in _passed(before, allowed) if each in before.told]
            after = replace(after, told=passed)
            if set(passed) - set(known):
                notices.append(BudgetNotice(period, passed[-1], after.nano_credits, allowed))
        periods[period] = after
    return BudgetState(periods[Period.DAY], periods[Period.MONTH]), tuple(notices)


def allow_more(state: BudgetState, today: date, period: Period, nano_credits: int) -> BudgetState:
    """Return the state with more allowed for the current period."""
    now = rolled_over(state, today)
    spent = now.of(period)
    more = replace(spent, extra=spent.extra + max(0, nano_credits))
    return replace(now, day=more) if period is Period.DAY else replace(now, month=more)


def counted_elsewhere(state: BudgetState, today: date, day: int, month: int) -> BudgetState:
    """Return the state with at least the ledger's spending: a killed program saved nothing."""
    now = rolled_over(state, today)
    return BudgetState(
        replace(now.day, nano_credits=max(now.day.nano_credits, day)),
        replace(now.month, nano_credits=max(now.month.nano_credits, month)),
    )


def combined(stored: BudgetState, base: BudgetState, mine: BudgetState) -> BudgetState:
    """Return ``stored`` (other processes') with this process's changes from ``base`` to ``mine``."""
    return BudgetState(
        _combined(stored.day, base.day, mine.day), _combined(stored.month, base.month, mine.month)
    )


def _combined(stored: Spent, base: Spent, mine: Spent) -> Spent:
    if stored.began != mine.began:
        return stored if stored.began > mine.began else mine
    before = base if base.began == mine.began else Spent(mine.began)
    here = max(0, mine.nano_credits - before.nano_credits)
    return Spent(
        mine.began,
        # Other processes' spending known from the ledger counts, but must not be added twice.
        max(stored.nano_credits + here, mine.nano_credits),
        max(stored.extra + max(0, mine.extra - before.extra), mine.extra),
        tuple(sorted({*stored.told, *mine.told})),
    )


def _passed(spent: Spent, limit: int) -> tuple[int, ...]:
    return tuple(each for each in THRESHOLDS if 100 * spent.nano_credits >= each * limit)


def _nano(amount: float | None) -> int | None:
    return round(amount * NANO_PER_CREDIT) if amount is not None and amount > 0 else None
