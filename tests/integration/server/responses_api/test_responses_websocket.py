"""The Responses API over a WebSocket: the real server, the simulator behind it, a plain client."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from proxy_core.dialects.openai_responses.session.websocket_session import SocketSession
from proxy_core.status.status import RequestState
from tests.integration.server.conftest import KEY, Proxy
from tests.integration.server.responses_api.websocket_client import (
    MODELS,
    TOOL,
    Client,
    connected,
    response_of,
    text_of,
)
from tests.responses_checkers import check_event

CAPTURES = Path(__file__).resolve().parents[5] / "shared" / "reference" / "captures"


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


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each frame was read in a thread beside the loop's."""
    found: list[bool] = []
    receive = SocketSession.receive

    def noting(self: SocketSession, text: str | bytes, created: int) -> Any:
        found.append(threading.current_thread() is not threading.main_thread())
        return receive(self, text, created)

    monkeypatch.setattr(SocketSession, "receive", noting)
    return found


async def test_a_heavy_frame_is_read_beside_the_loop_and_a_light_one_in_it(
    client: Client, readers: list[bool]
) -> None:
    assert text_of(await client.ask("Hello"))
    many = [{"role": "user", "content": f"word {number}"} for number in range(1_000)]
    first = await client.ask(many)
    assert text_of(first)
    long = await client.ask("x " * 60_000, previous_response_id=response_of(first)["id"])
    assert text_of(long)
    assert readers == [False, True, True]


async def test_a_heavy_frame_within_an_answer_is_refused_unread(
    client: Client, readers: list[bool]
) -> None:
    await client.create("Tell me a story [sim:slow]")
    assert (await client.event())["type"] == "response.created"
    await client.create("y " * 60_000)
    events = [await client.event()]
    while events[-1]["type"] != "response.completed":
        events.append(await client.event())
    (refusal,) = [each for each in events if each["type"] == "error"]
    assert refusal["error"]["code"] == "response_in_progress"
    assert "story" in text_of(events)
    assert readers == [False]
    assert text_of(await client.ask("y " * 60_000))
    assert readers == [False, True]


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
