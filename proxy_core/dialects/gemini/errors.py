"""Errors in Google's form: ``{"error": {code, message, status, details}}`` (google.rpc.Status)."""

from __future__ import annotations

import math
from typing import Any

from proxy_core.errors import ErrorKind, ProxyError

_WORDS: dict[ErrorKind, tuple[int, str]] = {
    ErrorKind.INVALID_REQUEST: (400, "INVALID_ARGUMENT"),
    ErrorKind.AUTHENTICATION: (401, "UNAUTHENTICATED"),
    ErrorKind.SIGNED_OUT: (401, "UNAUTHENTICATED"),
    ErrorKind.PERMISSION: (403, "PERMISSION_DENIED"),
    ErrorKind.NOT_SENT: (403, "PERMISSION_DENIED"),
    ErrorKind.NOT_FOUND: (404, "NOT_FOUND"),
    ErrorKind.MODEL_NOT_FOUND: (404, "NOT_FOUND"),
    ErrorKind.METHOD_NOT_ALLOWED: (405, "UNIMPLEMENTED"),
    ErrorKind.TOO_LARGE: (413, "INVALID_ARGUMENT"),
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: (415, "INVALID_ARGUMENT"),
    ErrorKind.CONTEXT_OVERFLOW: (400, "INVALID_ARGUMENT"),
    ErrorKind.CONTENT_FILTER: (400, "INVALID_ARGUMENT"),
    ErrorKind.RATE_LIMIT: (429, "RESOURCE_EXHAUSTED"),
    ErrorKind.QUOTA: (429, "RESOURCE_EXHAUSTED"),
    ErrorKind.OWN_BUDGET: (429, "RESOURCE_EXHAUSTED"),
    ErrorKind.TOO_MANY: (429, "RESOURCE_EXHAUSTED"),
    ErrorKind.SIGN_IN_PENDING: (503, "UNAVAILABLE"),
    ErrorKind.BACKEND: (503, "UNAVAILABLE"),
    ErrorKind.OVERLOADED: (503, "UNAVAILABLE"),
    ErrorKind.STOPPED: (503, "UNAVAILABLE"),
    ErrorKind.UPSTREAM: (502, "INTERNAL"),
    ErrorKind.UPSTREAM_UNREACHABLE: (502, "UNAVAILABLE"),
    ErrorKind.TIMEOUT: (504, "DEADLINE_EXCEEDED"),
    ErrorKind.CANCELLED: (499, "CANCELLED"),
    ErrorKind.INTERNAL: (500, "INTERNAL"),
}
_TYPE = "type.googleapis.com/google.rpc."


def error_status(error: ProxyError) -> int:
    return _WORDS[error.kind][0]


def write_error(error: ProxyError, request_id: str) -> dict[str, Any]:
    """Return the error object; ``details`` has our code, the member, the wait and the request's id."""
    code, status = _WORDS[error.kind]
    return {
        "error": {
            "code": code,
            "message": error.message or str(error.title),
            "status": status,
            "details": _details(error, request_id),
        }
    }


def _details(error: ProxyError, request_id: str) -> list[dict[str, Any]]:
    details: list[dict[str, Any]] = []
    reason = (error.code or error.kind.value).upper()
    details.append({"@type": f"{_TYPE}ErrorInfo", "reason": reason, "domain": "g-copilot-proxy"})
    if error.param is not None:
        violation = {"field": error.param, "description": error.message}
        details.append({"@type": f"{_TYPE}BadRequest", "fieldViolations": [violation]})
    if error.retry_after is not None:
        delay = f"{max(0, math.ceil(error.retry_after))}s"
        details.append({"@type": f"{_TYPE}RetryInfo", "retryDelay": delay})
    details.append({"@type": f"{_TYPE}RequestInfo", "requestId": request_id})
    return details
