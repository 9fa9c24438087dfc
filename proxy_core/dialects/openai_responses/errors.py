"""Failures, both ways: our errors in OpenAI's JSON, and what upstream says inside a stream."""

from __future__ import annotations

import re
from typing import Any

from proxy_core.errors import Actor, ErrorKind, ProxyError, UpstreamBroke, UpstreamRefused

_INVALID = "invalid_request_error"
_SERVER = "server_error"

_STATUS_TYPE_CODE: dict[ErrorKind, tuple[int, str, str | None]] = {
    ErrorKind.INVALID_REQUEST: (400, _INVALID, None),
    ErrorKind.AUTHENTICATION: (401, _INVALID, "invalid_api_key"),
    ErrorKind.PERMISSION: (403, "permission_error", None),
    ErrorKind.NOT_FOUND: (404, _INVALID, "not_found"),
    ErrorKind.MODEL_NOT_FOUND: (404, _INVALID, "model_not_found"),
    ErrorKind.METHOD_NOT_ALLOWED: (405, _INVALID, "method_not_allowed"),
    ErrorKind.TOO_LARGE: (413, _INVALID, "request_too_large"),
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: (415, _INVALID, "unsupported_media_type"),
    ErrorKind.CONTEXT_OVERFLOW: (400, _INVALID, "context_length_exceeded"),
    ErrorKind.CONTENT_FILTER: (400, _INVALID, "content_filter"),
    ErrorKind.RATE_LIMIT: (429, "rate_limit_error", "rate_limit_exceeded"),
    ErrorKind.QUOTA: (429, "insufficient_quota", "insufficient_quota"),
    ErrorKind.SIGNED_OUT: (401, "authentication_error", "not_signed_in"),
    ErrorKind.OVERLOADED: (503, _SERVER, "server_is_overloaded"),
    ErrorKind.UPSTREAM: (502, _SERVER, "upstream_error"),
    ErrorKind.UPSTREAM_UNREACHABLE: (502, _SERVER, "upstream_unreachable"),
    ErrorKind.TIMEOUT: (504, _SERVER, "timeout"),
    ErrorKind.CANCELLED: (499, _INVALID, "client_closed_request"),
    ErrorKind.INTERNAL: (500, _SERVER, "internal_error"),
}

_FIXED_CODES = (ErrorKind.CONTEXT_OVERFLOW, ErrorKind.MODEL_NOT_FOUND, ErrorKind.QUOTA)
"""Agents act on these very words (Codex compacts, waits, gives up), whatever upstream's code was."""

_FAILED_CODES = {
    ErrorKind.CONTEXT_OVERFLOW: "context_length_exceeded",
    ErrorKind.QUOTA: "insufficient_quota",
    ErrorKind.RATE_LIMIT: "rate_limit_exceeded",
    ErrorKind.INVALID_REQUEST: "invalid_prompt",
    ErrorKind.CONTENT_FILTER: "invalid_prompt",
}
"""Codes of ``response.failed``. The first two are not in OpenAI's list; its own service sends them."""

