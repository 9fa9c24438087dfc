"""May it be sent, and what is recorded once it ended."""

from __future__ import annotations

import asyncio
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pytest

from proxy_core.canonical.events import Bill
from proxy_core.canonical.model import Model, Prices
from proxy_core.clock import Clock
from proxy_core.config.settings import BudgetAction
from proxy_core.status.approvals import AskReason, Question
from proxy_core.status.status import RequestRecord, RequestState
from proxy_core.status.totals import NANO_PER_CREDIT as CREDIT
from proxy_core.usage.ledger.file import LedgerFile
from proxy_core.usage.ledger.queries import Habits, UsageQueries
from proxy_core.usage.ledger.reader import LedgerUnreadable
from proxy_core.usage.ledger.writer import Ledger
from proxy_core.usage.limits.admission import Admission, Outgoing
from proxy_core.usage.limits.approvals import ApprovalQueue
from proxy_core.usage.limits.budget_file import Remembered
from proxy_core.usage.limits.budget_guard import BudgetGuard
from proxy_core.usage.limits.budgets import limits_from_settings
from proxy_core.usage.limits.rejections import BudgetReached, ClientPaused, NotApproved
from proxy_core.usage.prompt_cache.fingerprint import fingerprint
from proxy_core.usage.prompt_cache.health import CacheHealth, MissReason
from proxy_core.usage.usage_recorder import SentPrompt, UsageRecorder

NOW = 1_795_262_400.0
SONNET = Model(
    id="claude-sonnet-4.6",
    name="Claude Sonnet 4.6",
    vendor="Anthropic",
    prices=Prices(1_000_000, input=300, output=1500, cache_read=30, cache_write=375),
)
USUAL = Habits(
    requests=40, nano_credits=4 * CREDIT, cache_hit_rate=0.61, output_tokens=(500, 4_000)
)


class House:
    """The user's rules, with everything a test may turn."""

    def __init__(self, tmp_path: Path) -> None:
        self.daily, self.action, self.asks = 0.0, BudgetAction.STOP, False
        self.habits = USUAL
        self.unreadable = False
        self.looked_up: list[tuple[str, str]] = []
        self.asked = asyncio.Event()
        clock = Clock(monotonic=lambda: NOW, wall=lambda: NOW, sleep=self._sleep)
        self.guard = BudgetGuard(
            Remembered(),
            limits=lambda: limits_from_settings(self.daily, 0, self.action),
            today=lambda: date(2026, 11, 21),
            wall=lambda: NOW,
            on_notice=lambda _: None,
            on_change=lambda: None,
        )
        self.approvals = ApprovalQueue(clock, lambda waiting: waiting and self.asked.set())
        self.admission = Admission(
            self.guard,
            self.approvals,
            asks_always=lambda: self.asks,
            habits=self._habits,
            wall=lambda: NOW,
            zone=UTC,
        )
        file = LedgerFile(tmp_path / "usage.sqlite3", lambda: NOW, lambda _: None)
        self.ledger = Ledger(
            file, wall=lambda: NOW, retention_days=lambda: 400, on_problem=lambda _: None
        )
        self.keeps_ledger = True
        self.recorder = UsageRecorder(
            self.ledger, self.guard, CacheHealth(), lambda: self.keeps_ledger
        )
        self.queries = UsageQueries(tmp_path / "usage.sqlite3", self.ledger.unwritten)

    async def _sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()

    def _habits(self, client: str, model: str) -> Habits:
        self.looked_up.append((client, model))
        if self.unreadable:
            raise LedgerUnreadable("usage.sqlite3 cannot be read: damaged.")
        return self.habits

    async def admit(self, request_id: str = "r1", tokens: int = 182_400) -> None:
        await asyncio.wait_for(
            self.admission.admit(Outgoing(request_id, "Claude Code", SONNET, tokens)), 5
        )

    async def question(self) -> Question:
        await asyncio.wait_for(self.asked.wait(), 30)
        self.asked.clear()
        return self.approvals.waiting[-1].question

    def spend(self, credits_spent: float) -> None:
        self.guard.end("earlier", round(credits_spent * CREDIT))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_without_rules_a_request_goes_and_the_disk_is_not_asked(house: House) -> None:
    await house.admit()
    assert house.looked_up == []


async def test_a_paused_tool_is_refused(house: House) -> None:
    house.guard.change_pauses(lambda pauses, now: pauses.pause("Claude Code", now, 600))
    with pytest.raises(ClientPaused, match="until 12:10 on 21 Nov"):
        await house.admit()
    house.guard.change_pauses(lambda pauses, now: pauses.resume("Claude Code", now))
    await house.admit()


async def test_a_budget_that_is_used_up_stops(house: House) -> None:
    house.daily = 60
    house.spend(60)
    with pytest.raises(BudgetReached, match=r"60\.0 of 60\.0"):
        await house.admit()


async def test_calls_that_are_sent_together_are_judged_and_asked_about_together(
    house: House,
) -> None:
    house.daily = 60
    house.asks = True
    one = asyncio.ensure_future(house.admission.admit(Outgoing("r1", "aider", SONNET, 100_000)))
    alone = await house.question()
    house.approvals.answer("r1", send=True)
    await one
    both = asyncio.ensure_future(
        house.admission.admit(Outgoing("r2", "aider", SONNET, 100_000, calls=3))
    )
    together = await house.question()
    house.approvals.answer("r2", send=True)
    await both
    assert alone.expected is not None
    assert together.expected is not None
    assert together.expected.high == 3 * alone.expected.high
    assert together.prompt_tokens == 300_000


