"""Parses an error response of GitHub or Copilot into one record. Pure.

Five shapes are in use (OpenAI's object, Anthropic's envelope, REST, plain text, a gateway's HTML
page); the content type is unreliable, so the body decides. ``message`` is upstream's own text,
unaltered: agents react to the text of a 400.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from proxy_core.copilot_facts.causes import ErrorCause
from proxy_core.copilot_facts.error_codes import STATUSES, base_code, known_code
from proxy_core.copilot_facts.wordings import cause_of_wording, own_words, says_nothing

LONGEST_MESSAGE = 4000
LONGEST_RETRY_AFTER = 62 * 86400.0
"""In seconds; a date beyond two billing months is treated as an error."""
BODY_LIMIT = 256 * 1024
"""Bytes of an error body that are read."""
_CAUSES_WITH_A_WAIT = (
    ErrorCause.RATE_LIMIT,
    ErrorCause.OVERLOADED,
    ErrorCause.QUOTA,
    ErrorCause.TRANSIENT,
)
"""Causes whose message may state a wait; in other messages a duration may be the client's own text."""


@dataclass(frozen=True, slots=True)
class UpstreamErrorResponse:
    """``retry_after`` is in seconds.

    ``from_github``: the response is from GitHub's own service, not a gateway. ``passed_headers``
    are upstream's headers about retries, unchanged; ``body`` is the error object as received, if
    there was one.
    """

    status: int
    cause: ErrorCause
    message: str
    code: str | None = None
    param: str | None = None
    type: str | None = None
    retry_after: float | None = None
    from_github: bool = False
    passed_headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


_WAIT_WORDS = re.compile(
    r"(?i)(?:retry|try again) (?:after|in) ((?:\d{1,12}(?:\.\d{1,6})? ?[a-z]*)+)"
)
_WAIT_PART = re.compile(r"(\d+(?:\.\d+)?) ?([a-z]*)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TITLE = re.compile(r"(?i)<title[^>]*>([^<]*)</title>")
_UNIT_SECONDS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
}
"""Units; any other or none means seconds. Model vendors write ``20ms`` and ``6m0s``."""


def read_failure(
    status: int, headers: Mapping[str, str], body: bytes, now: float
) -> UpstreamErrorResponse:
    """Parse an error response. ``now`` is in seconds since 1970, for a ``retry-after`` date."""
    parts = _read_body(body)
    theirs = {name.lower(): value.strip() for name, value in headers.items()}
    stated = _stated_wait(theirs, now)
    cause = _cause(status, parts, stated is not None)
    retry_after = stated
    if stated is None and cause in _CAUSES_WITH_A_WAIT:
        retry_after = _worded_wait(parts.message)
    message = parts.message or f"GitHub answered {status} without a reason."
    return UpstreamErrorResponse(
        status=status,
        cause=cause,
        message=message[:LONGEST_MESSAGE],
        code=parts.code,
        param=parts.param,
        type=parts.type,
        retry_after=None if retry_after is None else _bounded(retry_after),
        from_github="x-github-request-id" in theirs,
        passed_headers=_passed_headers(theirs, stated),
        body=parts.content,
    )


def error_code(failure: UpstreamErrorResponse) -> str:
    """Return the code without the plan that may follow a colon: ``user_global_rate_limited:pro``."""
    return base_code(failure.code or "")


def _passed_headers(theirs: Mapping[str, str], stated_wait: float | None) -> dict[str, str]:
    """Only a number of seconds is passed unchanged: a client's clock may be wrong for a date."""
    passed = {}
    value = theirs.get("retry-after", "")
    is_number = _NUMBER.fullmatch(value) is not None
    if stated_wait is not None and is_number and stated_wait <= LONGEST_RETRY_AFTER:
        passed["retry-after"] = theirs["retry-after"]
    if theirs.get("x-should-retry", "").lower() in ("true", "false"):
        passed["x-should-retry"] = theirs["x-should-retry"].lower()
    return passed


@dataclass(frozen=True, slots=True)
class _Body:
    message: str
    code: str | None = None
    param: str | None = None
    type: str | None = None
    content: Mapping[str, Any] | None = None


def _read_body(body: bytes) -> _Body:
    text = body.decode("utf-8", errors="replace").strip()
    if text.startswith("{"):
        try:
            content = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            return _Body(text)
        if isinstance(content, dict):
            return _read_object(content, text)
    if text.startswith("<"):
        title = _TITLE.search(text)
        detail = f": {' '.join(title[1].split())}" if title and title[1].strip() else ""
        return _Body(f"A gateway in front of GitHub answered with a web page{detail}")
    return _Body(text)


def _read_object(content: dict[str, Any], text: str) -> _Body:
    inner = content.get("error")
    if isinstance(inner, str):
        inner = {"message": content.get("error_description") or inner, "code": inner}
    if not isinstance(inner, dict):
        inner = content
        details = content.get("error_details")
        if isinstance(details, dict) and details.get("message"):
            inner = {"message": details["message"], "code": content.get("reason")}
    message = inner.get("message")
    if not isinstance(message, str):
        message = "" if message is None and "code" in inner else text
    return _Body(
        message=message.strip(),
        code=_text(inner.get("code")),
        param=_text(inner.get("param")),
        type=_text(inner.get("type")),
        content=content,
    )


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, (str, int)) and value != "" else None


def _cause(status: int, body: _Body, has_retry_after: bool) -> ErrorCause:
    worded = cause_of_wording(status, body.message)
    if worded is ErrorCause.ABUSE:
        return worded
    known = known_code(body.code)
    if known is not None:
        return known.cause
    if status == 403:
        return _cause_of_403(body, worded, has_retry_after)
    if worded is not None:
        return worded
    by_status = STATUSES.get(status)
    if by_status is not None:
        return by_status.cause
    if status >= 500:
        return ErrorCause.TRANSIENT
    return ErrorCause.BAD_REQUEST if 400 <= status < 500 else ErrorCause.DEPENDENCY


def _cause_of_403(body: _Body, worded: ErrorCause | None, has_retry_after: bool) -> ErrorCause:
    if has_retry_after:
        return ErrorCause.RATE_LIMIT
    if worded is not None:
        return worded
    return ErrorCause.OPAQUE_FORBIDDEN if says_nothing(body.message) else ErrorCause.PERMISSION


def _stated_wait(theirs: Mapping[str, str], now: float) -> float | None:
    value = theirs.get("retry-after", "")
    return _seconds_of(value, now) if value else None


def _worded_wait(message: str) -> float | None:
    """Return the wait stated in upstream's own text, in seconds."""
    words = _WAIT_WORDS.search(own_words(message))
    if words is None:
        return None
    return math.fsum(
        float(amount) * _UNIT_SECONDS.get(unit, 1.0)
        for amount, unit in _WAIT_PART.findall(words[1].lower())
    )


def _bounded(seconds: float) -> float:
    return min(max(0.0, seconds), LONGEST_RETRY_AFTER)


def _seconds_of(value: str, now: float) -> float | None:
    """A ``retry-after`` is a number of seconds or an HTTP date."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - now
        except (ValueError, OverflowError):
            return None
    return None if math.isnan(seconds) else seconds
