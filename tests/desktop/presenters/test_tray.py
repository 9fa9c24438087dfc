"""Which icon, which words, which menu; plain data, no Qt."""

from __future__ import annotations

import itertools
import sys
from typing import Any

import pytest

from desktop.presenters.actions import Action
from desktop.presenters.busy import BusyMeter
from desktop.presenters.tray import (
    LONGEST_LINE,
    IconState,
    Menu,
    MenuEntry,
    MenuSeparator,
    TrayPresenter,
    icon_state,
)
from desktop.presenters.words import Words
from proxy_core.errors import Problem
from proxy_core.status.status import (
    AccountState,
    AccountStatus,
    QuotaStatus,
    RequestState,
    ServerState,
    ServerStatus,
    Status,
)
from tests.desktop.fake_service import NOW, RUNNING, SIGNED_IN, Clock, FakeService, record
from tests.desktop.presenters.test_approvals import waiting

OFF = ServerStatus(ServerState.OFF)
FAILED = ServerStatus(
    ServerState.FAILED, problem=Problem("Port 4141 is in use", "By “node”.", code="port_in_use")
)
SIGNED_OUT = AccountStatus(AccountState.SIGNED_OUT)
NO_PLAN = AccountStatus(AccountState.NO_PLAN, "octocat")
ENDED = AccountStatus(
    AccountState.EXPIRED, "octocat", problem=Problem("GitHub ended the session at 13:58", "")
)


@pytest.fixture
def tray(service: FakeService, clock: Clock) -> TrayPresenter:
    return TrayPresenter(service, Words(), clock, clock)


def lines(menu: Menu) -> list[str]:
    return ["-" if isinstance(each, MenuSeparator) else each.text for each in menu]


def entry(menu: Menu, key: str) -> MenuEntry:
    everything = [each for each in menu if isinstance(each, MenuEntry)]
    everything += list(itertools.chain.from_iterable(each.submenu for each in everything))
    return next(each for each in everything if each.key == key)


@pytest.mark.parametrize(
    ("server", "account", "busy", "expected"),
    [
        (OFF, SIGNED_IN, False, IconState.OFF),
        (ServerStatus(ServerState.STARTING), SIGNED_IN, False, IconState.OFF),
        (ServerStatus(ServerState.STOPPING), SIGNED_IN, True, IconState.OFF),
        (RUNNING, SIGNED_IN, False, IconState.OK),
        (RUNNING, AccountStatus(), False, IconState.OK),
        (RUNNING, SIGNED_IN, True, IconState.BUSY),
        (RUNNING, SIGNED_OUT, True, IconState.SIGNED_OUT),
        (OFF, SIGNED_OUT, False, IconState.SIGNED_OUT),
        (RUNNING, ENDED, False, IconState.SIGNED_OUT),
        (RUNNING, NO_PLAN, True, IconState.ATTENTION),
        (FAILED, SIGNED_OUT, True, IconState.ERROR),
        (FAILED, NO_PLAN, False, IconState.ERROR),
    ],
)
def test_the_worst_state_wins(
    server: ServerStatus, account: AccountStatus, busy: bool, expected: IconState
) -> None:
    assert icon_state(Status(server=server, account=account), busy=busy) is expected


def test_an_unreadable_setting_asks_for_the_user_whatever_the_server_does() -> None:
    problem = Problem("A setting could not be read", "server.port is not a number")
    for server in (OFF, RUNNING):
        status = Status(server=server, account=SIGNED_OUT, settings_problem=problem)
        assert icon_state(status, busy=False) is IconState.ATTENTION


def test_busy_shows_after_400_ms_of_running_work_and_goes_after_1500_ms_of_none(
    clock: Clock,
) -> None:
    meter = BusyMeter(clock)
    assert not meter.update(True)
    assert meter.next_change == pytest.approx(0.4)
    clock.advance(0.39)
    assert not meter.update(True)
    clock.advance(0.02)
    assert meter.update(True)
    assert meter.next_change is None
    assert meter.update(False)
    clock.advance(1.4)
    assert meter.update(False)
    assert meter.next_change == pytest.approx(0.1)
    clock.advance(0.11)
    assert not meter.update(False)


