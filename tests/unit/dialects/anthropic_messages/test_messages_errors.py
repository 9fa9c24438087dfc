"""Failures in Anthropic's words."""

from __future__ import annotations

import pytest

from proxy_core.dialects.anthropic_messages.dialect import AnthropicMessages
from proxy_core.errors import ErrorKind, ProxyError, UpstreamRefused

MESSAGES = AnthropicMessages()


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_kind_has_a_status_a_type_and_its_message(kind: ErrorKind) -> None:
    error = ProxyError("prompt is too long, in words", kind=kind)
    assert 400 <= MESSAGES.error_status(error) <= 599
    body = MESSAGES.write_error(error, "req_1")
    assert body["type"] == "error"
    assert body["request_id"] == "req_1"
    assert body["error"]["message"] == "prompt is too long, in words"
    assert set(body["error"]) == {"type", "message"}


@pytest.mark.parametrize(
    ("kind", "status", "type_"),
    [
        (ErrorKind.INVALID_REQUEST, 400, "invalid_request_error"),
        (ErrorKind.AUTHENTICATION, 401, "authentication_error"),
        (ErrorKind.QUOTA, 402, "billing_error"),
        (ErrorKind.PERMISSION, 403, "permission_error"),
        (ErrorKind.MODEL_NOT_FOUND, 404, "not_found_error"),
        (ErrorKind.TOO_LARGE, 413, "request_too_large"),
        (ErrorKind.RATE_LIMIT, 429, "rate_limit_error"),
        (ErrorKind.INTERNAL, 500, "api_error"),
        (ErrorKind.TIMEOUT, 504, "timeout_error"),
        (ErrorKind.OVERLOADED, 529, "overloaded_error"),
    ],
)
def test_the_words_clients_act_upon(kind: ErrorKind, status: int, type_: str) -> None:
    error = ProxyError("x", kind=kind)
    assert MESSAGES.error_status(error) == status
    assert MESSAGES.write_error(error, "r")["error"]["type"] == type_


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "prompt token count of 150001 exceeds the limit of 128000",
            "prompt is too long: 150001 tokens > 128000 maximum",
        ),
        (
            "prompt is too long: 1000604 tokens > 1000000 maximum",
            "prompt is too long: 1000604 tokens > 1000000 maximum",
        ),
        (
            "Your input exceeds the context window of this model.",
            "prompt is too long: Your input exceeds the context window of this model.",
        ),
        (
            "This model's maximum context length is 8 tokens. However, you sent 9 tokens.",
            "prompt is too long: 9 tokens > 8 maximum",
        ),
    ],
)
def test_an_overflow_says_what_claude_code_looks_for(said: str, told: str) -> None:
    error = UpstreamRefused(said, kind=ErrorKind.CONTEXT_OVERFLOW)
    assert MESSAGES.error_status(error) == 400
    body = MESSAGES.write_error(error, "r")["error"]
    assert body == {"type": "invalid_request_error", "message": told}
