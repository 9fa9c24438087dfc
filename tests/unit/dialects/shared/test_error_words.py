"""Every kind of failure in every dialect's words, and what upstream's own words are understood as."""

from __future__ import annotations

import msgspec
import pytest

from proxy_core.canonical.request import DialectName
from proxy_core.dialects.openai_chat.read_stream import read_error
from proxy_core.dialects.optional_dialects import OPTIONAL_DIALECTS, surface
from proxy_core.dialects.registry import dialect
from proxy_core.dialects.shared.upstream_errors import upstream_failure
from proxy_core.errors import Actor, ErrorKind, ProxyError, translatable

INVALID = "invalid_request_error"
OPENAI = {
    ErrorKind.INVALID_REQUEST: (400, INVALID, None),
    ErrorKind.AUTHENTICATION: (401, "authentication_error", "invalid_api_key"),
    ErrorKind.SIGNED_OUT: (401, "authentication_error", "signed_out"),
    ErrorKind.PERMISSION: (403, "permission_error", None),
    ErrorKind.NOT_FOUND: (404, INVALID, None),
    ErrorKind.MODEL_NOT_FOUND: (404, INVALID, "model_not_found"),
    ErrorKind.METHOD_NOT_ALLOWED: (405, INVALID, "method_not_allowed"),
    ErrorKind.TOO_LARGE: (413, INVALID, "request_too_large"),
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: (415, INVALID, "unsupported_media_type"),
    ErrorKind.CONTEXT_OVERFLOW: (400, INVALID, "context_length_exceeded"),
    ErrorKind.CONTENT_FILTER: (400, INVALID, "content_filter"),
    ErrorKind.RATE_LIMIT: (429, "rate_limit_error", "rate_limit_exceeded"),
    ErrorKind.QUOTA: (429, "insufficient_quota", "insufficient_quota"),
    ErrorKind.NOT_SENT: (403, "permission_error", None),
    ErrorKind.OWN_BUDGET: (429, "insufficient_quota", "insufficient_quota"),
    ErrorKind.TOO_MANY: (429, "rate_limit_error", "rate_limit_exceeded"),
    ErrorKind.SIGN_IN_PENDING: (503, "server_error", "overloaded"),
    ErrorKind.BACKEND: (503, "server_error", "backend_unavailable"),
    ErrorKind.OVERLOADED: (503, "server_error", "overloaded"),
    ErrorKind.STOPPED: (503, "server_error", "overloaded"),
    ErrorKind.UPSTREAM: (502, "server_error", None),
    ErrorKind.UPSTREAM_UNREACHABLE: (502, "server_error", "upstream_unreachable"),
    ErrorKind.TIMEOUT: (504, "server_error", "timeout"),
    ErrorKind.CANCELLED: (499, INVALID, "cancelled"),
    ErrorKind.INTERNAL: (500, "server_error", None),
}
ANTHROPIC = {
    ErrorKind.INVALID_REQUEST: (400, INVALID),
    ErrorKind.AUTHENTICATION: (401, "authentication_error"),
    ErrorKind.SIGNED_OUT: (401, "authentication_error"),
    ErrorKind.QUOTA: (402, "billing_error"),
    ErrorKind.PERMISSION: (403, "permission_error"),
    ErrorKind.NOT_FOUND: (404, "not_found_error"),
    ErrorKind.MODEL_NOT_FOUND: (404, "not_found_error"),
    ErrorKind.METHOD_NOT_ALLOWED: (405, INVALID),
    ErrorKind.TOO_LARGE: (413, "request_too_large"),
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: (415, INVALID),
    ErrorKind.CONTEXT_OVERFLOW: (400, INVALID),
    ErrorKind.CONTENT_FILTER: (400, INVALID),
    ErrorKind.RATE_LIMIT: (429, "rate_limit_error"),
    ErrorKind.NOT_SENT: (403, "permission_error"),
    ErrorKind.OWN_BUDGET: (402, "billing_error"),
    ErrorKind.TOO_MANY: (429, "rate_limit_error"),
    ErrorKind.SIGN_IN_PENDING: (529, "overloaded_error"),
    ErrorKind.BACKEND: (503, "api_error"),
    ErrorKind.OVERLOADED: (529, "overloaded_error"),
    ErrorKind.STOPPED: (529, "overloaded_error"),
    ErrorKind.UPSTREAM: (502, "api_error"),
    ErrorKind.UPSTREAM_UNREACHABLE: (502, "api_error"),
    ErrorKind.TIMEOUT: (504, "timeout_error"),
    ErrorKind.CANCELLED: (499, "api_error"),
    ErrorKind.INTERNAL: (500, "api_error"),
}


