"""Any legal list of events makes a Responses stream that independent judges accept."""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.canonical.events import Done, StreamEvent
from proxy_core.canonical.request import (
    DialectName,
    Opaque,
    Part,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from proxy_core.canonical.sse import Decoder, Frame, encode
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.parse_request import parse_request
from proxy_core.dialects.openai_responses.pass_through_stream import ResponsesPassThrough
from proxy_core.dialects.openai_responses.read_stream import ResponsesReader
from proxy_core.dialects.openai_responses.response.whole_answer import read_whole, write_whole
from proxy_core.dialects.openai_responses.write_stream import ResponsesWriter
from proxy_core.dialects.shared.collector import collect
from proxy_core.errors import ProxyError
from tests.property.strategies import streams
from tests.responses_checkers import check_response, check_stream

RESPONSES = DialectName.OPENAI_RESPONSES


def context() -> WriterContext:
    numbers = iter(range(10_000))
    return WriterContext("told-model", lambda prefix: f"{prefix}{next(numbers)}", 1_795_248_000)


def written(events: list[StreamEvent]) -> list[Frame]:
    writer = ResponsesWriter(context())
    return [frame for event in events for frame in writer.feed(event)] + writer.close()


def read(frames: list[Frame]) -> list[StreamEvent]:
    reader = ResponsesReader("a-model")
    return [event for frame in frames for event in reader.feed(frame)] + reader.close()


def told(item: dict[str, Any]) -> str:
    if item["type"] == "message":
        (part,) = item["content"]
        return str(part.get("text", part.get("refusal")))
    if item["type"] == "reasoning":
        return "".join(part["text"] for part in item["summary"])
    return f"{item['call_id']} {item['name']} {item['arguments']}"


def said(part: Part) -> str:
    if isinstance(part, TextPart | RefusalPart | ThinkingPart):
        return part.text
    assert isinstance(part, ToolCallPart)
    return f"{part.id} {part.name} {(part.arguments.strip() and part.arguments) or '{}'}"


def is_told(part: Part) -> bool:
    """A block that said nothing and proves nothing has no item."""
    return not isinstance(part, ThinkingPart) or bool(part.text) or part.opaque is not None


@given(streams())
def test_a_stream_is_what_openai_describes(events: list[StreamEvent]) -> None:
    final = check_stream(written(events))
    if not isinstance(events[-1], Done):
        assert final["status"] == "failed"
        return
    parts = [part for part in collect(events).message.content if is_told(part)]
    expected = sorted(filter(None, map(said, parts)))
    assert sorted(filter(None, map(told, final["output"]))) == expected


@given(streams())
def test_a_whole_answer_is_what_openai_describes(events: list[StreamEvent]) -> None:
    try:
        response = write_whole(events, context())
    except ProxyError:
        assert not isinstance(events[-1], Done)
        return
    check_response(response)


@given(streams())
def test_what_a_stream_says_is_read_back(events: list[StreamEvent]) -> None:
    again = read(written(events))
    if not isinstance(events[-1], Done):
        assert type(again[-1]) is type(events[-1])
        return
    before, after = collect(events), collect(again)
    assert after.usage == before.usage
    for kind in (TextPart, RefusalPart, ThinkingPart, ToolCallPart):
        mine = sorted(t for p in before.message.content if isinstance(p, kind) and (t := said(p)))
        back = sorted(t for p in after.message.content if isinstance(p, kind) and (t := said(p)))
        assert mine == back


@given(streams())
def test_the_stream_and_the_whole_answer_tell_the_same(events: list[StreamEvent]) -> None:
    if isinstance(events[-1], Done):
        whole = msgspec.json.encode(write_whole(events, context()))
        streamed = read(written(events))
        # Where blocks overlap, the one tells them as they began and the other as they first spoke.
        at_once = collect(read_whole(whole, "a-model")).message.content
        assert sorted(map(repr, at_once)) == sorted(map(repr, collect(streamed).message.content))


@given(streams(DialectName.ANTHROPIC_MESSAGES))
def test_foreign_proofs_come_back_from_the_client(events: list[StreamEvent]) -> None:
    if not isinstance(events[-1], Done):
        return
    output = write_whole(events, context())["output"]
    request = parse_request({"model": "m", "input": output})
    back = [
        part
        for message in request.context.messages
        for part in message.content
        if isinstance(part, ThinkingPart) and part.opaque is not None
    ]
    mine = [p for p in collect(events).message.content if isinstance(p, ThinkingPart) and p.opaque]
    assert sorted(map(proof, back)) == sorted(map(proof, mine))


def proof(part: ThinkingPart) -> tuple[str, str]:
    assert isinstance(part.opaque, Opaque)
    return (part.text, repr(part.opaque))


@given(streams(), st.data())
def test_ids_that_rotate_come_out_as_one(events: list[StreamEvent], data: st.DataObject) -> None:
    """Rotate every id of a good stream as Copilot does: forwarded, it is a good stream again."""

    frames = []
    for position, frame in enumerate(written(events)):
        event = json.loads(frame.data)
        for place in (event, event.get("item", {}), event.get("response", {})):
            for name in ("item_id", "id"):
                if name in place:
                    place[name] = f"rotated_{position}_{place[name]}"
        for number, item in enumerate(event.get("response", {}).get("output", ())):
            item["id"] = f"rotated_{position}_{number}"
        separators = data.draw(st.sampled_from([(",", ":"), (", ", ": ")]))
        frames.append(Frame(json.dumps(event, separators=separators).encode(), frame.event))
    passing = ResponsesPassThrough(context())
    out = [each for frame in frames for each in passing.feed(frame)] + passing.close()
    check_stream(out)
    assert passing.outcome().finished is isinstance(events[-1], Done)


@given(streams(), st.integers(0, 1000))
def test_a_stream_arrives_the_same_however_it_is_cut(events: list[StreamEvent], seed: int) -> None:
    cuts = random.Random(seed)
    frames = written(events)
    wire = b"".join(encode(frame) for frame in frames)
    decoder = Decoder()
    arrived = []
    while wire:
        size = cuts.choice([1, 3, 17, 200])
        arrived += decoder.feed(wire[:size])
        wire = wire[size:]
    assert arrived + decoder.close() == frames
