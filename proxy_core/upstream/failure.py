"""Reads an error answer of GitHub or Copilot into one record. Pure.

Five shapes are in use (OpenAI's object, Anthropic's envelope, REST, plain text, a gateway's HTML page);
the content type says little about which, so the body decides. ``message`` is upstream's own text,
unaltered: agents change what they do by the words of a 400.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

import msgspec

LONGEST_MESSAGE = 4000
LONGEST_RETRY_AFTER = 62 * 86400.0
"""Seconds; a date beyond two billing months is a mistake."""
BODY_LIMIT = 256 * 1024
"""More of an error body than this is never read."""


class Cause(StrEnum):
    """Why upstream refused, as far as its answer tells."""

    BAD_REQUEST = "bad_request"
    MODEL = "model"
    WRONG_ENDPOINT = "wrong_endpoint"
    CONTEXT_OVERFLOW = "context_overflow"
    CONTENT_FILTER = "content_filter"
    IDENTITY = "identity"
    STALE_TOKEN = "stale_token"  # noqa: S105 - a cause, not a secret
    OPAQUE_FORBIDDEN = "opaque_forbidden"
    """403 without a reason: a parameter, a stale token or a hidden rate limit."""
    PERMISSION = "permission"
    ABUSE = "abuse"
    RATE_LIMIT = "rate_limit"
    OVERLOADED = "overloaded"
    QUOTA = "quota"
    NOT_FOUND = "not_found"
    REQUEST_TIMEOUT = "request_timeout"
    TOO_LARGE = "too_large"
    CLIENT_TOO_OLD = "client_too_old"
    DEPENDENCY = "dependency"
    TRANSIENT = "transient"


@dataclass(frozen=True, slots=True)
class Failure:
    """``retry_after`` is in seconds. ``from_github``: GitHub's own service answered, not a gateway."""

    status: int
    cause: Cause
    message: str
    code: str | None = None
    param: str | None = None
    type: str | None = None
    retry_after: float | None = None
    from_github: bool = False


_CAUSES_BY_CODE: Mapping[str, Cause] = {
    "model_not_supported": Cause.MODEL,
    "model_not_found": Cause.MODEL,
    "model_not_available_for_integrator": Cause.MODEL,
    "unsupported_api_for_model": Cause.WRONG_ENDPOINT,
    "model_max_prompt_tokens_exceeded": Cause.CONTEXT_OVERFLOW,
    "context_length_exceeded": Cause.CONTEXT_OVERFLOW,
    "quota_exceeded": Cause.QUOTA,
    "free_quota_exceeded": Cause.QUOTA,
    "overage_limit_reached": Cause.QUOTA,
    "billing_not_configured": Cause.QUOTA,
    "insufficient_quota": Cause.QUOTA,
    "rate_limited": Cause.RATE_LIMIT,
    "rate_limit_exceeded": Cause.RATE_LIMIT,
    "user_model_rate_limited": Cause.RATE_LIMIT,
    "user_global_rate_limited": Cause.RATE_LIMIT,
    "user_weekly_rate_limited": Cause.RATE_LIMIT,
    "integration_rate_limited": Cause.RATE_LIMIT,
    "agent_mode_limit_exceeded": Cause.RATE_LIMIT,
    "extension_blocked": Cause.RATE_LIMIT,
    "model_overloaded": Cause.OVERLOADED,
    "upstream_provider_rate_limit": Cause.OVERLOADED,
    "content_filter": Cause.CONTENT_FILTER,
    "cyber_policy": Cause.CONTENT_FILTER,
    "expired_token": Cause.STALE_TOKEN,
    "invalid_token": Cause.STALE_TOKEN,
    "token_expired": Cause.STALE_TOKEN,
    "user_request_timeout": Cause.REQUEST_TIMEOUT,
}

_CAUSES_BY_STATUS: Mapping[int, Cause] = {
    401: Cause.STALE_TOKEN,
    402: Cause.QUOTA,
    404: Cause.NOT_FOUND,
    408: Cause.REQUEST_TIMEOUT,
    413: Cause.TOO_LARGE,
    424: Cause.DEPENDENCY,
    429: Cause.RATE_LIMIT,
    466: Cause.CLIENT_TOO_OLD,
    499: Cause.DEPENDENCY,
    503: Cause.OVERLOADED,
    529: Cause.OVERLOADED,
}

