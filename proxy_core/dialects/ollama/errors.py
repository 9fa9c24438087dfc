"""Errors in Ollama's form: ``{"error": "..."}``."""

from __future__ import annotations

from proxy_core.errors import ErrorKind, ProxyError

_STATUSES = {
    ErrorKind.INVALID_REQUEST: 400,
    ErrorKind.AUTHENTICATION: 401,
    ErrorKind.SIGNED_OUT: 401,
    ErrorKind.PERMISSION: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.MODEL_NOT_FOUND: 404,
    ErrorKind.METHOD_NOT_ALLOWED: 405,
    ErrorKind.TOO_LARGE: 413,
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: 415,
    ErrorKind.CONTEXT_OVERFLOW: 400,
    ErrorKind.CONTENT_FILTER: 400,
    ErrorKind.RATE_LIMIT: 429,
    ErrorKind.QUOTA: 429,
    ErrorKind.OWN_BUDGET: 429,
    ErrorKind.NOT_SENT: 403,
    ErrorKind.TOO_MANY: 429,
    ErrorKind.SIGN_IN_PENDING: 503,
    ErrorKind.BACKEND: 503,
    ErrorKind.OVERLOADED: 503,
    ErrorKind.STOPPED: 503,
    ErrorKind.UPSTREAM: 502,
    ErrorKind.UPSTREAM_UNREACHABLE: 502,
    ErrorKind.TIMEOUT: 504,
    ErrorKind.CANCELLED: 499,
    ErrorKind.INTERNAL: 500,
}


def error_status(error: ProxyError) -> int:
    return _STATUSES[error.kind]


def write_error(error: ProxyError) -> dict[str, str]:
    """An empty sentence would be no error to Ollama's own clients."""
    return {"error": error.message or str(error.title)}
