"""Errors in Anthropic's form: ``{"type": "error", "error": {type, message}, "request_id"}``."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.canonical.sse import Frame
from proxy_core.copilot_facts.wordings import ANTHROPIC_OVERFLOW
from proxy_core.dialects.shared.context_overflow import overflow_numbers
from proxy_core.errors import ErrorKind, ProxyError

_WORDS = {
    ErrorKind.INVALID_REQUEST: (400, "invalid_request_error"),
    ErrorKind.AUTHENTICATION: (401, "authentication_error"),
    ErrorKind.SIGNED_OUT: (401, "authentication_error"),
    ErrorKind.QUOTA: (402, "billing_error"),
    ErrorKind.OWN_BUDGET: (402, "billing_error"),
    ErrorKind.PERMISSION: (403, "permission_error"),
    ErrorKind.NOT_SENT: (403, "permission_error"),
    ErrorKind.NOT_FOUND: (404, "not_found_error"),
    ErrorKind.MODEL_NOT_FOUND: (404, "not_found_error"),
    ErrorKind.METHOD_NOT_ALLOWED: (405, "invalid_request_error"),
    ErrorKind.TOO_LARGE: (413, "request_too_large"),
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: (415, "invalid_request_error"),
    ErrorKind.CONTEXT_OVERFLOW: (400, "invalid_request_error"),
    ErrorKind.CONTENT_FILTER: (400, "invalid_request_error"),
    ErrorKind.RATE_LIMIT: (429, "rate_limit_error"),
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

PHRASE = ANTHROPIC_OVERFLOW.phrase
_encode = msgspec.json.Encoder().encode


def error_status(error: ProxyError) -> int:
    return _WORDS[error.kind][0]


def write_error(error: ProxyError, request_id: str) -> dict[str, Any]:
    return {
        "type": "error",
        "error": {"type": _WORDS[error.kind][1], "message": _message(error)},
        "request_id": request_id,
    }


def error_frames(error: ProxyError, request_id: str) -> list[Frame]:
    return [Frame(_encode(write_error(error, request_id)), b"error")]


def _message(error: ProxyError) -> str:
    """Claude Code compacts when it reads "prompt is too long" (anthropics/claude-code#57296)."""
    if error.kind is not ErrorKind.CONTEXT_OVERFLOW or PHRASE in error.message:
        return error.message
    numbers = overflow_numbers(error.message)
    if numbers is None:
        return f"{PHRASE}: {error.message}"
    return f"{PHRASE}: {numbers[0]} tokens > {numbers[1]} maximum"
