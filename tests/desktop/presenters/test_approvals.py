"""Asking before sending: one question at a time, and nothing is sent by a stray click."""

from __future__ import annotations

from typing import Any

import pytest

from desktop.presenters.notices.approvals import ApprovalPresenter, ApprovalView
from desktop.presenters.words import Words
from proxy_core.errors import ProxyError
from proxy_core.status.approvals import AskReason, ExpectedCharge, Question, WaitingApproval
from proxy_core.status.status import BudgetStatus
from tests.desktop.fake_service import NOW, Clock, FakeService

CREDIT = 1_000_000_000


def waiting(request_id: str = "r1", client: str = "Claude Code", **changes: Any) -> WaitingApproval:
    values: dict[str, Any] = {
        "prompt_tokens": 182_400,
        "cached_share": 0.61,
        "expected": ExpectedCharge(30 * CREDIT, 36 * CREDIT),
        "times_usual": 9.0,
    }
    question = Question(request_id, client, "claude-sonnet-4.6", **{**values, **changes})
    return WaitingApproval(question, NOW - 8, NOW + 52)


@pytest.fixture
def prompts(service: FakeService, clock: Clock) -> ApprovalPresenter:
    return ApprovalPresenter(service, Words(), now=clock, monotonic=clock)


def seen(prompts: ApprovalPresenter) -> ApprovalView:
    view = prompts.view()
    assert view is not None
    return view


def test_a_question_says_who_what_how_large_and_at_what_price(
    prompts: ApprovalPresenter, service: FakeService
) -> None:
    budget = BudgetStatus(day_spent=31_400_000_000, day_limit=60 * CREDIT)
    service.change(approvals=(waiting(),), budget=budget)
    view = seen(prompts)
    assert view.heading == "Claude Code wants to send a request"
    assert view.line == "Started by you, not by a tool loop."
    assert view.size == "182,400 tokens, about 61 % in the cache"
    assert (view.expected, view.expected_unit) == ("30 to 36", "credits")
    assert view.today == "31.4 of 60, would be 61 to 67"
    assert view.warning == "About 9 times your usual request."
    assert view.countdown == "Closes unsent in 0:52"
    assert (view.position, view.send_all) == ("", "")


def test_what_is_not_known_is_not_made_up(prompts: ApprovalPresenter, service: FakeService) -> None:
    bare = waiting(
        prompt_tokens=None, cached_share=None, expected=None, times_usual=1.2, is_user_turn=False
    )
    service.change(approvals=(bare,))
    view = seen(prompts)
    assert (view.size, view.expected, view.expected_unit) == ("not known", "price not known", "")
    assert (view.today, view.warning) == ("", "")
    assert view.line == "Sent by the tool on its own, while it works."
    service.change(approvals=(waiting(reason=AskReason.BUDGET),))
    assert "budget is used up" in seen(prompts).line


def test_several_wait_in_turn_and_those_of_one_tool_can_go_together(
    prompts: ApprovalPresenter, service: FakeService
) -> None:
    service.change(approvals=(waiting("r1"), waiting("r2", "Codex"), waiting("r3")))
    view = seen(prompts)
    assert (view.request_id, view.position) == ("r1", "1 of 3")
    assert view.send_all == "Send all 2 of Claude Code"


def test_send_is_off_for_a_moment_after_another_question_came_up(
    prompts: ApprovalPresenter, service: FakeService, clock: Clock
) -> None:
    service.change(approvals=(waiting("r1"), waiting("r2")))
    assert not seen(prompts).can_send
    clock.advance(0.7)
    assert seen(prompts).can_send
    service.change(approvals=(waiting("r2"),))
    assert not seen(prompts).can_send, "a click meant for the first must not send the second"


async def test_an_answered_question_is_gone_at_once(
    prompts: ApprovalPresenter, service: FakeService
) -> None:
    service.change(approvals=(waiting("r1"), waiting("r2")))
    service.answer("answer_approval", result=True)
    await prompts.answer("r1", send=True, stop_asking=True)
    assert service.called("answer_approval") == [("r1", True, True)]
    assert seen(prompts).request_id == "r2", "although the status still lists the first"


async def test_all_of_a_tool_are_sent_together(
    prompts: ApprovalPresenter, service: FakeService
) -> None:
    service.change(approvals=(waiting("r1"), waiting("r2", "Codex"), waiting("r3")))
    service.answer("answer_approvals_of", result=2)
    await prompts.send_all("Claude Code")
    assert service.called("answer_approvals_of") == [("Claude Code", True)]
    assert seen(prompts).request_id == "r2"


def test_a_question_whose_time_is_up_is_not_asked(
    prompts: ApprovalPresenter, service: FakeService, clock: Clock
) -> None:
    service.change(approvals=(waiting(),))
    clock.advance(52)
    assert prompts.view() is None


async def test_a_refused_answer_ends_quietly(
    prompts: ApprovalPresenter, service: FakeService
) -> None:
    service.change(approvals=(waiting(),))
    service.answer("answer_approval", ProxyError("The proxy is not running."))
    await prompts.answer("r1", send=True)
    assert prompts.view() is None
