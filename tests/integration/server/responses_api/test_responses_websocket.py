"""The Responses API over a WebSocket: the real server, the simulator behind it, a plain client."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType

from proxy_core.status.status import RequestState
from tests.integration.server.conftest import KEY, Proxy
from tests.responses_checkers import check_event

CAPTURES = Path(__file__).resolve().parents[5] / "shared" / "reference" / "captures"
MODELS = ("gpt-5.3-codex", "claude-sonnet-4.6", "gpt-4.1")
"""Passed through; translated to Messages; translated to chat."""
TOOL = {
    "type": "function",
    "name": "get_weather",
    "description": "Tell the weather of a place",
    "strict": False,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
ENDINGS = ("response.completed", "response.incomplete", "response.failed")


class Client:
    """Codex's side of one connection."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def create(self, words: object, **more: Any) -> None:
        given = [{"role": "user", "content": words}] if isinstance(words, str) else words
        frame = {"type": "response.create", "model": "gpt-5.3-codex", "input": given, **more}
        await self.socket.send_str(json.dumps(frame))

    async def event(self) -> dict[str, Any]:
        event = await self.socket.receive_json(timeout=10)
        assert isinstance(event, dict)
        return event

    async def turn(self) -> list[dict[str, Any]]:
        """Every event until the answer, or its refusal, is complete."""
        events = [await self.event()]
        while events[-1]["type"] not in ENDINGS and not is_refusal(events[-1]):
            events.append(await self.event())
        return events

    async def ask(self, words: object, **more: Any) -> list[dict[str, Any]]:
        await self.create(words, **more)
        return await self.turn()


def is_refusal(event: dict[str, Any]) -> bool:
    """An error before an answer has a status; one within an answer is followed by its failure."""
    return event["type"] == "error" and "status" in event


def text_of(events: list[dict[str, Any]]) -> str:
    return "".join(e["delta"] for e in events if e["type"] == "response.output_text.delta")


def response_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    response = events[-1]["response"]
    assert isinstance(response, dict)
    return response


@contextlib.asynccontextmanager
async def connected(proxy: Proxy, **more: Any) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {KEY}", "openai-beta": "responses_websockets=2026-02-06"}
    async with proxy.http.ws_connect(f"{proxy.url}/v1/responses", headers=headers, **more) as ws:
        yield Client(ws)


@pytest.fixture
async def client(proxy: Proxy) -> AsyncIterator[Client]:
    async with connected(proxy) as client:
        yield client


async def refused_handshake(proxy: Proxy, headers: dict[str, str]) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await proxy.http.ws_connect(f"{proxy.url}/v1/responses", headers=headers)
    return refused.value.status


@pytest.mark.parametrize("model", MODELS)
async def test_a_turn_is_answered_in_the_events_of_the_http_stream(
    proxy: Proxy, client: Client, model: str
) -> None:
    events = await client.ask("Say hello to the duck", model=model)
    assert [each["type"] for each in events][:2] == ["response.created", "response.in_progress"]
    if model != MODELS[0]:  # what is passed through is as complete as upstream made it
        for event in events:
            check_event(event)
    assert "duck" in text_of(events)
    assert [each["sequence_number"] for each in events] == list(range(len(events)))
    await proxy.until(lambda: proxy.board.current.last_request is not None)
    record = proxy.last_request
    assert record.path == "WS /v1/responses"
    assert record.state is RequestState.DONE
    assert record.http_status == 200
    assert record.streamed
    assert record.model == model
    assert record.translated is (model != "gpt-5.3-codex")
    assert record.output_tokens > 0
    assert record.first_byte is not None


@pytest.mark.parametrize("model", MODELS)
async def test_codex_prewarms_and_then_sends_only_what_is_new(
    proxy: Proxy, client: Client, model: str
) -> None:
    instructions = {"role": "developer", "content": "Answer the user's questions."}
    warm = await client.ask([instructions], model=model, tools=[TOOL], generate=False)
    assert [each["type"] for each in warm] == ["response.created", "response.completed"]
    assert not any(
        each.path.endswith(("responses", "messages")) for each in proxy.simulator.requests
    )

    first = await client.ask(
        "What is the weather in Oslo?",
        model=model,
        tools=[TOOL],
        previous_response_id=response_of(warm)["id"],
    )
    call = next(e for e in response_of(first)["output"] if e["type"] == "function_call")
    assert json.loads(call["arguments"]) == {"city": "Oslo"}

    second = await client.ask(
        [{"type": "function_call_output", "call_id": call["call_id"], "output": "Rain, 7 degrees"}],
        model=model,
        tools=[TOOL],
        previous_response_id=response_of(first)["id"],
    )
    assert "Rain, 7 degrees" in text_of(second)
    sent = json.dumps(proxy.simulator.requests[-1].body)
    for words in ("Answer the user's questions.", "weather in Oslo", "Rain, 7 degrees"):
        assert words in sent
    assert "previous_response_id" not in sent


