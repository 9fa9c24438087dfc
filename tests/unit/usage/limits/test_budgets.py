"""The user's own budgets: told once, asked, stopped, begun anew at midnight."""

from __future__ import annotations

import stat
import sys
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.config.settings import BudgetAction
from proxy_core.errors import ErrorKind
from proxy_core.status.totals import NANO_PER_CREDIT as CREDIT
from proxy_core.usage.limits.budget_file import BudgetStore, Remembered
from proxy_core.usage.limits.budget_guard import BudgetGuard
from proxy_core.usage.limits.budgets import (
    BudgetDecision,
    BudgetLimits,
    BudgetNotice,
    BudgetState,
    BudgetVerdict,
    Period,
    Spent,
    allow_more,
    counted_elsewhere,
    decide,
    limits_from_settings,
    new_state,
    rolled_over,
    spend,
)
from proxy_core.usage.limits.pauses import ClientPauses
from proxy_core.usage.limits.rejections import budget_reached, client_paused, not_approved

TODAY = date(2026, 11, 21)
TOMORROW = TODAY + timedelta(days=1)
WARN, ASK, STOP = BudgetAction.WARN, BudgetAction.ASK, BudgetAction.STOP


def daily(limit: float, action: BudgetAction = STOP) -> BudgetLimits:
    return limits_from_settings(limit, 0, action)


def spent(nano_credits: float, limits: BudgetLimits, today: date = TODAY) -> BudgetState:
    return spend(new_state(today), limits, today, round(nano_credits * CREDIT))[0]


# -- what is told --------------------------------------------------------------------------------


def test_each_threshold_is_told_once() -> None:
    limits, state, told = daily(60), new_state(TODAY), []
    for _ in range(8):
        state, notices = spend(state, limits, TODAY, 10 * CREDIT)
        told.append([(each.period, each.percent) for each in notices])
    assert told == [[], [], [], [], [(Period.DAY, 80)], [(Period.DAY, 100)], [], []]


def test_of_two_thresholds_passed_at_once_only_the_higher_is_told() -> None:
    state, notices = spend(new_state(TODAY), daily(60), TODAY, 70 * CREDIT)
    assert notices == (BudgetNotice(Period.DAY, 100, 70 * CREDIT, 60 * CREDIT),)
    assert spend(state, daily(60), TODAY, CREDIT)[1] == ()


def test_day_and_month_are_told_apart() -> None:
    limits = limits_from_settings(10, 10, WARN)
    _, notices = spend(new_state(TODAY), limits, TODAY, 10 * CREDIT)
    assert {(each.period, each.percent) for each in notices} == {
        (Period.DAY, 100),
        (Period.MONTH, 100),
    }


def test_a_raised_budget_tells_its_thresholds_anew() -> None:
    state = spent(60, daily(60))
    state, notices = spend(state, daily(100), TODAY, CREDIT)
    assert notices == ()
    state, notices = spend(state, daily(100), TODAY, 20 * CREDIT)
    assert [each.percent for each in notices] == [80]


def test_a_raised_budget_that_is_used_up_at_once_is_told() -> None:
    _, notices = spend(spent(60, daily(60)), daily(100), TODAY, 40 * CREDIT)
    assert [each.percent for each in notices] == [100]


def test_a_new_day_tells_anew() -> None:
    state = spent(60, daily(60))
    _, notices = spend(state, daily(60), TOMORROW, 50 * CREDIT)
    assert [each.percent for each in notices] == [80]


# -- what is decided -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "verdict"),
    [(WARN, BudgetVerdict.SEND), (ASK, BudgetVerdict.ASK), (STOP, BudgetVerdict.STOP)],
)
def test_at_the_end_of_a_budget_its_action_counts(
    action: BudgetAction, verdict: BudgetVerdict
) -> None:
    limits = daily(60, action)
    assert decide(spent(60, limits), limits, TODAY).verdict is verdict
    assert decide(spent(59.9, limits), limits, TODAY).verdict is BudgetVerdict.SEND


def test_without_a_budget_everything_is_sent() -> None:
    limits = limits_from_settings(0, 0, STOP)
    assert decide(spent(10_000, limits), limits, TODAY) == BudgetDecision(BudgetVerdict.SEND)


def test_a_request_that_would_exceed_the_budget_is_stopped_before_it_is_sent() -> None:
    limits = daily(60)
    decision = decide(spent(50, limits), limits, TODAY, expected=11 * CREDIT)
    assert decision == BudgetDecision(
        BudgetVerdict.STOP, Period.DAY, 50 * CREDIT, 11 * CREDIT, 60 * CREDIT
    )
    assert (
        decide(spent(50, limits), limits, TODAY, expected=10 * CREDIT).verdict is BudgetVerdict.SEND
    )


