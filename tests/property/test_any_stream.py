"""Any legal list of events makes a stream that independent judges accept."""

from __future__ import annotations

from hypothesis import given

from proxy_core.canonical.events import Done, StreamEvent, Usage
from proxy_core.canonical.request import (
    DialectName,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import StreamReader, StreamWriter, WriterContext
from proxy_core.dialects.registry import dialect
from proxy_core.dialects.shared.collector import collect
from proxy_core.errors import ProxyError
from tests.property.strategies import streams
from tests.stream_checkers import (
    check_chat_stream,
    check_completion,
    check_message,
    check_messages_stream,
)

CHAT = dialect(DialectName.OPENAI_CHAT)
MESSAGES = dialect(DialectName.ANTHROPIC_MESSAGES)
CONTEXT = WriterContext("told-model", lambda prefix: prefix + "0", 1_795_248_000)


def written(writer: StreamWriter, events: list[StreamEvent]) -> list[Frame]:
    return [frame for event in events for frame in writer.feed(event)] + writer.close()


def read(reader: StreamReader, frames: list[Frame]) -> list[StreamEvent]:
    return [event for frame in frames for event in reader.feed(frame)] + reader.close()


def joined(events: list[StreamEvent], kind: type) -> str:
    parts = collect(events).message.content
    return "".join(part.text for part in parts if isinstance(part, kind))


@given(streams())
def test_a_chat_stream_is_what_openai_describes(events: list[StreamEvent]) -> None:
    seen = check_chat_stream(written(CHAT.writer(CONTEXT), events))
    if not isinstance(events[-1], Done):
        assert seen["error"] is not None
        return
    assert seen["content"] == joined(events, TextPart)
    assert seen["reasoning"] == joined(events, ThinkingPart)
    assert seen["refusal"] == joined(events, RefusalPart)
    calls = [p for p in collect(events).message.content if isinstance(p, ToolCallPart)]
    assert sorted((c["id"], c["name"], c["arguments"]) for c in seen["calls"]) == sorted(
        (part.id, part.name, part.arguments) for part in calls
    )


@given(streams())
def test_a_messages_stream_is_what_anthropic_describes(events: list[StreamEvent]) -> None:
    seen = check_messages_stream(written(MESSAGES.writer(CONTEXT), events))
    if not isinstance(events[-1], Done):
        assert seen["error"] is not None
        return
    texts = [block["text"] for block in seen["content"] if block["type"] == "text"]
    parts = collect(events).message.content
    assert sorted(texts) == sorted(p.text for p in parts if isinstance(p, TextPart | RefusalPart))
    calls = [
        (block["id"], block["name"], block["partial_json"])
        for block in seen["content"]
        if block["type"] == "tool_use"
    ]
    assert sorted(calls) == sorted(
        (p.id, p.name, p.arguments) for p in parts if isinstance(p, ToolCallPart)
    )


@given(streams())
def test_a_whole_answer_is_what_the_vendors_describe(events: list[StreamEvent]) -> None:
    try:
        completion = CHAT.write_whole(events, CONTEXT)
        message = MESSAGES.write_whole(events, CONTEXT)
    except ProxyError:
        assert not isinstance(events[-1], Done)
        return
    check_completion(completion)
    check_message(message)


@given(streams(DialectName.ANTHROPIC_MESSAGES))
def test_what_a_messages_stream_says_is_read_back(events: list[StreamEvent]) -> None:
    frames = written(MESSAGES.writer(CONTEXT), events)
    again = read(MESSAGES.reader("a-model"), frames)
    if not isinstance(events[-1], Done):
        assert type(again[-1]) is type(events[-1])
        return
    # Refusals are text there, and an unsigned empty stop is all that is lost.
    before, after = collect(events), collect(again)
    assert sorted(_sayable(before.message.content)) == sorted(_sayable(after.message.content))
    assert after.usage == before.usage


def _sayable(parts: tuple[object, ...]) -> list[str]:
    said = []
    for part in parts:
        if isinstance(part, TextPart | RefusalPart):
            said.append(f"text {part.text}")
        elif isinstance(part, ToolCallPart):
            said.append(f"call {part.id} {part.name} {part.arguments or '{}'}")
        else:
            said.append(f"thinking {part!r}")
    return said


@given(streams(DialectName.OPENAI_CHAT))
def test_what_a_chat_stream_says_is_read_back(events: list[StreamEvent]) -> None:
    if isinstance(events[-1], Done):
        frames = written(CHAT.writer(CONTEXT), events)
        again = read(CHAT.reader("a-model"), frames)
        for kind in (TextPart, ThinkingPart, RefusalPart):
            assert joined(again, kind) == joined(events, kind)
        usage = collect(events).usage
        assert collect(again).usage == (usage or Usage())


@given(streams(DialectName.OPENAI_RESPONSES))
def test_foreign_proofs_come_back_from_either_client(events: list[StreamEvent]) -> None:
    if not isinstance(events[-1], Done):
        return
    mine = [p for p in collect(events).message.content if isinstance(p, ThinkingPart)]
    proofs = sorted(p.opaque.data for p in mine if p.opaque is not None)
    for wire in (CHAT, MESSAGES):
        whole = wire.write_whole(events, CONTEXT)
        message = whole["choices"][0]["message"] if wire is CHAT else whole
        turns = [{"role": "user", "content": "go on"}, {"role": "assistant", **_turn(message)}]
        request = wire.parse_request({"model": "m", "max_tokens": 1, "messages": turns})
        back = [p for p in request.context.messages[1].content if isinstance(p, ThinkingPart)]
        assert proofs == sorted(p.opaque.data for p in back if p.opaque is not None)
        assert "".join(p.text for p in back) == "".join(p.text for p in mine)


def _turn(message: dict[str, object]) -> dict[str, object]:
    names = ("content", "refusal", "tool_calls", "reasoning_content", "reasoning_opaque")
    return {name: message[name] for name in names if name in message}
