"""One call from its body to its record: how it fails, what is counted, and when the client is free."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
import zstandard

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.errors import UpstreamBroke
from proxy_core.server.calls.relay import upstream_tail
from proxy_core.status.status import RequestState
from tests.faults.cut_answers import CUT, text_until_cut
from tests.integration.server.conftest import Proxy
from tests.integration.server.test_scripted_upstream import (
    ASK,
    CHAT_MODEL,
    DONE,
    END,
    TEXT,
    Scene,
    ScriptedUpstream,
    _until,
    scene,
)

__all__ = ["scene"]  # the fixture

CHAT, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/responses", "/v1/messages"
NATIVE = {
    CHAT: Endpoint.CHAT_COMPLETIONS,
    RESPONSES: Endpoint.RESPONSES,
    MESSAGES: Endpoint.MESSAGES,
}
in_every_dialect = pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
passed_and_translated = pytest.mark.parametrize(
    "passed", [True, False], ids=["passed", "translated"]
)
streamed_and_whole = pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])


def offer(monkeypatch: pytest.MonkeyPatch, endpoint: Endpoint) -> None:
    """Let the one model be offered at ``endpoint`` alone."""
    model: Model = replace(CHAT_MODEL, endpoints=(endpoint,))

    async def models(self: ScriptedUpstream) -> tuple[Model, ...]:
        return (model,)

    monkeypatch.setattr(ScriptedUpstream, "models", models)


def asked(path: str, **more: Any) -> dict[str, Any]:
    if path == RESPONSES:
        return {"model": "gpt-x", "input": "hi", **more}
    limit = {"max_tokens": 50} if path == MESSAGES else {}
    return {**ASK, **limit, **more}


def event(kind: str, **members: Any) -> bytes:
    data = json.dumps({"type": kind, **members}).encode()
    return b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"


def responses_events(**response: Any) -> bytes:
    """A whole answer of ``/responses`` that repeats nothing of its request."""
    output = [
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "Hello", "annotations": []}],
        }
    ]
    base = {"id": "resp_1", "object": "response", "created_at": 1, "model": "gpt-x"}
    done = {**base, "status": "completed", "output": output, **response}
    usage = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
    return (
        event("response.created", response={**base, "status": "in_progress", "output": []})
        + event("response.output_item.added", output_index=0, item={**output[0], "content": []})
        + event(
            "response.output_text.delta",
            item_id="msg_1",
            output_index=0,
            content_index=0,
            delta="Hello",
        )
        + event("response.output_item.done", output_index=0, item=output[0])
        + event("response.completed", response={**done, "usage": usage})
    )


@in_every_dialect
@passed_and_translated
@streamed_and_whole
@pytest.mark.parametrize("content_type", ["text/event-stream", "application/json", ""])
async def test_an_empty_answer_is_a_502_and_never_an_empty_200(
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    passed: bool,
    stream: bool,
    content_type: str,
) -> None:
    others = {CHAT: RESPONSES, RESPONSES: MESSAGES, MESSAGES: RESPONSES}
    offer(monkeypatch, NATIVE[path if passed else others[path]])
    scene.upstream.content_type = content_type
    scene.upstream.steps = []
    response = await scene.http.post(scene.url + path, json=asked(path, stream=stream))
    assert response.status == 502, await response.text()
    assert (await response.json())["error"]["message"]


@in_every_dialect
@passed_and_translated
@streamed_and_whole
async def test_a_json_error_in_place_of_a_stream_is_a_status(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, path: str, passed: bool, stream: bool
) -> None:
    others = {CHAT: RESPONSES, RESPONSES: MESSAGES, MESSAGES: RESPONSES}
    offer(monkeypatch, NATIVE[path if passed else others[path]])
    scene.upstream.content_type = "application/json"
    error = {"code": "model_overloaded", "message": "Too many ducks.", "type": "overloaded_error"}
    scene.upstream.steps = [json.dumps({"type": "error", "error": error}).encode()]
    response = await scene.http.post(scene.url + path, json=asked(path, stream=stream))
    assert response.status in (503, 529), await response.text()
    assert "Too many ducks." in await response.text()


@pytest.mark.parametrize("stream", [True, False])
async def test_an_error_event_of_responses_at_the_head_is_a_status(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    offer(monkeypatch, Endpoint.RESPONSES)
    scene.upstream.steps = [event("error", code="server_error", message="Too many ducks.")]
    response = await scene.http.post(scene.url + RESPONSES, json=asked(RESPONSES, stream=stream))
    assert response.status >= 500
    assert "Too many ducks." in await response.text()


async def test_bytes_that_are_no_text_at_the_head_are_upstreams_fault(scene: Scene) -> None:
    response = await scene.ask(b'data: {"choices":[{"delta":{"content":"\xff"}}]}\n\n')
    assert response.status == 502


@pytest.mark.parametrize(
    "half", [b"data", b"data:", b"data: ", b'data: {"type"', b"event: x\ndata: "]
)
@pytest.mark.parametrize("name", ["content_block_delta", "ping", "message_delta"])
async def test_half_an_event_never_reaches_the_client(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, half: bytes, name: str
) -> None:
    offer(monkeypatch, Endpoint.MESSAGES)
    begun = event("message_start", message={"id": "m", "usage": {"input_tokens": 3}})
    scene.upstream.steps = [begun, b"event: " + name.encode() + b"\n" + half]
    response = await scene.http.post(scene.url + MESSAGES, json=asked(MESSAGES, stream=True))
    text = await response.text()
    for line in text.splitlines():
        assert not line.startswith("data:") or json.loads(line.removeprefix("data:")), text
    assert '"type":"error"' in text


async def test_a_messages_error_without_an_error_object_is_made_a_proper_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, Endpoint.MESSAGES)
    begun = event("message_start", message={"id": "m", "usage": {"input_tokens": 3}})
    scene.upstream.steps = [begun, event("error", message="gone")]
    response = await scene.http.post(scene.url + MESSAGES, json=asked(MESSAGES, stream=True))
    last = json.loads((await response.text()).rsplit("data: ", 1)[1])
    assert last["type"] == "error"
    assert isinstance(last["error"]["type"], str)
    assert isinstance(last["error"]["message"], str)


async def test_done_without_a_finish_reason_cuts_the_connection(scene: Scene) -> None:
    response = await scene.ask(TEXT, DONE)
    text = await text_until_cut(response)
    assert "Hello" in text
    assert "[DONE]" not in text
    assert '"finish_reason":"stop"' not in text
    assert text.endswith(CUT)


async def test_what_upstream_says_itself_is_told_and_the_connection_stays(scene: Scene) -> None:
    reason = b'data: {"error":{"code":"model_overloaded","message":"Too many ducks."}}\n\n'
    text = await text_until_cut(await scene.ask(TEXT, reason))
    assert "Too many ducks." in text
    assert not text.endswith(CUT)


@pytest.mark.parametrize("stream", [True, False])
async def test_the_next_request_need_not_wait_for_the_end_of_upstreams_body(
    scene: Scene, stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upstream_tail, "LAST_BYTES_SECONDS", 3600.0)
    never = asyncio.Event()

    async def held_open() -> AsyncIterator[bytes]:
        await never.wait()
        yield b""

    connector = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(connector=connector) as http:
        scene.upstream.steps = [TEXT, END, DONE, held_open]
        for _ in range(3):
            body = {**ASK, "stream": stream}
            async with asyncio.timeout(60), http.post(scene.url + CHAT, json=body) as response:
                assert "Hello" in await response.text()
    assert scene.upstream.closed == 0, "all three bodies are still awaited"


async def test_a_call_upstream_took_does_not_fail_by_our_parser(scene: Scene) -> None:
    scene.upstream.enforced_locally = ("max_tokens",)
    odd = {"tool_choice": {"type": "of a kind unknown to us"}, "modalities": "odd"}
    response = await scene.ask(TEXT, TEXT, TEXT, END, DONE, max_tokens=2, **odd)
    text = await response.text()
    assert response.status == 200, text
    assert '"finish_reason":"length"' in text


async def test_validated_means_auto(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, Endpoint.RESPONSES)
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    scene.upstream.steps = [responses_events()]
    body = asked(CHAT, tools=[tool], tool_choice="validated")
    response = await scene.http.post(scene.url + CHAT, json=body)
    assert response.status == 200, await response.text()
    assert scene.upstream.calls[0].body.get("tool_choice", "auto") == "auto"


async def test_a_whole_responses_answer_that_was_passed_through_repeats_its_request(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, Endpoint.RESPONSES)
    scene.upstream.steps = [responses_events()]
    wish = {"instructions": "Be brief.", "temperature": 0.5, "metadata": {"a": "b"}}
    response = await scene.http.post(scene.url + RESPONSES, json=asked(RESPONSES, **wish))
    answer = await response.json()
    assert {name: answer[name] for name in wish} == wish


@in_every_dialect
async def test_the_tokens_of_a_cut_stream_are_counted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    offer(monkeypatch, Endpoint.CHAT_COMPLETIONS)
    scene.upstream.steps = [*[TEXT] * 20, UpstreamBroke("The line is dead.")]
    body = {**asked(path, stream=True)}
    response = await scene.http.post(scene.url + path, json=body)
    await text_until_cut(response)
    await _until(lambda: not scene.board.current.active)
    record = scene.board.current.last_request
    assert record is not None
    assert record.state is RequestState.FAILED
    assert 10 <= record.output_tokens <= 60
    assert record.input_tokens > 0


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("zstd", lambda data: zstandard.ZstdCompressor().compress(data)),
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
    ],
)
async def test_compressed_bodies_are_taken_and_bombs_are_not(
    scene: Scene, encoding: str, compress: Any
) -> None:
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    scene.upstream.steps = [TEXT, END, DONE]

    async def post(data: bytes) -> aiohttp.ClientResponse:
        return await scene.http.post(scene.url + CHAT, data=data, headers=headers)

    whole = compress(json.dumps(ASK).encode())
    assert (await post(whole)).status == 200
    assert (await post(compress(b" " * 40_000_000 + json.dumps(ASK).encode()))).status == 413
    assert (await post(whole[: len(whole) // 2])).status == 400
    assert (await post(b"no such thing")).status == 400


async def test_a_byte_order_mark_is_no_part_of_the_body(scene: Scene) -> None:
    scene.upstream.steps = [TEXT, END, DONE]
    data = b"\xef\xbb\xbf" + json.dumps(ASK).encode()
    headers = {"Content-Type": "application/json"}
    response = await scene.http.post(scene.url + CHAT, data=data, headers=headers)
    assert response.status == 200


async def test_a_body_of_more_objects_than_any_prompt_has_is_refused(scene: Scene) -> None:
    message = b'{"role":"user","content":"a"}'
    data = b'{"model":"gpt-x","messages":[' + b",".join([message] * 300_000) + b"]}"
    headers = {"Content-Type": "application/json"}
    response = await scene.http.post(scene.url + CHAT, data=io.BytesIO(data), headers=headers)
    assert response.status == 413
    assert (await response.json())["error"]["message"]


@pytest.mark.parametrize("stream", [True, False])
async def test_a_call_that_failed_had_its_attempts(proxy: Proxy, stream: bool) -> None:
    await proxy.script({"fault": "429-long"})
    response = await proxy.post(CHAT, {**ASK, "model": "gpt-4o-mini", "stream": stream})
    assert response.status == 429
    await proxy.until(lambda: not proxy.board.current.active)
    assert proxy.last_request.attempts == 1
    assert proxy.last_request.state is RequestState.FAILED


async def test_a_client_that_leaves_in_the_middle_is_counted_and_settled_as_cancelled(
    proxy: Proxy,
) -> None:
    text = "[sim:stall] Repeat exactly the following text and nothing else: on and on"
    body = {
        "model": "gpt-4o-mini",
        "stream": True,
        "messages": [{"role": "user", "content": text}],
    }
    response = await proxy.post(CHAT, body)
    await response.content.readany()
    response.close()
    await proxy.until(lambda: not proxy.board.current.active)
    record = proxy.last_request
    assert (record.state, record.http_status) == (RequestState.CANCELLED, 499)
    assert record.attempts == 1
    assert record.input_tokens > 0


@streamed_and_whole
async def test_what_an_answer_cannot_say_in_the_clients_dialect_is_named_in_the_record(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    offer(monkeypatch, Endpoint.RESPONSES)
    call = {"type": "mcp_call", "id": "mcp_1", "name": "x", "server_label": "y", "arguments": "{}"}
    extra = event("response.output_item.done", output_index=1, item=call)
    answer = responses_events().replace(
        b"event: response.completed", extra + b"event: response.completed"
    )
    response = await scene.ask(answer, path=CHAT, stream=stream)
    assert "Hello" in await response.text()
    await _until(lambda: bool(scene.board.current.recent))
    assert "left out of the answer: mcp_call" in scene.board.current.recent[0].notes


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
async def test_a_whole_answer_has_all_members_that_its_vendor_gave_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    offer(monkeypatch, NATIVE[path])
    if path == CHAT:
        steps = [
            TEXT.replace(b'"created":1', b'"created":1,"system_fingerprint":"fp_1"'),
            END,
            DONE,
        ]
        response = await scene.ask(*steps, path=path, stream=False)
        assert (await response.json())["system_fingerprint"] == "fp_1"
        return
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": []}
    message["usage"] = {"input_tokens": 3, "output_tokens": 1, "service_tier": "standard"}
    delta = {"stop_reason": "refusal", "stop_details": {"type": "refusal", "category": "cyber"}}
    steps = [
        event("message_start", message=message),
        event("content_block_start", index=0, content_block={"type": "text", "text": "No"}),
        event("content_block_stop", index=0),
        event("message_delta", delta=delta, usage={"output_tokens": 2}),
        event("message_stop"),
    ]
    response = await scene.ask(*steps, path=path, stream=False, max_tokens=50)
    body = await response.json()
    assert body["stop_details"] == {"type": "refusal", "category": "cyber"}
    assert body["usage"]["service_tier"] == "standard"
