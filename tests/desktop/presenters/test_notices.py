"""What is told outside the window, and what its banner says of limits and budgets; no Qt."""

from __future__ import annotations

import dataclasses

import pytest
from msgspec.structs import replace

from desktop.presenters.actions import Action
from desktop.presenters.frame import FramePresenter
from desktop.presenters.notices.notices import Notice, Severity
from desktop.presenters.notices.notifications import NotificationPresenter
from desktop.presenters.words import Locale, Words
from proxy_core.config.settings import BudgetAction, BudgetSettings, DesktopSettings, Settings
from proxy_core.errors import Problem
from proxy_core.status.approvals import Question, WaitingApproval
from proxy_core.status.status import (
    AccountState,
    AccountStatus,
    BudgetStatus,
    RequestState,
    ServerState,
    ServerStatus,
    UpstreamState,
    UpstreamStatus,
    with_notice,
)
from tests.desktop.fake_service import NOW, RUNNING, Clock, FakeService, record

CREDIT = 1_000_000_000
ENDED = AccountStatus(
    AccountState.EXPIRED, "octocat", problem=Problem("GitHub ended the session at 13:58", "")
)
FAILED = ServerStatus(ServerState.FAILED, problem=Problem("In use", "By “node”."))


@pytest.fixture
def outside(service: FakeService) -> NotificationPresenter:
    presenter = NotificationPresenter(service, Words())
    assert presenter.take_new() == ()
    return presenter


@pytest.fixture
def frame(service: FakeService, clock: Clock) -> FramePresenter:
    locale = Locale(hours_and_minutes=lambda _: "15:10")
    return FramePresenter(service, Words(locale=locale), clock)


def titles(outside: NotificationPresenter) -> list[str]:
    return [each.title for each in outside.take_new()]


def banner(frame: FramePresenter) -> Notice:
    notice = frame.view().notice
    assert notice is not None
    return notice


def actions(notice: Notice) -> list[Action]:
    return [each.action for each in notice.choices]


def test_usual_requests_are_never_told(
    outside: NotificationPresenter, service: FakeService
) -> None:
    service.change(active=(record(1, state=RequestState.STREAMING),))
    assert titles(outside) == []
    service.change(active=(), recent=(record(1), record(2, state=RequestState.FAILED)))
    assert titles(outside) == []


def test_each_notice_of_the_service_is_told_once(
    outside: NotificationPresenter, service: FakeService
) -> None:
    status = with_notice(service.status, NOW, "budget_80", "48 of 60 credits", "Your own budget.")
    service.status = status
    told = outside.take_new()
    assert [(each.title, each.line, each.severity) for each in told] == [
        ("48 of 60 credits", "Your own budget.", Severity.ATTENTION)
    ]
    assert outside.take_new() == ()
    service.status = with_notice(
        status, NOW, "model_gone", "gpt-4o left", "Gone.", "Choose another."
    )
    assert titles(outside) == ["gpt-4o left"]


def test_a_session_that_ended_and_a_failed_start_are_told_once_each_time(
    outside: NotificationPresenter, service: FakeService
) -> None:
    signed_in = service.status.account
    service.change(account=ENDED)
    assert titles(outside) == ["GitHub ended the session at 13:58"]
    service.change(model_count=3)
    assert titles(outside) == []
    service.change(account=signed_in, server=FAILED)
    assert titles(outside) == ["The proxy could not start"]
    service.change(server=RUNNING)
    assert titles(outside) == []
    service.change(server=FAILED)
    assert titles(outside) == ["The proxy could not start"]


def test_a_waiting_question_is_told_when_the_first_one_comes_up(
    outside: NotificationPresenter, service: FakeService
) -> None:
    first = WaitingApproval(Question("r1", "Codex", "gpt-5.2"), NOW, NOW + 60)
    second = WaitingApproval(Question("r2", "Codex", "gpt-5.2"), NOW, NOW + 60)
    service.change(approvals=(first,))
    assert titles(outside) == ["Codex wants to send a request"]
    service.change(approvals=(first, second))
    assert titles(outside) == []
    service.change(approvals=())
    assert titles(outside) == []
    service.change(approvals=(second,))
    assert titles(outside) == ["Codex wants to send a request"]


def test_who_wants_quiet_is_told_nothing_and_not_later_either(
    outside: NotificationPresenter, service: FakeService
) -> None:
    service.settings = Settings(desktop=DesktopSettings(notices=False))
    service.change(account=ENDED)
    service.status = with_notice(service.status, NOW, "limit_reached", "Limit", "Wait.")
    assert titles(outside) == []
    service.settings = Settings()
    assert titles(outside) == []


def test_a_newer_version_can_be_fetched_from_the_banner(
    frame: FramePresenter, service: FakeService
) -> None:
    service.status = with_notice(service.status, NOW, "update", "Version 1.2.0 is available", "")
    notice = frame.view().notice
    assert notice is not None
    assert [each.action for each in notice.choices] == [Action.FETCH_UPDATE, Action.DISMISS_NOTICE]
    service.status = with_notice(service.status, NOW, "update_ready", "Version 1.2.0 is ready", "")
    ready = frame.view().notice
    assert ready is not None
    assert [each.action for each in ready.choices] == [Action.DISMISS_NOTICE]


