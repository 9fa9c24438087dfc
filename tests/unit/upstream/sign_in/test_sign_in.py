"""The device flow, step by step, with time in hand."""

from __future__ import annotations

from typing import Any

import pytest

from proxy_core.config.settings import IdentitySettings
from proxy_core.errors import ProxyError
from proxy_core.status.sign_in_progress import SignInProgress, SignInState
from proxy_core.upstream.sign_in.device_flow import DeviceFlow, SignInFailed
from proxy_core.upstream.sign_in.sign_in import SignIn
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from tests.unit.upstream.scripted_github import Bench, Reply

START = "/login/device/code"
POLL = "/login/oauth/access_token"
PENDING = Reply(200, {"error": "authorization_pending"})
APPROVED = Reply(200, {"access_token": "ghu_new", "token_type": "bearer", "scope": ""})
BUSY = Reply(502, b"<html>busy</html>")


def code(bench: Bench, **more: Any) -> Reply:
    return Reply(
        200,
        {
            "device_code": "secret-device-code",
            "user_code": "WDJB-MJHT",
            "verification_uri": bench.github.url + "/login/device",
            "expires_in": 899,
            "interval": 5,
            **more,
        },
    )


class Run:
    """One sign-in and what it reported."""

    def __init__(self, bench: Bench) -> None:
        self.reports: list[SignInProgress] = []
        self.flow = DeviceFlow(
            bench.transport,
            lambda: bench.tokens._hosts(),
            IdentitySettings,
            bench.time.clock,
        )
        self.sign_in = SignIn(self.flow, bench.time.clock, self.reports.append)

    @property
    def states(self) -> list[str]:
        return [each.state.value for each in self.reports]


async def test_the_requests_are_as_github_expects_them(bench: Bench) -> None:
    bench.github.on(START, code(bench))
    bench.github.on(POLL, APPROVED)
    assert (await Run(bench).sign_in.run()).token == "ghu_new"
    start, poll = bench.github.seen
    assert start.body == {"client_id": "Iv1.b507a08c87ecfe98", "scope": "read:user"}
    assert start.headers["Accept"] == "application/json"
    assert "Authorization" not in start.headers
    assert poll.body == {
        "client_id": "Iv1.b507a08c87ecfe98",
        "device_code": "secret-device-code",
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
    }


async def test_waiting_keeps_to_githubs_pace(bench: Bench) -> None:
    slow_named = Reply(200, {"error": "slow_down", "interval": 12})
    slow_plain = Reply(200, {"error": "slow_down"})
    bench.github.on(START, code(bench))
    bench.github.on(POLL, PENDING, slow_named, PENDING, slow_plain, PENDING, APPROVED)
    run = Run(bench)
    await run.sign_in.run()
    assert bench.time.slept == [6, 6, 13, 13, 18, 18]
    assert run.states == ["waiting"]
    assert run.reports[0].user_code == "WDJB-MJHT"
    assert run.reports[0].expires_at == 1_790_000_000.0 + 899
    assert "secret-device-code" not in repr(run.reports)


async def test_an_interval_never_shrinks(bench: Bench) -> None:
    bench.github.on(START, code(bench))
    bench.github.on(POLL, Reply(200, {"error": "slow_down", "interval": 1}), APPROVED)
    await Run(bench).sign_in.run()
    assert bench.time.slept == [6, 6]


@pytest.mark.parametrize(
    ("word", "state", "text"),
    [
        ("access_denied", "denied", "You declined on GitHub"),
        ("expired_token", "expired", "not used in time"),
        ("device_flow_disabled", "failed", "device_flow_disabled"),
        ("incorrect_device_code", "failed", "incorrect_device_code"),
    ],
)
async def test_each_ending_is_reported_and_raised(
    bench: Bench, word: str, state: str, text: str
) -> None:
    bench.github.on(START, code(bench))
    bench.github.on(POLL, PENDING, Reply(200, {"error": word}))
    run = Run(bench)
    with pytest.raises(SignInFailed, match=text) as caught:
        await run.sign_in.run()
    assert run.states == ["waiting", state]
    assert "Nothing was stored" in caught.value.message
    problem = run.reports[-1].problem
    assert problem is not None
    assert problem.next_step


