"""Failures in OpenAI's words."""

from __future__ import annotations

import pytest

from proxy_core.dialects.openai_chat.dialect import OpenAIChat
from proxy_core.errors import BadRequest, ErrorKind, ProxyError, UpstreamRefused

CHAT = OpenAIChat()


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_kind_has_a_status_a_type_and_its_message(kind: ErrorKind) -> None:
    error = ProxyError("words", kind=kind)
    assert 400 <= CHAT.error_status(error) <= 599
    body = CHAT.write_error(error, "req_1")["error"]
    assert body["message"] == "words"
    assert body["type"]
    assert set(body) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("kind", "status", "type_", "code"),
    [
        (ErrorKind.AUTHENTICATION, 401, "authentication_error", "invalid_api_key"),
        (ErrorKind.MODEL_NOT_FOUND, 404, "invalid_request_error", "model_not_found"),
        (ErrorKind.RATE_LIMIT, 429, "rate_limit_error", "rate_limit_exceeded"),
        (ErrorKind.QUOTA, 429, "insufficient_quota", "insufficient_quota"),
        (ErrorKind.OVERLOADED, 503, "server_error", "overloaded"),
        (ErrorKind.TOO_LARGE, 413, "invalid_request_error", "request_too_large"),
    ],
)
def test_the_words_clients_act_upon(kind: ErrorKind, status: int, type_: str, code: str) -> None:
    error = ProxyError("x", kind=kind)
    body = CHAT.write_error(error, "req_1")["error"]
    assert (CHAT.error_status(error), body["type"], body["code"]) == (status, type_, code)


def test_a_bad_request_names_its_member_and_a_refusal_keeps_upstreams_code() -> None:
    body = CHAT.write_error(BadRequest("n: too many", param="n"), "r")["error"]
    assert (body["param"], body["code"]) == ("n", None)
    refused = UpstreamRefused("x", kind=ErrorKind.RATE_LIMIT, code="user_model_rate_limited")
    assert CHAT.write_error(refused, "r")["error"]["code"] == "user_model_rate_limited"
    missing = ProxyError("x", kind=ErrorKind.MODEL_NOT_FOUND, code="model_not_supported")
    body = CHAT.write_error(missing, "r")["error"]
    assert (body["code"], body["param"]) == ("model_not_found", "model")


@pytest.mark.parametrize(
    "said",
    [
        "prompt token count of 150001 exceeds the limit of 128000",
        "prompt is too long: 150001 tokens > 128000 maximum",
    ],
)
def test_an_overflow_says_what_openais_clients_look_for(said: str) -> None:
    error = UpstreamRefused(
        said, kind=ErrorKind.CONTEXT_OVERFLOW, code="model_max_prompt_tokens_exceeded"
    )
    body = CHAT.write_error(error, "r")["error"]
    assert CHAT.error_status(error) == 400
    assert body["code"] == "context_length_exceeded"
    assert "maximum context length is 128000 tokens" in body["message"]
    assert "150001 tokens" in body["message"]
    assert said in body["message"]


@pytest.mark.parametrize(
    "said",
    [
        "This model's maximum context length is 8 tokens. However, your messages are 9 tokens.",
        "Your input exceeds the context window of this model.",
    ],
)
def test_an_overflow_that_says_so_already_keeps_its_words(said: str) -> None:
    error = UpstreamRefused(said, kind=ErrorKind.CONTEXT_OVERFLOW)
    assert CHAT.write_error(error, "r")["error"]["message"] == said
