"""From a :class:`Failure` to the ProxyError the caller gets. Pure.

The message stays upstream's; this table adds whose turn it is, a heading, and a status our clients
understand (466 is nobody's standard, a disguised limit is a 429).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from proxy_core.errors import Actor, ErrorKind, ProxyError, SignedOut, UpstreamRefused
from proxy_core.upstream.failure import Cause, Failure, error_code

RETRY_AFTER_UNKNOWN = 30.0
RETRY_AFTER_BY_CODE: Mapping[str, float] = {
    "user_weekly_rate_limited": 3600.0,
    "user_global_rate_limited": 300.0,
}
"""Seconds to name where GitHub names none: every 429 we pass on says when to come back."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """``http_status`` None keeps upstream's."""

    kind: ErrorKind
    title: str
    actor: Actor
    http_status: int | None = None


_TABLE: Mapping[Cause, Mapped] = {
    Cause.BAD_REQUEST: Mapped(
        ErrorKind.INVALID_REQUEST, "GitHub Copilot did not accept the request", Actor.CALLER, 400
    ),
    Cause.MODEL: Mapped(
        ErrorKind.MODEL_NOT_FOUND, "Your plan does not offer this model here", Actor.USER, 404
    ),
    Cause.WRONG_ENDPOINT: Mapped(
        ErrorKind.INVALID_REQUEST, "The model is not served in this form", Actor.CALLER, 400
    ),
    Cause.CONTEXT_OVERFLOW: Mapped(
        ErrorKind.CONTEXT_OVERFLOW, "The conversation is too long for the model", Actor.CALLER, 400
    ),
    Cause.CONTENT_FILTER: Mapped(
        ErrorKind.CONTENT_FILTER, "GitHub's content filter refused this", Actor.CALLER, 400
    ),
    Cause.IDENTITY: Mapped(
        ErrorKind.UPSTREAM, "GitHub did not accept how we present ourselves", Actor.USER, 502
    ),
    Cause.OPAQUE_FORBIDDEN: Mapped(
        ErrorKind.PERMISSION, "GitHub refused without a reason", Actor.USER, 403
    ),
    Cause.PERMISSION: Mapped(ErrorKind.PERMISSION, "Your account may not do this", Actor.USER, 403),
    Cause.ABUSE: Mapped(
        ErrorKind.PERMISSION, "GitHub blocked this way of using Copilot", Actor.USER, 403
    ),
    Cause.RATE_LIMIT: Mapped(
        ErrorKind.RATE_LIMIT, "You reached GitHub's rate limit", Actor.USER, 429
    ),
    Cause.OVERLOADED: Mapped(
        ErrorKind.OVERLOADED, "The model is overloaded at GitHub", Actor.GITHUB, None
    ),
    Cause.QUOTA: Mapped(ErrorKind.QUOTA, "Your Copilot credits are used up", Actor.USER, 402),
    Cause.NOT_FOUND: Mapped(
        ErrorKind.NOT_FOUND, "GitHub Copilot does not know this address", Actor.NOBODY, 404
    ),
    Cause.REQUEST_TIMEOUT: Mapped(
        ErrorKind.TIMEOUT, "The request took too long to reach GitHub", Actor.CALLER, 408
    ),
    Cause.TOO_LARGE: Mapped(
        ErrorKind.TOO_LARGE, "The request is too large for GitHub Copilot", Actor.CALLER, 413
    ),
    Cause.CLIENT_TOO_OLD: Mapped(
        ErrorKind.UPSTREAM, "GitHub no longer accepts this version", Actor.USER, 502
    ),
    Cause.DEPENDENCY: Mapped(
        ErrorKind.UPSTREAM, "GitHub Copilot could not finish the request", Actor.GITHUB, 502
    ),
    Cause.TRANSIENT: Mapped(ErrorKind.UPSTREAM, "GitHub Copilot has a problem", Actor.GITHUB, 502),
}

_QUOTA_TITLES: Mapping[str, str] = {
    "free_quota_exceeded": "The free plan's requests are used up",
    "overage_limit_reached": "Your budget for extra use is spent",
    "billing_not_configured": "GitHub has no way to bill this use",
}
_LIMIT_TITLES: Mapping[str, str] = {
    "user_weekly_rate_limited": "You reached GitHub's weekly limit",
    "user_global_rate_limited": "You reached GitHub's session limit",
    "user_model_rate_limited": "You reached GitHub's limit for this model",
}
_ADVICE: Mapping[Cause, str] = {
    Cause.OPAQUE_FORBIDDEN: "GitHub gave no reason. It may be a hidden rate limit or a model your "
    "plan does not include.",
    Cause.CLIENT_TOO_OLD: "Update g-copilot-proxy, or set identity.model_api_version in the settings.",
    Cause.IDENTITY: "Check the identity section of the settings.",
}
_ORGANISATION_WORDS = ("organization", "organisation", "enterprise", "admin")


def to_error(failure: Failure, *, recently_accepted: bool = False) -> ProxyError:
    """Return the error to raise.

    ``recently_accepted``: the same sign-in got an answer a short while ago, so a 403 without a reason
    is a limit in disguise (and a 429 for our client), not a missing permission.
    """
    if failure.cause is Cause.STALE_TOKEN:
        return SignedOut(
            failure.message, code=failure.code or "token_rejected", title="GitHub ended the session"
        )
    cause = failure.cause
    if cause is Cause.OPAQUE_FORBIDDEN and recently_accepted:
        cause = Cause.RATE_LIMIT
    mapped = _TABLE[cause]
    status = mapped.http_status or failure.status
    return UpstreamRefused(
        _message(failure),
        kind=mapped.kind,
        http_status=status,
        title=_title(cause, failure, mapped.title),
        code=failure.code,
        param=failure.param,
        retry_after=_retry_after(failure, status),
        actor=_actor(cause, failure, mapped.actor),
    )


def _message(failure: Failure) -> str:
    advice = _ADVICE.get(failure.cause)
    return f"{failure.message.rstrip('.')}. {advice}" if advice else failure.message


def _title(cause: Cause, failure: Failure, default: str) -> str:
    titles = {Cause.QUOTA: _QUOTA_TITLES, Cause.RATE_LIMIT: _LIMIT_TITLES}.get(cause, {})
    if cause is Cause.QUOTA and _names_organisation(failure):
        return "Your organisation's budget stopped this"
    return titles.get(error_code(failure), default)


def _actor(cause: Cause, failure: Failure, default: Actor) -> Actor:
    if cause in (Cause.QUOTA, Cause.PERMISSION) and _names_organisation(failure):
        return Actor.ORGANISATION
    return default


def _names_organisation(failure: Failure) -> bool:
    text = failure.message.lower()
    return any(word in text for word in _ORGANISATION_WORDS)


def _retry_after(failure: Failure, status: int) -> float | None:
    if failure.retry_after is not None or status != 429:
        return failure.retry_after
    return RETRY_AFTER_BY_CODE.get(error_code(failure), RETRY_AFTER_UNKNOWN)