@pytest.mark.parametrize("name", [DialectName.OPENAI_CHAT, DialectName.OPENAI_RESPONSES])
@pytest.mark.parametrize("kind", ErrorKind)
def test_openais_words(name: DialectName, kind: ErrorKind) -> None:
    error = ProxyError("said", kind=kind)
    body = dialect(name).write_error(error, "req_1")["error"]
    assert (dialect(name).error_status(error), body["type"], body["code"]) == OPENAI[kind]


@pytest.mark.parametrize("kind", ErrorKind)
def test_anthropics_words(kind: ErrorKind) -> None:
    messages = dialect(DialectName.ANTHROPIC_MESSAGES)
    error = ProxyError("prompt is too long", kind=kind)
    status, type_ = ANTHROPIC[kind]
    assert messages.error_status(error) == status
    assert messages.write_error(error, "req_1") == {
        "type": "error",
        "error": {"type": type_, "message": "prompt is too long"},
        "request_id": "req_1",
    }


@pytest.mark.parametrize("name", DialectName)
@pytest.mark.parametrize("said", ["", translatable("{model} is gone", model="gpt-9")])
def test_what_a_window_can_translate_is_plain_text_to_a_tool(name: DialectName, said: str) -> None:
    error = ProxyError(said, title=translatable("No answer"))
    spoken = surface(name).dialect if name in OPTIONAL_DIALECTS else dialect(name)
    written = msgspec.json.encode(spoken.write_error(error, "req_1"))
    assert said.encode() in written


