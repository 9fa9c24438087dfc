"""Upstream's stream, understood: quirks, endings and what was left out of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from proxy_core.conversation import DialectName, Opaque, ToolKind
from proxy_core.dialects.openai_responses.stream_reader import ResponsesReader
from proxy_core.errors import ErrorKind, StreamFormatError
from proxy_core.sse import Frame
from proxy_core.stream_events import (
    Bill,
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

MakeFrame = Callable[..., Frame]
RESPONSES = DialectName.OPENAI_RESPONSES
CREATED = {"id": "resp_1", "model": "gpt-5.4", "created_at": 1_795_248_000.0, "output": []}
MESSAGE = {"type": "message", "role": "assistant", "content": []}
CALL = {"type": "function_call", "call_id": "call_1", "name": "read", "arguments": ""}


def read(*frames: Frame) -> list[StreamEvent]:
    reader = ResponsesReader("gpt-5.4")
    return [event for frame in frames for event in reader.feed(frame)] + reader.close()


@pytest.fixture
def answer(frame: MakeFrame) -> Callable[..., list[StreamEvent]]:
    """Read a stream of these events between its beginning and its end; return what lies between."""

    def between(*events: Frame, **response: Any) -> list[StreamEvent]:
        start, *content, done = read(
            frame("response.created", response=CREATED),
            *events,
            frame("response.completed", response={**CREATED, "status": "completed", **response}),
        )
        assert start == Start("resp_1", "gpt-5.4", created=1_795_248_000)
        assert isinstance(done, Done)
        return content

    return between


Answer = Callable[..., list[StreamEvent]]


def test_a_text_item_by_item(frame: MakeFrame, answer: Answer) -> None:
    part = {"type": "output_text", "text": "Hi you", "annotations": []}
    assert answer(
        frame("response.in_progress", response=CREATED),
        frame("response.output_item.added", output_index=0, item={**MESSAGE, "id": "a"}),
        frame("response.content_part.added", output_index=0, content_index=0, item_id="b"),
        frame("response.output_text.delta", output_index=0, content_index=0, delta="Hi "),
        frame("response.output_text.delta", output_index=0, content_index=0, delta=""),
        frame("response.output_text.delta", output_index=0, content_index=0, delta="you"),
        frame("response.output_text.done", output_index=0, content_index=0, text="Hi you"),
        frame("response.content_part.done", output_index=0, content_index=0, part=part),
        frame("response.output_item.done", output_index=0, item={**MESSAGE, "content": [part]}),
    ) == [TextDelta(0, "Hi "), TextDelta(0, "you"), TextEnd(0)]


def test_logprobs_annotations_and_the_phase(frame: MakeFrame, answer: Answer) -> None:
    logprob = {"token": "Hi", "logprob": -0.1, "top_logprobs": []}
    citation = {"type": "url_citation", "url": "https://a.example"}
    delta, end = answer(
        frame(
            "response.output_item.added", output_index=0, item={**MESSAGE, "phase": "commentary"}
        ),
        frame("response.output_text.delta", output_index=0, delta="Hi", logprobs=[logprob]),
        frame("response.output_text.annotation.added", output_index=0, annotation=citation),
        frame("response.output_item.done", output_index=0, item=MESSAGE),
    )
    assert delta == TextDelta(0, "Hi", (logprob,))
    assert isinstance(end, TextEnd)
    assert end.phase == "commentary"
    assert [json.loads(each.data) for each in end.annotations] == [citation]


def test_the_whole_list_of_annotations_counts(frame: MakeFrame, answer: Answer) -> None:
    citations = [{"type": "url_citation", "url": f"https://{n}.example"} for n in "ab"]
    part = {"type": "output_text", "text": "Hi", "annotations": citations}
    end = answer(
        frame("response.output_text.annotation.added", output_index=0, annotation=citations[0]),
        frame("response.content_part.done", output_index=0, content_index=0, part=part),
        frame(
            "response.output_item.done",
            output_index=0,
            item={**MESSAGE, "content": [part], "phase": "final_answer"},
        ),
    )[-1]
    assert isinstance(end, TextEnd)
    assert [json.loads(each.data) for each in end.annotations] == citations
    assert end.phase == "final_answer"


def test_two_parts_of_one_message_do_not_overlap(frame: MakeFrame, answer: Answer) -> None:
    assert answer(
        frame("response.output_text.delta", output_index=0, content_index=0, delta="A"),
        frame("response.refusal.delta", output_index=0, content_index=1, delta="No"),
        frame("response.refusal.done", output_index=0, content_index=1, refusal="No."),
        frame("response.output_item.done", output_index=0, item=MESSAGE),
    ) == [TextDelta(0, "A"), TextEnd(0), RefusalDelta(1, "No"), RefusalDelta(1, "."), RefusalEnd(1)]


def test_a_summary_in_parts_reads_as_paragraphs(frame: MakeFrame, answer: Answer) -> None:
    summary = [{"type": "summary_text", "text": "A"}, {"type": "summary_text", "text": "B"}]
    item = {"type": "reasoning", "id": "rs_done", "summary": summary, "encrypted_content": "FINAL"}
    events = answer(
        frame(
            "response.output_item.added",
            output_index=0,
            item={"type": "reasoning", "id": "rs_added", "encrypted_content": "PARTIAL"},
        ),
        frame("response.reasoning_summary_text.delta", output_index=0, summary_index=0, delta="A"),
        frame("response.reasoning_summary_text.delta", output_index=0, summary_index=1, delta=""),
        frame("response.reasoning_summary_text.delta", output_index=0, summary_index=1, delta="B"),
        frame("response.output_item.done", output_index=0, item=item),
    )
    extra = (("id", "rs_done"), ("summary", json.dumps(summary, separators=(",", ":"))))
    assert events == [
        ThinkingDelta(0, "A"),
        ThinkingDelta(0, "\n\nB"),
        ThinkingEnd(0, Opaque(RESPONSES, "encrypted_content", "FINAL", "gpt-5.4", extra)),
    ]


def test_reasoning_without_a_summary_still_has_its_proof(frame: MakeFrame, answer: Answer) -> None:
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "ENC"}
    (end,) = answer(frame("response.output_item.done", output_index=0, item=item))
    assert isinstance(end, ThinkingEnd)
    assert end.opaque is not None
    assert end.opaque.data == "ENC"


def test_reasoning_without_anything_is_nothing(frame: MakeFrame, answer: Answer) -> None:
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": None}
    assert answer(frame("response.output_item.done", output_index=0, item=item)) == []


@pytest.mark.parametrize("member", ["summary", "content"])
def test_a_thought_told_only_at_the_end(frame: MakeFrame, answer: Answer, member: str) -> None:
    item = {"type": "reasoning", "id": "rs_1", member: [{"type": "x", "text": "Hm"}, 5]}
    assert answer(frame("response.output_item.done", output_index=0, item=item)) == [
        ThinkingDelta(0, "Hm"),
        ThinkingEnd(0),
    ]


def test_open_reasoning_text_is_thinking(frame: MakeFrame, answer: Answer) -> None:
    assert answer(
        frame("response.reasoning_text.delta", output_index=0, content_index=0, delta="Hm"),
        frame("response.reasoning_text.delta", output_index=0, content_index=0, delta=""),
        frame("response.output_item.done", output_index=0, item={"type": "reasoning"}),
    ) == [ThinkingDelta(0, "Hm"), ThinkingEnd(0)]


def test_a_function_call(frame: MakeFrame, answer: Answer) -> None:
    assert answer(
        frame("response.output_item.added", output_index=0, item={**CALL, "namespace": "mcp__x"}),
        frame("response.function_call_arguments.delta", output_index=0, delta='{"a":'),
        frame("response.function_call_arguments.delta", output_index=0, delta="1}"),
        frame("response.function_call_arguments.done", output_index=0, arguments='{"a":1}'),
        frame("response.output_item.done", output_index=0, item={**CALL, "arguments": '{"a":1}'}),
    ) == [
        ToolCallStart(0, "call_1", "read", namespace="mcp__x"),
        ToolCallDelta(0, '{"a":'),
        ToolCallDelta(0, "1}"),
        ToolCallEnd(0),
    ]


def test_calls_side_by_side(frame: MakeFrame, answer: Answer) -> None:
    events = answer(
        frame("response.output_item.added", output_index=0, item=CALL),
        frame("response.output_item.added", output_index=1, item={**CALL, "call_id": "call_2"}),
        frame("response.function_call_arguments.delta", output_index=1, delta="{}"),
        frame("response.function_call_arguments.delta", output_index=0, delta="[]"),
        frame("response.output_item.done", output_index=1, item={**CALL, "arguments": "{}"}),
        frame("response.output_item.done", output_index=0, item={**CALL, "arguments": "[]"}),
    )
    assert events[2:] == [
        ToolCallDelta(1, "{}"),
        ToolCallDelta(0, "[]"),
        ToolCallEnd(1),
        ToolCallEnd(0),
    ]


def test_a_custom_call(frame: MakeFrame, answer: Answer) -> None:
    item = {"type": "custom_tool_call", "call_id": "call_1", "name": "apply_patch", "input": ""}
    assert answer(
        frame("response.output_item.added", output_index=0, item=item),
        frame("response.custom_tool_call_input.delta", output_index=0, delta="*** Be"),
        frame("response.custom_tool_call_input.done", output_index=0, input="*** Begin"),
        frame("response.output_item.done", output_index=0, item={**item, "input": "*** Begin"}),
    ) == [
        ToolCallStart(0, "call_1", "apply_patch", ToolKind.CUSTOM),
        ToolCallDelta(0, "*** Be"),
        ToolCallDelta(0, "gin"),
        ToolCallEnd(0),
    ]


def test_a_call_whose_name_comes_late_is_told_whole(frame: MakeFrame, answer: Answer) -> None:
    assert answer(
        frame("response.output_item.added", output_index=0, item={"type": "function_call"}),
        frame("response.function_call_arguments.delta", output_index=0, delta="{}"),
        frame("response.function_call_arguments.done", output_index=0, arguments="{}"),
        frame("response.output_item.done", output_index=0, item={**CALL, "arguments": "{}"}),
    ) == [ToolCallStart(0, "call_1", "read"), ToolCallDelta(0, "{}"), ToolCallEnd(0)]


def test_a_call_without_a_name_cannot_be_told(frame: MakeFrame) -> None:
    with pytest.raises(StreamFormatError, match="without a name"):
        read(frame("response.output_item.done", output_index=0, item={"type": "function_call"}))


@pytest.mark.parametrize("kind", ["web_search_call", "compaction", "tool_search_call", "new_item"])
def test_what_only_this_dialect_says_is_kept_whole(
    frame: MakeFrame, answer: Answer, kind: str
) -> None:
    item = {"type": kind, "id": "x_1", "status": "completed"}
    (native,) = answer(
        frame("response.output_item.added", output_index=0, item={**item, "status": "in_progress"}),
        frame("response.web_search_call.searching", output_index=0, item_id="x_1"),
        frame("response.output_item.done", output_index=0, item=item),
    )
    assert isinstance(native, NativeItem)
    assert native.item.kind == kind
    assert native.item.model == "gpt-5.4"
    assert json.loads(native.item.data) == item


def test_a_text_whose_item_was_never_announced(frame: MakeFrame, answer: Answer) -> None:
    # As upstream's WebSocket sends it (copilot-examples/responses_ws.jsonl).
    assert answer(frame("response.output_text.delta", output_index=0, delta="Hello.")) == [
        TextDelta(0, "Hello."),
        TextEnd(0),
    ]


def test_an_answer_told_only_by_its_end(answer: Answer) -> None:
    output = [
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm"}]},
        {**MESSAGE, "content": [{"type": "output_text", "text": "Hi"}, 5]},
        {**MESSAGE, "content": [{"type": "refusal", "refusal": "No"}]},
        {**CALL, "arguments": "{}"},
    ]
    assert answer(output=output) == [
        ThinkingDelta(0, "Hm"),
        ThinkingEnd(0),
        TextDelta(1, "Hi"),
        TextEnd(1),
        RefusalDelta(2, "No"),
        RefusalEnd(2),
        ToolCallStart(3, "call_1", "read"),
        ToolCallDelta(3, "{}"),
        ToolCallEnd(3),
    ]


def test_what_was_told_is_not_told_again_by_the_end(frame: MakeFrame, answer: Answer) -> None:
    item = {**MESSAGE, "content": [{"type": "output_text", "text": "Hi"}]}
    assert answer(
        frame("response.output_text.done", output_index=0, content_index=0, text="Hi"),
        frame("response.output_item.done", output_index=0, item=item),
        frame("response.output_item.done", output_index=0, item=item),
        output=[item],
    ) == [TextDelta(0, "Hi"), TextEnd(0)]


def test_a_repetition_that_differs_changes_nothing(frame: MakeFrame, answer: Answer) -> None:
    assert answer(
        frame("response.output_text.delta", output_index=0, delta="Hello"),
        frame("response.output_text.done", output_index=0, text="Good day"),
    ) == [TextDelta(0, "Hello"), TextEnd(0)]


def test_items_upstream_left_open_are_closed(frame: MakeFrame, answer: Answer) -> None:
    events = answer(
        frame("response.reasoning_summary_text.delta", output_index=0, delta="Hm"),
        frame("response.refusal.delta", output_index=1, delta="No"),
        frame("response.output_item.added", output_index=2, item=CALL),
    )
    assert events[-3:] == [ThinkingEnd(0), RefusalEnd(1), ToolCallEnd(2)]


USAGE = {
    "input_tokens": 1400,
    "input_tokens_details": {"cached_tokens": 1024, "cache_write_tokens": 100},
    "output_tokens": 96,
    "output_tokens_details": {"reasoning_tokens": 64},
    "total_tokens": 1496,
}


def end(frame: MakeFrame, kind: str = "response.completed", **members: Any) -> StreamEvent:
    return read(frame(kind, **members))[-1]


def test_usage_and_the_bill(frame: MakeFrame) -> None:
    bill = {
        "token_details": [
            {"token_type": "input", "token_count": 376, "cost_per_batch": 3, "batch_size": 10}
        ],
        "total_nano_aiu": 287_520_000,
    }
    assert end(frame, response={**CREATED, "usage": USAGE}, copilot_usage=bill) == Done(
        StopReason.STOP,
        Usage(276, 96, 1024, 100, 64),
        bill=Bill(287_520_000, (BilledTokens("input", 376, 3, 10),)),
    )


@pytest.mark.parametrize("usage", [None, {}, {"input_tokens": None, "input_tokens_details": None}])
def test_usage_that_is_not_told_is_nothing(frame: MakeFrame, usage: object) -> None:
    assert end(frame, response={**CREATED, "usage": usage}) == Done(StopReason.STOP)


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("max_output_tokens", StopReason.LENGTH),
        ("content_filter", StopReason.CONTENT_FILTER),
        ("something_new", StopReason.LENGTH),
        (None, StopReason.LENGTH),
    ],
)
def test_an_incomplete_answer_says_why(
    frame: MakeFrame, reason: str | None, stop: StopReason
) -> None:
    details = None if reason is None else {"reason": reason}
    done = end(frame, "response.incomplete", response={**CREATED, "incomplete_details": details})
    assert isinstance(done, Done)
    assert done.stop_reason is stop


def test_calls_are_why_a_complete_answer_stopped(frame: MakeFrame) -> None:
    done = end(frame, response={**CREATED, "output": [{**CALL, "arguments": "{}"}]})
    assert isinstance(done, Done)
    assert done.stop_reason is StopReason.TOOL_USE


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("server_error", "oops", ErrorKind.UPSTREAM),
        ("rate_limit_exceeded", "slow down", ErrorKind.RATE_LIMIT),
        ("user_global_rate_limited:pro", "wait", ErrorKind.RATE_LIMIT),
        ("insufficient_quota", "none left", ErrorKind.QUOTA),
        ("invalid_prompt", "no", ErrorKind.INVALID_REQUEST),
        ("model_overloaded", "busy", ErrorKind.OVERLOADED),
        (
            "invalid_request_body",
            "Your input exceeds the context window of this model.",
            ErrorKind.CONTEXT_OVERFLOW,
        ),
        ("cyber_policy", "no", ErrorKind.CONTENT_FILTER),
    ],
)
def test_a_failed_response_says_what_kind_of_failure(
    frame: MakeFrame, code: str, message: str, kind: ErrorKind
) -> None:
    failed = {**CREATED, "status": "failed", "error": {"code": code, "message": message}}
    start, error = read(frame("response.failed", response=failed))
    assert isinstance(start, Start)
    assert isinstance(error, Error)
    assert error.error.kind is kind
    assert error.error.message == message
    assert error.error.code == code


@pytest.mark.parametrize(
    "members",
    [
        {"code": "rate_limit_exceeded", "message": "slow down", "param": None},
        {"error": {"code": "rate_limit_exceeded", "message": "slow down"}},
    ],
)
def test_an_error_event_in_both_shapes(frame: MakeFrame, members: dict[str, Any]) -> None:
    error = end(frame, "error", **members)
    assert isinstance(error, Error)
    assert error.error.kind is ErrorKind.RATE_LIMIT
    assert error.error.message == "slow down"


def test_an_error_object_without_a_type(frame: MakeFrame) -> None:
    (_, error) = read(Frame(b'{"error": {"message": "oops", "code": 500}}'))
    assert isinstance(error, Error)
    assert error.error.message == "oops"


def test_failures_without_words(frame: MakeFrame) -> None:
    failed = end(frame, "response.failed", response={**CREATED, "error": None})
    assert isinstance(failed, Error)
    assert "without saying why" in failed.error.message
    cancelled = end(frame, "response.cancelled", response=CREATED)
    assert isinstance(cancelled, Error)
    assert cancelled.error.kind is ErrorKind.CANCELLED


def test_a_stream_that_ends_early_is_an_error(frame: MakeFrame) -> None:
    events = read(frame("response.output_text.delta", output_index=0, delta="Hel"))
    assert isinstance(events[-1], Error)
    assert "before it was complete" in events[-1].error.message
    assert isinstance(read()[-1], Error)


def test_nothing_is_read_after_the_end(frame: MakeFrame) -> None:
    events = read(
        frame("response.completed", response=CREATED),
        frame("response.output_text.delta", output_index=0, delta="more"),
        Frame(b"not json"),
    )
    assert [type(event) for event in events] == [Start, Done]


def test_what_carries_nothing_is_passed_over(frame: MakeFrame) -> None:
    assert read(
        Frame(b""),
        Frame(b"[DONE]"),
        frame("response.created"),
        frame("response.something_new", anything=1),
        frame("response.output_item.added", output_index=0, item=None),
        frame("response.output_item.done", output_index=0),
        frame("response.output_text.annotation.added", output_index=0, annotation=None),
        frame("response.content_part.done", output_index=0),
        frame("response.function_call_arguments.delta", output_index=3, delta="{}"),
        frame("response.output_item.done", output_index=0, item={}),
        frame("response.completed", response=CREATED),
    )[1:] == [Done(StopReason.STOP)]


def test_an_events_name_counts_where_its_type_is_missing() -> None:
    delta = Frame(b'{"output_index": 0, "delta": "Hi"}', b"response.output_text.delta")
    assert TextDelta(0, "Hi") in read(delta)


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[]",
        b'"text"',
        b"\xff",
        b'{"type": 5}',
        b'{"type": "response.created", "response": []}',
        b'{"type": "response.output_item.added", "item": 5}',
        b'{"type": "error", "error": 5}',
        b"[" * 10_000,
    ],
)
def test_what_is_no_event_is_a_format_error(data: bytes) -> None:
    with pytest.raises(StreamFormatError):
        ResponsesReader("m").feed(Frame(data))


@pytest.mark.parametrize(
    ("item", "event", "member"),
    [
        (CALL, "response.function_call_arguments.done", "arguments"),
        (
            {"type": "custom_tool_call", "call_id": "call_1", "name": "read", "input": ""},
            "response.custom_tool_call_input.done",
            "input",
        ),
    ],
)
def test_arguments_told_only_when_they_are_done_are_told_at_once(
    frame: MakeFrame, item: dict[str, Any], event: str, member: str
) -> None:
    reader = ResponsesReader("gpt-5.4")
    reader.feed(frame("response.created", response=CREATED))
    reader.feed(frame("response.output_item.added", output_index=0, item={**item, "id": "i"}))
    told = reader.feed(frame(event, output_index=0, item_id="i", **{member: "{}"}))
    assert [each.arguments for each in told if isinstance(each, ToolCallDelta)] == ["{}"]
