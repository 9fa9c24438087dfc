"""Refusals at the head of a stream: what is held back, what is replayed, what counts as an error."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from proxy_core.canonical.model import Endpoint
from proxy_core.canonical.sse import Frame
from proxy_core.upstream.calls.early_errors import Meaning, read_meaning, refusal_in, status_of
from proxy_core.upstream.transport.connection_errors import (
    ConnectionFailed,
    EndedBeforeContent,
    connection_failure,
)
from proxy_core.upstream.transport.request_handler import OutboundResponse

CHAT, MESSAGES, RESPONSES = Endpoint.CHAT_COMPLETIONS, Endpoint.MESSAGES, Endpoint.RESPONSES


async def stream(*chunks: bytes | asyncio.Event | Exception) -> AsyncIterator[bytes]:
    for each in chunks:
        if isinstance(each, asyncio.Event):
            await each.wait()
        elif isinstance(each, Exception):
            raise each
        else:
            yield each


def response(*chunks: bytes | asyncio.Event | Exception) -> OutboundResponse:
    return OutboundResponse(200, {}, stream(*chunks))


def event(content: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(content).encode() + b"\n\n"


async def rest(answer: OutboundResponse) -> list[bytes]:
    return [chunk async for chunk in answer.chunks()]


WORD = event({"choices": [{"delta": {"content": "Hi"}}]})
ROLE = event({"choices": [{"delta": {"role": "assistant", "content": ""}}]})
EMPTY = event({"choices": [], "prompt_filter_results": []})
LIMIT = event({"error": {"code": "rate_limited", "message": "slow down"}})


async def test_an_answer_is_replayed_chunk_by_chunk_as_it_arrived() -> None:
    chunks = [EMPTY[:7], EMPTY[7:] + ROLE, WORD[:3], WORD[3:], b"data: [DONE]\n\n"]
    answer = response(*chunks)
    assert await refusal_in(answer, CHAT) is None
    assert await rest(answer) == chunks


async def test_an_error_is_found_through_any_cuts_and_what_only_announces() -> None:
    whole = EMPTY + ROLE + LIMIT
    answer = response(*(whole[n : n + 1] for n in range(len(whole))))
    found = await refusal_in(answer, CHAT)
    assert found is not None
    status, body = found
    assert status == 429
    assert json.loads(body) == {"error": {"code": "rate_limited", "message": "slow down"}}


async def test_an_announcement_is_not_held_back_for_long() -> None:
    gate = asyncio.Event()
    answer = response(EMPTY, gate, LIMIT)
    assert await refusal_in(answer, CHAT, patience=0.0) is None
    chunks = answer.chunks()
    assert await anext(chunks) == EMPTY
    gate.set()
    assert [chunk async for chunk in chunks] == [LIMIT]


async def test_an_answer_that_is_closed_while_it_is_awaited_leaves_nothing_running() -> None:
    gate = asyncio.Event()
    answer = response(EMPTY, gate, LIMIT)
    assert await refusal_in(answer, CHAT, patience=0.0) is None
    await answer.close()
    assert not [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]


async def test_a_caller_that_leaves_while_we_look_leaves_nothing_running() -> None:
    look = asyncio.ensure_future(refusal_in(response(asyncio.Event()), CHAT))
    await asyncio.sleep(0)
    look.cancel()
    with pytest.raises(asyncio.CancelledError):
        await look
    assert not [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]


async def test_what_breaks_while_we_look_is_raised_and_later_breaks_come_later() -> None:
    broken = connection_failure(ConnectionResetError(), "https://x", answering=True)
    with pytest.raises(ConnectionFailed):
        await refusal_in(response(EMPTY, broken), CHAT)
    answer = response(WORD, broken)
    assert await refusal_in(answer, CHAT) is None
    with pytest.raises(ConnectionFailed):
        await rest(answer)


@pytest.mark.parametrize(
    "data", [b"data: not json\n\n", b'data: {"choices":[{"delta":"\xff"}]}\n\n']
)
async def test_nonsense_is_left_to_the_dialects_reader(data: bytes) -> None:
    answer = response(data[:9], data[9:])
    assert await refusal_in(answer, CHAT) is None
    assert b"".join(await rest(answer)) == data


CREATED = event({"type": "response.created", "response": {"id": "r"}})
START = event({"type": "message_start", "message": {"id": "m"}})


@pytest.mark.parametrize(
    ("endpoint", "chunks"),
    [
        (CHAT, ()),
        (CHAT, (b"",)),
        (CHAT, (b": ping\n\n",)),
        (CHAT, (b"data: [DONE]\n\n",)),
        (CHAT, (EMPTY, ROLE)),
        (CHAT, (EMPTY, ROLE, b"data: [DONE]\n\n")),
        (RESPONSES, (b"\n",)),
        (RESPONSES, (CREATED,)),
        (MESSAGES, (START, event({"type": "ping"}))),
    ],
)
async def test_an_end_before_any_content_is_worth_another_try(
    endpoint: Endpoint, chunks: tuple[bytes, ...]
) -> None:
    with pytest.raises(EndedBeforeContent) as caught:
        await refusal_in(response(*chunks), endpoint)
    assert caught.value.retryable


@pytest.mark.parametrize(
    "content_type", ["text/event-stream", "text/plain", "application/json", ""]
)
@pytest.mark.parametrize("endpoint", [CHAT, RESPONSES, MESSAGES])
async def test_a_json_error_in_place_of_a_stream_is_a_refusal_whatever_its_type(
    endpoint: Endpoint, content_type: str
) -> None:
    body = b'{"error": {"code": "rate_limited", "message": "slow down"}}'
    answer = OutboundResponse(200, {"content-type": content_type}, stream(body[:5], body[5:]))
    assert await refusal_in(answer, endpoint) == (
        429,
        b'{"error":{"code":"rate_limited","message":"slow down"}}',
    )


@pytest.mark.parametrize("content_type", ["text/event-stream", "text/plain", "text/html", ""])
async def test_a_page_in_place_of_a_stream_keeps_its_words(content_type: str) -> None:
    page = b"<html><title>Sign in to continue</title></html>"
    answer = OutboundResponse(200, {"content-type": content_type}, stream(page))
    assert await refusal_in(answer, CHAT) == (502, page)


@pytest.mark.parametrize("content_type", ["text/event-stream", "text/plain"])
async def test_a_gateways_sentence_in_place_of_a_stream_keeps_its_words(content_type: str) -> None:
    said = b"upstream connect error or disconnect/reset before headers"
    answer = OutboundResponse(200, {"content-type": content_type}, stream(said[:3], said[3:]))
    assert await refusal_in(answer, CHAT) == (502, said)


async def test_an_answer_sent_whole_is_named_by_what_it_is() -> None:
    body = b'{"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}'
    answer = OutboundResponse(200, {"content-type": "text/plain"}, stream(body))
    assert await refusal_in(answer, CHAT) is None
    assert answer.headers["content-type"] == "application/json"
    assert await rest(answer) == [body]


async def test_events_under_another_type_are_events() -> None:
    answer = OutboundResponse(200, {"content-type": "text/plain"}, stream(WORD[:2], WORD[2:]))
    assert await refusal_in(answer, CHAT) is None
    assert answer.headers["content-type"] == "text/event-stream"
    assert b"".join(await rest(answer)) == WORD


async def test_an_error_that_no_word_explains_is_upstreams_failure_and_not_repeated() -> None:
    strange = event({"error": {"code": "gone_fishing", "message": "Too many ducks."}})
    status, body = await refusal_in(response(EMPTY, strange), CHAT) or (0, b"")
    assert status == 424
    assert b"Too many ducks." in body


@pytest.mark.parametrize(
    ("endpoint", "content", "meaning"),
    [
        (CHAT, {"choices": []}, Meaning.ANNOUNCEMENT),
        (CHAT, {"choices": None, "copilot_references": []}, Meaning.ANNOUNCEMENT),
        (CHAT, {"choices": [{"delta": {"tool_calls": [{"index": 0}]}}]}, Meaning.CONTENT),
        (CHAT, {"choices": [{"delta": {"reasoning_text": "m"}}]}, Meaning.CONTENT),
        (CHAT, {"choices": [{"delta": {}, "finish_reason": "stop"}]}, Meaning.CONTENT),
        (CHAT, {"choices": "odd"}, Meaning.CONTENT),
        (CHAT, {"error": None, "choices": [{"delta": {"content": "x"}}]}, Meaning.CONTENT),
        (MESSAGES, {"type": "message_start"}, Meaning.ANNOUNCEMENT),
        (MESSAGES, {"type": "ping"}, Meaning.ANNOUNCEMENT),
        (MESSAGES, {"type": "content_block_start"}, Meaning.CONTENT),
        (MESSAGES, {"type": "error", "error": {"type": "x"}}, Meaning.ERROR),
        (RESPONSES, {"type": "response.created"}, Meaning.ANNOUNCEMENT),
        (RESPONSES, {"type": "response.output_item.added"}, Meaning.CONTENT),
        (RESPONSES, {"type": "response.failed"}, Meaning.ERROR),
        (RESPONSES, {"type": "error", "code": "x"}, Meaning.ERROR),
        (RESPONSES, {"type": "response.completed"}, Meaning.CONTENT),
    ],
)
def test_what_an_event_at_the_head_means(
    endpoint: Endpoint, content: dict[str, Any], meaning: Meaning
) -> None:
    assert read_meaning(Frame(json.dumps(content).encode()), endpoint)[0] is meaning


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({"type": "error", "error": {"type": "overloaded_error"}}, 503),
        ({"error": {"code": "user_global_rate_limited:pro"}}, 429),
        ({"error": {"code": "upstream_provider_rate_limit"}}, 503),
        ({"error": {"code": "quota_exceeded"}}, 402),
        ({"type": "error", "error": {"type": "invalid_request_error"}}, 400),
        ({"type": "error", "error": {"type": "authentication_error"}}, 401),
        ({"type": "error", "status": 418, "error": {"code": "odd"}}, 418),
        ({"error": {"code": 429, "message": "x"}}, 429),
        ({"type": "error", "code": "unsupported_value", "message": "x"}, 400),
        (
            {"type": "response.failed", "response": {"error": {"code": "rate_limit_exceeded"}}},
            429,
        ),
        ({"error": {"code": "server_error"}}, None),
        ({"error": "something"}, None),
        ({"error": {"status": "bad", "code": None}}, None),
        ({"error": {"status": 200}}, None),
    ],
)
def test_the_status_an_error_event_stands_for(content: dict[str, Any], status: int | None) -> None:
    assert status_of(content) == status
