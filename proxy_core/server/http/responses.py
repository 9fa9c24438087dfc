"""Responses: JSON bodies, errors in a dialect's form, and their headers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from proxy_core.dialects.interface import Dialect
from proxy_core.errors import ErrorKind, ProxyError
from proxy_core.routing.upstream_api import UpstreamAnswer

DROPPED_HEADER = "x-g-copilot-proxy-dropped"
MODEL_HEADER = "x-g-copilot-proxy-model"
AUTOMATIC_HEADER = "x-g-copilot-proxy-automatic"
ASKED, IMPOSED = "asked", "plan"
"""Its values: GitHub chose the model because the client asked for it, or because the plan imposes it."""
_PASSED_ON = ("x-github-request-id", "x-copilot-service-request-id")
"""Upstream's ids of the call, which GitHub's support asks for."""
_LONGEST_HEADER = 1000
_STATUSES_OF_HTTP = (408, 431)
"""No vendor has an error kind for them; their meaning is HTTP's."""
_TOO_MANY = 429
_SOON_SECONDS = 30.0
_UNKNOWN_WAIT_SECONDS = {ErrorKind.QUOTA: 3600.0, ErrorKind.OWN_BUDGET: 3600.0}
"""Every 429 has a ``retry-after``; OpenAI's dialects also for a spent allowance."""

_OUR_WORDS = (
    *(ErrorKind.CONTEXT_OVERFLOW, ErrorKind.MODEL_NOT_FOUND, ErrorKind.QUOTA),
    *(ErrorKind.SIGNED_OUT, ErrorKind.AUTHENTICATION, ErrorKind.OWN_BUDGET),
)
"""Kinds whose wording agents act upon: always in the vendor's own form."""

_NEVER_AT_ONCE = (
    *(ErrorKind.AUTHENTICATION, ErrorKind.SIGNED_OUT),
    *(ErrorKind.QUOTA, ErrorKind.OWN_BUDGET),
)

_encode = msgspec.json.Encoder(enc_hook=str).encode


def json_answer(
    body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    return web.Response(
        body=_encode(body), status=status, headers=headers, content_type="application/json"
    )


def error_answer(
    error: ProxyError,
    dialect: Dialect,
    request_id: str,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """Return ``error`` with the status, body and headers that ``dialect``'s vendor would use."""
    all_headers = dict(headers or {})
    status = error_status(error, dialect)
    retry_after = error.retry_after
    if retry_after is None and status == _TOO_MANY:
        retry_after = _UNKNOWN_WAIT_SECONDS.get(error.kind, _SOON_SECONDS)
    if retry_after is not None:
        all_headers["retry-after"] = str(max(0, math.ceil(retry_after)))
    if error.kind in _NEVER_AT_ONCE:
        # The vendors' SDKs retry a 401 and any 429 unless this header forbids it.
        all_headers["x-should-retry"] = "false"
    body = upstreams_own_body(error, dialect) or dialect.write_error(error, request_id)
    return json_answer(body, status=status, headers=all_headers | dict(error.passed_headers))


def upstreams_own_body(error: ProxyError, dialect: Dialect) -> Mapping[str, Any] | None:
    """Return upstream's error object if it has the client's dialect and needs no change.

    Agents act on members of an error that we do not know; Claude Code's gateway protocol requires
    unmodified error bodies. An error with our own message or code is written by us.
    """
    theirs = error.upstream_body
    if theirs is None or error.kind in _OUR_WORDS:
        return None
    inner = theirs.get("error")
    if not isinstance(inner, dict) or inner.get("message") != error.message:
        return None
    if inner.get("type") == "error":  # an event of a stream that never began, not an error object
        return None
    return theirs if dialect.owns_error(theirs) else None


def error_status(error: ProxyError, dialect: Dialect) -> int:
    if error.http_status in _STATUSES_OF_HTTP:
        return error.http_status
    return dialect.error_status(error)


def message_to_client(error: ProxyError, dialect: Dialect, request_id: str) -> str:
    """Return the message as the client reads it in the error that ``error_answer`` makes."""
    inner = dialect.write_error(error, request_id).get("error")
    message = inner.get("message") if isinstance(inner, Mapping) else None
    return message if isinstance(message, str) else error.message


def dropped_header(names: tuple[str, ...]) -> dict[str, str]:
    """Return the header that names what could not be carried; empty for nothing."""
    if not names:
        return {}
    text = ", ".join(dict.fromkeys(names))
    plain = "".join(each if " " <= each <= "~" else "?" for each in text)
    return {DROPPED_HEADER: plain[:_LONGEST_HEADER]}


def upstream_headers(answer: UpstreamAnswer) -> dict[str, str]:
    """Return upstream's headers that are meaningful to the caller."""
    theirs = answer.headers
    return {name: theirs[name] for name in _PASSED_ON if name in theirs}
