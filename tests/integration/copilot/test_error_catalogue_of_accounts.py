"""Copilot\'s error catalogue, rows 5 to 8 (the account).

What the client is told, and how often upstream was asked. Row numbers as in
``declared_cases``. Upstream is the strict simulator behind a real socket; waiting costs no time.
"""

from __future__ import annotations

import pytest

from proxy_core.status.status import AccountState
from tests.integration.copilot.conftest import (
    CHAT,
    MESSAGES,
    REPEAT,
    Rig,
    error_of,
)
from tests.integration.copilot.error_catalogue import (
    MODELS,
    NO_QUOTA,
    answered,
    in_every_dialect,
    refused,
)

# --- rows 5, 7, 8: tokens and permission ----------------------------------------------------------


@in_every_dialect
async def test_row_5_a_dead_session_token_is_exchanged_once_and_the_client_never_knows(
    rig: Rig, path: str
) -> None:
    """unauthorized"""
    await answered(rig, path, "hello")
    exchanges, calls = rig.exchanges, len(rig.calls())
    await rig.control("expire", {})
    assert "alive" in await answered(rig, path, REPEAT + "alive")
    assert rig.exchanges == exchanges + 1
    assert len(rig.calls()) == calls + 2


async def test_row_5_a_session_that_stays_dead_is_refreshed_once_and_then_told(rig: Rig) -> None:
    await answered(rig, CHAT, "hello")
    exchanges, calls = rig.exchanges, len(rig.calls())
    dead = {"answer": {"status": 401, "body": "unauthorized: token expired\n"}}
    await rig.script(*[dead | {"path": "/chat/completions"}] * 5)
    response = await rig.ask(CHAT, MODELS[CHAT], "hello")
    assert response.status == 401
    assert rig.exchanges == exchanges + 1
    assert len(rig.calls()) == calls + 2


async def test_row_5_github_ended_the_sign_in_and_everyone_is_told_what_to_do(rig: Rig) -> None:
    await answered(rig, CHAT, "hello")
    await rig.control("expire", {"github": rig.simulator.github_token})
    for _ in range(3):
        response = await rig.ask(CHAT, MODELS[CHAT], "hello")
        assert response.status == 401
    assert rig.exchanges == 2, "a rejected sign-in is not tried again and again"
    assert rig.board.current.account.state is AccountState.EXPIRED


@in_every_dialect
@pytest.mark.parametrize("code", ["expired_token", "invalid_token", "token_expired"])
async def test_row_7_a_403_that_names_the_token_is_one_exchange(
    rig: Rig, path: str, code: str
) -> None:
    text = await answered(rig, path, f"{REPEAT}fine [sim:{code}*1]")
    assert "fine" in text
    assert rig.exchanges == 2
    assert len(rig.calls()) == 2
    status, _ = await refused(rig, path, code)
    assert status in (401, 403)
    assert len(rig.calls()) == 4, "one exchange, one repeat, then the client knows"


async def test_row_7_forbidden_from_github_itself_is_worth_one_fresh_token(rig: Rig) -> None:
    """forbidden, with x-github-request-id and without retry-after"""
    text = await answered(rig, CHAT, REPEAT + "fine [sim:403-limit*1]")
    assert "fine" in text
    assert rig.exchanges == 2
    assert len(rig.calls()) == 2


async def test_row_7_forbidden_from_a_gateway_costs_no_token(rig: Rig) -> None:
    """forbidden, but no sign of the service: a limit in disguise"""
    text = await answered(rig, CHAT, REPEAT + "fine [sim:403-gateway*1]")
    assert "fine" in text
    assert rig.exchanges == 1
    first, second = rig.calls()
    assert second.at - first.at >= 0.7, "there was a pause between"


@in_every_dialect
async def test_row_8_a_blocked_identity_is_never_asked_again(rig: Rig, path: str) -> None:
    """terms"""
    status, error = await refused(rig, path, "403-terms")
    assert status == 403
    assert "Terms of Service" in error["message"]
    assert len(rig.calls()) == 1
    assert rig.exchanges == 1


# --- row 6: quota ---------------------------------------------------------------------------------


@in_every_dialect
@pytest.mark.parametrize(
    ("word", "seconds"),
    [
        ("402", True),
        ("free_quota_exceeded", True),
        ("overage_limit_reached", True),
        ("billing_not_configured", False),
    ],
)
async def test_row_6_no_quota_is_told_at_once_with_its_end_in_seconds(
    rig: Rig, path: str, word: str, seconds: bool
) -> None:
    """quota_exceeded names its end as a date, overage_limit_reached as seconds"""
    response = await rig.ask(path, MODELS[path], f"please [sim:{word}]")
    assert response.status == NO_QUOTA[path]
    error = error_of(await response.json())
    assert error["message"]
    if path != MESSAGES:
        assert error["type"] == "insufficient_quota"
    assert len(rig.calls()) == 1
    if seconds:
        assert 0 < float(response.headers["retry-after"]) <= 32 * 86400
    if word == "overage_limit_reached":
        assert response.headers["retry-after"] == "3600"


class TestWhenTheCreditsReallyRunOut:
    @pytest.fixture
    def profile(self) -> str:
        return "token_billing"

    async def test_row_6_it_is_the_same(self, rig: Rig) -> None:
        """quota_exceeded"""
        await answered(rig, CHAT, "hello")
        await rig.control("account", {"remaining": 0})
        response = await rig.ask(CHAT, MODELS[CHAT], "hello")
        assert response.status == 429
        error = error_of(await response.json())
        assert error["type"] == "insufficient_quota"
        assert error["message"] == "You have no quota"