def test_what_is_on_its_way_counts() -> None:
    limits = daily(60)
    decision = decide(spent(50, limits), limits, TODAY, running_cost=10 * CREDIT)
    assert decision.verdict is BudgetVerdict.STOP


def test_the_month_stops_although_the_day_has_room() -> None:
    limits = limits_from_settings(60, 100, STOP)
    state = BudgetState(Spent(TODAY), Spent(TODAY.replace(day=1), 100 * CREDIT))
    decision = decide(state, limits, TODAY)
    assert (decision.verdict, decision.period) == (BudgetVerdict.STOP, Period.MONTH)


def test_more_can_be_allowed_for_today_alone() -> None:
    limits = daily(60)
    state = allow_more(spent(60, limits), TODAY, Period.DAY, 20 * CREDIT)
    assert decide(state, limits, TODAY).verdict is BudgetVerdict.SEND
    state, notices = spend(state, limits, TODAY, 20 * CREDIT)
    assert notices == (BudgetNotice(Period.DAY, 100, 80 * CREDIT, 80 * CREDIT),)
    assert decide(state, limits, TODAY).verdict is BudgetVerdict.STOP
    state, _ = spend(state, limits, TOMORROW, 60 * CREDIT)
    assert decide(state, limits, TOMORROW).limit == 60 * CREDIT


# -- days and months -----------------------------------------------------------------------------


def test_midnight_begins_a_new_day_and_keeps_the_month() -> None:
    limits = limits_from_settings(60, 1000, STOP)
    state = rolled_over(spent(60, limits), TOMORROW)
    assert (state.day.nano_credits, state.month.nano_credits) == (0, 60 * CREDIT)


def test_the_first_of_the_month_begins_both() -> None:
    limits = limits_from_settings(60, 1000, STOP)
    state = rolled_over(spent(60, limits, date(2026, 11, 30)), date(2026, 12, 1))
    assert state == new_state(date(2026, 12, 1))


def test_a_flight_westwards_opens_no_new_budget() -> None:
    first = date(2026, 12, 1)
    limits = limits_from_settings(60, 100, STOP)
    state = spent(60, limits, first)
    back = rolled_over(state, date(2026, 11, 30))
    assert back == state
    assert rolled_over(back, first) == state


def test_a_clock_that_was_years_ahead_does_not_hold_the_budget_for_years() -> None:
    limits = limits_from_settings(60, 100, STOP)
    assert rolled_over(spent(60, limits, date(2030, 1, 5)), TODAY) == new_state(TODAY)


def test_the_ledger_knows_at_least_as_much() -> None:
    limits = daily(60)
    state = counted_elsewhere(spent(10, limits), TODAY, 40 * CREDIT, 5 * CREDIT)
    assert (state.day.nano_credits, state.month.nano_credits) == (40 * CREDIT, 10 * CREDIT)


_DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
_COSTS = st.integers(-5, 10**13)


@given(
    st.lists(st.tuples(_DAYS, _COSTS), max_size=30),
    st.floats(0, 1000),
    st.floats(0, 10_000),
    st.sampled_from(BudgetAction),
)
def test_a_stopping_budget_is_never_knowingly_exceeded(
    steps: list[tuple[date, int]], day: float, month: float, action: BudgetAction
) -> None:
    limits = limits_from_settings(day, month, action)
    state = new_state(date(2026, 1, 1))
    for today, cost in sorted(steps):
        decision = decide(state, limits, today, expected=cost)
        if action is STOP and decision.verdict is BudgetVerdict.SEND:
            state, _ = spend(state, limits, today, cost)
            for period in Period:
                limit = limits.of(period)
                assert limit is None or state.of(period).nano_credits <= limit
        assert (decision.period is None) == (decision.verdict is BudgetVerdict.SEND)


# -- held while requests come and go -------------------------------------------------------------


class Harness:
    """A guard with a calendar that can be turned."""

    def __init__(self, limits: BudgetLimits, remembered: Remembered | None = None) -> None:
        self.today = TODAY
        self.now = 1000.0
        self.limits = limits
        self.notices: list[BudgetNotice] = []
        self.changes = 0
        self.guard = BudgetGuard(
            remembered or Remembered(),
            limits=lambda: self.limits,
            today=lambda: self.today,
            wall=lambda: self.now,
            on_notice=self.notices.append,
            on_change=self._changed,
        )

    def _changed(self) -> None:
        self.changes += 1


def test_twenty_requests_at_once_do_not_slip_past_a_budget() -> None:
    harness = Harness(daily(60))
    verdicts = [harness.guard.begin(str(n), 10 * CREDIT).verdict for n in range(20)]
    assert verdicts.count(BudgetVerdict.SEND) == 6