async def test_a_network_that_goes_and_comes_back_keeps_the_code(bench: Bench) -> None:
    bench.github.on(START, code(bench))
    bench.github.on(POLL, PENDING, Reply(cut_after=0), BUSY, Reply(429, b"x"), PENDING, APPROVED)
    run = Run(bench)
    assert (await run.sign_in.run()).token == "ghu_new"
    assert run.states == ["waiting", "offline", "offline", "offline", "waiting"]
    assert {each.user_code for each in run.reports} == {"WDJB-MJHT"}
    assert bench.time.slept == [6, 6, 6, 6, 9, 6]


async def test_a_network_that_stays_away_ends_with_the_code(bench: Bench) -> None:
    bench.github.on(START, code(bench, expires_in=200))
    bench.github.on(POLL, Reply(cut_after=0))
    run = Run(bench)
    with pytest.raises(SignInFailed, match="not used in time"):
        await run.sign_in.run()
    assert run.states[-1] == "expired"
    assert max(bench.time.slept) <= 31
    assert sum(bench.time.slept) < 240


async def test_setting_the_clock_neither_ends_the_wait_nor_speeds_it_up(bench: Bench) -> None:
    bench.github.on(START, code(bench))
    bench.github.on(POLL, PENDING, PENDING, APPROVED)

    def jump() -> None:
        bench.time.wall += 100_000

    bench.time.on_sleep = jump
    assert (await Run(bench).sign_in.run()).token == "ghu_new"
    assert bench.time.slept == [6, 6, 6]


async def test_without_network_no_code_is_asked_for_long(bench: Bench) -> None:
    bench.github.on(START, Reply(cut_after=0))
    run = Run(bench)
    with pytest.raises(ConnectionFailed):
        await run.sign_in.run()
    assert run.states == ["offline", "offline", "failed"]
    assert bench.time.slept == [2, 4]


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/login/device",
        "https://github.com/login/device",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "",
    ],
)
async def test_a_page_that_is_not_on_the_users_github_is_never_shown(
    bench: Bench, uri: str
) -> None:
    bench.github.on(START, code(bench, verification_uri=uri))
    run = Run(bench)
    with pytest.raises(SignInFailed, match="not on your GitHub"):
        await run.sign_in.run()
    assert run.states == ["failed"]
    assert run.reports[0].verification_uri == ""


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404, {"error": "Not Found"}),
        Reply(200, {"device_code": 1}),
        Reply(422, b"nope"),
        Reply(200, {"error": "unauthorized_client", "error_description": "Unknown client."}),
    ],
)
async def test_a_start_github_refuses_is_told_at_once(bench: Bench, reply: Reply) -> None:
    bench.github.on(START, reply)
    run = Run(bench)
    with pytest.raises(ProxyError):
        await run.sign_in.run()
    assert run.states == ["failed"]
    assert bench.time.slept == []


async def test_what_github_does_not_say_has_the_usual_value(bench: Bench) -> None:
    bench.github.on(START, code(bench, expires_in=None, interval="x"))
    bench.github.on(POLL, APPROVED)
    await Run(bench).sign_in.run()
    assert bench.time.slept == [6]
    bench.github.on(START, code(bench, expires_in=10**9))
    started = await Run(bench).flow.start()
    assert started.lifetime == 3600
    assert "secret-device-code" not in repr(started)


def test_the_states_are_those_agreed_on() -> None:
    assert [each.value for each in SignInState] == [
        "waiting",
        "approved",
        "denied",
        "expired",
        "no_plan",
        "offline",
        "failed",
        "needs_storage_choice",
    ]