def test_githubs_limit_has_a_countdown_in_the_banner(
    frame: FramePresenter, service: FakeService, clock: Clock
) -> None:
    problem = Problem("You reached GitHub's session limit", "Wait.")
    limited = UpstreamStatus(UpstreamState.LIMITED, NOW + 38 * 60, 2, problem)
    service.change(upstream=limited)
    notice = banner(frame)
    assert (notice.severity, notice.title) == (
        Severity.ATTENTION,
        "You reached GitHub's session limit",
    )
    assert notice.line == "Requests wait until 15:10, in 38 min."
    clock.advance(30 * 60)
    assert banner(frame).line == "Requests wait until 15:10, in 8 min."
    service.change(upstream=replace(limited, until=None))
    assert banner(frame).line == "Wait."
    service.change(upstream=UpstreamStatus())
    assert frame.view().notice is None


def test_github_that_does_not_answer_leads_to_the_doctor(
    frame: FramePresenter, service: FakeService
) -> None:
    service.change(upstream=UpstreamStatus(UpstreamState.UNREACHABLE))
    assert actions(banner(frame)) == [Action.OPEN_DOCTOR]


def test_a_budget_near_its_end_offers_to_ask_before_sending(
    frame: FramePresenter, service: FakeService
) -> None:
    service.change(budget=BudgetStatus(day_spent=47 * CREDIT, day_limit=60 * CREDIT))
    assert frame.view().notice is None
    service.change(budget=BudgetStatus(day_spent=48 * CREDIT, day_limit=60 * CREDIT))
    notice = banner(frame)
    assert notice.title == "48.0 of 60 credits today, your own budget"
    assert actions(notice) == [Action.TOGGLE_ASKING, Action.OPEN_SETTINGS]
    service.settings = Settings(budget=BudgetSettings(ask_before_sending=True))
    assert actions(banner(frame)) == [Action.OPEN_SETTINGS]


@pytest.mark.parametrize(
    ("action", "line"),
    [
        (BudgetAction.WARN, "It is your own budget. Requests go on."),
        (BudgetAction.ASK, "You are asked before each request until midnight."),
        (BudgetAction.STOP, "Requests stop until midnight."),
    ],
)
def test_a_used_up_budget_says_what_happens_and_offers_more(
    frame: FramePresenter, service: FakeService, action: BudgetAction, line: str
) -> None:
    budget = BudgetStatus(day_spent=60 * CREDIT, day_limit=60 * CREDIT, action=action)
    service.change(budget=budget)
    notice = banner(frame)
    assert (notice.title, notice.line) == ("Today's 60 credits are used", line)
    assert actions(notice) == [Action.ALLOW_MORE_TODAY, Action.OPEN_SETTINGS]


def test_a_month_that_is_used_up_is_worse_than_a_day_that_nearly_is(
    frame: FramePresenter, service: FakeService
) -> None:
    budget = BudgetStatus(
        day_spent=50 * CREDIT,
        day_limit=60 * CREDIT,
        month_spent=601 * CREDIT,
        month_limit=600 * CREDIT,
    )
    service.change(budget=budget)
    notice = banner(frame)
    assert notice.title == "This month's 600 credits are used"
    assert actions(notice)[0] is Action.ALLOW_MORE_THIS_MONTH


def test_what_has_no_state_of_its_own_stays_until_it_is_closed(
    frame: FramePresenter, service: FakeService
) -> None:
    service.status = with_notice(
        service.status, NOW, "model_gone", "gpt-4o left", "Gone.", "Choose another."
    )
    service.status = with_notice(service.status, NOW, "budget_80", "48 of 60", "")
    notice = banner(frame)
    assert (notice.title, notice.line) == ("gpt-4o left", "Gone. Choose another.")
    assert actions(notice) == [Action.DISMISS_NOTICE]
    frame.dismiss_notice()
    assert frame.view().notice is None


def test_a_pause_is_a_state_with_its_end(
    frame: FramePresenter, service: FakeService, clock: Clock
) -> None:
    service.change(paused_until=NOW + 600)
    view = frame.view()
    assert view.state_word == "Paused"
    assert view.state_line == "Paused until 15:10. Requests are refused politely"
    service.change(paused_until=float("inf"))
    assert frame.view().state_line.startswith("Paused until you resume it")
    service.change(paused_until=NOW + 600)
    clock.advance(601)
    assert frame.view().state_word == "Running"


@pytest.mark.parametrize("told_by", ["settings_problem", "notices"])
def test_a_settings_file_that_was_kept_aside_can_be_put_back_by_a_button(
    service: FakeService, frame: FramePresenter, told_by: str
) -> None:
    told = Problem("The settings file was broken", "It was kept.", "", "settings_kept_aside")
    if told_by == "notices":
        service.status = with_notice(service.status, NOW, told.code, told.title, told.message)
    else:
        service.change(settings_problem=told)
    assert Action.RESTORE_SETTINGS in actions(banner(frame))
    service.change(
        notices=(), settings_problem=dataclasses.replace(told, code="settings_unreadable")
    )
    assert Action.RESTORE_SETTINGS not in actions(banner(frame)), "there is no other file yet"