def test_a_quick_request_never_shows_busy_and_a_pause_between_two_never_shows_idle(
    clock: Clock,
) -> None:
    meter = BusyMeter(clock)
    meter.update(True)
    clock.advance(0.3)
    assert not meter.update(False)
    clock.advance(5)
    assert not meter.update(False)
    meter.update(True)
    clock.advance(0.5)
    assert meter.update(True)
    meter.update(False)
    clock.advance(1.2)
    assert meter.update(True), "a new request before 1.5 s have passed"
    clock.advance(10)
    assert meter.update(True)


def test_the_presenter_says_when_to_look_again(
    tray: TrayPresenter, service: FakeService, clock: Clock
) -> None:
    assert tray.view().icon is IconState.OK
    assert tray.next_change is None
    service.change(active=(record(state=RequestState.STREAMING),))
    assert tray.view().icon is IconState.OK
    assert tray.next_change == pytest.approx(0.4)
    clock.advance(0.5)
    assert tray.view().icon is IconState.BUSY


def test_the_menu_while_running(tray: TrayPresenter, service: FakeService) -> None:
    service.change(recent=(record(),))
    assert lines(tray.view().menu) == [
        "Running on 127.0.0.1:4141",
        "octocat, Pro",
        "No request running",
        "Last: claude-sonnet-4.6, Claude Code",
        "7.0 credits, 91 % cached",
        "-",
        "Stop serving",
        "Pause requests for",
        "Change account",
        "Copy base URL",
        "Connect a tool…",
        "Ask before sending",
        "-",
        "Open window",
        "Settings…",
        "Doctor…",
        "About this app…",
        "Quit",
    ]
    menu = tray.view().menu
    assert entry(menu, "serve").action is Action.STOP
    assert [each.text for each in entry(menu, "copy").submenu] == [
        "OpenAI base URL",
        "Anthropic base URL",
        "Local key",
    ]
    assert entry(menu, "state").enabled, "screen readers skip disabled lines"
    assert entry(menu, "state").action is Action.OPEN_HOME


def test_the_menu_while_off(tray: TrayPresenter, service: FakeService) -> None:
    service.change(server=OFF)
    menu = tray.view().menu
    assert lines(menu)[:5] == ["Off", "octocat, Pro", "No request running", "-", "Start serving"]
    assert entry(menu, "serve").action is Action.START
    assert entry(menu, "serve").enabled


def test_signed_out_puts_sign_in_first_and_cannot_start(
    tray: TrayPresenter, service: FakeService
) -> None:
    service.change(server=OFF, account=ENDED)
    menu = tray.view().menu
    assert lines(menu) == [
        "Signed out",
        "GitHub ended the session at 13:58",
        "-",
        "Sign in to GitHub…",
        "Start serving",
        "Copy base URL",
        "Connect a tool…",
        "-",
        "Open window",
        "Settings…",
        "Doctor…",
        "About this app…",
        "Quit",
    ]
    assert not entry(menu, "serve").enabled


def test_a_server_that_runs_while_signed_out_can_be_stopped(
    tray: TrayPresenter, service: FakeService
) -> None:
    service.change(account=SIGNED_OUT)
    serve = entry(tray.view().menu, "serve")
    assert (serve.text, serve.enabled) == ("Stop serving", True)


@pytest.mark.parametrize(
    ("state", "text", "enabled"),
    [(ServerState.STARTING, "Start serving", False), (ServerState.STOPPING, "Stop serving", False)],
)
def test_nothing_can_be_ordered_twice(
    tray: TrayPresenter, service: FakeService, state: ServerState, text: str, enabled: bool
) -> None:
    service.change(server=ServerStatus(state, port=4141))
    serve = entry(tray.view().menu, "serve")
    assert (serve.text, serve.enabled) == (text, enabled)


def test_a_failed_start_says_why_and_offers_help_and_another_try(
    tray: TrayPresenter, service: FakeService
) -> None:
    service.change(server=FAILED)
    view = tray.view()
    assert lines(view.menu)[0] == "Could not start: Port 4141 is in use"
    assert "What can I do?…" in lines(view.menu)
    assert entry(view.menu, "serve").enabled
    assert view.tooltip == "g-copilot-proxy: Could not start: Port 4141 is in use"


def test_what_can_i_do_leads_to_the_question_that_waits(
    tray: TrayPresenter, service: FakeService
) -> None:
    service.change(server=FAILED)
    assert entry(tray.view().menu, "help").action is Action.OPEN_WINDOW
    service.change(server=RUNNING, approvals=(waiting("r1"),))
    assert entry(tray.view().menu, "help").action is Action.SHOW_APPROVAL


