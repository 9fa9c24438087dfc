"""/responses over a WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.simulator.conftest import Client, until

TERMINAL = ("response.completed", "response.incomplete", "error")
TOOL = {
    "type": "function",
    "name": "read_file",
    "parameters": {
        "type": "object",
        "properties": {"path": {"type": "string"}},
        "required": ["path"],
    },
}


@pytest.fixture
async def socket(client: Client) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with client.session.ws_connect(
        f"{client.server.url}/responses", headers=client.headers
    ) as connected:
        yield connected


def frame(text: str, **more: Any) -> dict[str, Any]:
    said = [{"role": "user", "content": [{"type": "input_text", "text": text}]}]
    return {
        "type": "response.create",
        "initiator": "user",
        "model": "gpt-5.4",
        "input": said,
    } | more


async def turn(
    socket: aiohttp.ClientWebSocketResponse, sent: dict[str, Any]
) -> list[dict[str, Any]]:
    await socket.send_json(sent)
    events = []
    async with asyncio.timeout(30):
        while not events or events[-1]["type"] not in TERMINAL:
            events.append(await socket.receive_json())
    return events


def text_of(events: list[dict[str, Any]]) -> str:
    return "".join(e["delta"] for e in events if e["type"] == "response.output_text.delta")


async def test_a_turn_streams_its_events_and_ends_with_cost_and_quota(
    socket: aiohttp.ClientWebSocketResponse,
) -> None:
    events = await turn(socket, frame("hello"))
    assert [events[0]["type"], events[-1]["type"]] == ["response.created", "response.completed"]
    assert "hello" in text_of(events)
    assert events[-1]["copilot_usage"]["total_nano_aiu"] > 0
    assert events[-1]["copilot_quota_snapshots"]["premium_interactions"]["entitlement"] == "1500"
    assert len({e["response"]["id"] for e in events if "response" in e}) == 1


async def test_a_prewarm_says_nothing_and_the_next_turn_builds_on_it(
    socket: aiohttp.ClientWebSocketResponse,
) -> None:
    warm = await turn(socket, frame("The secret word is: fig. Remember it.", generate=False))
    assert text_of(warm) == ""
    assert warm[-1]["response"]["output"] == []
    asked = frame("What is the secret word?", previous_response_id=warm[-1]["response"]["id"])
    assert text_of(await turn(socket, asked)) == "The secret word is fig."


async def test_a_tool_loop_sends_only_what_is_new(
    socket: aiohttp.ClientWebSocketResponse,
) -> None:
    first = await turn(
        socket,
        frame(
            "Read /tmp/secret.txt",
            tools=[TOOL],
            reasoning={"summary": "auto"},
            include=["reasoning.encrypted_content"],
        ),
    )
    response = first[-1]["response"]
    call = response["output"][-1]
    output = {
        "type": "function_call_output",
        "call_id": call["call_id"],
        "output": "secret word is: fig",
    }
    following = frame("", previous_response_id=response["id"], initiator="agent", input=[output])
    assert text_of(await turn(socket, following)) == "The secret word is fig."


async def test_another_connection_does_not_know_the_response(
    client: Client, socket: aiohttp.ClientWebSocketResponse
) -> None:
    response_id = (await turn(socket, frame("hi")))[-1]["response"]["id"]
    async with client.session.ws_connect(
        f"{client.server.url}/responses", headers=client.headers
    ) as other:
        (error,) = await turn(other, frame("go on", previous_response_id=response_id))
    assert error["error"]["code"] == "previous_response_not_found"


async def test_refusals_are_frames_and_the_connection_lives_on(
    socket: aiohttp.ClientWebSocketResponse,
) -> None:
    for sent, code in (
        (frame("[sim:429]"), "user_model_rate_limited"),
        (frame("hi", temperature=1), "invalid_request_body"),
        (frame("hi", model="gpt-5.2"), "unsupported_api_for_model"),
        (frame("hi", model="gpt-99"), "model_not_supported"),
        ({"type": "response.cancel"}, "invalid_request_body"),
        (frame("[sim:midstream-error]"), "server_error"),
    ):
        error = (await turn(socket, sent))[-1]
        assert error["type"] == "error"
        assert error["error"]["code"] == code
        assert "copilot_quota_snapshots" in error
    await socket.send_str("{broken")
    assert (await socket.receive_json())["error"]["code"] == "invalid_request_body"
    assert text_of(await turn(socket, frame("still there?")))


async def test_one_response_is_in_flight_at_a_time(
    client: Client, socket: aiohttp.ClientWebSocketResponse
) -> None:
    await socket.send_json(frame("[sim:stall] hi"))
    while (await socket.receive_json())["type"] != "response.output_text.delta":
        pass
    assert client.server.active == 1
    (error,) = await turn(socket, frame("and now?"))
    assert error["error"]["code"] == "response_in_progress"
    await socket.close()
    await until(lambda: client.server.active == 0)


async def test_a_cut_ends_the_connection(socket: aiohttp.ClientWebSocketResponse) -> None:
    await socket.send_json(frame("[sim:cut] hi"))
    async with asyncio.timeout(30):
        kinds = [message.type async for message in socket]
    assert aiohttp.WSMsgType.TEXT in kinds
    assert socket.closed


async def test_admission_refuses_before_the_upgrade(client: Client) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await client.session.ws_connect(f"{client.server.url}/responses")
    assert refused.value.status == 401
    assert (await client.get("/responses")).status == 404


async def test_frames_are_recorded(client: Client, socket: aiohttp.ClientWebSocketResponse) -> None:
    await turn(socket, frame("remember me"))
    kinds = [entry.method for entry in client.server.requests if entry.path == "/responses"]
    assert kinds == ["GET", "WS"]
    assert client.server.requests[-1].body["initiator"] == "user"


async def test_a_gateway_that_knows_no_upgrade_can_be_played(client: Client) -> None:
    await client.post("/_sim/sockets", {"status": 502})
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await client.session.ws_connect(f"{client.server.url}/responses", headers=client.headers)
    assert caught.value.status == 502
    assert (await client.post("/_sim/sockets", {"status": "no"})).status == 400
    await client.post("/_sim/sockets", {"status": None})
    async with client.session.ws_connect(
        f"{client.server.url}/responses", headers=client.headers
    ) as again:
        events = await turn(again, frame("hello"))
    assert events[-1]["type"] == "response.completed"