async def test_the_agent_s_turns_of_a_connection_are_told_from_the_person_s(
    proxy: Proxy, client: Client
) -> None:
    first = await client.ask("What is the weather in Oslo?", tools=[TOOL], initiator="user")
    call = next(e for e in response_of(first)["output"] if e["type"] == "function_call")
    result = {"type": "function_call_output", "call_id": call["call_id"], "output": "Rain"}
    await client.ask([result], previous_response_id=response_of(first)["id"], tools=[TOOL])
    calls = [each for each in proxy.simulator.requests if each.path == "/responses"]
    assert [each.headers["x-initiator"] for each in calls] == ["user", "agent"]


async def test_an_unknown_previous_response_is_an_error_event_and_the_connection_goes_on(
    client: Client,
) -> None:
    (error,) = await client.ask("Hello", previous_response_id="resp_elsewhere")
    assert error["status"] == 400
    assert error["error"]["code"] == "previous_response_not_found"
    assert error["error"]["param"] == "previous_response_id"
    assert text_of(await client.ask("Hello again"))


async def test_a_response_is_remembered_on_its_own_connection_only(
    proxy: Proxy, client: Client
) -> None:
    answered = response_of(await client.ask("Hello"))["id"]
    async with connected(proxy) as other:
        (error,) = await other.ask("Go on", previous_response_id=answered)
        assert error["error"]["code"] == "previous_response_not_found"


async def test_one_response_is_in_flight_at_a_time(client: Client) -> None:
    await client.create("Tell me a story [sim:slow]")
    assert (await client.event())["type"] == "response.created"
    await client.create("And another one")
    events = [await client.event()]
    while events[-1]["type"] != "response.completed":
        events.append(await client.event())
    (refusal,) = [each for each in events if each["type"] == "error"]
    assert refusal["error"]["code"] == "response_in_progress"
    assert "story" in text_of(events)
    assert text_of(await client.ask("Now the other one"))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("429-long", 429, "rate_limit_error"),
        ("context", 400, "invalid_request_error"),
        ("402", 429, "insufficient_quota"),
    ],
)
async def test_upstream_s_refusal_is_an_error_event_with_its_status(
    proxy: Proxy, client: Client, model: str, fault: str, status: int, kind: str
) -> None:
    (error,) = await client.ask(f"Hello [sim:{fault}]", model=model)
    assert set(error) == {"type", "status", "error"}
    assert error["status"] == status
    assert error["error"]["type"] == kind
    assert error["error"]["message"]
    await proxy.until(lambda: proxy.board.current.last_request is not None)
    assert proxy.last_request.state is RequestState.FAILED
    assert text_of(await client.ask("Hello", model=model))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("fault", ["midstream-error", "cut", "garbage"])
async def test_an_answer_that_breaks_ends_with_its_failure_and_the_connection_goes_on(
    client: Client, model: str, fault: str
) -> None:
    events = await client.ask(f"Tell me of ducks [sim:{fault}]", model=model)
    assert [each["type"] for each in events[-2:]] == ["error", "response.failed"]
    assert events[-2]["error"]["message"]
    assert response_of(events)["status"] == "failed"
    assert text_of(await client.ask("Hello", model=model))


async def test_an_unknown_model_is_named_in_the_error(client: Client) -> None:
    (error,) = await client.ask("Hello", model="gpt-900")
    assert error["status"] == 404
    assert error["error"]["code"] == "model_not_found"
    assert "gpt-900" in error["error"]["message"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        '"text"',
        '{"type":"response.cancel"}',
        '{"type":"response.create"}',
        '{"type":"response.create","model":7,"input":"hi"}',
        '{"type":"response.create","model":"gpt-4.1","input":7}',
        '{"type":"response.create","model":"gpt-4.1","input":[7]}',
        '{"type":"response.create","model":"gpt-4.1","input":"hi","previous_response_id":7}',
        '{"type":"\\ud800","model":"gpt-4.1","input":"hi"}',
        '{"type":"response.create","model":"gpt-4.1","input":' + "[" * 5000 + "]" * 5000 + "}",
    ],
    ids=lambda text: text[:60],
)
async def test_a_frame_that_makes_no_sense_is_refused_and_the_connection_goes_on(
    client: Client, text: str
) -> None:
    await client.socket.send_str(text)
    (error,) = await client.turn()
    assert error["status"] == 400
    assert error["error"]["type"] == "invalid_request_error"
    assert text_of(await client.ask("Hello"))


async def test_a_binary_frame_is_refused(client: Client) -> None:
    await client.socket.send_bytes(b'{"type":"response.create","model":"gpt-4.1","input":"hi"}')
    (error,) = await client.turn()
    assert "text" in error["error"]["message"]


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


