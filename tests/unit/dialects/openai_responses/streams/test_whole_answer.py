"""Whole answers, both ways, and errors in their place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy_core.canonical.events import (
    Bill,
    Done,
    Error,
    Start,
    StopReason,
    StreamEvent,
    TextDelta,
    TextEnd,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    Usage,
)
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.dialect import OpenAIResponses
from proxy_core.errors import ErrorKind, ProxyError, StreamFormatError, UpstreamBroke
from tests.responses_checkers import check_response

WHOLE: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "status": "completed",
    "model": "gpt-5.4",
    "error": None,
    "output": [
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi"}]}
    ],
    "usage": {"input_tokens": 2, "output_tokens": 1},
    "copilot_usage": {"total_nano_aiu": 7},
}


def read(dialect: OpenAIResponses, **members: Any) -> list[StreamEvent]:
    return dialect.read_whole(json.dumps({**WHOLE, **members}).encode(), "gpt-5.4")


def test_a_whole_answer_is_read_as_its_stream_would_be(dialect: OpenAIResponses) -> None:
    assert read(dialect) == [
        Start("resp_1", "gpt-5.4"),
        TextDelta(0, "Hi"),
        TextEnd(0),
        Done(StopReason.STOP, Usage(2, 1), bill=Bill(7)),
    ]


def test_an_incomplete_answer(dialect: OpenAIResponses) -> None:
    done = read(dialect, status="incomplete", incomplete_details={"reason": "max_output_tokens"})[
        -1
    ]
    assert isinstance(done, Done)
    assert done.stop_reason is StopReason.LENGTH


@pytest.mark.parametrize("status", ["in_progress", "queued"])
def test_an_answer_that_is_still_going_on_never_came(
    dialect: OpenAIResponses, status: object
) -> None:
    last = read(dialect, status=status)[-1]
    assert isinstance(last, Error)
    assert "before it was complete" in last.error.message


def test_a_failed_answer_and_an_error_object(dialect: OpenAIResponses) -> None:
    failed = read(dialect, status="failed", error={"code": "server_error", "message": "oops"})[-1]
    assert isinstance(failed, Error)
    body = b'{"error": {"code": "rate_limited", "message": "slow down"}}\n'
    refused = dialect.read_whole(body, "gpt-5.4")[-1]
    assert isinstance(refused, Error)
    assert refused.error.kind is ErrorKind.RATE_LIMIT


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"\xff", b"[" * 10_000, b'{"output": 5}'])
def test_what_is_no_answer_is_a_format_error(dialect: OpenAIResponses, body: bytes) -> None:
    with pytest.raises(StreamFormatError):
        dialect.read_whole(body, "gpt-5.4")


def test_a_whole_answer_is_what_openai_describes(
    dialect: OpenAIResponses, context: WriterContext
) -> None:
    response = dialect.write_whole(
        [
            Start("msg_1", "claude-sonnet-4.6"),
            TextDelta(0, "Hi"),
            TextEnd(0),
            ToolCallStart(1, "toolu_1", "read"),
            ToolCallDelta(1, "{}"),
            ToolCallEnd(1),
            Done(StopReason.TOOL_USE, Usage(2, 1)),
        ],
        context,
    )
    check_response(response)
    assert [item["type"] for item in response["output"]] == ["message", "function_call"]


def test_a_broken_answer_is_its_error(dialect: OpenAIResponses, context: WriterContext) -> None:
    broken = UpstreamBroke("it broke")
    with pytest.raises(ProxyError) as failure:
        dialect.write_whole([Start("r", "m"), Error(broken)], context)
    assert failure.value is broken
    with pytest.raises(UpstreamBroke, match="before it was complete"):
        dialect.write_whole([Start("r", "m"), TextDelta(0, "Hel")], context)


@pytest.mark.parametrize(
    ("kind", "status", "error_type", "code"),
    [
        (ErrorKind.INVALID_REQUEST, 400, "invalid_request_error", None),
        (ErrorKind.AUTHENTICATION, 401, "authentication_error", "invalid_api_key"),
        (ErrorKind.PERMISSION, 403, "permission_error", None),
        (ErrorKind.NOT_FOUND, 404, "invalid_request_error", None),
        (ErrorKind.MODEL_NOT_FOUND, 404, "invalid_request_error", "model_not_found"),
        (ErrorKind.METHOD_NOT_ALLOWED, 405, "invalid_request_error", "method_not_allowed"),
        (ErrorKind.TOO_LARGE, 413, "invalid_request_error", "request_too_large"),
        (ErrorKind.CONTEXT_OVERFLOW, 400, "invalid_request_error", "context_length_exceeded"),
        (ErrorKind.RATE_LIMIT, 429, "rate_limit_error", "rate_limit_exceeded"),
        (ErrorKind.QUOTA, 429, "insufficient_quota", "insufficient_quota"),
        (ErrorKind.OVERLOADED, 503, "server_error", "overloaded"),
        (ErrorKind.UPSTREAM, 502, "server_error", None),
        (ErrorKind.TIMEOUT, 504, "server_error", "timeout"),
        (ErrorKind.CANCELLED, 499, "invalid_request_error", "cancelled"),
        (ErrorKind.INTERNAL, 500, "server_error", None),
    ],
)
def test_errors_in_openais_words(
    dialect: OpenAIResponses, kind: ErrorKind, status: int, error_type: str, code: str | None
) -> None:
    error = ProxyError("what happened", kind=kind)
    assert dialect.error_status(error) == status
    told = dialect.write_error(error, "req_1")["error"]
    assert (told["type"], told["code"]) == (error_type, code)
    assert "what happened" in told["message"]
    assert set(told) == {"message", "type", "param", "code"}


def test_every_kind_of_failure_has_words(dialect: OpenAIResponses) -> None:
    assert all(dialect.error_status(ProxyError("x", kind=kind)) >= 400 for kind in ErrorKind)


def test_the_code_is_upstreams_unless_agents_act_upon_it(dialect: OpenAIResponses) -> None:
    def code(kind: ErrorKind, stated: str) -> object:
        error = ProxyError("x", kind=kind, code=stated, param="tools")
        return dialect.write_error(error, "req_1")["error"]["code"]

    assert code(ErrorKind.INVALID_REQUEST, "unsupported_value") == "unsupported_value"
    overflow = code(ErrorKind.CONTEXT_OVERFLOW, "model_max_prompt_tokens_exceeded")
    assert overflow == "context_length_exceeded"
    missing = ProxyError("x", kind=ErrorKind.MODEL_NOT_FOUND)
    assert dialect.write_error(missing, "req_1")["error"]["param"] == "model"


def test_a_broken_stream_of_which_nothing_is_known(dialect: OpenAIResponses) -> None:
    error, failed = dialect.error_frames(UpstreamBroke("it broke"), "req_1")
    assert json.loads(error.data)["message"] == "it broke"
    response = json.loads(failed.data)["response"]
    check_response(response)
    assert response["id"] == "resp_req_1"


def test_silence_is_bridged_by_a_comment(dialect: OpenAIResponses) -> None:
    assert dialect.keep_alive().startswith(b":")
    assert dialect.keep_alive().endswith(b"\n\n")
