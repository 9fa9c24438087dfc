"""Callers with a GitHub token of their own, and the model that GitHub chooses."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from proxy_core.config.settings import Settings
from proxy_core.server.access.guest_tokens import GUEST
from tests.integration.server.conftest import KEY, Proxy
from tests.security.written_files import files_with

GUESTS_WELCOME = "[account]\naccept_client_tokens = true\n"
CHAT = "/v1/chat/completions"
HELLO = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
def settings_text() -> str:
    return GUESTS_WELCOME


def upstream_tokens(proxy: Proxy, path: str = "/chat/completions") -> list[str]:
    return [e.headers["authorization"] for e in proxy.simulator.requests if e.path == path]


def guest_token(proxy: Proxy, prefix: str = "ghu_") -> str:
    """A second account's token, good at the simulator."""
    return proxy.simulator.simulation.tokens.issue_github_token(prefix)


async def as_guest(proxy: Proxy, token: str, body: Any = HELLO, path: str = CHAT) -> Any:
    return await proxy.send("POST", path, {"Authorization": f"Bearer {token}"}, json=body)


def test_guests_are_not_welcome_unless_the_user_says_so() -> None:
    assert Settings().account.accept_client_tokens is False


class TestSwitchedOff:
    @pytest.fixture
    def settings_text(self) -> str:
        return ""

    async def test_a_github_token_is_a_wrong_key_like_any_other(self, proxy: Proxy) -> None:
        answer = await as_guest(proxy, guest_token(proxy))
        assert answer.status == 401
        assert not upstream_tokens(proxy)


async def test_a_guests_token_is_exchanged_once_and_used_for_its_requests_alone(
    proxy: Proxy,
) -> None:
    token = guest_token(proxy)
    for _ in range(2):
        answer = await as_guest(proxy, token)
        assert answer.status == 200, await answer.text()
        await answer.read()
    assert (await proxy.post(CHAT, HELLO)).status == 200
    first, second, users = upstream_tokens(proxy)
    assert first == second != users
    exchanges = [e for e in proxy.simulator.requests if e.path == "/copilot_internal/v2/token"]
    assert sorted(e.headers["authorization"] == f"token {token}" for e in exchanges) == [
        False,
        True,
    ]


async def test_a_guests_tokens_are_not_added_to_the_users(proxy: Proxy) -> None:
    answer = await as_guest(proxy, guest_token(proxy))
    assert answer.status == 200
    await answer.read()
    assert (await (await proxy.get("/v1/usage")).json())["total"]["requests"] == 0
    await (await proxy.post(CHAT, HELLO)).read()
    assert (await (await proxy.get("/v1/usage")).json())["total"]["requests"] == 1


async def test_a_direct_token_is_the_bearer_itself(proxy: Proxy) -> None:
    token = guest_token(proxy, "gho_")
    assert (await as_guest(proxy, token)).status == 200
    assert upstream_tokens(proxy) == [f"Bearer {token}"]


async def test_anthropics_key_header_brings_a_guest_in_too(proxy: Proxy) -> None:
    body = {**HELLO, "model": "claude-haiku-4.5", "max_tokens": 50}
    headers = {"x-api-key": guest_token(proxy), "anthropic-version": "2023-06-01"}
    for path, sent in (
        ("/v1/messages", body),
        ("/v1/messages/count_tokens", {k: v for k, v in body.items() if k != "max_tokens"}),
    ):
        answer = await proxy.send("POST", path, headers, json=sent)
        assert answer.status == 200, await answer.text()
    assert (await proxy.send("GET", "/v1/models", headers)).status == 200


class TestInAnOptionalDialect:
    @pytest.fixture
    def settings_text(self) -> str:
        return GUESTS_WELCOME + "[server]\nollama_api = true\ngemini_api = true\n"

    async def test_googles_and_ollamas_keys_bring_a_guest_in_too(self, proxy: Proxy) -> None:
        google = "/v1beta/models/gpt-4o-mini:generateContent"
        said = {"contents": [{"parts": [{"text": "hi"}]}]}
        headers = {"x-goog-api-key": guest_token(proxy)}
        answer = await proxy.send("POST", google, headers, json=said)
        assert answer.status == 200, await answer.text()
        assert proxy.last_request.client == GUEST
        bearer = {"Authorization": f"Bearer {guest_token(proxy)}"}
        answer = await proxy.send("POST", "/api/chat", bearer, json={**HELLO, "stream": False})
        assert answer.status == 200, await answer.text()
        assert proxy.last_request.client == GUEST


async def test_what_this_server_did_for_its_user_is_not_a_guests_business(proxy: Proxy) -> None:
    headers = {"Authorization": f"Bearer {guest_token(proxy)}"}
    for path in ("/v1/usage", "/v1/activity"):
        assert (await proxy.send("GET", path, headers)).status == 401


async def test_a_guests_request_is_shown_as_such_and_costs_the_user_nothing(proxy: Proxy) -> None:
    answer = await as_guest(proxy, guest_token(proxy))
    await answer.read()
    await proxy.until(lambda: proxy.board.current.last_request is not None)
    assert proxy.last_request.client == GUEST
    report = await proxy.engine.commands.usage_report()
    assert report.totals.requests == 0


async def test_a_refused_token_is_told_without_its_text(proxy: Proxy) -> None:
    revoked = guest_token(proxy)
    proxy.simulator.simulation.tokens.revoke(revoked)
    for token in (revoked, "ghp_aClassicPersonalToken00"):
        answer = await as_guest(proxy, token)
        text = await answer.text()
        assert answer.status == 401, text
        assert token not in text
    assert proxy.board.current.account.login is not None, "the user's own sign-in is untouched"


