"""Leaked calls in streams that pass through: what is held, what is untouched, what a break leaves."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from proxy_core.canonical.sse import Frame, encode
from proxy_core.dialects.anthropic_messages.dialect import AnthropicMessages
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.leaked_tool_calls.offered_tools import OfferedTools
from proxy_core.dialects.openai_chat.dialect import OpenAIChat
from proxy_core.errors import UpstreamBroke
from proxy_core.server.calls.relay.transcoding import PassThroughTranscoder
from tests.unit.dialects.shared.leak_corpus import TOOLS, innocents, leaks, split


def event(kind: str, **members: Any) -> bytes:
    data = json.dumps({"type": kind, **members}, separators=(",", ":"), ensure_ascii=False)
    return encode(Frame(data.encode(), kind.encode()))


def messages_stream(texts: list[str], reason: str | None = "end_turn") -> list[bytes]:
    message = {"id": "msg_1", "model": "m", "content": [], "usage": {"input_tokens": 3}}
    head = [
        event("message_start", message=message),
        event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
    ]
    said = [
        event("content_block_delta", index=0, delta={"type": "text_delta", "text": each})
        for each in texts
    ]
    end = [
        event("content_block_stop", index=0),
        event("message_delta", delta={"stop_reason": reason}, usage={"output_tokens": 5}),
        event("message_stop"),
    ]
    return [*head, *said, *(end if reason else [])]


def chat_stream(texts: list[str], reason: str | None = "stop") -> list[bytes]:
    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        said = {
            "id": "c1",
            "object": "chat.completion.chunk",
            "created": 5,
            "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
        return encode(Frame(json.dumps(said, separators=(",", ":")).encode()))

    end = [chunk({}, reason), b"data: [DONE]\n\n"] if reason else []
    return [
        chunk({"role": "assistant", "content": ""}),
        *(chunk({"content": t}) for t in texts),
        *end,
    ]


STREAMS = {"messages": (AnthropicMessages(), messages_stream), "chat": (OpenAIChat(), chat_stream)}


def transcoder(name: str) -> PassThroughTranscoder:
    offered = OfferedTools(TOOLS)
    context = WriterContext(
        "m", lambda prefix: f"{prefix}1", 5, include_usage=False, repairs_calls_of=offered
    )
    return PassThroughTranscoder(STREAMS[name][0].pass_through(context))


def passed(name: str, chunks: list[bytes]) -> bytes:
    through = transcoder(name)
    frames = [frame for chunk in chunks for frame in through.feed(chunk)]
    return b"".join(map(encode, [*frames, *through.close()]))


def read(name: str, wire: bytes) -> tuple[str, list[tuple[str, Any]], object]:
    text, names, inputs, why = "", [], [], None
    for line in wire.decode().splitlines():
        if not line.startswith("data: {"):
            continue
        said = json.loads(line.removeprefix("data: "))
        if name == "chat":
            choice = said["choices"][0]
            text += choice["delta"].get("content") or ""
            for call in choice["delta"].get("tool_calls", ()):
                names.append(call["function"]["name"])
                inputs.append(json.loads(call["function"]["arguments"]))
            why = choice["finish_reason"] or why
        elif said["type"] == "content_block_delta":
            text += said["delta"].get("text", "")
            if "partial_json" in said["delta"]:
                inputs.append(json.loads(said["delta"]["partial_json"]))
        elif said["type"] == "content_block_start" and said["content_block"]["type"] == "tool_use":
            names.append(said["content_block"]["name"])
        elif said["type"] == "message_delta":
            why = said["delta"]["stop_reason"]
    return text, list(zip(names, inputs, strict=True)), why


@pytest.mark.parametrize("name", STREAMS)
def test_every_leak_becomes_its_calls(name: str) -> None:
    rng, called = random.Random(5), {"messages": "tool_use", "chat": "tool_calls"}[name]
    for leak in list(leaks())[::7]:
        wire = passed(name, STREAMS[name][1](split(leak.text, rng)))
        assert read(name, wire) == (leak.shown, list(leak.calls), called)


@pytest.mark.parametrize("name", STREAMS)
def test_no_innocent_text_changes(name: str) -> None:
    rng = random.Random(6)
    for text in innocents(600, seed=9):
        wire = passed(name, STREAMS[name][1](split(text, rng)))
        said, calls, why = read(name, wire)
        assert (said, calls) == (text, [])
        assert why in ("end_turn", "stop")


def test_frames_without_markup_leave_to_the_byte() -> None:
    chunks = messages_stream(["Let me ", "look > at it. ", "ü"])
    wire = passed("messages", chunks)
    assert wire.split(b"\n\n")[1:] == b"".join(chunks).split(b"\n\n")[1:]


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_that_broke_makes_no_call(name: str) -> None:
    leak = next(leaks())
    for tell in ("close", "fail"):
        through = transcoder(name)
        frames = [f for c in STREAMS[name][1]([leak.text], None) for f in through.feed(c)]
        if tell == "close":
            frames += through.close()
        else:
            through.fail(UpstreamBroke("gone"))
        assert through.broken is not None
        wire = b"".join(map(encode, [*frames, *through.broken.frames]))
        assert b"tool_use" not in wire
        assert b"tool_calls" not in wire
        assert not through.outcome().repaired_calls


def test_an_escaped_marker_is_found_too() -> None:
    """Go's encoder writes the sign as an escape."""
    leak = next(leaks())
    chunks = [each.replace(b"<", b"\\u003c") for each in messages_stream([leak.text])]
    assert read("messages", passed("messages", chunks))[1] == list(leak.calls)


def test_a_turn_with_a_real_call_keeps_its_text() -> None:
    leak = next(leaks())
    block = {"type": "tool_use", "id": "toolu_9", "name": "Bash", "input": {}}
    delta = {"type": "input_json_delta", "partial_json": "{}"}
    chunks = messages_stream([leak.text], "tool_use")
    chunks[-2:-2] = [
        event("content_block_start", index=1, content_block=block),
        event("content_block_delta", index=1, delta=delta),
        event("content_block_stop", index=1),
    ]
    assert read("messages", passed("messages", chunks)) == (leak.text, [("Bash", {})], "tool_use")
