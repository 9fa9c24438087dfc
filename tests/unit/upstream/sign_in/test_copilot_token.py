"""The short Copilot token over time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from proxy_core.errors import ErrorKind, ProxyError, SignedOut, UpstreamRefused
from proxy_core.upstream.sign_in.account import CopilotAccount
from proxy_core.upstream.sign_in.copilot_token import CopilotTokens
from proxy_core.upstream.sign_in.epoch import SignInChanged
from proxy_core.upstream.sign_in.github_api import NoPlan, WrongKindOfApp
from proxy_core.upstream.sign_in.token_kinds import TokenUnusable, TokenUse, token_use
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from proxy_core.upstream.transport.hosts import UntrustedHost, find_hosts
from tests.unit.upstream.scripted_github import Bench, FakeSignIn, FakeTime, Reply


class Exchange:
    """GitHub's side: each exchange gives the next token."""

    def __init__(self) -> None:
        self.count = 0
        self.answer: dict[str, Any] | ProxyError = {}
        self.gate: asyncio.Event | None = None
        self.account_answer: CopilotAccount | None = None

    async def exchange(self, github_token: str) -> Mapping[str, Any]:
        self.count += 1
        count = self.count
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(self.answer, ProxyError):
            raise self.answer
        return {"token": f"session-{count}", "refresh_in": 1500, **self.answer}

    async def account(self, github_token: str) -> CopilotAccount | None:
        self.count += 1
        return self.account_answer


class Setup:
    def __init__(self, time: FakeTime) -> None:
        self.exchange = Exchange()
        self.sign_in = FakeSignIn(time)
        self.hosts = find_hosts("github.com", {})
        self.tokens = CopilotTokens(
            self.exchange,
            self.sign_in,
            lambda: self.hosts,
            time.clock,
        )


@pytest.fixture
def setup(time: FakeTime) -> Setup:
    return Setup(time)


async def test_one_exchange_serves_all_who_ask_at_once(setup: Setup) -> None:
    setup.exchange.gate = asyncio.Event()
    asking = [asyncio.create_task(setup.tokens.current()) for _ in range(20)]
    await asyncio.sleep(0)
    asking[0].cancel()
    await asyncio.sleep(0)
    setup.exchange.gate.set()
    tokens = await asyncio.gather(*asking[1:])
    assert {each.secret for each in tokens} == {"session-1"}
    assert setup.exchange.count == 1


@pytest.mark.parametrize(("age", "exchanges"), [(1259, 1), (1261, 2), (5000, 2)])
async def test_a_token_is_renewed_five_minutes_before_its_end(
    setup: Setup, time: FakeTime, age: float, exchanges: int
) -> None:
    await setup.tokens.current()
    time.pass_seconds(age)
    await setup.tokens.current()
    assert setup.exchange.count == exchanges


async def test_githubs_clock_does_not_matter(setup: Setup, time: FakeTime) -> None:
    setup.exchange.answer = {"expires_at": time.wall - 10_000}
    await setup.tokens.current()
    await setup.tokens.current()
    assert setup.exchange.count == 1


async def test_setting_our_clock_back_does_not_keep_a_dead_token(
    setup: Setup, time: FakeTime
) -> None:
    await setup.tokens.current()
    time.monotonic += 2000
    time.wall -= 100_000
    await setup.tokens.current()
    assert setup.exchange.count == 2


async def test_a_closed_laptop_lets_the_token_expire(setup: Setup, time: FakeTime) -> None:
    await setup.tokens.current()
    time.close_the_laptop(3600)
    assert (await setup.tokens.current()).secret == "session-2"


async def test_a_short_lived_token_is_not_renewed_all_the_time(
    setup: Setup, time: FakeTime
) -> None:
    setup.exchange.answer = {"refresh_in": 60}
    await setup.tokens.current()
    time.pass_seconds(90)
    await setup.tokens.current()
    assert setup.exchange.count == 1
    time.pass_seconds(7)
    await setup.tokens.current()
    assert setup.exchange.count == 2


@pytest.mark.parametrize(
    ("answer", "lifetime"),
    [
        ({"refresh_in": None, "expires_at": 1_790_000_600.0}, 600),
        ({"refresh_in": "soon"}, 1500),
        ({"refresh_in": 0, "expires_at": 5}, 60),
    ],
)
async def test_a_lifetime_that_is_not_said_is_found_otherwise(
    setup: Setup, answer: dict[str, Any], lifetime: float
) -> None:
    setup.exchange.answer = answer
    assert (await setup.tokens.current()).lifetime == lifetime


async def test_a_token_that_still_lives_bridges_a_github_that_does_not_answer(
    setup: Setup, time: FakeTime
) -> None:
    await setup.tokens.current()
    time.pass_seconds(1300)
    setup.exchange.answer = ConnectionFailed("offline", retryable=True)
    assert (await setup.tokens.current()).secret == "session-1"
    time.pass_seconds(300)
    with pytest.raises(ConnectionFailed):
        await setup.tokens.current()


async def test_replacing_a_refused_token_happens_once_for_all(setup: Setup) -> None:
    old = await setup.tokens.current()
    new = await asyncio.gather(*(setup.tokens.replace(old) for _ in range(5)))
    assert {each.secret for each in new} == {"session-2"}
    assert (await setup.tokens.replace(old)).secret == "session-2", "someone else did it already"
    assert setup.exchange.count == 2


