"""Asking before sending: who waits, who answers, what happens without an answer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from proxy_core.clock import Clock
from proxy_core.status.approvals import AskReason, Question, WaitingApproval
from proxy_core.usage.limits.approvals import (
    MOST_WAITING,
    ApprovalDecision,
    ApprovalQueue,
    what_is_allowed,
)


class Harness:
    """A queue whose time passes only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.shown: list[tuple[str, ...]] = []
        self._alarms: list[asyncio.Event] = []
        clock = Clock(monotonic=lambda: self.now, wall=lambda: self.now, sleep=self._sleep)
        self.queue = ApprovalQueue(clock, self._show)

    async def _sleep(self, seconds: float) -> None:
        alarm = asyncio.Event()
        self._alarms.append(alarm)
        await alarm.wait()

    def _show(self, waiting: tuple[WaitingApproval, ...]) -> None:
        self.shown.append(tuple(each.question.request_id for each in waiting))

    async def ask(
        self, request_id: str, client: str = "Codex", **more: Any
    ) -> asyncio.Task[ApprovalDecision]:
        """Ask, and return once the question stands (or was answered at once)."""
        question = Question(request_id, client, "gpt-5.2", **more)
        task = asyncio.create_task(self.queue.ask(question))
        await self.until(lambda: task.done() or request_id in self.waiting)
        return task

    @property
    def waiting(self) -> list[str]:
        return [each.question.request_id for each in self.queue.waiting]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110  # there is no one thing to wait for
                await asyncio.sleep(0)

    async def time_is_up(self) -> None:
        await self.until(lambda: bool(self._alarms))
        for alarm in self._alarms:
            alarm.set()


async def within(answer: Awaitable[ApprovalDecision]) -> ApprovalDecision:
    return await asyncio.wait_for(answer, 30)


async def test_a_request_waits_until_the_user_lets_it_go() -> None:
    harness = Harness()
    task = await harness.ask("r1", prompt_tokens=182_400, cached_share=0.61)
    (waiting,) = harness.queue.waiting
    assert (waiting.asked_at, waiting.expires_at) == (1000.0, 1060.0)
    assert harness.queue.answer("r1", send=True)
    assert await within(task) is ApprovalDecision.SEND
    assert harness.shown == [("r1",), ()]


async def test_a_request_the_user_does_not_want_is_declined() -> None:
    harness = Harness()
    task = await harness.ask("r1")
    assert harness.queue.answer("r1", send=False)
    assert await within(task) is ApprovalDecision.DECLINED


async def test_no_answer_in_time_means_not_sent() -> None:
    harness = Harness()
    task = await harness.ask("r1")
    await harness.time_is_up()
    assert await within(task) is ApprovalDecision.TIMED_OUT
    assert harness.shown[-1] == ()
    assert not harness.queue.answer("r1", send=True), "it is too late"


async def test_a_client_that_goes_away_takes_its_question_with_it() -> None:
    harness = Harness()
    task = await harness.ask("r1")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert harness.waiting == []
    assert harness.shown[-1] == ()


async def test_several_wait_in_the_order_they_came() -> None:
    harness = Harness()
    tasks = [await harness.ask(name) for name in ("r1", "r2", "r3")]
    assert harness.waiting == ["r1", "r2", "r3"]
    harness.queue.answer("r2", send=True)
    assert harness.waiting == ["r1", "r3"]
    harness.queue.answer("r1", send=False)
    harness.queue.answer("r3", send=True)
    answers = [await within(each) for each in tasks]
    assert answers == [ApprovalDecision.DECLINED, ApprovalDecision.SEND, ApprovalDecision.SEND]


async def test_all_of_one_tool_can_be_sent_at_once() -> None:
    harness = Harness()
    codex = [await harness.ask(name) for name in ("r1", "r2")]
    other = await harness.ask("r3", client="aider")
    assert harness.queue.answer_all("Codex", send=True) == 2
    assert [await within(each) for each in codex] == [ApprovalDecision.SEND, ApprovalDecision.SEND]
    assert harness.waiting == ["r3"]
    harness.queue.answer("r3", send=False)
    await within(other)