def test_what_a_request_really_cost_replaces_what_was_expected() -> None:
    harness = Harness(daily(60))
    assert harness.guard.begin("a", 60 * CREDIT).verdict is BudgetVerdict.SEND
    assert harness.guard.begin("b", CREDIT).verdict is BudgetVerdict.STOP
    harness.guard.end("a", 10 * CREDIT)
    assert harness.guard.begin("b", CREDIT).verdict is BudgetVerdict.SEND
    harness.guard.end("b", None)
    assert harness.guard.state.day.nano_credits == 10 * CREDIT


def test_a_request_the_user_let_through_counts_too() -> None:
    harness = Harness(daily(60, ASK))
    harness.guard.end("a", 55 * CREDIT)
    assert harness.guard.begin("b", 10 * CREDIT).verdict is BudgetVerdict.ASK
    harness.guard.approved("b", 10 * CREDIT)
    harness.guard.end("b", 9 * CREDIT)
    assert [each.percent for each in harness.notices] == [80, 100]
    assert harness.guard.state.day.nano_credits == 64 * CREDIT


def test_a_changed_setting_and_a_new_day_count_at_once() -> None:
    harness = Harness(daily(60))
    harness.guard.end("a", 60 * CREDIT)
    assert harness.guard.begin("b").verdict is BudgetVerdict.STOP
    harness.limits = daily(70)
    assert harness.guard.begin("b").verdict is BudgetVerdict.SEND
    harness.limits = daily(60)
    harness.today = TOMORROW
    assert harness.guard.begin("c").verdict is BudgetVerdict.SEND
    assert harness.guard.state.day == Spent(TOMORROW)


def test_one_tool_can_be_paused_for_a_while_or_until_resumed() -> None:
    harness = Harness(daily(0))
    harness.guard.change_pauses(lambda pauses, now: pauses.pause("aider", now, 300))
    harness.guard.change_pauses(lambda pauses, now: pauses.pause("Codex", now))
    assert harness.guard.pauses.paused_until("aider", harness.now) == 1300
    assert harness.guard.pauses.paused_until("Claude Code", harness.now) is None
    harness.now = 1300
    assert harness.guard.pauses.paused_until("aider", harness.now) is None
    assert harness.guard.pauses.running(harness.now) == {"Codex": float("inf")}
    harness.guard.change_pauses(lambda pauses, now: pauses.resume("Codex", now))
    assert harness.guard.pauses.paused_until("Codex", harness.now) is None
    assert harness.changes == 3


# -- remembered ----------------------------------------------------------------------------------


def test_budgets_and_pauses_outlive_the_program(tmp_path: Path) -> None:
    store = BudgetStore(tmp_path / "state" / "budget.json")
    assert store.load() == Remembered()
    state = allow_more(spent(60, daily(60)), TODAY, Period.DAY, 20 * CREDIT)
    pauses = ClientPauses().pause("aider", 1000.0, 60).pause("Codex", 1000.0)
    store.save(Remembered(state, pauses))
    assert store.load() == Remembered(state, pauses)
    if sys.platform != "win32":
        mode = stat.S_IMODE((tmp_path / "state" / "budget.json").stat().st_mode)
        assert mode == 0o600
    harness = Harness(daily(60), store.load())
    harness.guard.end("a", CREDIT)
    assert harness.notices == [], "it was told yesterday that the budget is at its end"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"version": 2}', b'{"version": 1, "budget": 3}', b"\xff", b"null"],
)
def test_a_file_that_cannot_be_used_counts_as_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "budget.json"
    path.write_bytes(content)
    assert BudgetStore(path).load() == Remembered()


# -- what tools are told -------------------------------------------------------------------------


def test_a_tool_is_told_whose_budget_it_is_and_when_it_ends() -> None:
    limits = daily(60)
    error = budget_reached(decide(spent(61.2, limits), limits, TODAY))
    assert (error.kind, error.http_status, error.retry_after) == (ErrorKind.OWN_BUDGET, 402, None)
    assert "61.2 of 60.0 credits are used" in error.message
    assert "midnight" in error.message
    assert "budget.daily_credits" in error.message
    would = budget_reached(decide(spent(50, limits), limits, TODAY, expected=36 * CREDIT))
    assert "may cost 36.0" in would.message


def test_a_tool_is_told_that_it_is_paused_or_was_not_approved() -> None:
    assert "until 12:05 on 21 Nov" in client_paused("aider", 1_795_262_700.0, UTC).message
    assert "until you resume it" in client_paused("aider", float("inf"), UTC).message
    assert not_approved("aider").code == "not_approved"
    assert not_approved("aider", timed_out=True).code == "approval_timed_out"