async def test_the_door_is_the_same_as_for_a_post(proxy: Proxy) -> None:
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
        message = await client.socket.receive(timeout=5)
        assert message.type is WSMsgType.CLOSE
        assert message.data == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


@pytest.mark.parametrize("settings_text", ["[server]\nheartbeat_seconds = 1\n"])
async def test_a_silent_connection_is_pinged(proxy: Proxy) -> None:
    async with connected(proxy, autoping=False) as client:
        message = await client.socket.receive(timeout=5)
        assert message.type is WSMsgType.PING
        # Whoever does not answer pings is not thrown out: it may be busy with a tool.
        message = await client.socket.receive(timeout=5)
        assert message.type is WSMsgType.PING
        assert text_of(await client.ask("Hello"))


async def test_a_stop_closes_idle_connections_at_once(proxy: Proxy, client: Client) -> None:
    assert text_of(await client.ask("Hello"))
    stopping = asyncio.create_task(proxy.engine.commands.stop())
    message = await client.socket.receive(timeout=5)
    assert message.type is WSMsgType.CLOSE
    assert message.data == aiohttp.WSCloseCode.GOING_AWAY
    await client.socket.close()
    await stopping


async def test_a_stop_waits_for_all_clients_that_do_not_answer_at_the_same_time(
    proxy: Proxy,
) -> None:
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as opened:
        for _ in range(40):
            await opened.enter_async_context(connected(proxy))
        began = loop.time()
        await proxy.engine.commands.stop()
        assert loop.time() - began < 2.0


async def test_a_stop_lets_the_answer_end_that_is_running(proxy: Proxy, client: Client) -> None:
    await client.create("Tell me a story [sim:slow]")
    events = [await client.event()]
    stopping = asyncio.create_task(proxy.engine.commands.stop())
    events += await client.turn()
    assert events[-1]["type"] == "response.completed"
    message = await client.socket.receive(timeout=5)
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


@pytest.mark.parametrize("model", MODELS)
async def test_a_compaction_trigger_is_answered_by_exactly_one_item_to_go_on_from(
    proxy: Proxy, client: Client, model: str
) -> None:
    first = await client.ask("Remember the green duck", model=model)
    compacted = await client.ask(
        [{"type": "compaction_trigger"}],
        model=model,
        previous_response_id=response_of(first)["id"],
    )
    (item,) = response_of(compacted)["output"]
    assert item["type"] == "compaction"
    assert item["encrypted_content"]
    after = await client.ask(
        "Go on", model=model, previous_response_id=response_of(compacted)["id"]
    )
    assert response_of(after)["status"] == "completed"
    sent = proxy.simulator.requests[-1].body
    said = sent.get("input") or sent["messages"]
    assert "compaction_trigger" not in json.dumps(said)
    assert "Go on" in json.dumps(said)
    assert json.dumps(said).count("Remember the green duck") <= 1


async def test_a_stream_id_comes_back_with_every_event(client: Client) -> None:
    events = await client.ask("Hello", stream_id="s1")
    assert {each["stream_id"] for each in events} == {"s1"}


def recorded_frames() -> list[Any]:
    """What Codex asked over HTTP after its handshake had failed; over a socket it says the same."""
    found = []
    for file in sorted(CAPTURES.glob("codex-ws-*/*.json")):
        request = json.loads(file.read_text(encoding="utf-8"))
        found.append(pytest.param(request, id=f"{file.parent.name}/{file.stem}"))
    return found


def test_the_recordings_are_there() -> None:
    if not CAPTURES.is_dir():
        pytest.skip("the recorded requests are not beside the repository")
    assert recorded_frames()


@pytest.mark.parametrize("request_", recorded_frames())
async def test_codex_s_own_handshake_and_requests_are_served(
    proxy: Proxy, request_: dict[str, Any]
) -> None:
    own = {"host", "connection", "upgrade", "content-length", "content-type", "accept"}
    headers = {
        name: value
        for name, value in request_["headers"]
        if name.lower() not in own and not name.lower().startswith("sec-websocket")
    }
    headers["authorization"] = f"Bearer {KEY}"
    async with proxy.http.ws_connect(
        proxy.url + request_["path"], headers=headers, compress=15
    ) as socket:
        client = Client(socket)
        body = request_["body"] or {"input": [{"role": "user", "content": "Hello"}]}
        warm = await client.ask(**_frame(body | {"input": []}), generate=False)
        events = await client.ask(**_frame(body), previous_response_id=response_of(warm)["id"])
        assert events[-1]["type"] == "response.completed"
    await proxy.until(lambda: proxy.board.current.last_request is not None)
    assert proxy.last_request.client == "Codex"


def _frame(body: dict[str, Any]) -> dict[str, Any]:
    return {("words" if name == "input" else name): value for name, value in body.items()}
