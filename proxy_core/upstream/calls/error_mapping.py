"""Maps an :class:`UpstreamErrorResponse` to the ProxyError the caller gets.

Pure. The message stays upstream's; this table adds who can act, a heading, and a standard status
(466 is not one, and a disguised limit is a 429).
"""

from __future__ import annotations

from collections.abc import Mapping

from proxy_core.copilot_facts.causes import OUTCOMES, ErrorCause
from proxy_core.copilot_facts.error_codes import known_code
from proxy_core.errors import Actor, ProxyError, SignedOut, UpstreamRefused, translatable
from proxy_core.upstream.calls.error_response import UpstreamErrorResponse

RETRY_AFTER_UNKNOWN = 30.0
"""Default ``retry-after`` in seconds: every 429 we relay has one."""

_ADVICE: Mapping[ErrorCause, str] = {
    ErrorCause.OPAQUE_FORBIDDEN: translatable(
        "GitHub gave no reason. It may be a hidden rate limit or a model your plan does not include."
    ),
    ErrorCause.CLIENT_TOO_OLD: translatable(
        "Update g-copilot-proxy, or set identity.model_api_version in the settings."
    ),
    ErrorCause.IDENTITY: translatable("Check the identity section of the settings."),
}
_ORGANISATION_WORDS = ("organization", "organisation", "enterprise", "admin")


def to_error(
    failure: UpstreamErrorResponse,
    *,
    recently_accepted: bool = False,
    repeats_exhausted: bool = False,
) -> ProxyError:
    """Return the error to raise.

    ``recently_accepted``: the same sign-in was accepted a short while ago, so a 403 without a
    reason is a limit in disguise (and a 429 for our client), not a missing permission.
    ``repeats_exhausted``: the call was repeated here in vain, so a client's own retries would only
    multiply ours.
    """
    if failure.cause is ErrorCause.STALE_TOKEN:
        return SignedOut(
            failure.message,
            code=failure.code or "token_rejected",
            title=OUTCOMES[ErrorCause.STALE_TOKEN].title,
        )
    cause = failure.cause
    if cause is ErrorCause.OPAQUE_FORBIDDEN and recently_accepted:
        cause = ErrorCause.RATE_LIMIT
    outcome = OUTCOMES[cause]
    status = outcome.status or failure.status
    passed = dict(failure.passed_headers)
    if repeats_exhausted:
        passed.setdefault("x-should-retry", "false")
    return UpstreamRefused(
        _message(failure),
        kind=outcome.kind,
        http_status=status,
        title=_title(cause, failure, outcome.title),
        code=failure.code,
        param=failure.param,
        retry_after=_retry_after(failure, status),
        actor=_actor(cause, failure, outcome.actor),
        passed_headers=passed,
        upstream_body=failure.body,
    )


def _message(failure: UpstreamErrorResponse) -> str:
    advice = _ADVICE.get(failure.cause)
    if advice is None:
        return failure.message
    said = failure.message.rstrip(".")
    return translatable("{message}. {advice}", message=said, advice=advice)


def _title(cause: ErrorCause, failure: UpstreamErrorResponse, default: str) -> str:
    if cause is ErrorCause.QUOTA and _names_organisation(failure):
        return translatable("Your organisation's budget stopped this")
    known = known_code(failure.code)
    if known is None or known.title is None or known.cause is not cause:
        return default
    return known.title


def _actor(cause: ErrorCause, failure: UpstreamErrorResponse, default: Actor) -> Actor:
    if cause in (ErrorCause.QUOTA, ErrorCause.PERMISSION) and _names_organisation(failure):
        return Actor.ORGANISATION
    return default


def _names_organisation(failure: UpstreamErrorResponse) -> bool:
    text = failure.message.lower()
    return any(word in text for word in _ORGANISATION_WORDS)


def _retry_after(failure: UpstreamErrorResponse, status: int) -> float | None:
    if failure.retry_after is not None or status != 429:
        return failure.retry_after
    known = known_code(failure.code)
    return known.usual_wait if known and known.usual_wait is not None else RETRY_AFTER_UNKNOWN
