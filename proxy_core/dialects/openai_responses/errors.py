"""Errors in OpenAI's form: the error object, its status, and the codes of a failed response."""

from __future__ import annotations

from typing import Any

from proxy_core.copilot_facts.wordings import RESPONSES_OVERFLOW
from proxy_core.errors import ErrorKind, ProxyError, UpstreamBroke

_INVALID = "invalid_request_error"
_SERVER = "server_error"

_STATUS_TYPE_CODE: dict[ErrorKind, tuple[int, str, str | None]] = {
    ErrorKind.INVALID_REQUEST: (400, _INVALID, None),
    ErrorKind.AUTHENTICATION: (401, "authentication_error", "invalid_api_key"),
    ErrorKind.PERMISSION: (403, "permission_error", None),
    ErrorKind.NOT_SENT: (403, "permission_error", None),
    ErrorKind.NOT_FOUND: (404, _INVALID, None),
    ErrorKind.MODEL_NOT_FOUND: (404, _INVALID, "model_not_found"),
    ErrorKind.METHOD_NOT_ALLOWED: (405, _INVALID, "method_not_allowed"),
    ErrorKind.TOO_LARGE: (413, _INVALID, "request_too_large"),
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: (415, _INVALID, "unsupported_media_type"),
    ErrorKind.CONTEXT_OVERFLOW: (400, _INVALID, "context_length_exceeded"),
    ErrorKind.CONTENT_FILTER: (400, _INVALID, "content_filter"),
    ErrorKind.RATE_LIMIT: (429, "rate_limit_error", "rate_limit_exceeded"),
    ErrorKind.TOO_MANY: (429, "rate_limit_error", "rate_limit_exceeded"),
    ErrorKind.QUOTA: (429, "insufficient_quota", "insufficient_quota"),
    ErrorKind.OWN_BUDGET: (429, "insufficient_quota", "insufficient_quota"),
    ErrorKind.SIGN_IN_PENDING: (503, _SERVER, "overloaded"),
    ErrorKind.SIGNED_OUT: (401, "authentication_error", "signed_out"),
    ErrorKind.BACKEND: (503, _SERVER, "backend_unavailable"),
    ErrorKind.OVERLOADED: (503, _SERVER, "overloaded"),
    ErrorKind.STOPPED: (503, _SERVER, "overloaded"),
    ErrorKind.UPSTREAM: (502, _SERVER, None),
    ErrorKind.UPSTREAM_UNREACHABLE: (502, _SERVER, "upstream_unreachable"),
    ErrorKind.TIMEOUT: (504, _SERVER, "timeout"),
    ErrorKind.CANCELLED: (499, _INVALID, "cancelled"),
    ErrorKind.INTERNAL: (500, _SERVER, None),
}

_FIXED_CODES = (
    *(ErrorKind.CONTEXT_OVERFLOW, ErrorKind.MODEL_NOT_FOUND),
    *(ErrorKind.QUOTA, ErrorKind.OWN_BUDGET),
)
"""Agents act on these exact codes (Codex compacts, waits, gives up), whatever upstream's code was."""

_OVERFLOW = RESPONSES_OVERFLOW.phrase

_FAILED_CODES = {
    ErrorKind.CONTEXT_OVERFLOW: "context_length_exceeded",
    ErrorKind.QUOTA: "insufficient_quota",
    ErrorKind.OWN_BUDGET: "insufficient_quota",
    ErrorKind.RATE_LIMIT: "rate_limit_exceeded",
    ErrorKind.TOO_MANY: "rate_limit_exceeded",
    ErrorKind.INVALID_REQUEST: "invalid_prompt",
    ErrorKind.CONTENT_FILTER: "invalid_prompt",
}
"""Codes of ``response.failed``. The first two are not in OpenAI's list; its own service sends them."""


def write_error(error: ProxyError, request_id: str) -> dict[str, Any]:
    """Return the body of an error response; in this dialect ``request_id`` is sent in a header."""
    del request_id
    return {"error": error_object(error)}


def error_object(error: ProxyError) -> dict[str, Any]:
    _, error_type, _ = _STATUS_TYPE_CODE[error.kind]
    return {
        "message": error_message(error),
        "type": error_type,
        "param": "model" if error.kind is ErrorKind.MODEL_NOT_FOUND else error.param,
        "code": error_code(error),
    }


def error_message(error: ProxyError) -> str:
    """Return upstream's message, prefixed by OpenAI's sentence where agents look for it."""
    if error.kind is not ErrorKind.CONTEXT_OVERFLOW or _OVERFLOW in error.message:
        return error.message
    return f"Your input {_OVERFLOW} of this model. Please adjust your input. ({error.message})"


def error_code(error: ProxyError) -> str | None:
    default = _STATUS_TYPE_CODE[error.kind][2]
    if error.kind in _FIXED_CODES:
        return default
    return error.code or default


def error_status(error: ProxyError) -> int:
    return _STATUS_TYPE_CODE[error.kind][0]


def failed_code(error: ProxyError) -> str:
    """Return the code of a ``response.failed``."""
    return _FAILED_CODES.get(error.kind, "server_error")


def ended_early() -> UpstreamBroke:
    """Return the error of a stream that ended before its terminal event."""
    return UpstreamBroke(
        "Connection error: GitHub Copilot ended the answer before it was complete."
    )