_KIND_OF_CODE = {
    "rate_limit_exceeded": ErrorKind.RATE_LIMIT,
    "too_many_requests": ErrorKind.RATE_LIMIT,
    "agent_mode_limit_exceeded": ErrorKind.RATE_LIMIT,
    "upstream_provider_rate_limit": ErrorKind.OVERLOADED,
    "model_overloaded": ErrorKind.OVERLOADED,
    "server_is_overloaded": ErrorKind.OVERLOADED,
    "slow_down": ErrorKind.OVERLOADED,
    "insufficient_quota": ErrorKind.QUOTA,
    "quota_exceeded": ErrorKind.QUOTA,
    "free_quota_exceeded": ErrorKind.QUOTA,
    "overage_limit_reached": ErrorKind.QUOTA,
    "billing_not_configured": ErrorKind.QUOTA,
    "usage_limit_reached": ErrorKind.QUOTA,
    "context_length_exceeded": ErrorKind.CONTEXT_OVERFLOW,
    "model_max_prompt_tokens_exceeded": ErrorKind.CONTEXT_OVERFLOW,
    "content_filter": ErrorKind.CONTENT_FILTER,
    "cyber_policy": ErrorKind.CONTENT_FILTER,
    "bio_policy": ErrorKind.CONTENT_FILTER,
    "image_content_policy_violation": ErrorKind.CONTENT_FILTER,
    "model_not_supported": ErrorKind.MODEL_NOT_FOUND,
    "model_not_found": ErrorKind.MODEL_NOT_FOUND,
    "previous_response_not_found": ErrorKind.INVALID_REQUEST,
    "user_request_timeout": ErrorKind.TIMEOUT,
    "server_error": ErrorKind.UPSTREAM,
}
_OVERFLOW_WORDS = ("exceeds the context window", "prompt token count of", "prompt is too long")
_INVALID_CODES = ("invalid_", "unsupported_", "image_", "empty_image", "failed_to_download_image")
_WAIT = re.compile(r"(?:retry after|try again in) (\d+(?:\.\d+)?) ?(ms|s)?", re.IGNORECASE)

_BROKEN = (ErrorKind.UPSTREAM, ErrorKind.OVERLOADED, ErrorKind.TIMEOUT)


def write_error(error: ProxyError, request_id: str) -> dict[str, Any]:
    """Return the body of an error answer; ``request_id`` travels in a header in this dialect."""
    del request_id
    return {"error": error_object(error)}


def error_object(error: ProxyError) -> dict[str, Any]:
    _, error_type, _ = _STATUS_TYPE_CODE[error.kind]
    return {
        "message": error.message,
        "type": error_type,
        "param": error.param,
        "code": error_code(error),
    }


def error_code(error: ProxyError) -> str | None:
    default = _STATUS_TYPE_CODE[error.kind][2]
    if error.kind in _FIXED_CODES:
        return default
    return error.code or default


def error_status(error: ProxyError) -> int:
    """Return OpenAI's status for this kind of failure; an upstream failure keeps its own 5xx."""
    if error.kind is ErrorKind.UPSTREAM and 500 <= error.http_status <= 599:
        return error.http_status
    if error.kind is ErrorKind.INVALID_REQUEST and 400 <= error.http_status <= 499:
        return error.http_status
    return _STATUS_TYPE_CODE[error.kind][0]


def failed_code(error: ProxyError) -> str:
    """Return the code of a ``response.failed``."""
    return _FAILED_CODES.get(error.kind, "server_error")


def read_error(code: str | None, message: str, param: str | None = None) -> ProxyError:
    """Return what an error inside upstream's stream means, in upstream's own words."""
    kind = _kind(code or "", message)
    wait = _WAIT.search(message)
    retry_after = None
    if wait is not None:
        retry_after = float(wait[1]) / (1000 if wait[2] == "ms" else 1)
    cls = UpstreamBroke if kind in _BROKEN else UpstreamRefused
    actor = {ErrorKind.QUOTA: Actor.USER, ErrorKind.RATE_LIMIT: Actor.GITHUB}.get(kind)
    return cls(
        message,
        kind=kind,
        http_status=_STATUS_TYPE_CODE[kind][0],
        code=code,
        param=param,
        retry_after=retry_after,
        actor=actor,
    )


def _kind(code: str, message: str) -> ErrorKind:
    if any(words in message for words in _OVERFLOW_WORDS):
        # The responses endpoint says it in words alone, under a code it uses for everything.
        return ErrorKind.CONTEXT_OVERFLOW
    if code in _KIND_OF_CODE:
        return _KIND_OF_CODE[code]
    if "rate_limited" in code:
        return ErrorKind.RATE_LIMIT
    if code.startswith(_INVALID_CODES):
        return ErrorKind.INVALID_REQUEST
    return ErrorKind.UPSTREAM


def ended_early() -> UpstreamBroke:
    """The error of a stream whose bytes ended before it said that it was complete."""
    return UpstreamBroke("GitHub Copilot ended the answer before it was complete.")
