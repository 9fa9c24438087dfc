"""What the Home page says in each state; plain data, no Qt."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from desktop.presenters.actions import Action
from desktop.presenters.frame import FramePresenter
from desktop.presenters.home.home import HomePresenter, masked
from desktop.presenters.home.server_control import ServerControl
from desktop.presenters.notices.notices import Notice, Severity
from desktop.presenters.shapes import Shape
from desktop.presenters.usage.usage import UsagePresenter
from desktop.presenters.words import Locale, Words
from desktop.server_actions import ServerActions
from proxy_core.config.settings import DesktopSettings, ServerSettings, Settings
from proxy_core.errors import BadRequest, Problem
from proxy_core.status.status import (
    AccountState,
    AccountStatus,
    RequestState,
    ServerState,
    ServerStatus,
    TokenPlace,
)
from tests.desktop.fake_service import NOW, RUNNING, SIGNED_IN, Clock, FakeService, record
from tests.desktop.presenters.usage_reports import QUOTA, make_report

OFF = ServerStatus(ServerState.OFF)
PORT_TAKEN = ServerStatus(
    ServerState.FAILED,
    port=4141,
    problem=Problem(
        "The port is in use",
        "Port 4141 is already in use by “node” (process 4312).",
        code="port_in_use",
    ),
)


@pytest.fixture
def home(service: FakeService, clock: Clock) -> HomePresenter:
    at_noon = Locale(time_of_day=lambda _: "14:31:40")
    return HomePresenter(service, Words(locale=at_noon), clock)


@pytest.fixture
def frame(service: FakeService, clock: Clock) -> FramePresenter:
    return FramePresenter(service, Words(), clock)


def test_running(home: HomePresenter, frame: FramePresenter) -> None:
    view = home.view()
    assert (view.state_word, view.state_line) == (
        "Running",
        "This computer only, up 3 h 12 min",
    )
    assert (view.switch_on, view.switch_enabled, view.shape) == (True, True, Shape.RUNNING)
    assert view.openai_url == "http://127.0.0.1:4141/v1"
    assert view.anthropic_url == "http://127.0.0.1:4141"
    assert frame.view().notice is None
    assert frame.view().footer_line.strip("\u2066\u2069") == "127.0.0.1:4141"


def test_off_keeps_the_addresses_and_says_that_tools_cannot_connect(
    home: HomePresenter, frame: FramePresenter, service: FakeService
) -> None:
    service.change(server=OFF)
    service.settings = Settings(server=ServerSettings(port=5000))
    view = home.view()
    assert (view.state_word, view.state_line) == ("Off", "Tools cannot connect while it is off")
    assert view.openai_url == "http://127.0.0.1:5000/v1"
    assert (view.switch_on, view.switch_enabled) == (False, True)
    assert frame.view().footer_line == "not listening"


@pytest.mark.parametrize(
    ("state", "word", "on"),
    [(ServerState.STARTING, "Starting…", True), (ServerState.STOPPING, "Stopping…", False)],
)
def test_while_it_changes_the_switch_stands_at_its_goal_and_is_disabled(
    home: HomePresenter, service: FakeService, state: ServerState, word: str, on: bool
) -> None:
    service.change(server=ServerStatus(state, port=4141))
    view = home.view()
    assert (view.state_word, view.switch_on, view.switch_enabled) == (word, on, False)


def test_signed_out_disables_the_switch_and_offers_sign_in_as_the_one_primary(
    home: HomePresenter, frame: FramePresenter, service: FakeService
) -> None:
    service.change(server=OFF, account=AccountStatus(AccountState.SIGNED_OUT))
    view = home.view()
    assert view.state_word == "Signed out"
    assert view.state_line == "Tools cannot connect until you sign in"
    assert not view.switch_enabled
    assert frame.view().notice is not None
    assert [(each.action, each.primary) for each in frame.view().notice.choices] == [
        (Action.SIGN_IN, True)
    ]
    assert "may limit an account" in frame.view().notice.line, (
        "the first start says the risk plainly"
    )
    assert view.account.title == "No account"


def test_an_ended_session_says_when_and_that_nothing_is_lost(
    home: HomePresenter, frame: FramePresenter, service: FakeService
) -> None:
    problem = Problem("GitHub ended the session at 13:58", "")
    account = AccountStatus(AccountState.EXPIRED, "octocat", "individual", problem=problem)
    service.change(account=account)
    view = home.view()
    assert frame.view().notice is not None
    assert frame.view().notice.severity is Severity.ATTENTION
    assert frame.view().notice.title == "GitHub ended the session at 13:58"
    assert view.account.line == "last: octocat, Pro"
    assert view.state_line == "Tools are told to wait until you sign in"


def test_a_taken_port_names_its_owner_and_offers_the_next(
    home: HomePresenter, frame: FramePresenter, service: FakeService
) -> None:
    service.change(server=PORT_TAKEN)
    view = home.view()
    assert (view.state_word, view.shape) == ("Could not start", Shape.FAILED)
    assert frame.view().notice is not None
    assert frame.view().notice.severity is Severity.FAILURE
    assert frame.view().notice.title == "The proxy could not start: port 4141 is in use"
    assert frame.view().notice.line == (
        "Port 4141 is already in use by “node” (process 4312). Your settings are unchanged."
    )
    assert [(each.text, each.action) for each in frame.view().notice.choices] == [
        ("Use 4142", Action.USE_NEXT_PORT),
        ("Try again", Action.START),
    ]
    assert view.switch_enabled


def test_a_failure_is_worse_than_a_missing_plan_and_that_than_a_wrong_setting(
    home: HomePresenter, frame: FramePresenter, service: FakeService
) -> None:
    wrong = Problem("A setting could not be read", "server.port must be a number.")
    service.change(
        server=PORT_TAKEN,
        account=AccountStatus(AccountState.NO_PLAN, "octocat"),
        settings_problem=wrong,
    )
    titles = [frame.view().notice]
    service.change(server=RUNNING)
    titles.append(frame.view().notice)
    service.change(account=SIGNED_IN)
    titles.append(frame.view().notice)
    assert [each.title for each in titles if each] == [
        "The proxy could not start: port 4141 is in use",
        "octocat has no Copilot plan",
        "A setting could not be read",
    ]


def test_a_failed_command_is_shown_until_something_worse_is(
    service: FakeService, clock: Clock
) -> None:
    refused = Notice(Severity.FAILURE, "The sign-out did not work", "The keychain is locked.")
    frame = FramePresenter(service, Words(), clock, lambda: refused)
    assert frame.view().notice == refused
    service.change(server=PORT_TAKEN)
    assert frame.view().notice != refused


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("sk-local-abcdefghijklmnop3f9a", "sk-local-••••••••3f9a"),
        ("a-key-of-my-own-choice", "••••••••oice"),
        ("sk-local-oops", "••••••••"),
        ("short", "••••••••"),
        ("", ""),
    ],
)
def test_a_key_is_masked_but_for_its_kind_and_last_four(key: str, shown: str) -> None:
    assert masked(key) == shown


def test_a_key_that_cannot_be_made_is_said_and_the_page_stays(
    clock: Clock,
) -> None:
    class WithoutKey(FakeService):
        @property
        def local_key(self) -> str:
            raise PermissionError(13, "Permission denied")

        @local_key.setter
        def local_key(self, _: str) -> None:
            """The fake sets one."""

    view = HomePresenter(WithoutKey(), Words(), clock).view()
    frame = FramePresenter(WithoutKey(), Words(), clock)
    assert view.masked_key == ""
    assert frame.view().notice is not None
    assert frame.view().notice.line == "Tools cannot connect without it: Permission denied"


def test_the_account_card(home: HomePresenter, service: FakeService) -> None:
    account = home.view().account
    assert (account.title, account.line) == ("octocat", "Copilot Pro, github.com")
    assert account.initial == "O"
    assert account.facts == (("Sign-in", "in the system keychain"),)
    assert [each.action for each in account.choices] == [
        Action.SIGN_OUT,
        Action.SIGN_IN,
        Action.OPEN_BILLING_PAGE,
    ]


def test_a_token_from_the_environment_is_not_ours_to_forget(
    home: HomePresenter, service: FakeService
) -> None:
    account = AccountStatus(
        AccountState.SIGNED_IN, "octocat", "business", token_place=TokenPlace.ENVIRONMENT
    )
    service.change(account=account)
    view = home.view().account
    assert [each.action for each in view.choices] == [Action.OPEN_BILLING_PAGE]
    assert ("Sign-in", "from COPILOT_GITHUB_TOKEN") in view.facts


def test_latest_requests_show_running_ones_first_then_the_newest(
    home: HomePresenter, service: FakeService
) -> None:
    running = [
        record(1, started=NOW - 7.3, state=RequestState.WAITING, input_tokens=0, duration=None),
        record(2, started=NOW - 4.1, state=RequestState.STREAMING, duration=None),
    ]
    service.change(active=tuple(running), recent=tuple(record(n) for n in range(10, 30)))
    view = home.view()
    assert [row.request_id for row in view.rows[:3]] == ["r2", "r1", "r10"]
    assert len(view.rows) == 4
    first = view.rows[0]
    assert (first.shape, first.state) == (Shape.STREAMING, "Streaming")
    assert (first.tokens, first.cached, first.credits, first.took) == (
        "83.9k → …",
        "91 %",
        "…",
        "4.1 s",
    )
    assert (view.running, view.running_shape) == ("2 running", Shape.STREAMING)


def test_a_row_reads_as_one_sentence(home: HomePresenter, service: FakeService) -> None:
    service.change(recent=(record(),))
    row = home.view().rows[0]
    assert row.sentence == "Done, Claude Code, claude-sonnet-4.6, 12.8 s"
    assert (row.time, row.tokens, row.credits) == ("14:31:40", "83.9k → 1,240", "7.0")


@pytest.mark.parametrize(
    ("changes", "shape", "state"),
    [
        ({}, Shape.DONE, "Done"),
        ({"attempts": 2}, Shape.ATTENTION, "Sent again"),
        ({"state": RequestState.FAILED, "error": "quota"}, Shape.FAILED, "Failed"),
        ({"state": RequestState.CANCELLED}, Shape.CANCELLED, "Cancelled"),
    ],
)
def test_every_ending_of_a_request_has_a_shape_and_a_word(
    home: HomePresenter,
    service: FakeService,
    changes: dict[str, object],
    shape: Shape,
    state: str,
) -> None:
    service.change(recent=(record(**changes),))
    row = home.view().rows[0]
    assert (row.shape, row.state) == (shape, state)
    if "error" in changes:
        assert row.sentence.endswith(". Refused: no credits left for it")


def test_figures_that_are_not_known_are_dashes_not_zeros(
    home: HomePresenter, service: FakeService
) -> None:
    unknown = record(
        input_tokens=0, cache_read_tokens=0, nano_credits=None, duration=None, client=""
    )
    service.change(recent=(unknown,))
    row = home.view().rows[0]
    assert (row.cached, row.credits, row.took) == ("–", "–", "–")
    assert row.tool == "Unknown tool"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "less than 1 min"),
        (59, "less than 1 min"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h 0 min"),
        (11520, "3 h 12 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_spans_have_two_units_at_most(seconds: float, text: str) -> None:
    assert Words().span(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (1240, "1,240"),
        (9_999, "9,999"),
        (10_000, "10.0k"),
        (84_240, "84.2k"),
        (999_949, "999.9k"),
        (999_950, "1.0M"),
        (1_234_567, "1.2M"),
    ],
)
def test_token_counts_fit_a_column(count: int, text: str) -> None:
    assert Words().tokens(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "< 0.1 s"), (0.06, "0.1 s"), (59.9, "59.9 s"), (75, "1 min 15 s")]
)
def test_durations(seconds: float, text: str) -> None:
    assert Words().took(seconds) == text


def nothing() -> None:
    """Nobody listens."""


async def test_a_refused_command_becomes_a_notice_and_the_next_one_clears_it(
    service: FakeService,
) -> None:
    changes: list[Notice | None] = []
    control = ServerControl(service, Words(), lambda: changes.append(control.notice))
    refusal = BadRequest("The keychain is locked.", title="The sign-out did not work")
    service.answer("sign_out", refusal)
    await control.sign_out()
    assert control.notice == Notice(
        Severity.FAILURE, "The sign-out did not work", "The keychain is locked."
    )
    service.answer("stop")
    await control.stop()
    assert control.notice is None
    assert len(changes) == 2


async def test_a_start_that_the_status_explains_has_no_notice_of_its_own(
    service: FakeService,
) -> None:
    control = ServerControl(service, Words(), nothing)
    service.change(server=PORT_TAKEN)
    service.answer("start", BadRequest("in use"))
    await control.start()
    assert control.notice is None


async def test_using_the_next_port_writes_the_setting_and_starts(service: FakeService) -> None:
    control = ServerControl(service, Words(), nothing)
    service.change(server=PORT_TAKEN)
    service.answer("change_settings")
    service.answer("start")
    await control.use_next_port()
    assert service.called("change_settings") == [("server.port", 4142)]
    assert len(service.called("start")) == 1


async def test_a_setting_that_cannot_be_written_starts_nothing(service: FakeService) -> None:
    control = ServerControl(service, Words(), nothing)
    refusal = BadRequest("The file cannot be written.")
    service.answer("change_settings", refusal)
    await control.use_next_port()
    assert service.called("start") == []
    assert control.notice is not None


@pytest.mark.parametrize(
    ("change", "starts"),
    [
        (lambda s: s.change(server=OFF), True),
        (lambda s: s.change(server=OFF, account=AccountStatus()), False),
        (lambda s: s.change(server=OFF, account=AccountStatus(AccountState.SIGNED_OUT)), False),
        (lambda s: s.change(server=PORT_TAKEN), False),
        (lambda s: s.change(server=RUNNING), False),
    ],
)
def test_it_starts_by_itself_only_from_off_and_signed_in(
    service: FakeService, change: Callable[[FakeService], object], starts: bool
) -> None:
    change(service)
    assert ServerControl(service, Words(), nothing).should_start(service.status) is starts


async def test_a_start_is_in_hand_before_its_coroutine_ran(service: FakeService) -> None:
    """Two refreshes of the window in a row: the second must not start again."""
    control = ServerControl(service, Words(), nothing)
    service.change(server=OFF)
    service.answer("start")
    begun = control.start()
    assert len(service.called("start")) == 1
    assert not control.should_start(service.status)
    await begun


async def test_what_the_user_stopped_does_not_start_by_itself(service: FakeService) -> None:
    control = ServerControl(service, Words(), nothing)
    service.answer("stop")
    await control.stop()
    service.change(server=OFF)
    assert not control.should_start(service.status)


def test_the_setting_can_forbid_it(service: FakeService) -> None:
    service.settings = Settings(desktop=DesktopSettings(start_server=False))
    service.change(server=OFF)
    assert not ServerControl(service, Words(), nothing).should_start(service.status)


async def test_home_shows_the_forecast_of_the_usage_page(
    service: FakeService, clock: Clock
) -> None:
    service.change(quotas=(QUOTA,))
    words = Words()
    home = HomePresenter(service, words, clock)
    usage = UsagePresenter(service, words, now=clock, changed=lambda: None)
    report = make_report()
    assert home.needs_reading()
    for reading in (home.read(), usage.read()):
        service.answer("usage_report", result=report)
        await reading
    assert not home.needs_reading()
    shown = home.view().credits
    assert shown is not None
    figure = next(each for each in usage.view().figures if each.label == "Forecast")
    assert figure.value.removeprefix("about ") in shown.forecast


async def test_installing_the_backend_is_told_while_it_runs_and_when_it_fails(
    service: FakeService,
) -> None:
    control = ServerControl(service, Words(), nothing)
    spawned: list[Coroutine[Any, Any, Any]] = []
    assert ServerActions(control, spawned.append).carry_out(Action.INSTALL_BACKEND)
    assert service.called("install_backend") == [()]
    assert control.notice is not None
    assert control.notice.severity is Severity.INFO
    assert control.notice.title == "The library pi-ai is being installed"
    service.futures["install_backend"].set_exception(BadRequest("npm said: 404."))
    await spawned.pop()
    assert control.notice.severity is Severity.FAILURE
    assert "npm said: 404." in control.notice.line


async def test_once_the_backend_is_installed_only_the_service_s_notice_is_left(
    service: FakeService,
) -> None:
    control = ServerControl(service, Words(), nothing)
    service.answer("install_backend")
    assert await control.install_backend()
    assert control.notice is None
