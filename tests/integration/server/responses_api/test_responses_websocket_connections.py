"""Connections of the Responses API: how they begin, are kept alive, and end from either side."""

from __future__ import annotations

import asyncio
import contextlib
import json

import aiohttp
import pytest
from aiohttp import WSMsgType

from proxy_core.server.calls.websocket import responses_websocket
from proxy_core.status.status import RequestState
from tests.integration.server.conftest import KEY, Proxy
from tests.integration.server.responses_api.websocket_client import (
    MODELS,
    Client,
    connected,
    refused_handshake,
    response_of,
    text_of,
)


@pytest.mark.parametrize("model", MODELS)
async def test_a_client_that_leaves_ends_the_call_upstream(proxy: Proxy, model: str) -> None:
    async with connected(proxy) as client:
        await client.create("Tell me of ducks [sim:stall]", model=model)
        while (await client.event())["type"] != "response.output_text.delta":
            pass
        assert proxy.simulator.active == 1
    await proxy.until(lambda: proxy.simulator.active == 0)
    await proxy.until(lambda: not proxy.board.current.active)
    assert proxy.last_request.state is RequestState.CANCELLED


async def test_a_connection_that_is_torn_ends_the_call_upstream(proxy: Proxy) -> None:
    """As when the client's process is killed: no closing frame, nothing more is read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rsplit(":", 1)[1]))
    writer.write(
        b"GET /v1/responses HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Authorization: Bearer " + KEY.encode() + b"\r\n\r\n"
    )
    assert b"101" in await reader.readuntil(b"\r\n\r\n")
    frame = json.dumps(
        {"type": "response.create", "model": "gpt-5.3-codex", "input": "Hello [sim:stall]"}
    ).encode()
    writer.write(bytes((0x81, 0x80 | len(frame))) + bytes(4) + frame)  # masked with zeros
    await reader.readuntil(b"response.output_text.delta")
    assert proxy.simulator.active == 1
    writer.transport.abort()
    await proxy.until(lambda: proxy.simulator.active == 0)
    await proxy.until(lambda: not proxy.board.current.active)
    assert proxy.last_request.state is RequestState.CANCELLED


async def test_a_client_that_leaves_with_the_last_event_was_served(proxy: Proxy) -> None:
    for _ in range(5):
        async with connected(proxy) as client:
            await client.ask("Hello")
    await proxy.until(lambda: len(proxy.board.current.recent) == 5)
    assert {each.state for each in proxy.board.current.recent} == {RequestState.DONE}
    assert {each.http_status for each in proxy.board.current.recent} == {200}


async def test_access_is_checked_as_for_a_post(proxy: Proxy) -> None:
    key = {"Authorization": f"Bearer {KEY}"}
    assert await refused_handshake(proxy, {}) == 401
    assert await refused_handshake(proxy, {"Authorization": "Bearer wrong"}) == 401
    assert await refused_handshake(proxy, key | {"Origin": "https://evil.example"}) == 403
    assert await refused_handshake(proxy, key | {"Host": "evil.example"}) == 403


async def test_a_request_that_is_no_upgrade_is_told_to_upgrade_or_post(proxy: Proxy) -> None:
    response = await proxy.get("/v1/responses")
    assert response.status == 426
    assert response.headers["Upgrade"] == "websocket"
    assert "POST" in (await response.json())["error"]["message"]


async def test_a_handshake_of_another_version_is_refused_in_json(proxy: Proxy) -> None:
    response = await proxy.get(
        "/v1/responses", Connection="Upgrade", Upgrade="websocket", Sec_WebSocket_Version="99"
    )
    assert response.status == 400
    assert (await response.json())["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("settings_text", ["[server]\nresponses_websocket = false\n"])
async def test_switched_off_it_answers_426_so_that_codex_falls_back_at_once(proxy: Proxy) -> None:
    assert await refused_handshake(proxy, {"Authorization": f"Bearer {KEY}"}) == 426


@pytest.mark.parametrize("settings_text", ["[server]\nmax_body_megabytes = 1\n"])
async def test_a_frame_beyond_the_limit_closes_the_connection_as_too_big(proxy: Proxy) -> None:
    async with connected(proxy) as client:
        assert text_of(await client.ask("x" * 500_000))
        await client.create("x" * 1_100_000)
        message = await client.socket.receive(timeout=30)
        assert message.type is WSMsgType.CLOSE
        assert message.data == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


@pytest.mark.parametrize("settings_text", ["[server]\nheartbeat_seconds = 1\n"])
async def test_a_silent_connection_is_pinged(proxy: Proxy) -> None:
    async with connected(proxy, autoping=False) as client:
        message = await client.socket.receive(timeout=30)
        assert message.type is WSMsgType.PING
        # Whoever does not answer pings is not thrown out: it may be busy with a tool.
        message = await client.socket.receive(timeout=30)
        assert message.type is WSMsgType.PING
        assert text_of(await client.ask("Hello"))


async def test_a_stop_closes_idle_connections_at_once(proxy: Proxy, client: Client) -> None:
    assert text_of(await client.ask("Hello"))
    stopping = asyncio.create_task(proxy.engine.commands.stop())
    message = await client.socket.receive(timeout=30)
    assert message.type is WSMsgType.CLOSE
    assert message.data == aiohttp.WSCloseCode.GOING_AWAY
    await client.socket.close()
    await stopping


async def test_a_stop_waits_for_all_clients_that_do_not_answer_at_the_same_time(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responses_websocket, "CLOSE_SECONDS", 0.5)
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as opened:
        for _ in range(40):
            await opened.enter_async_context(connected(proxy))
        began = loop.time()
        await proxy.engine.commands.stop()
        assert loop.time() - began < 0.5 * 40 / 2, "one by one it would take twice that"


async def test_a_stop_lets_the_answer_end_that_is_running(proxy: Proxy, client: Client) -> None:
    await client.create("Tell me a story [sim:slow]")
    events = [await client.event()]
    stopping = asyncio.create_task(proxy.engine.commands.stop())
    events += await client.turn()
    assert events[-1]["type"] == "response.completed"
    message = await client.socket.receive(timeout=30)
    assert message.data == aiohttp.WSCloseCode.GOING_AWAY
    await client.socket.close()
    await stopping


@pytest.mark.parametrize("drain_seconds", [0.05])
async def test_a_stop_that_cannot_wait_tells_the_client_in_its_answer(
    proxy: Proxy, client: Client
) -> None:
    await client.create("Tell me of ducks [sim:stall]")
    while (await client.event())["type"] != "response.output_text.delta":
        pass
    stopping = asyncio.create_task(proxy.engine.commands.stop())
    events = await client.turn()
    assert events[-1]["type"] == "response.failed"
    assert "stopped" in response_of(events)["error"]["message"]
    await client.socket.close()
    await stopping
