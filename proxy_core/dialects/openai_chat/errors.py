"""Errors in OpenAI's form: ``{"error": {message, type, param, code}}``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from proxy_core.canonical.sse import Frame
from proxy_core.copilot_facts.wordings import OPENAI_OVERFLOW
from proxy_core.dialects.shared.context_overflow import overflow_numbers
from proxy_core.errors import ErrorKind, ProxyError, UpstreamBroke


@dataclass(frozen=True, slots=True)
class _Words:
    status: int
    type: str
    code: str | None = None


_INVALID = "invalid_request_error"
_WORDS = {
    ErrorKind.INVALID_REQUEST: _Words(400, _INVALID),
    ErrorKind.AUTHENTICATION: _Words(401, "authentication_error", "invalid_api_key"),
    ErrorKind.SIGNED_OUT: _Words(401, "authentication_error", "signed_out"),
    ErrorKind.PERMISSION: _Words(403, "permission_error"),
    ErrorKind.NOT_SENT: _Words(403, "permission_error"),
    ErrorKind.NOT_FOUND: _Words(404, _INVALID),
    ErrorKind.MODEL_NOT_FOUND: _Words(404, _INVALID, "model_not_found"),
    ErrorKind.METHOD_NOT_ALLOWED: _Words(405, _INVALID, "method_not_allowed"),
    ErrorKind.TOO_LARGE: _Words(413, _INVALID, "request_too_large"),
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: _Words(415, _INVALID, "unsupported_media_type"),
    ErrorKind.CONTEXT_OVERFLOW: _Words(400, _INVALID, "context_length_exceeded"),
    ErrorKind.CONTENT_FILTER: _Words(400, _INVALID, "content_filter"),
    ErrorKind.RATE_LIMIT: _Words(429, "rate_limit_error", "rate_limit_exceeded"),
    ErrorKind.TOO_MANY: _Words(429, "rate_limit_error", "rate_limit_exceeded"),
    ErrorKind.QUOTA: _Words(429, "insufficient_quota", "insufficient_quota"),
    ErrorKind.OWN_BUDGET: _Words(429, "insufficient_quota", "insufficient_quota"),
    ErrorKind.SIGN_IN_PENDING: _Words(503, "server_error", "overloaded"),
    ErrorKind.BACKEND: _Words(503, "server_error", "backend_unavailable"),
    ErrorKind.OVERLOADED: _Words(503, "server_error", "overloaded"),
    ErrorKind.STOPPED: _Words(503, "server_error", "overloaded"),
    ErrorKind.UPSTREAM: _Words(502, "server_error"),
    ErrorKind.UPSTREAM_UNREACHABLE: _Words(502, "server_error", "upstream_unreachable"),
    ErrorKind.TIMEOUT: _Words(504, "server_error", "timeout"),
    ErrorKind.CANCELLED: _Words(499, _INVALID, "cancelled"),
    ErrorKind.INTERNAL: _Words(500, "server_error"),
}
_FIXED_CODES = (
    *(ErrorKind.MODEL_NOT_FOUND, ErrorKind.CONTEXT_OVERFLOW),
    *(ErrorKind.QUOTA, ErrorKind.OWN_BUDGET),
)
"""Kinds whose code clients act upon: always OpenAI's own code."""

_encode = msgspec.json.Encoder().encode


def error_status(error: ProxyError) -> int:
    return _WORDS[error.kind].status


def write_error(error: ProxyError) -> dict[str, Any]:
    words = _WORDS[error.kind]
    code = words.code if error.kind in _FIXED_CODES else error.code or words.code
    param = "model" if error.kind is ErrorKind.MODEL_NOT_FOUND else error.param
    return {"error": {"message": _message(error), "type": words.type, "param": param, "code": code}}


def error_frames(error: ProxyError) -> list[Frame]:
    return [Frame(_encode(write_error(error)))]


def _message(error: ProxyError) -> str:
    """Prefix OpenAI's own sentence, by which tools recognise that they must compact."""
    numbers = overflow_numbers(error.message)
    if error.kind is not ErrorKind.CONTEXT_OVERFLOW or numbers is None:
        return error.message
    tokens, limit = numbers
    if OPENAI_OVERFLOW.phrase in error.message:
        return error.message
    return (
        f"This model's {OPENAI_OVERFLOW.phrase} is {limit} tokens. However, your messages "
        f"resulted in {tokens} tokens. ({error.message})"
    )


def ended_early(*, has_content: bool) -> UpstreamBroke:
    """Return the error of a stream that ended without a finish reason."""
    if not has_content:
        return UpstreamBroke("GitHub Copilot sent an empty answer")
    return UpstreamBroke("Connection error: GitHub Copilot ended its answer in the middle")