@pytest.mark.parametrize(
    ("code", "kind", "status", "actor"),
    [
        ("model_max_prompt_tokens_exceeded", ErrorKind.CONTEXT_OVERFLOW, 400, Actor.CALLER),
        ("context_length_exceeded", ErrorKind.CONTEXT_OVERFLOW, 400, Actor.CALLER),
        ("quota_exceeded", ErrorKind.QUOTA, 402, Actor.USER),
        ("overage_limit_reached", ErrorKind.QUOTA, 402, Actor.USER),
        ("billing_not_configured", ErrorKind.QUOTA, 402, Actor.USER),
        ("insufficient_quota", ErrorKind.QUOTA, 402, Actor.USER),
        ("overloaded_error", ErrorKind.OVERLOADED, 503, Actor.GITHUB),
        ("upstream_provider_rate_limit", ErrorKind.OVERLOADED, 503, Actor.GITHUB),
        ("user_model_rate_limited", ErrorKind.RATE_LIMIT, 429, Actor.USER),
        ("agent_mode_limit_exceeded", ErrorKind.RATE_LIMIT, 429, Actor.USER),
        ("extension_blocked", ErrorKind.RATE_LIMIT, 429, Actor.USER),
        ("content_filter", ErrorKind.CONTENT_FILTER, 400, Actor.CALLER),
        ("content_policy_violation", ErrorKind.CONTENT_FILTER, 400, Actor.CALLER),
        ("cyber_policy", ErrorKind.CONTENT_FILTER, 400, Actor.CALLER),
        ("timeout", ErrorKind.TIMEOUT, 408, Actor.GITHUB),
        ("authentication_error", ErrorKind.AUTHENTICATION, 401, Actor.USER),
        ("invalid_token", ErrorKind.AUTHENTICATION, 401, Actor.USER),
        ("expired_token", ErrorKind.AUTHENTICATION, 401, Actor.USER),
        ("token_expired", ErrorKind.AUTHENTICATION, 401, Actor.USER),
        ("unauthorized", ErrorKind.AUTHENTICATION, 401, Actor.USER),
        ("permission_error", ErrorKind.PERMISSION, 403, Actor.USER),
        ("forbidden", ErrorKind.PERMISSION, 403, Actor.USER),
        ("model_not_supported", ErrorKind.MODEL_NOT_FOUND, 404, Actor.USER),
        ("not_found_error", ErrorKind.NOT_FOUND, 404, Actor.NOBODY),
        ("invalid_request_body", ErrorKind.INVALID_REQUEST, 400, Actor.CALLER),
        ("invalid_reasoning_effort", ErrorKind.INVALID_REQUEST, 400, Actor.CALLER),
        ("unsupported_api_for_model", ErrorKind.INVALID_REQUEST, 400, Actor.CALLER),
        ("something_new", ErrorKind.UPSTREAM, 502, Actor.GITHUB),
    ],
)
@pytest.mark.parametrize("place", ["code", "kind"])
def test_upstreams_code_tells_whose_fault_it_is(
    place: str, code: str, kind: ErrorKind, status: int, actor: Actor
) -> None:
    told = {place: code}
    error = upstream_failure("said", **told)
    assert (error.kind, error.http_status, error.actor) == (kind, status, actor)
    assert (error.message, error.code) == ("said", code)


@pytest.mark.parametrize(
    "said",
    [
        "prompt is too long: 2 > 1",
        "Your input exceeds the context window of this model",
        "prompt token count of 2 exceeds the limit of 1",
        "This model's maximum context length is 1 tokens",
    ],
)
def test_an_overflow_is_known_by_its_words_whatever_the_code(said: str) -> None:
    error = upstream_failure(said, "invalid_request_body", "server_error")
    assert (error.kind, error.http_status) == (ErrorKind.CONTEXT_OVERFLOW, 400)
    assert (error.message, error.code) == (said, "invalid_request_body")


@pytest.mark.parametrize(
    ("said", "message", "code", "kind"),
    [
        ("only words", "only words", None, ErrorKind.UPSTREAM),
        ({"message": "m", "code": "forbidden"}, "m", "forbidden", ErrorKind.PERMISSION),
        ({"message": "m", "code": 429}, "m", "429", ErrorKind.UPSTREAM),
        ({"message": "m", "type": "overloaded"}, "m", "overloaded", ErrorKind.OVERLOADED),
        ({"message": None, "code": "timeout"}, "timeout", "timeout", ErrorKind.TIMEOUT),
        ({"message": ["a"]}, "['a']", None, ErrorKind.UPSTREAM),
    ],
)
def test_an_error_inside_an_answer_in_any_shape(
    said: object, message: str, code: str | None, kind: ErrorKind
) -> None:
    error = read_error(said)
    assert (error.message, error.code, error.kind) == (message, code, kind)


def test_an_error_that_says_nothing_is_an_error_all_the_same() -> None:
    error = upstream_failure("")
    assert error.kind is ErrorKind.UPSTREAM
    assert error.code is None
    assert error.message


@pytest.mark.parametrize("kind", ErrorKind)
@pytest.mark.parametrize("name", OPTIONAL_DIALECTS)
def test_an_optional_dialect_has_words_for_every_kind(name: DialectName, kind: ErrorKind) -> None:
    error, spoken = ProxyError("said", kind=kind), surface(name).dialect
    assert 400 <= spoken.error_status(error) < 600
    assert "said" in str(spoken.write_error(error, "req_1"))