async def test_a_rejected_sign_in_is_told_once_and_not_asked_about_again(setup: Setup) -> None:
    setup.exchange.answer = SignedOut("Bad credentials")
    for _ in range(3):
        with pytest.raises(SignedOut, match="Bad credentials"):
            await setup.tokens.current()
    assert setup.exchange.count == 1
    assert len(setup.sign_in.rejected) == 1
    setup.sign_in.change("ghu_2")
    setup.exchange.answer = {}
    assert (await setup.tokens.current()).secret == "session-2"


async def test_another_sign_in_never_gets_the_first_ones_token(setup: Setup) -> None:
    await setup.tokens.current()
    setup.sign_in.change("ghu_2")
    assert (await setup.tokens.current()).secret == "session-2"


async def test_signing_out_during_an_exchange_ends_it_with_an_error_not_a_cancellation(
    setup: Setup,
) -> None:
    setup.exchange.gate = asyncio.Event()
    waiting = asyncio.create_task(setup.tokens.current())
    await asyncio.sleep(0)
    setup.tokens.forget()
    with pytest.raises(SignInChanged, match="sign-in of g-copilot-proxy changed"):
        await waiting


async def test_an_oauth_apps_token_is_used_as_it_is(setup: Setup, time: FakeTime) -> None:
    setup.sign_in.change("gho_1")
    setup.exchange.account_answer = CopilotAccount(
        "octocat", "Business", api_url="https://api.business.githubcopilot.com"
    )
    token = await setup.tokens.current()
    assert (token.secret, token.direct) == ("gho_1", True)
    assert token.api_url == "https://api.business.githubcopilot.com"
    time.pass_seconds(1_000_000)
    assert await setup.tokens.current() is token
    setup.tokens.reject(token, "unauthorized")
    with pytest.raises(SignedOut, match="unauthorized"):
        await setup.tokens.current()


async def test_without_a_named_address_the_hosts_own_is_used(setup: Setup) -> None:
    assert (await setup.tokens.current()).api_url == "https://api.githubcopilot.com"
    setup.sign_in.change("github_pat_1")
    assert (await setup.tokens.current()).api_url == "https://api.githubcopilot.com"


async def test_an_address_that_is_not_githubs_is_refused(setup: Setup) -> None:
    setup.exchange.answer = {"endpoints": {"api": "http://127.0.0.1:1"}}
    with pytest.raises(UntrustedHost):
        await setup.tokens.current()


async def test_no_representation_shows_a_secret(setup: Setup) -> None:
    setup.exchange.answer = {"user_notification": {"message": "Hello"}}
    token = await setup.tokens.current()
    assert "session-1" not in repr(token)
    assert token.notice == "Hello"


# -- GitHub's answers ------------------------------------------------------------------------------

EXCHANGE = "/copilot_internal/v2/token"


async def test_a_plan_that_is_missing_speaks_for_itself(bench: Bench) -> None:
    body = {
        "message": "Resource not accessible by integration",
        "reason": "no_copilot_access",
        "error_details": {
            "message": "You do not have a seat.",
            "title": "No seat",
            "notification_id": "no_copilot_access",
            "url": "https://github.com/features/copilot",
        },
    }
    bench.github.on(EXCHANGE, Reply(403, body))
    with pytest.raises(NoPlan) as caught:
        await bench.tokens.current()
    assert caught.value.message == "You do not have a seat. See https://github.com/features/copilot"
    assert caught.value.title == "No seat"
    assert caught.value.code == "no_copilot_access"


async def test_githubs_own_limit_is_not_a_missing_plan(bench: Bench) -> None:
    bench.github.on(EXCHANGE, Reply(403, {"message": "API rate limit exceeded for user ID 1."}))
    with pytest.raises(UpstreamRefused) as caught:
        await bench.tokens.current()
    assert caught.value.kind is ErrorKind.RATE_LIMIT


async def test_a_404_is_the_wrong_kind_of_app(bench: Bench) -> None:
    bench.github.on(EXCHANGE, Reply(404, {"message": "Not Found"}))
    with pytest.raises(WrongKindOfApp, match="gho_ or github_pat_"):
        await bench.tokens.current()


@pytest.mark.parametrize("body", [b"{", b"[]", b"", {"token": 7}, {"token": ""}])
async def test_an_unreadable_exchange_is_an_upstream_error(bench: Bench, body: Any) -> None:
    bench.github.on(EXCHANGE, Reply(200, body))
    with pytest.raises(ProxyError) as caught:
        await bench.tokens.current()
    assert caught.value.kind is ErrorKind.UPSTREAM


async def test_a_bad_login_is_reported_to_who_listens(bench: Bench) -> None:
    bench.github.on(EXCHANGE, Reply(401, {"message": "Bad credentials"}))
    with pytest.raises(SignedOut):
        await bench.tokens.current()
    assert len(bench.sign_in.rejected) == 1


# -- kinds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "use"),
    [
        ("ghu_abc", TokenUse.EXCHANGE),
        ("gho_abc", TokenUse.DIRECT),
        ("github_pat_abc", TokenUse.DIRECT),
        ("0123456789abcdef0123456789abcdef01234567", TokenUse.EXCHANGE),
    ],
)
def test_the_prefix_says_how_a_token_is_used(token: str, use: TokenUse) -> None:
    assert token_use(token) is use


@pytest.mark.parametrize(
    "token", ["ghp_abc", "ghs_abc", "ghr_abc", "", "a b", "a\nb", "ä", "x" * 2000]
)
def test_a_token_that_cannot_work_is_refused_with_those_that_do(token: str) -> None:
    with pytest.raises(TokenUnusable, match="ghu_") as caught:
        token_use(token)
    assert not token or token not in caught.value.message