async def test_a_request_too_dear_for_what_is_left_stops(house: House) -> None:
    house.daily = 60
    house.spend(50)
    with pytest.raises(BudgetReached, match="may cost 25"):
        await house.admit()
    await house.admit("small", tokens=1_000)


async def test_a_budget_that_only_warns_lets_everything_through(house: House) -> None:
    house.daily, house.action = 60, BudgetAction.WARN
    house.spend(600)
    await house.admit()


async def test_the_user_is_asked_with_size_and_expected_price(house: House) -> None:
    house.asks = True
    task = asyncio.create_task(house.admit())
    question = await house.question()
    assert (question.client, question.model) == ("Claude Code", "claude-sonnet-4.6")
    assert (question.prompt_tokens, question.cached_share) == (182_400, 0.61)
    assert question.expected is not None
    assert question.expected.low / CREDIT == pytest.approx(25.4, abs=0.1)
    assert question.expected.high / CREDIT == pytest.approx(36.0, abs=0.1)
    assert question.times_usual == pytest.approx(7.7, abs=0.1)
    assert (question.reason, question.limit) == (AskReason.ALWAYS, None)
    house.approvals.answer(question.request_id, send=True)
    await task


async def test_at_a_budget_s_end_the_user_is_asked_about_the_budget(house: House) -> None:
    house.asks, house.daily, house.action = True, 60, BudgetAction.ASK
    house.spend(50)
    task = asyncio.create_task(house.admit())
    question = await house.question()
    assert question.reason is AskReason.BUDGET
    assert (question.spent, question.limit) == (50 * CREDIT, 60 * CREDIT)
    house.approvals.answer(question.request_id, send=True)
    await task
    assert len(house.approvals.waiting) == 0, "one question is enough"


async def test_what_was_declined_is_not_on_its_way(house: House) -> None:
    house.asks, house.daily = True, 60
    task = asyncio.create_task(house.admit())
    house.approvals.answer((await house.question()).request_id, send=False)
    with pytest.raises(NotApproved):
        await task
    house.asks = False
    house.spend(34)
    await house.admit("r2")


async def test_a_client_that_goes_away_while_the_user_thinks_leaves_nothing(house: House) -> None:
    house.asks, house.daily = True, 60
    task = asyncio.create_task(house.admit())
    await house.question()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert house.approvals.waiting == ()
    house.asks = False
    house.spend(34)
    await house.admit("r2")


async def test_a_tool_nothing_is_known_of_is_judged_by_a_guess(house: House) -> None:
    house.asks, house.habits = True, Habits()
    task = asyncio.create_task(house.admit())
    question = await house.question()
    assert question.times_usual is None
    assert question.cached_share is None
    assert question.expected is not None
    assert question.expected.low / CREDIT == pytest.approx(54.87, abs=0.01)
    house.approvals.answer(question.request_id, send=True)
    await task


async def test_a_ledger_that_cannot_be_read_keeps_no_request_back(house: House) -> None:
    house.daily = 60
    house.unreadable = True
    await house.admit(tokens=1_000)


# -- recorded ------------------------------------------------------------------------------------


def record(request_id: str, **values: Any) -> RequestRecord:
    plain: dict[str, Any] = {
        "client": "Claude Code",
        "path": "/v1/messages",
        "model_asked": "x",
        "model": SONNET.id,
        "started": NOW,
        "state": RequestState.DONE,
        "input_tokens": 20_000,
        "output_tokens": 100,
    }
    return RequestRecord(request_id=request_id, **(plain | values))


def sent(*texts: str) -> SentPrompt:
    messages = [{"role": "user", "content": each} for each in texts]
    return SentPrompt(fingerprint({"messages": messages}, SONNET.id, b"key"), "session")


def test_a_request_is_recorded_with_its_price_and_the_reason_of_its_miss(house: House) -> None:
    house.recorder.record(record("r1"), SONNET.prices, sent=sent("hi"))
    recorded = house.recorder.record(
        record("r2", started=NOW + 400), SONNET.prices, sent=sent("hi", "more")
    )
    assert recorded.cache is not None
    assert recorded.cache.reason is MissReason.TOO_OLD
    latest, first = house.queries.latest(2)
    assert (latest.miss_reason, first.miss_reason) == ("too_old", "first_request")
    assert latest.nano_credits == round((20_000 * 300 + 100 * 1500) / 1e6 * CREDIT)
    assert latest.estimated
    assert house.guard.state.day.nano_credits == 2 * latest.nano_credits


def test_upstream_s_bill_counts_before_the_prices(house: House) -> None:
    recorded = house.recorder.record(record("r1", nano_credits=7), SONNET.prices)
    assert (recorded.entry.nano_credits, recorded.entry.estimated) == (7, False)
    recorded = house.recorder.record(record("r2", nano_credits=7), SONNET.prices, Bill(8))
    assert recorded.entry.nano_credits == 8


def test_a_request_that_failed_tells_nothing_of_the_cache(house: House) -> None:
    recorded = house.recorder.record(record("r1", state=RequestState.FAILED), None, sent=sent("hi"))
    assert recorded.cache is None
    assert recorded.entry.nano_credits is None


def test_with_the_ledger_switched_off_only_the_budget_is_kept(house: House) -> None:
    house.keeps_ledger = False
    house.recorder.record(record("r1", nano_credits=7))
    assert house.queries.totals().requests == 0
    assert house.guard.state.day.nano_credits == 7
