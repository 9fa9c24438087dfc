"""The account changes while requests are under way: nothing of one sign-in serves the next."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from proxy_core.config.settings import TokenStorage
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.status.sign_in_progress import SignInProgress, SignInState
from proxy_core.status.status import AccountState, TokenPlace, UpstreamState
from proxy_core.upstream.sign_in.guests import MOST_GUESTS
from tests.integration.server.conftest import Proxy

CHAT = "/v1/chat/completions"
HELLO = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "hi"}]}


def calls(proxy: Proxy, path: str = "/chat/completions") -> list[Any]:
    return [each for each in proxy.simulator.requests if each.path == path]


async def sign_in(proxy: Proxy, github_host: str | None = None) -> None:
    def approve(progress: SignInProgress) -> None:
        if progress.state is SignInState.WAITING:
            proxy.simulator.authorize(progress.user_code)

    async with asyncio.timeout(20):
        await proxy.engine.commands.sign_in(approve, github_host)


@pytest.fixture
def settings_text() -> str:
    return '[account]\ntoken_storage = "file"\n[upstream]\nlongest_retry_wait_seconds = 120\n'


async def test_a_call_in_back_off_is_not_sent_with_the_old_bearer_after_a_sign_out(
    proxy: Proxy,
) -> None:
    body = {**HELLO, "messages": [{"role": "user", "content": "hi [sim:rate_limited*1]"}]}
    waiting = asyncio.ensure_future(proxy.post(CHAT, body))
    await proxy.until(lambda: proxy.board.current.upstream.state is UpstreamState.LIMITED)
    await proxy.engine.commands.sign_out()
    async with asyncio.timeout(30):
        answer = await waiting
    assert answer.status == 401
    assert len(calls(proxy)) == 1


async def test_a_session_token_that_is_leased_out_is_exchanged_and_the_call_sent_as_it_was(
    proxy: Proxy,
) -> None:
    body = {**HELLO, "messages": [{"role": "user", "content": "hi [sim:stale-lease*1]"}]}
    assert (await proxy.post(CHAT, {**body, "top_p": 0.5})).status == 200
    assert len(calls(proxy, "/copilot_internal/v2/token")) == 2
    first, second = calls(proxy)
    assert first.body == second.body
    assert proxy.board.current.parameter_refusals == ()


async def test_a_host_where_nobody_signed_in_in_the_end_leaves_the_present_sign_in(
    proxy: Proxy,
) -> None:
    shown: asyncio.Queue[SignInProgress] = asyncio.Queue()
    signing_in = asyncio.ensure_future(
        proxy.engine.commands.sign_in(shown.put_nowait, "octo.ghe.com")
    )
    async with asyncio.timeout(30):
        await shown.get()
    signing_in.cancel()
    await asyncio.wait({signing_in})
    assert proxy.engine.settings.account.github_host == "github.com"
    assert (await proxy.post(CHAT, HELLO)).status == 200


async def test_the_host_of_a_sign_in_is_remembered_once_it_succeeded(proxy: Proxy) -> None:
    await sign_in(proxy, "octo.ghe.com")
    assert proxy.engine.settings.account.github_host == "octo.ghe.com"
    assert (await proxy.post(CHAT, HELLO)).status == 200


async def test_memory_until_i_quit_takes_the_sign_in_out_of_its_file(
    proxy: Proxy, tmp_path: Path
) -> None:
    await proxy.engine.commands.sign_out()
    await sign_in(proxy)
    file = tmp_path / "state" / "github-token"
    assert file.exists()
    await proxy.engine.commands.change_settings("account.token_storage", TokenStorage.MEMORY)
    assert not file.exists()
    assert proxy.board.current.account.token_place is TokenPlace.MEMORY
    assert (await proxy.post(CHAT, HELLO)).status == 200


async def test_a_refused_exchange_is_not_remembered_for_good(proxy: Proxy) -> None:
    tokens = proxy.simulator.simulation.tokens
    token = proxy.simulator.github_token
    tokens.revoke(token)
    tokens.kill_all_sessions()
    assert (await proxy.post(CHAT, HELLO)).status == 401
    tokens._revoked.discard(token)  # it was GitHub's mistake
    await proxy.engine.commands.ask_account()
    assert proxy.board.current.account.state is AccountState.SIGNED_IN
    assert (await proxy.post(CHAT, HELLO)).status == 200, "whoever is signed in is served"


async def status_of_a_call(proxy: Proxy) -> int:
    """Ask a model that is there whatever the date."""
    return (await proxy.post(CHAT, {**HELLO, "model": "claude-haiku-4.5"})).status


class TestTokensThatEnd:
    @pytest.fixture
    def simulator_options(self) -> SimulatorOptions:
        return SimulatorOptions(profile="strict", world="2026-11")

    async def test_an_evicted_sign_in_is_told_as_what_it_may_be(self, proxy: Proxy) -> None:
        await proxy.engine.commands.sign_out()
        await sign_in(proxy)
        assert await status_of_a_call(proxy) == 200
        tokens = proxy.simulator.simulation.tokens
        for held in tokens._by_app.values():
            for each in held:
                tokens.revoke(each)
        tokens._refresh_tokens.clear()
        tokens.kill_all_sessions()
        assert await status_of_a_call(proxy) == 401
        problem = proxy.board.current.account.problem
        assert problem is not None
        assert "ends the oldest when other programs sign in" in problem.message

    async def test_a_token_that_ran_out_is_renewed_within_the_request(self, proxy: Proxy) -> None:
        await proxy.engine.commands.sign_out()
        await sign_in(proxy)
        assert await status_of_a_call(proxy) == 200
        tokens = proxy.simulator.simulation.tokens
        for each in tokens._expiries:
            tokens._expiries[each] = 0.0
        tokens.kill_all_sessions()
        assert await status_of_a_call(proxy) == 200
        assert proxy.board.current.account.state is AccountState.SIGNED_IN


class TestGuests:
    @pytest.fixture
    def settings_text(self) -> str:
        return "[account]\naccept_client_tokens = true\n"

    async def test_many_guests_at_once_are_all_served(self, proxy: Proxy) -> None:
        many = 2 * MOST_GUESTS + 8
        tokens = [proxy.simulator.simulation.tokens.issue_github_token("ghu_") for _ in range(many)]

        async def ask(token: str) -> int:
            answer = await proxy.send(
                "POST", CHAT, {"Authorization": f"Bearer {token}"}, json=HELLO
            )
            await answer.read()
            return answer.status

        assert set(await asyncio.gather(*(ask(each) for each in tokens))) == {200}
        side = proxy.engine._upstream_side
        await proxy.until(lambda: len(side.guests) <= MOST_GUESTS)
