"""Messages streams: reading upstream's, writing the client's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy_core.canonical.events import (
    Done,
    Error,
    NativeItem,
    RefusalDelta,
    RefusalEnd,
    Start,
    StopReason,
    StreamEvent,
    TextDelta,
    TextEnd,
    ThinkingDelta,
    ThinkingEnd,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    Usage,
)
from proxy_core.canonical.request import (
    Context,
    DialectName,
    Opaque,
    Request,
    ThinkingPart,
    Tool,
    ToolKind,
)
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.anthropic_messages.dialect import AnthropicMessages
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.shared.collector import collect
from proxy_core.dialects.shared.opaque_envelope import unpack
from proxy_core.dialects.shared.tool_names import wire_name
from proxy_core.errors import ErrorKind, StreamFormatError, UpstreamBroke
from tests.stream_checkers import check_message, check_messages_stream

MESSAGES = AnthropicMessages()
OWN = DialectName.ANTHROPIC_MESSAGES
TEXT = {"type": "text", "text": ""}
START = {
    "type": "message_start",
    "message": {"id": "msg_1", "model": "up", "usage": {"input_tokens": 3}},
}
STOP = {"type": "message_stop"}


def context(**members: Any) -> WriterContext:
    return WriterContext("told", lambda prefix: prefix + "0", 7, **members)


def opened(index: int, block: dict[str, Any]) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def piece(index: int, **delta: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def closed(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def ended(reason: str | None, sequence: str | None = None, **members: Any) -> dict[str, Any]:
    delta = {"stop_reason": reason, "stop_sequence": sequence}
    return {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 4}, **members}


def read(*events: dict[str, Any]) -> list[StreamEvent]:
    reader = MESSAGES.reader("up")
    frames = [Frame(json.dumps(event).encode()) for event in events]
    return [out for frame in frames for out in reader.feed(frame)] + reader.close()


def written(*events: StreamEvent, told: WriterContext | None = None) -> list[Frame]:
    writer = MESSAGES.writer(told or context())
    return [frame for event in events for frame in writer.feed(event)] + writer.close()


def test_a_plain_answer() -> None:
    events = read(
        START,
        {"type": "ping"},
        opened(0, TEXT),
        piece(0, type="text_delta", text="a"),
        piece(0, type="text_delta", text=""),
        piece(0, type="delta_of_tomorrow", text="?"),
        closed(0),
        {"type": "event_of_tomorrow"},
        ended("end_turn"),
        STOP,
        {"type": "message_start"},
    )
    assert events == [
        Start("msg_1", "up", Usage(3)),
        TextDelta(0, "a"),
        TextEnd(0),
        Done(StopReason.STOP, Usage(3, 4)),
    ]


@pytest.mark.parametrize(
    ("reason", "meaning"),
    [
        ("end_turn", StopReason.STOP),
        ("max_tokens", StopReason.LENGTH),
        ("model_context_window_exceeded", StopReason.LENGTH),
        ("tool_use", StopReason.TOOL_USE),
        ("pause_turn", StopReason.PAUSE),
        ("refusal", StopReason.REFUSAL),
        ("reason_of_tomorrow", StopReason.STOP),
    ],
)
def test_stop_reasons(reason: str, meaning: StopReason) -> None:
    done = read(START, ended(reason), STOP)[-1]
    assert isinstance(done, Done)
    assert done.stop_reason is meaning


def test_a_stop_sequence_is_told() -> None:
    done = read(START, ended("stop_sequence", "END"), STOP)[-1]
    assert done == Done(StopReason.STOP_SEQUENCE, Usage(3, 4), "END")


def test_usage_adds_up_over_the_stream() -> None:
    usage = {
        "output_tokens": 9,
        "cache_read_input_tokens": 5,
        "cache_creation_input_tokens": 2,
        "output_tokens_details": {"thinking_tokens": 6},
    }
    done = read(START, {"type": "message_delta", "usage": usage}, ended("end_turn", usage="odd"))[
        -1
    ]
    assert done == Done(StopReason.STOP, Usage(3, 9, 5, 2, 6))


def test_thinking_and_its_signature_in_pieces() -> None:
    events = read(
        START,
        opened(0, {"type": "thinking", "thinking": "h", "signature": ""}),
        piece(0, type="thinking_delta", thinking="m"),
        piece(0, type="signature_delta", signature="U2"),
        piece(0, type="signature_delta", signature="ln"),
        piece(0, type="other"),
        closed(0),
        opened(1, {"type": "redacted_thinking", "data": "UkVE"}),
        closed(1),
        opened(2, {"type": "thinking", "thinking": ""}),
        closed(2),
        ended("end_turn"),
    )
    assert events[1:6] == [
        ThinkingDelta(0, "h"),
        ThinkingDelta(0, "m"),
        ThinkingEnd(0, Opaque(OWN, "signature", "U2ln", "up")),
        ThinkingEnd(1, Opaque(OWN, "redacted_thinking", "UkVE", "up")),
        ThinkingEnd(2),
    ]


def test_calls_with_their_input_in_pieces_at_once_or_missing() -> None:
    tool = {"type": "tool_use", "id": "1", "name": "f", "input": {}}
    events = read(
        START,
        opened(0, tool),
        piece(0, type="input_json_delta", partial_json=""),
        piece(0, type="input_json_delta", partial_json="{}"),
        closed(0),
        opened(1, {**tool, "input": {"a": 1}}),
        closed(1),
        opened(2, tool),
        ended("tool_use"),
        STOP,
    )
    arguments = [event for event in events if isinstance(event, ToolCallDelta)]
    assert arguments == [
        ToolCallDelta(0, "{}"),
        ToolCallDelta(1, '{"a": 1}'),
        ToolCallDelta(2, "{}"),
    ]
    assert events[-2] == ToolCallEnd(2)


def test_text_that_starts_with_something_and_has_citations() -> None:
    events = read(
        START,
        opened(0, {"type": "text", "text": "a", "citations": [{"x": 1}]}),
        piece(0, type="citations_delta", citation={"x": 2}),
        closed(0),
        ended("end_turn"),
    )
    citations = tuple(Opaque(OWN, "citation", f'{{"x":{n}}}') for n in (1, 2))
    assert events[1:3] == [TextDelta(0, "a"), TextEnd(0, citations)]


@pytest.mark.parametrize(
    ("pieces", "item"),
    [
        ([], {"type": "server_tool_use", "input": {}}),
        (
            [
                {"type": "input_json_delta", "partial_json": '{"a":'},
                {"type": "input_json_delta", "partial_json": "1}"},
            ],
            {"type": "server_tool_use", "input": {"a": 1}},
        ),
        (
            [{"type": "input_json_delta", "partial_json": "{oops"}],
            {"type": "server_tool_use", "input": {}},
        ),
        (
            [{"type": "compaction_delta", "content": "c"}, {"type": "text_delta", "text": "?"}],
            {"type": "server_tool_use", "input": {}, "content": "c"},
        ),
    ],
)
def test_blocks_only_this_dialect_knows_are_kept_whole(
    pieces: list[dict[str, Any]], item: dict[str, Any]
) -> None:
    block = {"type": "server_tool_use", "input": {}}
    events = read(
        START,
        opened(0, block),
        *(piece(0, **each) for each in pieces),
        closed(0),
        ended("end_turn"),
    )
    native = events[1]
    assert isinstance(native, NativeItem)
    assert json.loads(native.item.data) == item


def test_a_stream_without_message_start_starts_all_the_same() -> None:
    events = read(opened(0, TEXT), closed(0), ended("end_turn"), STOP)
    assert events[0] == Start("", "", Usage())
    assert isinstance(events[-1], Done)


@pytest.mark.parametrize("events", [[], [STOP], [{"type": "ping"}, STOP]])
def test_a_stream_that_says_nothing_is_no_answer(events: list[dict[str, Any]]) -> None:
    assert [type(event) for event in read(*events)] == [Error]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (
            {"type": "error", "error": {"type": "overloaded_error", "message": "x"}},
            ErrorKind.OVERLOADED,
        ),
        (
            {"type": "error", "error": {"type": "rate_limit_error", "message": "x"}},
            ErrorKind.RATE_LIMIT,
        ),
        ({"type": "error", "error": {"type": "timeout_error", "message": "x"}}, ErrorKind.TIMEOUT),
        ({"type": "error", "error": {"type": "invalid_request_error"}}, ErrorKind.INVALID_REQUEST),
        ({"error": {"code": "rate_limited", "message": "x"}}, ErrorKind.RATE_LIMIT),
        ({"type": "error", "error": "words"}, ErrorKind.UPSTREAM),
        ({"type": "error"}, ErrorKind.UPSTREAM),
    ],
)
def test_errors_inside_a_stream(error: dict[str, Any], kind: ErrorKind) -> None:
    last = read(START, opened(0, TEXT), error)[-1]
    assert isinstance(last, Error)
    assert last.error.kind is kind
    assert last.error.message


@pytest.mark.parametrize(
    "events",
    [
        [{}],
        [[]],
        [START, piece(0, type="text_delta", text="x")],
        [START, opened(0, TEXT), opened(0, TEXT)],
        [START, opened(0, {})],
        [START, {"type": "content_block_start", "index": 0}],
        [START, opened(0, TEXT), {"type": "content_block_delta", "index": 0}],
        [{"type": "message_start", "message": 7}],
    ],
)
def test_what_the_dialect_does_not_allow_is_refused(events: list[dict[str, Any]]) -> None:
    with pytest.raises(StreamFormatError):
        read(*events)


def test_bytes_that_are_no_text_are_refused_even_where_they_are_kept_for_later() -> None:
    reader = MESSAGES.reader("up")
    data = (
        b'{"type":"content_block_start","content_block":{"type":"tool_use","input":{"a":"\xff"}}}'
    )
    with pytest.raises(StreamFormatError):
        reader.feed(Frame(data))
        reader.feed(Frame(b'{"type":"content_block_stop","index":0}'))


def test_a_whole_answer() -> None:
    body = {
        "type": "message",
        "id": "msg_1",
        "model": "up",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "U2ln"},
            {"type": "text", "text": "a"},
            {"type": "tool_use", "id": "1", "name": "f", "input": {"a": 1}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 3, "output_tokens": 4},
        "copilot_usage": {"total_nano_aiu": 5},
    }
    answer = collect(MESSAGES.read_whole(json.dumps(body).encode(), "up"))
    assert answer.message.content[0] == ThinkingPart("hm", Opaque(OWN, "signature", "U2ln", "up"))
    assert answer.usage == Usage(3, 4)
    assert answer.bill is not None
    again = MESSAGES.write_whole(MESSAGES.read_whole(json.dumps(body).encode(), "up"), context())
    assert again["content"] == body["content"]


def test_a_whole_error_and_what_is_no_answer() -> None:
    body = b'{"type":"error","error":{"type":"overloaded_error","message":"x"}}'
    (error,) = MESSAGES.read_whole(body, "up")
    assert isinstance(error, Error)
    for odd in (
        b"<html>",
        b"{}",
        b'{"type":"message","content":[{}]}',
        b'{"type":"message","content":7}',
    ):
        with pytest.raises(StreamFormatError):
            MESSAGES.read_whole(odd, "up")
    bad = b'{"type":"message","content":[{"type":"tool_use","input":{"a":"\xff"}}]}'
    with pytest.raises(StreamFormatError):
        MESSAGES.read_whole(bad, "up")


def test_blocks_never_overlap_whatever_comes() -> None:
    frames = written(
        Start("", "up"),
        ToolCallStart(0, "a", "f"),
        ToolCallStart(1, "b", "g"),
        TextDelta(2, "x"),
        ToolCallDelta(1, "{1"),
        ToolCallDelta(0, "{0"),
        TextEnd(2),
        ToolCallDelta(1, "}"),
        ToolCallDelta(0, "}"),
        ToolCallEnd(0),
        ToolCallEnd(1),
        Done(StopReason.TOOL_USE),
    )
    seen = check_messages_stream(frames)
    assert [block.get("partial_json", block.get("text")) for block in seen["content"]] == [
        "{0}",
        "{1}",
        "x",
    ]


def test_the_input_is_told_early_from_upstream_or_from_the_estimate() -> None:
    told = context(input_tokens_estimate=17)
    seen = check_messages_stream(written(Start("", "up"), Done(StopReason.STOP), told=told))
    assert seen["start_usage"]["input_tokens"] == seen["usage"]["input_tokens"] == 17
    usage = Usage(3, 1, 5, 2)
    done = Done(StopReason.STOP, Usage(3, 9, 5, 2, 4))
    seen = check_messages_stream(written(Start("", "up", usage), done, told=told))
    assert seen["start_usage"]["cache_read_input_tokens"] == 5
    assert seen["usage"] == {
        "input_tokens": 3,
        "cache_creation_input_tokens": 2,
        "cache_read_input_tokens": 5,
        "output_tokens": 9,
        "output_tokens_details": {"thinking_tokens": 4},
    }


def test_own_signatures_go_out_as_they_are_and_foreign_ones_in_an_envelope() -> None:
    own = Opaque(OWN, "signature", "U2ln", "up")
    redacted = Opaque(OWN, "redacted_thinking", "UkVE", "up")
    foreign = Opaque(DialectName.OPENAI_RESPONSES, "encrypted_content", "gA", "gpt", (("id", "r"),))
    events = [
        Start("msg_up", "up"),
        ThinkingDelta(0, "a"),
        ThinkingEnd(0, own),
        ThinkingEnd(1, redacted),
        ThinkingDelta(2, "b"),
        ThinkingEnd(2, foreign),
        ThinkingEnd(3),
        Done(StopReason.STOP),
    ]
    whole = MESSAGES.write_whole(events, context())
    seen = check_messages_stream(written(*events))
    for blocks in (seen["content"], check_message(whole) and whole["content"]):
        assert blocks[0] == {"type": "thinking", "thinking": "a", "signature": "U2ln"}
        assert blocks[1] == {"type": "redacted_thinking", "data": "UkVE"}
        assert unpack(blocks[2]["signature"], OWN, "signature") == foreign
        assert blocks[3] == {"type": "thinking", "thinking": "", "signature": ""}
    assert whole["id"] == "msg_up"


@pytest.mark.parametrize(
    ("reason", "wire"),
    [
        (StopReason.STOP, "end_turn"),
        (StopReason.STOP_SEQUENCE, "stop_sequence"),
        (StopReason.LENGTH, "max_tokens"),
        (StopReason.TOOL_USE, "tool_use"),
        (StopReason.PAUSE, "pause_turn"),
        (StopReason.REFUSAL, "refusal"),
        (StopReason.CONTENT_FILTER, "refusal"),
    ],
)
def test_stop_reasons_as_anthropic_says_them(reason: StopReason, wire: str) -> None:
    events = [Start("", "up"), Done(reason, stop_sequence="END")]
    assert check_messages_stream(written(*events))["stop_reason"] == wire
    assert check_message(MESSAGES.write_whole(events, context())).stop_reason == wire


def test_a_refusal_in_words_is_text_and_the_reason_tells_it() -> None:
    events = [Start("", "up"), RefusalDelta(0, "no"), RefusalEnd(0), Done(StopReason.STOP)]
    seen = check_messages_stream(written(*events))
    assert (seen["content"], seen["stop_reason"]) == ([{"type": "text", "text": "no"}], "refusal")
    message = check_message(MESSAGES.write_whole(events, context()))
    assert message.stop_reason == "refusal"


def test_an_error_ends_the_stream() -> None:
    frames = written(Start("", "up"), TextDelta(0, "x"), Error(UpstreamBroke("broke")))
    seen = check_messages_stream(frames)
    assert seen["error"] == {"type": "api_error", "message": "broke"}
    assert json.loads(frames[-1].data)["request_id"] == "req_0"


def test_native_items_and_citations_of_this_dialect_go_out_whole_and_others_not_at_all() -> None:
    search = {
        "type": "server_tool_use",
        "id": "srvtoolu_1",
        "name": "web_search",
        "input": {"a": 1},
    }
    own = Opaque(OWN, "server_tool_use", json.dumps(search))
    foreign = Opaque(DialectName.OPENAI_RESPONSES, "web_search_call", "{}")
    citation = {
        "type": "char_location",
        "cited_text": "a",
        "document_index": 0,
        "document_title": None,
        "start_char_index": 0,
        "end_char_index": 1,
    }
    marks = (Opaque(OWN, "citation", json.dumps(citation)), Opaque(OWN, "other", "{}"))
    events = [
        Start("", "up"),
        NativeItem(0, foreign),
        NativeItem(1, own),
        TextDelta(2, "a"),
        TextEnd(2, marks),
        Done(StopReason.STOP),
    ]
    seen = check_messages_stream(written(*events))
    assert [block["type"] for block in seen["content"]] == ["server_tool_use", "text"]
    assert seen["content"][1]["citations"] == [citation]
    whole = MESSAGES.write_whole(events, context())
    assert whole["content"][0] == search
    assert whole["content"][1]["citations"] == [citation]


def test_clients_get_their_own_tool_names_and_legal_ids() -> None:
    asked = Request("m", Context(tools=(Tool("files.read"),)), OWN)
    told = context(request=asked)
    events = [
        Start("", "up"),
        ToolCallStart(0, "functions.read:0", wire_name("files.read")),
        ToolCallDelta(0, "{}"),
        ToolCallEnd(0),
        ToolCallStart(1, "b", "patch", ToolKind.CUSTOM),
        ToolCallDelta(1, "*** Be"),
        ToolCallDelta(1, "gin"),
        ToolCallEnd(1),
        Done(StopReason.TOOL_USE),
    ]
    seen = check_messages_stream(written(*events, told=told))
    whole = MESSAGES.write_whole(events, told)
    for blocks in (seen["content"], whole["content"]):
        assert blocks[0]["name"] == "files.read"
        assert blocks[0]["id"].startswith("functions_read_0_")
    assert json.loads(seen["content"][1]["partial_json"]) == {"input": "*** Begin"}
    assert whole["content"][1]["input"] == {"input": "*** Begin"}


def test_arguments_that_are_no_json_survive_in_a_stream_and_in_a_whole_answer() -> None:
    events = [
        Start("", "up"),
        ToolCallStart(0, "a", "f"),
        ToolCallDelta(0, "{oops"),
        ToolCallEnd(0),
        Done(StopReason.LENGTH),
    ]
    assert check_messages_stream(written(*events))["content"][0]["partial_json"] == "{oops"
    whole = MESSAGES.write_whole(events, context())
    assert whole["content"][0]["input"] == {"_unparsed_arguments": "{oops"}
    turns = [{"role": "user", "content": "x"}, {"role": "assistant", "content": whole["content"]}]
    request = MESSAGES.parse_request({"model": "m", "messages": turns})
    assert request.context.messages[1].content[0].arguments == "{oops"


def test_the_dialects_small_things() -> None:
    assert MESSAGES.keep_alive() == b'event: ping\ndata: {"type": "ping"}\n\n'
    (frame,) = MESSAGES.error_frames(UpstreamBroke("x"), "req_1")
    assert frame.event == b"error"
    assert json.loads(frame.data)["request_id"] == "req_1"
    assert collect(read(START, ended("end_turn"))).message.content == ()
