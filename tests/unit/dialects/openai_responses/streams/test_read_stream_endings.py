"""How a Responses stream ends, fails, or cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from proxy_core.canonical.events import (
    Bill,
    BilledTokens,
    Done,
    Error,
    Start,
    StopReason,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.openai_responses.read_stream import ResponsesReader
from proxy_core.errors import ErrorKind, StreamFormatError
from tests.unit.dialects.openai_responses.streams.streams_to_read import (
    CALL,
    CREATED,
    MakeFrame,
    end,
    read,
)

USAGE = {
    "input_tokens": 1400,
    "input_tokens_details": {"cached_tokens": 1024, "cache_write_tokens": 100},
    "output_tokens": 96,
    "output_tokens_details": {"reasoning_tokens": 64},
    "total_tokens": 1496,
}


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
