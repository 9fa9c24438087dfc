"""Tokens that died, laptops that slept, accounts that were warned: cases 50 to 59."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from proxy_core.status.sign_in_progress import SignInProgress, SignInState
from proxy_core.status.status import AccountState
from tests.integration.copilot.conftest import (
    CHAT,
    DIALECTS,
    MESSAGES,
    REPEAT,
    Rig,
    error_of,
    question,
    running_rig,
)
from tests.integration.copilot.network import Network
from tests.integration.copilot.virtual_time import VirtualTime
from tests.integration.server.conftest import KEY

HOUR = 3600.0
in_every_dialect = pytest.mark.parametrize("path", DIALECTS)


async def fine(rig: Rig, path: str = CHAT, model: str = "gpt-5.4") -> None:
    response = await rig.ask(path, model, REPEAT + "fine")
    assert response.status == 200, await response.text()
    assert "fine" in await response.text()


@in_every_dialect
async def test_case_50_a_token_is_renewed_before_it_is_too_old(rig: Rig, path: str) -> None:
    await fine(rig, path)
    for _ in range(4):
        rig.time.pass_by(24 * 60)
        await fine(rig, path)
    assert rig.exchanges == 5
    assert len(rig.calls()) == 5, "no call was wasted on a dead token"


@in_every_dialect
async def test_case_50_a_token_that_died_early_costs_one_repeat_for_all_who_used_it(
    rig: Rig, path: str
) -> None:
    await fine(rig, path)
    await rig.control("expire", {})
    calls = len(rig.calls())
    await asyncio.gather(*(fine(rig, path) for _ in range(8)))
    assert rig.exchanges == 2, "one exchange for all"
    assert len(rig.calls()) <= calls + 16


async def test_case_51_after_a_night_with_the_lid_closed_the_first_request_just_works(
    rig: Rig,
) -> None:
    """The monotonic clock stood still, and a router forgot the connections meanwhile."""
    await fine(rig)
    rig.time.sleep_through(8 * HOUR)
    rig.network.forget_connections()
    async with asyncio.timeout(30):
        await fine(rig)
    assert rig.exchanges == 2
    assert len(rig.calls()) == 2


async def test_case_51_a_clock_that_is_set_back_leaves_no_dead_token_in_use(rig: Rig) -> None:
    await fine(rig)
    rig.time.set_back(2 * HOUR)
    rig.time.pass_by(30 * 60)
    await fine(rig)
    assert rig.exchanges == 2


@pytest.mark.parametrize("settings_text", ["[upstream]\nmax_concurrent_calls = 3\n"], ids=[""])
async def test_case_52_a_crowd_of_requests_is_a_few_at_a_time_for_github(rig: Rig) -> None:
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, rig.simulator.active)
            await asyncio.sleep(0)

    watching = asyncio.ensure_future(watch())
    try:
        await asyncio.gather(*(fine(rig, path) for path in DIALECTS for _ in range(8)))
    finally:
        watching.cancel()
    assert 1 <= most <= 3


async def test_case_52_a_limit_met_by_a_crowd_is_not_made_worse_by_it(rig: Rig) -> None:
    async def told() -> None:
        response = await rig.ask(CHAT, "gpt-5.4", "[sim:user_weekly_rate_limited]")
        assert response.status == 429
        assert float(response.headers["retry-after"]) > HOUR

    await asyncio.gather(*(told() for _ in range(10)))
    assert len(rig.calls()) <= 10, "nobody asked twice"


@in_every_dialect
@pytest.mark.parametrize(
    ("word", "seconds"),
    [
        ("user_model_rate_limited", 45),
        ("user_global_rate_limited", 2733),
        ("user_weekly_rate_limited", 180_000),
        ("weekly-unnamed", None),
        ("integration_rate_limited", None),
    ],
)
async def test_case_53_every_limit_tells_the_client_when_to_come_back(
    rig: Rig, path: str, word: str, seconds: int | None
) -> None:
    response = await rig.ask(path, "gpt-5.4", f"[sim:{word}]", stream=True)
    assert response.status == 429
    told = float(response.headers["retry-after"])
    assert told == seconds if seconds is not None else told >= 30


@in_every_dialect
async def test_case_54_every_call_says_which_editor_it_is(rig: Rig, path: str) -> None:
    await fine(rig, path)
    await rig.ask(MESSAGES, "claude-sonnet-4.6", "hello")
    async with rig.http.post(
        f"{rig.url}/v1/messages/count_tokens",
        json=question(MESSAGES, "claude-sonnet-4.6", "hello"),
        headers=rig.headers(),
    ) as counted:
        assert counted.status == 200
    copilot = [r for r in rig.simulator.requests if not r.path.startswith("/login")]
    assert {r.path for r in copilot} >= {"/models", "/v1/messages", "/v1/messages/count_tokens"}
    assert all(r.headers.get("editor-version") for r in copilot), [r.path for r in copilot]


class TestWithoutAnEditor:
    @pytest.fixture
    def settings_text(self) -> str:
        return '[identity]\neditor_version = ""\n'

    async def test_case_54_a_400_about_the_editor_is_never_repeated(self, rig: Rig) -> None:
        response = await rig.ask(CHAT, "gpt-5.4", "hello")
        error = error_of(await response.json())
        assert response.status == 502
        assert "Editor-Version" in error["message"]
        refused = [r for r in rig.simulator.requests if r.path in ("/models", "/chat/completions")]
        assert len(refused) == 1


class TestSignedOut:
    @pytest.fixture
    def environ(self, tmp_path: Path, network: Network) -> dict[str, str]:
        return {
            "G_COPILOT_PROXY_HOME": str(tmp_path),
            "G_COPILOT_PROXY_GITHUB_URL": network.url,
        }

    async def test_case_55_a_sign_in_that_waits_for_its_person_blocks_nobody(
        self, rig: Rig
    ) -> None:
        shown: asyncio.Queue[SignInProgress] = asyncio.Queue()
        signing_in = asyncio.ensure_future(rig.engine.commands.sign_in(shown.put_nowait, None))
        async with asyncio.timeout(30):
            progress = await shown.get()
        response = await rig.ask(CHAT, "gpt-5.4", "hello")
        assert response.status == 401
        assert "sign in" in error_of(await response.json())["message"].lower()
        assert (await rig.get("/health")).status == 200
        rig.simulator.authorize(progress.user_code)
        async with asyncio.timeout(30):
            status = await signing_in
        assert status.state is AccountState.SIGNED_IN
        await fine(rig)

    async def test_case_55_nobody_comes_and_the_sign_in_ends_by_itself(self, rig: Rig) -> None:
        shown: list[SignInProgress] = []
        signing_in = asyncio.ensure_future(rig.engine.commands.sign_in(shown.append, None))
        async with asyncio.timeout(30):
            while not shown:  # noqa: ASYNC110 - the first report
                await asyncio.sleep(0.002)
            rig.time.pass_by(901)
            with pytest.raises(Exception, match=r"(?i)expired|too old|code"):
                await signing_in
        assert shown[-1].state is SignInState.EXPIRED


class TestWithAClassicToken:
    @pytest.fixture
    def environ(self, tmp_path: Path, network: Network) -> dict[str, str]:
        return {
            "G_COPILOT_PROXY_HOME": str(tmp_path),
            "G_COPILOT_PROXY_GITHUB_URL": network.url,
            "COPILOT_GITHUB_TOKEN": "ghp_" + "a" * 36,
        }

    @in_every_dialect
    async def test_case_56_it_is_not_sent_anywhere_and_the_kinds_that_work_are_named(
        self, rig: Rig, path: str
    ) -> None:
        response = await rig.ask(path, "gpt-5.4", "hello")
        assert response.status == 401
        problem = rig.board.current.account.problem
        assert problem is not None
        assert "ghu_" in problem.message
        assert "ghp_" in problem.message
        assert rig.simulator.requests == []
        assert "a" * 36 not in await response.text()


async def test_case_57_a_business_seat_is_served_where_its_token_says(
    time: VirtualTime, tmp_path: Path
) -> None:
    """No setting names the plan: the answer to the exchange does."""
    async with Network(0) as business:
        options = SimulatorOptions(clock=time.wall, base_url=business.url)
        async with SimulatorServer(options) as simulator, Network(simulator.port) as front:
            business.far_port = simulator.port
            environ = {
                "G_COPILOT_PROXY_HOME": str(tmp_path),
                "G_COPILOT_PROXY_GITHUB_URL": front.url,
                "COPILOT_GITHUB_TOKEN": simulator.github_token,
            }
            async with running_rig(environ, simulator, front, time) as rig:
                await fine(rig)
            hosts = {r.path: r.headers["host"] for r in simulator.requests}
            assert hosts["/copilot_internal/v2/token"] == f"127.0.0.1:{front.port}"
            assert hosts["/models"] == f"127.0.0.1:{business.port}"
            assert hosts["/chat/completions"] == f"127.0.0.1:{business.port}"


@pytest.mark.parametrize("header", ["Authorization", "x-api-key"])
@in_every_dialect
async def test_case_59_the_local_key_is_taken_in_either_header_and_alone(
    rig: Rig, path: str, header: str
) -> None:
    given = {header: f"Bearer {KEY}" if header == "Authorization" else KEY}
    body = question(path, "claude-sonnet-4.6", REPEAT + "fine")
    assert (await rig.send("POST", path, given, json=body)).status == 200
    both = {"Authorization": "Bearer sk-ant-something-old", "x-api-key": KEY}
    assert (await rig.send("POST", path, both, json=body)).status == 200


@in_every_dialect
async def test_case_59_a_wrong_key_is_told_in_the_client_s_own_shape_with_the_way_out(
    rig: Rig, path: str
) -> None:
    body = question(path, "claude-sonnet-4.6", "hello")
    response = await rig.send("POST", path, {"x-api-key": "sk-ant-mine"}, json=body)
    assert response.status == 401
    content: Any = await response.json()
    error = error_of(content)
    assert "g-copilot-proxy key" in error["message"]
    if path == MESSAGES:
        assert content["type"] == "error"
        assert error["type"] == "authentication_error"
    else:
        assert error["code"] == "invalid_api_key"
    assert rig.calls() == []