async def test_a_tool_need_not_be_asked_about_again_until_the_program_ends() -> None:
    harness = Harness()
    waiting = [await harness.ask(name) for name in ("r1", "r2")]
    harness.queue.answer("r1", send=True, stop_asking=True)
    assert [await within(each) for each in waiting] == [
        ApprovalDecision.SEND,
        ApprovalDecision.SEND,
    ]
    assert await within(await harness.ask("r3")) is ApprovalDecision.SEND
    other = await harness.ask("r4", client="aider")
    assert harness.waiting == ["r4"]
    harness.queue.answer("r4", send=False, stop_asking=True)
    assert await within(other) is ApprovalDecision.DECLINED
    again = await harness.ask("r5", client="aider")
    assert harness.waiting == ["r5"], "only what may be sent is remembered"
    harness.queue.close()
    await within(again)


async def test_not_being_asked_about_a_tool_does_not_open_its_budget() -> None:
    harness = Harness()
    first = await harness.ask("r1")
    harness.queue.answer("r1", send=True, stop_asking=True)
    await within(first)
    task = await harness.ask("r2", reason=AskReason.BUDGET)
    assert harness.waiting == ["r2"]
    harness.queue.answer("r2", send=False)
    assert await within(task) is ApprovalDecision.DECLINED


async def test_a_program_that_calls_itself_like_a_key_s_client_is_asked_about() -> None:
    harness = Harness()
    first = await harness.ask("r1", is_authenticated=True)
    harness.queue.answer("r1", send=True, stop_asking=True)
    await within(first)
    assert await within(await harness.ask("r2", is_authenticated=True)) is ApprovalDecision.SEND
    impostor = await harness.ask("r3")
    assert harness.waiting == ["r3"]
    harness.queue.answer("r3", send=False)
    assert await within(impostor) is ApprovalDecision.DECLINED


@pytest.mark.parametrize(
    ("reason", "is_authenticated", "words"),
    [
        (AskReason.ALWAYS, True, ("the key “Codex”", "budgets still hold")),
        (AskReason.ALWAYS, False, ("every program that calls itself Codex", "budgets still hold")),
        (AskReason.BUDGET, True, ("the key “Codex”", "over your used-up budget")),
        (AskReason.BUDGET, False, ("every program that calls itself", "over your used-up budget")),
    ],
)
def test_what_is_allowed_is_said_to_whom_and_over_what(
    reason: AskReason, is_authenticated: bool, words: tuple[str, ...]
) -> None:
    question = Question("r1", "Codex", "gpt-5.2", reason, is_authenticated=is_authenticated)
    for each in words:
        assert each in what_is_allowed(question)


async def test_at_the_end_of_the_program_nothing_is_sent() -> None:
    harness = Harness()
    task = await harness.ask("r1")
    harness.queue.close()
    assert await within(task) is ApprovalDecision.CLOSED
    assert await within(await harness.ask("r2")) is ApprovalDecision.CLOSED


async def test_too_many_at_once_are_refused_without_asking() -> None:
    harness = Harness()
    tasks = [await harness.ask(f"r{n}") for n in range(MOST_WAITING)]
    assert await within(await harness.ask("one more")) is ApprovalDecision.TOO_MANY
    harness.queue.close()
    await asyncio.gather(*tasks)


async def test_answers_come_from_any_thread() -> None:
    harness = Harness()
    tasks = [await harness.ask(f"r{n}") for n in range(40)]
    threads = [
        threading.Thread(
            target=lambda mine=mine: [
                harness.queue.answer(f"r{n}", send=n % 2 == 0) for n in range(mine, 40, 4)
            ]
        )
        for mine in range(4)
    ]
    for each in threads:
        each.start()
    answers = [await within(each) for each in tasks]
    for each in threads:
        each.join(60)
    assert answers == [ApprovalDecision.SEND, ApprovalDecision.DECLINED] * 20
    assert harness.waiting == []


def test_an_unknown_question_is_not_answered() -> None:
    assert not Harness().queue.answer("nobody", send=True)
