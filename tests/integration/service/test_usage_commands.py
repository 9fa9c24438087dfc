"""What a window asks of usage, from a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proxy_core.app.service import Overrides, ProxyService
from proxy_core.config.paths import find_paths
from proxy_core.errors import BadRequest, Cancelled, ProxyError
from proxy_core.status.status import AccountState, RequestState, Status


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ProxyService]:
    environ = {"G_COPILOT_PROXY_HOME": str(tmp_path)}
    service = ProxyService(
        find_paths(environ), demo=True, environ=environ, overrides=Overrides(port=0)
    )
    service.boot()
    yield service
    assert service.shutdown(60)


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)


def test_everything_the_window_needs_is_a_command(service: ProxyService, tmp_path: Path) -> None:
    eventually(lambda: service.status.account.state is AccountState.SIGNED_IN)
    eventually(lambda: bool(service.status.quotas))
    report = service.submit(lambda commands: commands.usage_report()).result(90)
    assert report.totals.requests == 0
    assert report.quotas == service.status.quotas
    assert (
        service.submit(lambda commands: commands.export_usage(tmp_path / "usage.csv")).result(90)
        == 0
    )
    assert service.submit(lambda commands: commands.forget_usage()).result(90) == 0
    assert (
        service.submit(lambda commands: commands.answer_approval("r", send=True)).result(90)
        is False
    )
    assert (
        service.submit(lambda commands: commands.answer_approvals_of("aider", send=True)).result(90)
        == 0
    )
    service.submit(lambda commands: commands.pause_client("aider", 60)).result(90)
    assert [each.client for each in service.status.client_pauses] == ["aider"]
    service.submit(lambda commands: commands.resume_client("aider")).result(90)
    service.submit(lambda commands: commands.pause(None)).result(90)
    assert service.status.paused_until == float("inf")
    service.submit(lambda commands: commands.resume()).result(90)
    assert (service.status.paused_until, service.status.client_pauses) == (None, ())
    service.submit(lambda commands: commands.change_settings("budget.daily_credits", 10)).result(90)
    service.submit(lambda commands: commands.allow_more("day", 5)).result(90)
    assert service.status.budget is not None
    assert service.status.budget.day_limit == 15_000_000_000
    assert service.submit(lambda commands: commands.cancel_request("r")).result(90) is False
    service.submit(lambda commands: commands.start_tracing(30)).result(90)
    assert service.status.tracing_until is not None
    service.submit(lambda commands: commands.stop_tracing()).result(90)
    assert service.status.tracing_until is None
    assert service.submit(lambda commands: commands.trace_of("r")).result(90) is None


def test_what_makes_no_sense_is_said_in_plain_words(service: ProxyService, tmp_path: Path) -> None:
    for future in (
        service.submit(lambda commands: commands.pause(0)),
        service.submit(lambda commands: commands.pause_client(" ")),
        service.submit(lambda commands: commands.allow_more("year", 1)),
        service.submit(lambda commands: commands.allow_more("day", float("nan"))),
        service.submit(lambda commands: commands.start_tracing(-1)),
    ):
        with pytest.raises(BadRequest):
            future.result(90)
    with pytest.raises(ProxyError, match="missing"):
        service.submit(
            lambda commands: commands.export_usage(tmp_path / "missing" / "usage.csv")
        ).result(90)


def test_the_ledger_s_thread_tells_in_the_engine_s(tmp_path: Path) -> None:
    (tmp_path / "state" / "demo" / "usage.sqlite3").mkdir(parents=True)
    environ = {"G_COPILOT_PROXY_HOME": str(tmp_path)}
    service = ProxyService(
        find_paths(environ), demo=True, environ=environ, overrides=Overrides(port=0)
    )
    received: list[tuple[bool, str]] = []

    def listen(status: Status) -> None:
        received.append((status.ledger_problem is not None, threading.current_thread().name))

    service.subscribe(listen)
    service.boot()
    eventually(lambda: service.status.ledger_problem is not None)
    assert service.shutdown(60)
    assert {name for _, name in received} == {"g-copilot-proxy-engine"}
    assert service.status.notices[-1].code == "ledger_trouble"


def test_a_demo_leaves_the_user_s_own_ledger_alone(service: ProxyService, tmp_path: Path) -> None:
    eventually((tmp_path / "state" / "demo" / "usage.sqlite3").exists)
    assert not (tmp_path / "state" / "usage.sqlite3").exists()
    service.submit(lambda commands: commands.pause(None)).result(90)
    service.shutdown()
    assert not (tmp_path / "state" / "budget.json").exists()


def test_after_the_end_no_command_hangs(service: ProxyService) -> None:
    service.shutdown()
    with pytest.raises(Cancelled):
        service.submit(lambda commands: commands.usage_report()).result(90)


def test_requests_of_the_run_before_are_there_after_a_restart(tmp_path: Path) -> None:
    environ = {"G_COPILOT_PROXY_HOME": str(tmp_path)}

    def run(look: Callable[[ProxyService], None]) -> None:
        service = ProxyService(
            find_paths(environ), demo=True, environ=environ, overrides=Overrides(port=0)
        )
        service.boot()
        look(service)
        assert service.shutdown(60)

    def ask(service: ProxyService) -> None:
        eventually(lambda: service.status.account.state is AccountState.SIGNED_IN)
        service.submit(lambda commands: commands.start()).result(90)
        service.submit(lambda commands: commands.try_model("gpt-4.1", "Say hello")).result(90)
        eventually(lambda: bool(service.status.recent))

    def look_back(service: ProxyService) -> None:
        eventually(lambda: bool(service.status.recent))
        found = service.status.recent[0]
        assert (found.model, found.state) == ("gpt-4.1", RequestState.DONE)
        page = service.submit(lambda commands: commands.requests_before(found.started + 1, 10))
        assert [each.request_id for each in page.result(90)] == [found.request_id]
        page = service.submit(lambda commands: commands.requests_before(found.started, 10))
        assert page.result(90) == ()

    run(ask)
    run(look_back)