async def test_nothing_of_a_guest_lies_on_disk(proxy: Proxy, tmp_path: Path) -> None:
    token = guest_token(proxy)
    await (await as_guest(proxy, token)).read()
    assert await asyncio.to_thread(files_with, tmp_path, token) == []


async def test_a_guests_turn_over_a_websocket_costs_the_user_nothing(proxy: Proxy) -> None:
    headers = {"Authorization": f"Bearer {guest_token(proxy)}"}
    async with proxy.http.ws_connect(f"{proxy.url}/v1/responses", headers=headers) as socket:
        frame = {"type": "response.create", "model": "gpt-5.3-codex", "input": "hi"}
        await socket.send_json(frame)
        while (await socket.receive_json(timeout=30))["type"] != "response.completed":
            pass
    await proxy.until(lambda: proxy.board.current.last_request is not None)
    assert proxy.last_request.client == GUEST
    assert proxy.last_request.output_tokens > 0
    assert proxy.board.current.today.requests == 0
    assert (await proxy.engine.commands.usage_report()).totals.requests == 0


async def test_guests_can_be_paused_as_any_client(proxy: Proxy) -> None:
    token = guest_token(proxy)
    await proxy.engine.commands.pause_client(GUEST)
    answer = await as_guest(proxy, token)
    assert (answer.status, (await answer.json())["error"]["code"]) == (403, "client_paused")
    assert (await proxy.post(CHAT, HELLO)).status == 200, "nobody else is"
    await proxy.engine.commands.resume_client(GUEST)
    assert (await as_guest(proxy, token)).status == 200


async def test_a_guest_who_is_sent_away_meanwhile_does_not_go_on_as_the_user(proxy: Proxy) -> None:
    token = guest_token(proxy)
    await proxy.engine.commands.change_settings("server.require_key", False)
    body = json.dumps(HELLO).encode()
    port = int(proxy.url.rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    )
    server = proxy.engine._switch._server
    assert server is not None
    async with asyncio.timeout(30):
        await proxy.until(lambda: len(server._in_flight) == 1)  # access was checked by now
        await proxy.engine.commands.change_settings("account.accept_client_tokens", False)
        writer.write(body)
        head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    assert head.startswith(b"HTTP/1.1 401 "), head
    assert not upstream_tokens(proxy)


async def test_a_guests_connection_does_not_go_on_as_the_user(proxy: Proxy) -> None:
    headers = {"Authorization": f"Bearer {guest_token(proxy)}"}
    await proxy.engine.commands.change_settings("server.require_key", False)
    async with proxy.http.ws_connect(f"{proxy.url}/v1/responses", headers=headers) as socket:
        await proxy.engine.commands.change_settings("account.accept_client_tokens", False)
        frame = {"type": "response.create", "model": "gpt-5.3-codex", "input": "hi"}
        await socket.send_json(frame)
        event = await socket.receive_json(timeout=30)
    assert (event["type"], event["status"]) == ("error", 401), event
    assert not upstream_tokens(proxy, "/responses")


async def test_the_local_key_still_grants_access(proxy: Proxy) -> None:
    answer = await proxy.send("POST", CHAT, {"Authorization": f"Bearer {KEY}"}, json=HELLO)
    assert answer.status == 200


# -- auto ------------------------------------------------------------------------------------------


def sessions(proxy: Proxy) -> list[Any]:
    return [e for e in proxy.simulator.requests if e.path == "/models/session"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CHAT, {"messages": [{"role": "user", "content": "hi"}]}),
        ("/v1/messages", {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 50}),
        ("/v1/responses", {"input": "hi"}),
    ],
)
async def test_auto_is_the_model_github_chooses_in_every_dialect(
    proxy: Proxy, path: str, body: dict[str, Any]
) -> None:
    for _ in range(2):
        answer = await proxy.post(path, {"model": "auto", **body})
        assert answer.status == 200, await answer.text()
        assert answer.headers["x-g-copilot-proxy-model"] == "claude-sonnet-4.6"
    (session,) = sessions(proxy)
    assert session.body == {"auto_mode": {"model_hints": ["auto"]}}
    calls = [e for e in proxy.simulator.requests if e.headers.get("copilot-session-token")]
    assert len(calls) == 2
    assert {each.body["model"] for each in calls} == {"claude-sonnet-4.6"}


async def test_a_session_that_github_forgot_is_renewed_within_the_request(proxy: Proxy) -> None:
    body = {"model": "auto", "messages": [{"role": "user", "content": "hi"}]}
    assert (await proxy.post(CHAT, body)).status == 200
    proxy.simulator.simulation.automatic_sessions.clear()
    assert (await proxy.post(CHAT, body)).status == 200
    assert len(sessions(proxy)) == 2


async def test_a_call_for_another_model_carries_no_session(proxy: Proxy) -> None:
    await proxy.post(CHAT, HELLO)
    assert not sessions(proxy)
    assert not [e for e in proxy.simulator.requests if e.headers.get("copilot-session-token")]


class TestTheUsersOwnAuto:
    @pytest.fixture
    def settings_text(self) -> str:
        return '[upstream.model_aliases]\nauto = "gpt-4.1"\n'

    async def test_comes_first(self, proxy: Proxy) -> None:
        answer = await proxy.post(CHAT, {**HELLO, "model": "auto"})
        assert answer.status == 200
        assert not sessions(proxy)
        assert proxy.last_request.model == "gpt-4.1"