def test_an_account_without_a_plan_is_said_in_the_menu(
    tray: TrayPresenter, service: FakeService
) -> None:
    service.change(account=NO_PLAN)
    view = tray.view()
    assert lines(view.menu)[1] == "octocat has no Copilot plan"
    assert "What can I do?…" in lines(view.menu)
    assert view.tooltip.startswith("g-copilot-proxy: needs you")


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (RequestState.FAILED, "Last: gpt-5.2, aider, failed"),
        (RequestState.CANCELLED, "Last: gpt-5.2, aider, cancelled"),
    ],
)
def test_the_last_request_says_how_it_ended_and_then_no_cost(
    tray: TrayPresenter, service: FakeService, state: RequestState, line: str
) -> None:
    service.change(recent=(record(client="aider", model="gpt-5.2", state=state),))
    menu = lines(tray.view().menu)
    assert line in menu
    assert not any("cached" in each for each in menu)


def test_without_a_price_the_last_line_counts_tokens(
    tray: TrayPresenter, service: FakeService
) -> None:
    service.change(recent=(record(nano_credits=None),))
    assert "85.1k tokens, 91 % cached" in lines(tray.view().menu)


def test_no_line_is_longer_than_44_characters(tray: TrayPresenter, service: FakeService) -> None:
    long = record(client="a tool with quite a name of its own", model="m" * 60)
    service.change(recent=(long,), account=AccountStatus(AccountState.SIGNED_IN, "l" * 39, "pro"))
    menu = tray.view().menu
    assert all(len(line) <= LONGEST_LINE for line in lines(menu))
    assert entry(menu, "last").text.endswith("…")


def test_keys_stay_the_same_while_words_change(tray: TrayPresenter, service: FakeService) -> None:
    """An open menu is updated in place by its keys."""
    before = [each.key for each in tray.view().menu]
    service.change(demo=True, account=AccountStatus(AccountState.SIGNED_IN, "hubot", "business"))
    assert [each.key for each in tray.view().menu] == before
    assert len(set(before)) == len(before)


def test_the_collapsed_icon_tells_what_runs_and_what_is_left(
    tray: TrayPresenter, service: FakeService
) -> None:
    quota = QuotaStatus("premium_interactions", entitlement=1500, used=412.6, resets=NOW)
    running = (record(1, state=RequestState.STREAMING), record(2, state=RequestState.WAITING))
    service.change(quotas=(quota,), active=running)
    view = tray.view()
    assert view.tooltip == (
        "g-copilot-proxy: Running on 127.0.0.1:4141, 2 requests running, 1,087.4 credits left"
    )
    assert entry(view.menu, "running").text == "2 requests running"
    assert entry(view.menu, "running").action is Action.OPEN_ACTIVITY
    assert entry(view.menu, "credits").text.startswith("1,087.4 of 1,500 credits left, resets")
    assert all(len(line) <= LONGEST_LINE for line in lines(view.menu))


def test_the_demo_says_that_it_is_one(tray: TrayPresenter, service: FakeService) -> None:
    service.change(demo=True)
    assert tray.view().tooltip == "g-copilot-proxy: Demo running on 127.0.0.1:4141"


def test_an_address_open_to_the_network_is_shown_as_this_computer_uses_it(
    tray: TrayPresenter, service: FakeService
) -> None:
    for host, shown in (("0.0.0.0", "127.0.0.1"), ("::1", "[::1]")):
        service.change(server=ServerStatus(ServerState.RUNNING, host, 4000, NOW))
        assert lines(tray.view().menu)[0] == f"Running on {shown}:4000"


def test_every_string_goes_through_the_translation(service: FakeService, clock: Clock) -> None:
    seen: list[str] = []

    def tr(text: str) -> str:
        seen.append(text)
        return f"⟦{text}⟧"

    service.change(recent=(record(),))
    view = TrayPresenter(service, Words(tr), clock, clock).view()
    plain = [line for line in lines(view.menu) if not line.startswith("⟦") and line != "-"]
    assert plain == ["octocat, ⟦Pro⟧"], "names of people are not translated"
    assert "Running on {address}" in seen


def test_presenters_load_without_qt() -> None:
    import subprocess

    code = (
        "import sys, desktop.presenters.tray, desktop.presenters.home.home;"
        "import desktop.presenters.sign_in.sign_in;"
        "assert not any(name.startswith(('PySide6', 'qasync')) for name in sys.modules)"
    )
    outcome: Any = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stderr
