"""The engine in its thread, as the app uses it: demo mode, no Qt."""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proxy_core.app import service as service_module
from proxy_core.app.engine import Engine
from proxy_core.app.service import (
    Overrides,
    ProxyService,
    SignInProgress,
    SignInState,
    StartTimedOut,
)
from proxy_core.config.paths import find_paths
from proxy_core.config.settings import TokenStorage
from proxy_core.doctor.finding import FindingState
from proxy_core.errors import BadRequest, Cancelled, PortInUse, ProxyError
from proxy_core.status.status import AccountState, ServerState, Status, TokenPlace

Make = Callable[..., ProxyService]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[ProxyService] = []

    def make_service(**more: object) -> ProxyService:
        arguments = {"demo": True, "environ": {}, "overrides": Overrides(port=0)} | more
        service = ProxyService(find_paths({}), **arguments)  # type: ignore[arg-type]
        made.append(service)
        return service

    before = set(threading.enumerate())
    yield make_service
    for service in made:
        assert service.shutdown(60)
    # What a start loads behind it may still come in, and ends by itself.
    eventually(lambda: set(threading.enumerate()) <= before)


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)


def ask(service: ProxyService, path: str, body: object = None) -> dict[str, object]:
    request = urllib.request.Request(
        service.status.server.url + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {service.local_key}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        answer: dict[str, object] = json.load(response)
        return answer


def test_a_start_that_waits_for_ever_is_given_up_and_ends(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wait_for_ever(_: Engine, *, listens: bool) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(service_module, "BOOT_SECONDS", 0.05)
    monkeypatch.setattr(Engine, "open", wait_for_ever)
    service = make()
    with pytest.raises(StartTimedOut, match="not ready after"):
        service.boot()
    # The fixture sees that no thread is left.


def test_a_server_that_starts_says_it_lives_while_calls_wait_for_what_is_still_loaded(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()
    build = Engine._build_upstream

    async def build_later(engine: Engine) -> None:
        await asyncio.to_thread(let_go.wait)
        await build(engine)

    monkeypatch.setattr(Engine, "_build_upstream", build_later)
    service = make()
    with concurrent.futures.ThreadPoolExecutor() as threads:
        booted = threads.submit(service.boot, listens=True)
        try:
            eventually(lambda: service.status.server.state is ServerState.RUNNING)
            assert ask(service, "/health")["status"] == "ok"
            models = threads.submit(ask, service, "/v1/models")
            settings = threads.submit(
                ask, service, "/control/settings", {"key": "server.max_body_megabytes", "value": 9}
            )
            assert ask(service, "/health")["status"] == "ok"
            assert not booted.done() and not models.done() and not settings.done()
        finally:
            let_go.set()
        assert models.result(90)["data"]
        assert settings.result(90) == {"changed": "server.max_body_megabytes"}
        booted.result(90)


def test_a_start_that_fails_behind_the_first_answer_ends_the_server_and_says_why(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_: Engine) -> None:
        raise BadRequest("This host cannot be used.")

    monkeypatch.setattr(Engine, "_build_upstream", refuse)
    service = make()
    with pytest.raises(BadRequest, match="cannot be used"):
        service.boot(listens=True)
    assert service.status.server.state is ServerState.OFF


def test_a_folder_that_cannot_be_used_is_a_sentence_with_a_next_step(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paths = find_paths({"G_COPILOT_PROXY_HOME": str(tmp_path)})
    paths.local_key_file.mkdir(parents=True)
    service = ProxyService(paths, environ={}, overrides=Overrides(port=0))
    try:
        with pytest.raises(ProxyError, match="G_COPILOT_PROXY_HOME") as caught:
            service.boot(listens=True)
    finally:
        assert service.shutdown()
    assert str(paths.local_key_file) in caught.value.message
    assert "Traceback" not in caplog.text


def test_a_start_that_blocks_ends_once_it_is_let_go(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()
    opened = Engine.open

    async def block(engine: Engine, *, listens: bool) -> None:
        let_go.wait()
        await opened(engine, listens=listens)

    monkeypatch.setattr(service_module, "BOOT_SECONDS", 0.05)
    monkeypatch.setattr(Engine, "open", block)
    service = make()
    threading.Timer(0.2, let_go.set).start()
    with pytest.raises(StartTimedOut):
        service.boot()
    assert service.shutdown(60)
    with pytest.raises(Cancelled):
        service.submit(lambda commands: commands.start()).result(90)


def test_a_demo_answers_a_question_and_ends_without_a_trace(make: Make) -> None:
    service = make()
    service.boot()
    assert service.status.demo
    service.submit(lambda commands: commands.start()).result(90)
    assert service.status.server.state is ServerState.RUNNING
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}
    assert "hello" in str(ask(service, "/v1/chat/completions", body))
    eventually(lambda: service.status.last_request is not None)
    account = service.status.account
    assert (account.state, account.token_place) == (AccountState.SIGNED_IN, TokenPlace.MEMORY)
    assert service.shutdown(), "in time"
    assert service.status.server.state is ServerState.OFF


def test_a_demo_keeps_its_state_in_a_folder_that_goes_with_it(make: Make) -> None:
    service = make()
    service.boot()
    assert service.local_key.startswith("sk-local-")
    folder = service._temporary
    assert folder is not None
    assert list(folder.rglob("local-key"))
    service.shutdown()
    assert not folder.exists()


def test_a_demo_keeps_its_state_where_the_environment_says(make: Make, tmp_path: Path) -> None:
    environ = {"G_COPILOT_PROXY_HOME": str(tmp_path)}
    service = ProxyService(
        find_paths(environ), demo=True, environ=environ, overrides=Overrides(port=0)
    )
    service.boot()
    key = service.local_key
    service.shutdown()
    assert (tmp_path / "state" / "local-key").read_text().strip() == key
    assert not (tmp_path / "state" / "github-token").exists()


def test_a_demo_ignores_the_user_s_own_token(make: Make) -> None:
    service = make(environ={"COPILOT_GITHUB_TOKEN": "gho_0123456789abcdef0123456789abcdef0123"})
    service.boot()
    eventually(lambda: service.status.account.state is AccountState.SIGNED_IN)
    assert service.status.account.token_place is TokenPlace.MEMORY


def test_listeners_hear_of_every_state_in_the_engine_s_thread(make: Make) -> None:
    service = make()
    received: list[tuple[ServerState, str]] = []

    def listen(status: Status) -> None:
        state = status.server.state
        if not received or received[-1][0] is not state:
            received.append((state, threading.current_thread().name))

    unsubscribe = service.subscribe(listen)
    service.boot()
    service.submit(lambda commands: commands.start()).result(90)
    service.submit(lambda commands: commands.stop()).result(90)
    unsubscribe()
    service.submit(lambda commands: commands.start()).result(90)
    assert [state.value for state, _ in received] == [
        "off",
        "starting",
        "running",
        "stopping",
        "off",
    ]
    assert {name for _, name in received} == {"g-copilot-proxy-engine"}


def test_a_taken_port_fails_the_future_and_the_service_lives(make: Make) -> None:
    first = make()
    first.boot()
    first.submit(lambda commands: commands.start()).result(90)
    second = make(overrides=Overrides(port=first.status.server.port))
    second.boot()
    with pytest.raises(PortInUse) as caught:
        second.submit(lambda commands: commands.start()).result(90)
    assert caught.value.port == first.status.server.port
    first.submit(lambda commands: commands.stop()).result(90)
    second.submit(lambda commands: commands.start()).result(90)
    assert second.status.server.state is ServerState.RUNNING
    second.submit(lambda commands: commands.restart()).result(90)


def test_the_models_are_a_command_like_any_other(make: Make) -> None:
    service = make()
    service.boot()
    models = service.submit(lambda commands: commands.models()).result(90)
    assert "gpt-4o-mini" in {each.id for each in models}
    eventually(lambda: service.status.model_count is not None)


def test_a_setting_that_is_not_allowed_fails_the_future(make: Make) -> None:
    service = make()
    service.boot()
    with pytest.raises(BadRequest):
        service.submit(lambda commands: commands.change_settings("server.port", "many")).result(90)
    service.submit(
        lambda commands: commands.change_settings("server.heartbeat_seconds", 20)
    ).result(90)
    assert service.settings.server.heartbeat_seconds == 20


def test_signing_out_and_in_again_walks_the_simulator_s_device_page(make: Make) -> None:
    service = make()
    service.boot()
    eventually(lambda: service.status.account.state is AccountState.SIGNED_IN)
    service.submit(lambda commands: commands.sign_out()).result(90)
    assert service.status.account.state is AccountState.SIGNED_OUT
    with pytest.raises(ProxyError):
        service.submit(lambda commands: commands.models()).result(90)

    shown: list[SignInProgress] = []
    signing_in = service.submit(lambda commands: commands.sign_in(shown.append))
    eventually(lambda: bool(shown))
    _authorize(shown[0])
    status = signing_in.result(90)
    assert status.login == "octocat"
    assert shown[-1].state is SignInState.APPROVED
    assert service.status.account.state is AccountState.SIGNED_IN
    assert service.submit(lambda commands: commands.models()).result(90)
    service.submit(lambda commands: commands.choose_token_storage(TokenStorage.FILE)).result(90)
    assert service.status.account.token_place is TokenPlace.FILE


def test_a_sign_in_can_be_cancelled_at_any_time(make: Make) -> None:
    service = make()
    service.boot()
    shown: list[SignInProgress] = []
    signing_in = service.submit(lambda commands: commands.sign_in(shown.append))
    eventually(lambda: bool(shown))
    assert signing_in.cancel()
    with pytest.raises(concurrent.futures.CancelledError):
        signing_in.result(90)
    assert service.submit(lambda commands: commands.models()).result(90), (
        "the earlier sign-in is still good"
    )


def test_a_command_outside_the_service_s_life_fails_and_does_not_hang(make: Make) -> None:
    service = make()
    with pytest.raises(Cancelled):
        service.submit(lambda commands: commands.start()).result(90)
    service.boot()
    service.shutdown()
    with pytest.raises(Cancelled):
        service.submit(lambda commands: commands.models()).result(90)


def test_a_service_that_cannot_start_says_why_and_leaves_no_thread(make: Make) -> None:
    service = make(demo=False, environ={"G_COPILOT_PROXY_GITHUB_URL": "https://evil.example"})
    with pytest.raises(BadRequest, match="not one of GitHub's addresses"):
        service.boot()
    assert service.shutdown(60)


def test_a_shutdown_twice_or_before_the_start_is_harmless(make: Make) -> None:
    service = make()
    assert service.shutdown(60)
    service = make()
    service.boot()
    assert service.shutdown(60)
    assert service.shutdown(60)


def _authorize(progress: SignInProgress) -> None:
    """Press the button on the simulator's page, as a person would."""
    data = f"user_code={progress.user_code}&decision=authorize".encode()
    request = urllib.request.Request(progress.verification_uri, data=data)
    with urllib.request.urlopen(request, timeout=30) as response:
        assert response.status == 200


def test_the_doctor_looks_at_everything_while_the_server_runs(make: Make) -> None:
    service = make()
    service.boot()
    service.submit(lambda commands: commands.start()).result(90)
    told: list[tuple[str, str]] = []
    findings = service.submit(
        lambda commands: commands.run_doctor(
            lambda each: told.append((each.check, threading.current_thread().name))
        )
    ).result(90)
    states = {each.check: each.state for each in findings}
    assert set(states.values()) == {FindingState.OK}, findings
    assert {check for check, _ in told} == set(states)
    assert {thread for _, thread in told} == {"g-copilot-proxy-engine"}
    port = next(each for each in findings if each.check == "port")
    assert port.finding.startswith(f"{service.status.server.port} is ours.")
