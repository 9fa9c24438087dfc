"""The server in front of an upstream that plays exactly the bytes a test wrote."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import aiohttp
import pytest

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.clock import Clock
from proxy_core.config.settings import ServerSettings
from proxy_core.dialects.registry import DIALECTS
from proxy_core.errors import ErrorKind, UpstreamBroke
from proxy_core.routing.upstream_api import AutomaticChoice, MakeQuestion, UpstreamCall
from proxy_core.server.access.request_guard import AccessPolicy
from proxy_core.server.admin.usage_totals import UsageTotals
from proxy_core.server.calls.relay import upstream_tail
from proxy_core.server.calls.tokens.token_estimates import TokenEstimates
from proxy_core.server.local_server import LocalServer
from proxy_core.server.parts import ServerContext
from proxy_core.server.records.in_flight import InFlight
from proxy_core.server.records.request_log import RequestLog
from proxy_core.status.status import RequestState
from proxy_core.status.status_board import StatusBoard
from tests.faults.cut_answers import CUT, text_until_cut

Step = bytes | Exception | Callable[[], AsyncIterator[bytes]]

CHAT_MODEL = Model(id="gpt-x", name="X", vendor="OpenAI", endpoints=(Endpoint.CHAT_COMPLETIONS,))
ASK = {"model": "gpt-x", "messages": [{"role": "user", "content": "hi"}]}
TEXT = (
    b'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-x","choices":'
    b'[{"index":0,"delta":{"role":"assistant","content":"Hello"},"finish_reason":null}]}\n\n'
)
END = (
    b'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-x","choices":'
    b'[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,'
    b'"completion_tokens":2,"total_tokens":5}}\n\n'
)
DONE = b"data: [DONE]\n\n"
ERROR = b'data: {"error":{"code":"model_overloaded","message":"Too many ducks."}}\n\n'


class ScriptedAnswer:
    def __init__(self, upstream: ScriptedUpstream) -> None:
        self.content_type = upstream.content_type
        self.headers: Mapping[str, str] = {"x-github-request-id": "ABC"}
        self.dropped = upstream.dropped
        self.enforced_locally = upstream.enforced_locally
        self.is_unedited = False
        self.backend = "copilot"
        self.has_arrived = False
        self.attempts = 1
        self.notes: tuple[str, ...] = ()
        self._upstream = upstream

    async def chunks(self) -> AsyncIterator[bytes]:
        for step in self._upstream.steps:
            if isinstance(step, Exception):
                raise step
            if callable(step):
                async for chunk in step():
                    yield chunk
            else:
                yield step
                self._upstream.played += 1
                await asyncio.sleep(0)

    async def close(self) -> None:
        self._upstream.closed += 1


class ScriptedUpstream:
    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.content_type = "text/event-stream"
        self.dropped: tuple[str, ...] = ()
        self.enforced_locally: tuple[str, ...] = ()
        self.calls: list[UpstreamCall] = []
        self.played = 0
        self.closed = 0
        self.count: int | None = None

    async def open_stream(self, call: UpstreamCall) -> ScriptedAnswer:
        self.calls.append(call)
        return ScriptedAnswer(self)

    async def count_tokens(self, model: Model, body: Mapping[str, Any]) -> int | None:
        return self.count

    async def imposed_choice(self, ask: MakeQuestion) -> AutomaticChoice | None:
        return None

    async def models(self) -> tuple[Model, ...]:
        return (CHAT_MODEL,)


class Scene:
    def __init__(
        self, url: str, upstream: ScriptedUpstream, board: StatusBoard, http: aiohttp.ClientSession
    ) -> None:
        self.url = url
        self.upstream = upstream
        self.board = board
        self.http = http

    async def ask(
        self, *steps: Step, path: str = "/v1/chat/completions", stream: bool = True, **more: Any
    ) -> aiohttp.ClientResponse:
        self.upstream.steps = list(steps)
        return await self.http.post(self.url + path, json={**ASK, "stream": stream, **more})


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    board = StatusBoard()
    clock = Clock()
    numbers = itertools.count(1)
    upstream = ScriptedUpstream()
    totals = UsageTotals(0.0)
    parts = ServerContext(
        upstream=upstream,
        dialects=DIALECTS,
        board=board,
        settings=ServerSettings,
        access_policy=lambda: AccessPolicy(host="127.0.0.1"),
        journal=RequestLog(board, clock, on_recorded=totals.add),
        in_flight=InFlight(),
        clock=clock,
        make_id=lambda prefix: f"{prefix}{next(numbers)}",
        version="0",
    )
    server = LocalServer(parts, totals, TokenEstimates())
    await server.start("127.0.0.1", 0)
    async with aiohttp.ClientSession() as http:
        yield Scene(f"http://127.0.0.1:{server.port}", upstream, board, http)
    await server.stop(0.1)


async def test_what_passes_through_is_written_once_for_each_read(scene: Scene) -> None:
    response = await scene.ask(TEXT + TEXT, END + DONE)
    chunks = [data async for data, _ in response.content.iter_chunks() if data]
    assert [each.count(b"data: ") for each in chunks] == [2, 2]
    assert chunks[-1].endswith(DONE)
    await _until(lambda: scene.upstream.closed == 1)


async def test_the_body_upstream_gets_is_the_client_s_but_for_the_model(scene: Scene) -> None:
    await scene.ask(TEXT, END, DONE, temperature=0.5, metadata={"a": [1, 2.50]})
    (call,) = scene.upstream.calls
    assert call.endpoint is Endpoint.CHAT_COMPLETIONS
    assert bytes(call.body["metadata"]) == b'{"a": [1, 2.5]}'
    assert "stream" not in call.body
    assert call.initiator == "user"


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
async def test_a_stream_that_begins_with_its_error_is_a_status(
    scene: Scene, path: str, stream: bool
) -> None:
    response = await scene.ask(ERROR, path=path, stream=stream, max_tokens=5)
    assert response.status in (503, 529)
    assert "Too many ducks." in await response.text()


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
async def test_a_stream_that_is_empty_is_a_502(scene: Scene, path: str, stream: bool) -> None:
    response = await scene.ask(path=path, stream=stream, max_tokens=5)
    assert response.status == 502


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
async def test_a_connection_that_breaks_before_the_first_byte_is_a_502(
    scene: Scene, path: str
) -> None:
    broke = UpstreamBroke("The line is dead.", kind=ErrorKind.UPSTREAM)
    response = await scene.ask(broke, path=path, max_tokens=5)
    assert response.status == 502
    assert "The line is dead." in await response.text()


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
@pytest.mark.parametrize("steps", [(TEXT, ERROR), (TEXT,), (TEXT, UpstreamBroke("Dead."))])
async def test_what_breaks_after_some_text_ends_in_the_stream(
    scene: Scene, path: str, steps: tuple[Step, ...]
) -> None:
    response = await scene.ask(*steps, path=path, max_tokens=5)
    text = await text_until_cut(response)
    assert response.status == 200
    assert "Hello" in text
    has_reason = ERROR in steps
    assert text.endswith(CUT) == (path == "/v1/chat/completions" and not has_reason)
    assert text.endswith(CUT) or '"error"' in text.rsplit("data: ", 1)[1]
    assert "[DONE]" not in text
    assert "message_stop" not in text
    assert response.headers.get("Connection") is None
    await _until(lambda: not scene.board.current.active)
    record = scene.board.current.last_request
    assert record is not None
    assert (record.state, record.http_status) == (RequestState.FAILED, 200)


async def test_a_fault_of_our_own_in_the_middle_is_told_and_hidden(scene: Scene) -> None:
    response = await scene.ask(TEXT, RuntimeError("a secret of the code"))
    text = await response.text()
    assert "The proxy failed while it was answering." in text
    assert "secret" not in text


async def test_a_fault_of_our_own_before_the_answer_is_a_500_that_says_nothing(
    scene: Scene,
) -> None:
    response = await scene.ask(RuntimeError("a secret of the code"))
    assert response.status == 500
    assert "secret" not in await response.text()


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
async def test_an_answer_that_comes_whole_although_a_stream_was_asked_for_is_served(
    scene: Scene, path: str, stream: bool
) -> None:
    scene.upstream.content_type = "application/json; charset=utf-8"
    whole = {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-x",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "All at once."},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
    }
    data = json.dumps(whole).encode()
    response = await scene.ask(data[:40], data[40:], path=path, stream=stream, max_tokens=50)
    assert response.status == 200
    assert "All at once." in await response.text()


async def test_limits_upstream_left_to_us_hold_and_end_the_call(scene: Scene) -> None:
    scene.upstream.enforced_locally = ("max_tokens",)
    scene.upstream.dropped = ("max_tokens", "temperature")
    never = asyncio.Event()

    async def on_and_on() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield TEXT
        await never.wait()

    response = await scene.ask(on_and_on, max_tokens=3, temperature=1)
    text = await response.text()
    assert text.count("Hello") == 2  # ten of the twelve letters that three tokens may have
    assert '"content":"He"' in text
    assert '"finish_reason":"length"' in text
    assert text.endswith("data: [DONE]\n\n")
    assert response.headers["x-g-copilot-proxy-dropped"] == "max_tokens, temperature"
    await _until(lambda: scene.upstream.closed == 1)


async def test_a_stop_sequence_left_to_us_does_not_bring_a_token_limit_with_it(
    scene: Scene,
) -> None:
    scene.upstream.enforced_locally = ("stop",)
    response = await scene.ask(TEXT, TEXT, END, DONE, max_tokens=1, stop="loHe", stream=False)
    answer = await response.json()
    assert answer["choices"][0]["message"]["content"] == "Hel"
    assert answer["choices"][0]["finish_reason"] == "stop"


async def test_a_client_that_does_not_read_stops_the_reading_upstream(scene: Scene) -> None:
    piece = TEXT.replace(b"Hello", b"x" * 64_000)
    scene.upstream.steps = [piece] * 2000 + [END, DONE]
    port = int(scene.url.rsplit(":", 1)[1])
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    data = json.dumps({**ASK, "stream": True}).encode()
    writer.write(
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(data) + data
    )
    before = -1
    async with asyncio.timeout(20):
        while scene.upstream.played != before or not before:
            before = scene.upstream.played
            await asyncio.sleep(0.3)
    # What the system's own buffers hold, and no more: 2,000 pieces are 128 MB.
    assert 0 < scene.upstream.played < 1000
    writer.close()
    await writer.wait_closed()
    await _until(lambda: scene.upstream.closed == 1)


async def test_what_is_left_after_the_last_event_is_read_so_that_the_connection_lives(
    scene: Scene,
) -> None:
    response = await scene.ask(TEXT, END, DONE, b"\n", path="/v1/messages", max_tokens=50)
    assert "message_stop" in await response.text()
    await _until(lambda: scene.upstream.closed == 1)
    assert scene.upstream.played == 4


async def test_an_upstream_that_does_not_end_after_its_last_event_does_not_hold_the_client(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upstream_tail, "LAST_BYTES_SECONDS", 3600.0)
    never = asyncio.Event()

    async def silence() -> AsyncIterator[bytes]:
        await never.wait()
        yield b""

    response = await scene.ask(TEXT, END, DONE, silence, path="/v1/messages", max_tokens=50)
    async with asyncio.timeout(60):
        assert "message_stop" in await response.text()


async def test_tokens_are_estimated_where_upstream_does_not_count(scene: Scene) -> None:
    body = {"model": "gpt-x", "messages": [{"role": "user", "content": "word " * 400}]}
    response = await scene.http.post(scene.url + "/v1/messages/count_tokens", json=body)
    assert 300 < (await response.json())["input_tokens"] < 600


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.005)
