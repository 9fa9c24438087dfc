"""Chat streams: reading upstream's, writing the client's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy_core.canonical.events import (
    BilledTokens,
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
    Tool,
    ToolCallPart,
    ToolKind,
)
from proxy_core.canonical.sse import KEEP_ALIVE, Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_chat.dialect import OpenAIChat
from proxy_core.dialects.shared.collector import collect
from proxy_core.dialects.shared.tool_names import wire_name
from proxy_core.errors import ErrorKind, StreamFormatError, UpstreamBroke, UpstreamRefused
from tests.stream_checkers import check_chat_stream, check_completion

CHAT = OpenAIChat()
DONE = b"[DONE]"
SIGNATURE = Opaque(DialectName.ANTHROPIC_MESSAGES, "signature", "U2ln", "claude")


def context(**members: Any) -> WriterContext:
    return WriterContext("told", lambda prefix: prefix + "0", 7, **members)


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **members: Any) -> bytes:
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    body = {"id": "chatcmpl-1", "created": 3, "model": "up", "choices": [choice], **members}
    return json.dumps(body).encode()


def read(*datas: bytes) -> list[StreamEvent]:
    reader = CHAT.reader("up")
    events = [event for data in datas for event in reader.feed(Frame(data))]
    return events + reader.close()


def written(*events: StreamEvent, told: WriterContext | None = None) -> list[Frame]:
    writer = CHAT.writer(told or context())
    return [frame for event in events for frame in writer.feed(event)] + writer.close()


def call(
    index: int | None = 0,
    call_id: str | None = None,
    name: str | None = None,
    arguments: Any = None,
) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"tool_calls": [{"index": index, "id": call_id, "function": function}]}


def test_a_plain_answer() -> None:
    assert read(chunk({"content": "a"}), chunk({"content": "b"}), chunk({}, "stop"), DONE) == [
        Start("chatcmpl-1", "up", created=3),
        TextDelta(0, "a"),
        TextDelta(0, "b"),
        TextEnd(0),
        Done(StopReason.STOP),
    ]


def test_nothing_follows_the_end() -> None:
    reader = CHAT.reader("up")
    reader.feed(Frame(chunk({"content": "a"}, "stop")))
    assert isinstance(reader.feed(Frame(DONE))[-1], Done)
    assert reader.feed(Frame(chunk({"content": "more"}))) == []
    assert reader.close() == []


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        ("stop", StopReason.STOP),
        ("length", StopReason.LENGTH),
        ("content_filter", StopReason.CONTENT_FILTER),
        ("something new", StopReason.STOP),
        ("tool_calls", StopReason.STOP),
    ],
)
def test_finish_reasons_of_a_text(finish: str, reason: StopReason) -> None:
    done = read(chunk({"content": "a"}, finish), DONE)[-1]
    assert isinstance(done, Done)
    assert done.stop_reason is reason


@pytest.mark.parametrize("finish", ["tool_calls", "function_call", "stop", "something new"])
def test_a_call_ends_in_tool_use_whatever_upstream_says(finish: str) -> None:
    done = read(chunk(call(0, "a", "f", "{}")), chunk({}, finish), DONE)[-1]
    assert isinstance(done, Done)
    assert done.stop_reason is StopReason.TOOL_USE


def test_a_server_error_instead_of_a_finish_reason() -> None:
    assert isinstance(read(chunk({"content": "a"}), chunk({}, "error"), DONE)[-1], Error)


def test_the_old_single_function_call() -> None:
    events = read(
        chunk({"function_call": {"name": "f", "arguments": ""}}),
        chunk({"function_call": {"arguments": "{}"}}),
        chunk({}, "function_call"),
    )
    (part,) = collect(events).message.content
    assert isinstance(part, ToolCallPart)
    assert (part.name, part.arguments, part.id) == ("f", "{}", "call_chatcmpl-1_0")


def test_calls_that_share_a_number_are_told_apart_by_their_ids() -> None:
    events = read(
        chunk(call(0, "a", "f", "{}")),
        chunk(call(0, "b", "g", '{"x"')),
        chunk(call(0, "b", "g", ":1}")),
        chunk({}, "tool_calls"),
    )
    parts = collect(events).message.content
    assert [(p.id, p.arguments) for p in parts if isinstance(p, ToolCallPart)] == [
        ("a", "{}"),
        ("b", '{"x":1}'),
    ]


def test_a_call_starts_when_its_name_is_known() -> None:
    events = read(
        chunk(call(0, "a", None, '{"x"')), chunk(call(0, None, "f", ":1}")), chunk({}, "tool_calls")
    )
    assert events[1:5] == [
        ToolCallStart(0, "a", "f"),
        ToolCallDelta(0, '{"x"'),
        ToolCallDelta(0, ":1}"),
        ToolCallEnd(0),
    ]


def test_a_call_that_never_gets_a_name_is_none() -> None:
    events = read(chunk(call(0, "a", None, "{}")), chunk({}, "tool_calls"))
    assert [type(event) for event in events] == [Start, Done]


def test_arguments_may_come_as_an_object_and_calls_as_custom_ones() -> None:
    events = read(
        chunk(call(0, "a", "f", {"x": 1})),
        chunk({"tool_calls": [{"index": 1, "id": "b", "custom": {"name": "g", "input": "fr"}}]}),
        chunk({"tool_calls": [{"index": 1, "custom": {"input": "ee"}}]}),
        chunk({}, "tool_calls"),
    )
    first, second = collect(events).message.content
    assert first == ToolCallPart("a", "f", '{"x":1}')
    assert second == ToolCallPart("b", "g", "free", ToolKind.CUSTOM)


def test_a_calls_own_signature() -> None:
    signed = {"index": 0, "id": "a", "function": {"name": "f", "thought_signature": "c2ln"}}
    events = read(chunk({"tool_calls": [signed]}), chunk({}, "tool_calls"))
    opaque = Opaque(DialectName.OPENAI_CHAT, "thought_signature", "c2ln", "up")
    assert ToolCallEnd(0, opaque) in events


@pytest.mark.parametrize(
    "member", ["reasoning_text", "reasoning_content", "reasoning", "cot_summary", "thinking"]
)
def test_thinking_under_each_of_its_names(member: str) -> None:
    events = read(chunk({member: "hm", "content": ""}), chunk({"content": "a"}), chunk({}, "stop"))
    assert events[1:4] == [ThinkingDelta(0, "hm"), ThinkingEnd(0), TextDelta(1, "a")]


def test_opaque_data_after_its_thinking_becomes_a_block_of_its_own() -> None:
    events = read(
        chunk({"reasoning_text": "hm", "reasoning_opaque": "QQ"}),
        chunk({"content": "a"}),
        chunk({"content": "b", "reasoning_opaque": "Qg"}),
        chunk({"content": "c", "reasoning_text": "more", "signature": "Qw"}),
        chunk({}, "stop"),
    )
    opaques = [event.opaque for event in events if isinstance(event, ThinkingEnd)]
    assert [each.data for each in opaques if each] == ["QQ", "Qg", "Qw"]
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert text == "abc"
    check_chat_stream(written(*events))


def test_content_in_parts() -> None:
    events = read(chunk({"content": [{"type": "text", "text": "a"}, {"text": 1}, 2]}, "stop"))
    assert TextDelta(0, "a") in events


def test_log_probabilities_stay_with_their_text() -> None:
    entry = {"token": "a", "logprob": -1.0, "bytes": [97], "top_logprobs": []}
    choice = {
        "index": 0,
        "delta": {"content": "a"},
        "finish_reason": "stop",
        "logprobs": {"content": [entry], "refusal": None},
    }
    events = read(chunk(choices=[choice]))
    assert TextDelta(0, "a", (entry,)) in events
    frames = written(*events)
    check_chat_stream(frames)
    assert json.loads(frames[1].data)["choices"][0]["logprobs"]["content"] == [entry]
    whole = CHAT.write_whole(events, context())
    assert check_completion(whole).choices[0].logprobs is not None


def test_usage_counts_the_cache_apart_and_reads_what_was_written_from_the_price() -> None:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "total_tokens": 120,
        "prompt_tokens_details": {"cached_tokens": 30},
        "completion_tokens_details": {"reasoning_tokens": 5},
    }
    details = {"token_type": "cache_write", "token_count": 10, "cost_per_batch": 2, "batch_size": 1}
    bill = {"total_nano_aiu": 20, "token_details": [details]}
    done = read(chunk({"content": "a"}, "stop", usage=usage, copilot_usage=bill))[-1]
    assert isinstance(done, Done)
    assert done.usage == Usage(60, 20, 30, 10, 5)
    assert done.bill is not None
    assert done.bill.total_nano_credits == 20
    assert done.bill.details == (BilledTokens("cache_write", 10, 2, 1),)


@pytest.mark.parametrize("odd", [[], {"prompt_tokens": "many"}, 7, {"prompt_tokens": None}])
def test_an_odd_usage_or_price_does_not_cost_the_answer(odd: Any) -> None:
    done = read(chunk({"content": "a"}, "stop", usage=odd, copilot_usage=odd))[-1]
    assert isinstance(done, Done)
    assert done.usage == Usage()


def test_a_stream_that_never_says_anything_is_no_answer() -> None:
    for datas in ([DONE], [], [b'{"choices":[]}', DONE], [b"", b"  "]):
        events = read(*datas)
        assert [type(event) for event in events] == [Error]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": "rate_limited", "message": "x"}, ErrorKind.RATE_LIMIT),
        ({"code": "model_overloaded"}, ErrorKind.OVERLOADED),
        ({"code": "quota_exceeded", "message": "x"}, ErrorKind.QUOTA),
        ({"type": "overloaded_error", "message": "x"}, ErrorKind.OVERLOADED),
        ({"code": "content_filter", "message": "x"}, ErrorKind.CONTENT_FILTER),
        ({"code": 500, "message": "x"}, ErrorKind.UPSTREAM),
        ({"message": "prompt is too long: 9 tokens > 8 maximum"}, ErrorKind.CONTEXT_OVERFLOW),
        ("just words", ErrorKind.UPSTREAM),
        ({}, ErrorKind.UPSTREAM),
    ],
)
def test_errors_inside_a_stream(error: Any, kind: ErrorKind) -> None:
    last = read(chunk({"content": "a"}), json.dumps({"error": error}).encode(), DONE)[-1]
    assert isinstance(last, Error)
    assert isinstance(last.error, UpstreamRefused)
    assert last.error.kind is kind
    assert last.error.message


@pytest.mark.parametrize("data", [b"<html>", b"[]", b'"x"', b'{"choices":[1]}', b'{"choices":7}'])
def test_what_is_no_chunk_is_refused(data: bytes) -> None:
    with pytest.raises(StreamFormatError):
        read(data)
    with pytest.raises(StreamFormatError):
        CHAT.read_whole(data, "up")


def test_a_split_whole_answer_is_one_answer() -> None:
    def choice(message: dict[str, Any]) -> dict[str, Any]:
        return {"finish_reason": "tool_calls", "message": {"role": "assistant", **message}}

    def tool(name: str) -> dict[str, Any]:
        function = {"name": name, "arguments": "{}"}
        return {"tool_calls": [{"id": name, "type": "function", "function": function}]}

    body = {
        "id": "x",
        "choices": [choice({"content": "Two."}), choice(tool("a")), choice(tool("b"))],
    }
    answer = collect(CHAT.read_whole(json.dumps(body).encode(), "up"))
    assert [type(part).__name__ for part in answer.message.content] == [
        "TextPart",
        "ToolCallPart",
        "ToolCallPart",
    ]
    assert answer.stop_reason is StopReason.TOOL_USE


def test_a_whole_native_answer_with_everything() -> None:
    body = {
        "type": "message",
        "content": [
            {"type": "redacted_thinking", "data": "UkVE"},
            {"type": "new_kind"},
            {"type": "text", "text": "x"},
        ],
        "stop_reason": "max_tokens",
        "copilot_usage": {"total_nano_aiu": 3},
    }
    answer = collect(CHAT.read_whole(json.dumps(body).encode(), "up"))
    assert answer.stop_reason is StopReason.LENGTH
    assert answer.bill is not None
    assert len(answer.parts) == 2
    body["content"] = [{"text": "no type"}]
    with pytest.raises(StreamFormatError):
        CHAT.read_whole(json.dumps(body).encode(), "up")


def test_a_whole_error_is_an_error_and_a_whole_without_reason_is_broken() -> None:
    (error,) = CHAT.read_whole(b'{"error":{"code":"rate_limited","message":"x"}}', "up")
    assert isinstance(error, Error)
    body = b'{"choices":[{"message":{"content":"half"}}]}'
    assert isinstance(CHAT.read_whole(body, "up")[-1], Error)


def test_usage_is_told_only_to_who_asked() -> None:
    events = [Start("", "up"), TextDelta(0, "a"), TextEnd(0), Done(StopReason.STOP, Usage(3, 4))]
    frames = written(*events, told=context(include_usage=False))
    check_chat_stream(frames, include_usage=False)
    assert all(b"usage" not in frame.data for frame in frames)
    assert check_chat_stream(written(*events))["usage"].total_tokens == 7


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        (StopReason.STOP, "stop"),
        (StopReason.STOP_SEQUENCE, "stop"),
        (StopReason.PAUSE, "stop"),
        (StopReason.LENGTH, "length"),
        (StopReason.TOOL_USE, "tool_calls"),
        (StopReason.CONTENT_FILTER, "content_filter"),
        (StopReason.REFUSAL, "content_filter"),
    ],
)
def test_stop_reasons_as_openai_says_them(reason: StopReason, finish: str) -> None:
    events = [Start("", "up"), Done(reason)]
    assert check_chat_stream(written(*events))["finish_reason"] == finish
    assert CHAT.write_whole(events, context())["choices"][0]["finish_reason"] == finish


def test_a_refusal_in_words_ends_normally() -> None:
    events = [Start("", "up"), RefusalDelta(0, "no"), RefusalEnd(0), Done(StopReason.REFUSAL)]
    seen = check_chat_stream(written(*events))
    assert (seen["refusal"], seen["finish_reason"]) == ("no", "stop")
    (choice,) = check_completion(CHAT.write_whole(events, context())).choices
    assert (choice.message.refusal, choice.message.content) == ("no", None)


def test_an_error_ends_the_stream_without_done() -> None:
    frames = written(Start("", "up"), Error(UpstreamBroke("broke")))
    assert check_chat_stream(frames)["error"]["message"] == "broke"
    assert frames[-1].data != DONE


def test_native_items_have_no_place_here() -> None:
    events = [Start("", "up"), NativeItem(0, SIGNATURE), Done(StopReason.STOP)]
    seen = check_chat_stream(written(*events))
    assert seen["content"] == ""


def test_clients_get_their_own_tool_names_back_and_custom_tools_as_free_text() -> None:
    tools = (Tool("files.read"), Tool("patch", kind=ToolKind.CUSTOM))
    asked = Request("m", Context(tools=tools), DialectName.OPENAI_CHAT)
    told = context(request=asked)
    events = [
        Start("", "up"),
        ToolCallStart(0, "a", wire_name("files.read")),
        ToolCallDelta(0, "{}"),
        ToolCallEnd(0),
        ToolCallStart(1, "b", "patch"),
        ToolCallDelta(1, '{"input":"*** '),
        ToolCallDelta(1, 'Begin"}'),
        ToolCallEnd(1),
        ToolCallStart(2, "c", "patch", ToolKind.CUSTOM),
        ToolCallDelta(2, "as it is"),
        ToolCallEnd(2),
        Done(StopReason.TOOL_USE),
    ]
    deltas = [
        json.loads(frame.data)["choices"][0]["delta"] for frame in written(*events, told=told)[1:-3]
    ]
    calls = [entry for delta in deltas for entry in delta["tool_calls"]]
    assert calls[0]["function"]["name"] == "files.read"
    assert calls[2]["custom"] == {"name": "patch", "input": ""}
    assert calls[3] == {"index": 1, "custom": {"input": "*** Begin"}}
    assert calls[5] == {"index": 2, "custom": {"input": "as it is"}}
    message = CHAT.write_whole(events, told)["choices"][0]["message"]
    assert [entry["type"] for entry in message["tool_calls"]] == ["function", "custom", "custom"]
    assert message["tool_calls"][0]["function"]["name"] == "files.read"
    assert message["tool_calls"][1]["custom"] == {"name": "patch", "input": "*** Begin"}
    assert message["tool_calls"][2]["custom"] == {"name": "patch", "input": "as it is"}
    check_completion(CHAT.write_whole(events, told))


def test_own_opaque_data_goes_out_as_it_came() -> None:
    opaque = Opaque(DialectName.OPENAI_CHAT, "reasoning_opaque", "QQ", "up")
    events = [
        Start("", "up"),
        ThinkingDelta(0, "hm"),
        ThinkingEnd(0, opaque),
        ThinkingEnd(1, opaque),
        Done(StopReason.STOP),
    ]
    seen = check_chat_stream(written(*events))
    assert (seen["reasoning"], seen["opaque"]) == ("hm", "QQQQ")
    message = CHAT.write_whole(events, context())["choices"][0]["message"]
    assert message["reasoning_opaque"] == "QQQQ"


def test_the_dialects_small_things() -> None:
    assert CHAT.keep_alive() == KEEP_ALIVE
    (frame,) = CHAT.error_frames(UpstreamBroke("x"), "req_1")
    assert json.loads(frame.data)["error"]["message"] == "x"


def test_thinking_without_an_answer_is_closed_before_the_end() -> None:
    delta = {"role": "assistant", "reasoning_text": "hm", "reasoning_opaque": "QUJD"}
    reader = CHAT.reader("gemini")
    events = [
        event
        for choice in ({"delta": delta}, {"delta": {}, "finish_reason": "stop"})
        for event in reader.feed(Frame(json.dumps({"choices": [{"index": 0, **choice}]}).encode()))
    ]
    events += reader.feed(Frame(DONE)) + reader.close()
    proof = Opaque(DialectName.OPENAI_CHAT, "reasoning_opaque", "QUJD", "gemini")
    assert [type(event) for event in events] == [Start, ThinkingDelta, ThinkingEnd, Done]
    assert events[2] == ThinkingEnd(events[1].index, proof)