_OVERFLOW = re.compile(
    r"(?i)prompt token count of \d+ exceeds the limit|prompt is too long|exceeds the context window"
)
_RATE_WORDS = re.compile(r"(?i)rate.?limit|too many requests|retry after \d|abuse detection")
_TOKEN_WORDS = re.compile(r"(?i)\bunauthori[sz]ed\b|bad credentials|token (?:is |has )?expired")
_IDENTITY_WORDS = re.compile(r"(?i)missing editor-version|editor-version header|integration-id")
_FOREIGN_ITEM = re.compile(r"(?is)\bitem\b.*\b(?:belong|connection)")
_ABUSE_WORDS = re.compile(r"(?i)access to this endpoint is forbidden|terms of service")
_FILTER_WORDS = re.compile(r"(?i)content.?filter|content management policy|responsible ai")
_SAYS_NOTHING = re.compile(r"(?i)\W*(?:403)?\W*(?:forbidden|access denied)?\W*")
_WAIT_WORDS = re.compile(
    r"(?i)(?:retry|try again) (?:after|in) ((?:\d{1,12}(?:\.\d{1,6})? ?[a-z]*)+)"
)
_WAIT_PART = re.compile(r"(\d+(?:\.\d+)?) ?([a-z]*)")
_TITLE = re.compile(r"(?i)<title[^>]*>([^<]*)</title>")
_UNIT_SECONDS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
}
"""Any other word, or none: seconds. Model vendors write ``20ms`` and ``6m0s``."""


def read_failure(status: int, headers: Mapping[str, str], body: bytes, now: float) -> Failure:
    """Return what an error answer says. ``now`` is in seconds since 1970, for a ``retry-after`` date."""
    parts = _read_body(body)
    retry_after = _retry_after(headers, parts.message, now)
    message = parts.message or f"GitHub answered {status} without a reason."
    return Failure(
        status=status,
        cause=_cause(status, parts, retry_after is not None),
        message=message[:LONGEST_MESSAGE],
        code=parts.code,
        param=parts.param,
        type=parts.type,
        retry_after=retry_after,
        from_github=any(name.lower() == "x-github-request-id" for name in headers),
    )


def error_code(failure: Failure) -> str:
    """Return the code without the plan that may follow a colon: ``user_global_rate_limited:pro``."""
    return (failure.code or "").split(":", 1)[0]


@dataclass(frozen=True, slots=True)
class _Body:
    message: str
    code: str | None = None
    param: str | None = None
    type: str | None = None


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
        said = f": {' '.join(title[1].split())}" if title and title[1].strip() else ""
        return _Body(f"A gateway in front of GitHub answered with a web page{said}")
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
    )


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, (str, int)) and value != "" else None


def _cause(status: int, body: _Body, has_retry_after: bool) -> Cause:
    text = body.message
    if status == 403 and _ABUSE_WORDS.search(text):
        return Cause.ABUSE
    if body.code is not None:
        # Codes may carry the plan after a colon: user_global_rate_limited:pro
        known = _CAUSES_BY_CODE.get(body.code.split(":", 1)[0])
        if known is not None:
            return known
    if status == 400:
        return _cause_of_400(text)
    if status == 401 and _FOREIGN_ITEM.search(text):
        # Responses answers 401 for an input item of another connection; the token is fine.
        return Cause.BAD_REQUEST
    if status == 403:
        return _cause_of_403(body, has_retry_after)
    if status == 422:
        return Cause.CONTENT_FILTER if _FILTER_WORDS.search(text) else Cause.BAD_REQUEST
    known = _CAUSES_BY_STATUS.get(status)
    if known is not None:
        return known
    if status >= 500:
        return Cause.TRANSIENT
    return Cause.BAD_REQUEST if 400 <= status < 500 else Cause.DEPENDENCY


def _cause_of_400(text: str) -> Cause:
    if _OVERFLOW.search(text):
        return Cause.CONTEXT_OVERFLOW
    if _IDENTITY_WORDS.search(text):
        return Cause.IDENTITY
    return Cause.BAD_REQUEST


def _cause_of_403(body: _Body, has_retry_after: bool) -> Cause:
    if has_retry_after or _RATE_WORDS.search(body.message):
        return Cause.RATE_LIMIT
    if _TOKEN_WORDS.search(body.message):
        return Cause.STALE_TOKEN
    if _SAYS_NOTHING.fullmatch(body.message):
        return Cause.OPAQUE_FORBIDDEN
    return Cause.PERMISSION


def _retry_after(headers: Mapping[str, str], message: str, now: float) -> float | None:
    value = headers.get("retry-after", headers.get("Retry-After", "")).strip()
    seconds = _seconds_of(value, now) if value else None
    if seconds is None:
        words = _WAIT_WORDS.search(message)
        if words is not None:
            seconds = math.fsum(
                float(amount) * _UNIT_SECONDS.get(unit, 1.0)
                for amount, unit in _WAIT_PART.findall(words[1].lower())
            )
    return None if seconds is None else min(max(0.0, seconds), LONGEST_RETRY_AFTER)


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
