"""Signing in with every ending, tokens over time, and the catalogue."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from proxy_core.canonical.model import Endpoint
from proxy_core.config.paths import find_paths
from proxy_core.config.settings import TokenStorage
from proxy_core.errors import ProxyError, SignedOut
from proxy_core.status.sign_in_progress import SignInProgress, SignInState
from proxy_core.status.status import AccountState, TokenPlace
from proxy_core.upstream.assembly import build_upstream
from proxy_core.upstream.sign_in.keychain import Keychain
from tests.integration.upstream.workbench import Workbench, no_keychain

HELLO = {"messages": [{"role": "user", "content": "hi"}]}


class Walk:
    """One sign-in with a person who acts when the code is shown."""

    def __init__(self, bench: Workbench, act: str | None) -> None:
        self.bench = bench
        self.act = act
        self.reports: list[SignInProgress] = []

    def report(self, progress: SignInProgress) -> None:
        self.reports.append(progress)
        if progress.state is SignInState.WAITING and self.act is not None:
            getattr(self.bench.simulator, self.act)(progress.user_code)

    @property
    def states(self) -> list[SignInState]:
        return [each.state for each in self.reports]


async def test_an_approved_sign_in_knows_who_and_which_plan_and_can_call_models(
    bench: Workbench,
) -> None:
    walk = Walk(bench, "authorize")
    status = await bench.side.account.sign_in(walk.report)
    assert walk.states == [SignInState.WAITING, SignInState.APPROVED]
    first, last = walk.reports
    assert first.verification_uri == f"{bench.simulator.url}/login/device"
    assert first.expires_at == pytest.approx(1_790_000_000 + 900)
    assert (last.login, last.plan) == ("octocat", "Pro")
    assert status.state is AccountState.SIGNED_IN
    assert status.token_place is TokenPlace.MEMORY
    await bench.ask("gpt-4o-mini", Endpoint.CHAT_COMPLETIONS, HELLO)
    assert bench.time.slept == [2.0]


async def test_without_a_keychain_the_user_is_asked_where_to_keep_it(
    bench: Workbench, tmp_path: Path
) -> None:
    await bench.side.account.change_storage(TokenStorage.ASK)
    walk = Walk(bench, "authorize")
    status = await bench.side.account.sign_in(walk.report)
    assert walk.states == [SignInState.WAITING, SignInState.NEEDS_STORAGE_CHOICE]
    assert walk.reports[-1].problem is not None
    assert status.token_place is TokenPlace.MEMORY
    assert not (tmp_path / "state" / "github-token").exists()

    status = await bench.side.account.change_storage(TokenStorage.FILE)
    assert status.token_place is TokenPlace.FILE
    assert status.problem is None
    assert (tmp_path / "state" / "github-token").stat().st_mode & 0o077 == 0

    await bench.side.sign_out()
    assert not (tmp_path / "state" / "github-token").exists()
    with pytest.raises(SignedOut):
        await bench.side.client.models()


async def test_a_declined_sign_in_stores_nothing(bench: Workbench) -> None:
    walk = Walk(bench, "deny")
    with pytest.raises(ProxyError, match="Nothing was stored"):
        await bench.side.account.sign_in(walk.report)
    assert walk.states == [SignInState.WAITING, SignInState.DENIED]
    with pytest.raises(SignedOut):
        bench.side.account.github_token()


async def test_a_code_nobody_uses_runs_out(bench: Workbench) -> None:
    walk = Walk(bench, None)
    with pytest.raises(ProxyError, match="not used in time"):
        await bench.side.account.sign_in(walk.report)
    assert walk.states == [SignInState.WAITING, SignInState.EXPIRED]
    assert sum(bench.time.slept) <= 902
    polls = bench.calls("/login/oauth/access_token")
    assert len(polls) == 449, "every 2 s, never too fast"


async def test_a_cancelled_sign_in_ends_at_once(bench: Workbench) -> None:
    bench.time.never_ends = True
    task = asyncio.create_task(bench.side.account.sign_in(lambda _: None))
    await asyncio.wait_for(bench.time.waiting.wait(), 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_session_token_is_replaced_before_it_dies_and_after_a_sleep(
    bench: Workbench,
) -> None:
    await bench.sign_in()
    await bench.ask("gpt-4o-mini", Endpoint.CHAT_COMPLETIONS, HELLO)
    assert len(bench.calls("/copilot_internal/v2/token")) == 1
    bench.time.now += 1300
    await bench.ask("gpt-4o-mini", Endpoint.CHAT_COMPLETIONS, HELLO)
    assert len(bench.calls("/copilot_internal/v2/token")) == 2
    bench.time.now += 8 * 3600
    answer = await bench.ask("gpt-4o-mini", Endpoint.CHAT_COMPLETIONS, HELLO)
    assert answer.attempts == 1
    assert len(bench.calls("/copilot_internal/v2/token")) == 3


async def test_a_revoked_sign_in_is_told_once_and_not_asked_again(bench: Workbench) -> None:
    await bench.sign_in()
    await bench.ask("gpt-4o-mini", Endpoint.CHAT_COMPLETIONS, HELLO)
    bench.simulator.simulation.tokens.revoke(bench.simulator.github_token)
    bench.simulator.simulation.tokens.kill_all_sessions()
    for _ in range(3):
        with pytest.raises(SignedOut, match="Bad credentials"):
            await bench.ask("gpt-4o-mini", Endpoint.CHAT_COMPLETIONS, HELLO)
    assert len(bench.calls("/copilot_internal/v2/token")) == 2
    assert bench.side.account.status.state is AccountState.EXPIRED
    assert bench.statuses[-1].problem is not None
    assert bench.statuses[-1].problem.code == "token_rejected"


async def test_signing_in_again_heals_a_revoked_sign_in(bench: Workbench) -> None:
    await bench.sign_in()
    bench.simulator.simulation.tokens.revoke(bench.simulator.github_token)
    with pytest.raises(SignedOut):
        await bench.side.client.models()
    await bench.side.account.sign_in(Walk(bench, "authorize").report)
    await bench.ask("gpt-4o-mini", Endpoint.CHAT_COMPLETIONS, HELLO)
    assert bench.side.account.status.state is AccountState.SIGNED_IN


async def test_an_oauth_apps_token_is_the_bearer_itself(bench: Workbench) -> None:
    bench.set("identity", client_id="Ov23li8tweQw6odWQebz")
    await bench.side.account.sign_in(Walk(bench, "authorize").report)
    assert bench.side.account.github_token().startswith("gho_")
    await bench.ask("gpt-4o-mini", Endpoint.CHAT_COMPLETIONS, HELLO)
    assert bench.calls("/copilot_internal/v2/token") == []
    (call,) = bench.calls("/chat/completions")
    assert call.headers["authorization"].startswith("Bearer gho_")
    assert "copilot-integration-id" not in call.headers


async def test_the_catalogue_is_read_once_and_again_after_ten_minutes(bench: Workbench) -> None:
    await bench.sign_in()
    models = await bench.side.client.models()
    assert await bench.side.client.models() is models
    assert len(bench.calls("/models")) == 1
    bench.time.now += 601
    assert await bench.side.client.models() == models, "the old list is served at once"
    await bench.side.catalog.refresh()
    assert len(bench.calls("/models")) == 2
    by_id = {each.id: each for each in models}
    assert by_id["gpt-5.3-codex"].endpoints[0] is Endpoint.RESPONSES
    assert by_id["gpt-4.1"].endpoints == (Endpoint.CHAT_COMPLETIONS,)
    disabled = [each for each in models if each.disabled_reason]
    assert disabled
    assert all(each.disabled_reason.endswith(".") for each in disabled if each.disabled_reason)


async def test_a_start_without_network_serves_the_last_good_list(
    bench: Workbench, tmp_path: Path
) -> None:
    await bench.sign_in()
    models = await bench.side.client.models()
    await bench.side.catalog.refresh()
    await bench.side.catalog.close()
    assert (tmp_path / "state" / "models.json").stat().st_mode & 0o077 == 0

    environ = {
        "G_COPILOT_PROXY_HOME": str(tmp_path),
        "G_COPILOT_PROXY_GITHUB_URL": "http://127.0.0.1:9",
        "COPILOT_GITHUB_TOKEN": bench.simulator.github_token,
    }
    side = build_upstream(
        settings=lambda: bench.settings[0],
        paths=find_paths(environ),
        environ=environ,
        clock=bench.time.clock,
        keychain=Keychain(no_keychain),
    )
    status = await side.account.restore()
    assert status.state is AccountState.SIGNED_IN
    assert status.token_place is TokenPlace.ENVIRONMENT
    assert status.problem is not None
    offline = await side.client.models()
    assert [each.id for each in offline] == [each.id for each in models]
    await side.close()


@pytest.mark.parametrize("options", [{"profile": "free_plan"}], indirect=True)
async def test_the_free_plan_is_named(bench: Workbench) -> None:
    await bench.sign_in()
    assert bench.side.account.status.plan == "Free"
    account = bench.side.account.account
    assert account is not None
    assert {each.name for each in account.quotas} >= {"chat"}


@pytest.mark.parametrize("options", [{"profile": "token_billing"}], indirect=True)
async def test_credits_are_read(bench: Workbench) -> None:
    await bench.sign_in()
    account = bench.side.account.account
    assert account is not None
    premium = next(each for each in account.quotas if each.name == "premium_interactions")
    assert premium.entitlement == 1500
    assert premium.percent_used == pytest.approx(99.3, abs=1)
