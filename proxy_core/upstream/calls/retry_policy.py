"""Whether, when and how a failed call is retried.

Pure: the random number is injected. Only before the first byte of a response, a bounded number of
times, and a 400 only after it was repaired. ``X-Initiator`` is the same on every attempt: a retry
marked as an agent's would make a person's billed turn free.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from proxy_core.copilot_facts.causes import ErrorCause
from proxy_core.copilot_facts.error_codes import known_code
from proxy_core.upstream.calls.error_response import UpstreamErrorResponse
from proxy_core.upstream.transport.connection_errors import ConnectionFailed

TRIES_AFTER_A_WAIT = 3
"""Maximum retries of one call after waiting."""
FIRST_WAIT_SECONDS = 0.5
FIRST_LIMIT_WAIT_SECONDS = 1.5
"""Calls 3 to 5 s apart were seen to pass where quicker ones got a 403: waits of 1.5, 3 and 6 s."""
LONGEST_BACKOFF_SECONDS = 8.0

SHORTEST_WAIT_SECONDS = FIRST_WAIT_SECONDS / 2
"""A ``retry-after`` of zero, or in the past, would use up all retries at once."""

_LIMITS = frozenset({ErrorCause.RATE_LIMIT, ErrorCause.OPAQUE_FORBIDDEN})
_WAITING_HELPS = frozenset({*_LIMITS, ErrorCause.OVERLOADED, ErrorCause.TRANSIENT})


class Step(StrEnum):
    GIVE_UP = "give_up"
    WAIT = "wait"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a step, not a secret


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """``wait`` is in seconds."""

    step: Step
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class RetryState:
    """What was already tried for one call."""

    waits: int = 0
    refreshed: bool = False
    replayed: bool = False

    def after(
        self, decision: RetryDecision, failure: UpstreamErrorResponse | None = None
    ) -> RetryState:
        if decision.step is Step.REFRESH_TOKEN:
            return replace(self, refreshed=True)
        if failure is not None and failure.cause is ErrorCause.REQUEST_TIMEOUT:
            return replace(self, replayed=True)
        return replace(self, waits=self.waits + 1)


GIVE_UP = RetryDecision(Step.GIVE_UP)


def after_refusal(
    failure: UpstreamErrorResponse,
    state: RetryState,
    *,
    longest_wait: float,
    can_refresh: bool,
    random: float,
) -> RetryDecision:
    """Decide after an error response.

    ``longest_wait``: the longest ``retry-after`` to wait for, in seconds; a longer one is reported
    to the client. ``can_refresh``: the token was exchanged and may be exchanged again. ``random``
    is in [0, 1).
    """
    if _token_may_be_stale(failure) and can_refresh and not state.refreshed:
        return RetryDecision(Step.REFRESH_TOKEN)
    if failure.cause is ErrorCause.REQUEST_TIMEOUT and not state.replayed:
        return RetryDecision(Step.WAIT, _jittered(FIRST_WAIT_SECONDS, random))
    if failure.cause not in _WAITING_HELPS or state.waits >= TRIES_AFTER_A_WAIT:
        return GIVE_UP
    if failure.retry_after is not None:
        if failure.retry_after > longest_wait:
            return GIVE_UP
        first = backoff(state.waits, FIRST_WAIT_SECONDS, random)
        wait = failure.retry_after
        return RetryDecision(Step.WAIT, wait if wait >= SHORTEST_WAIT_SECONDS else first)
    known = known_code(failure.code)
    if (known is not None and known.lasts_long) or longest_wait <= 0:
        return GIVE_UP
    first = FIRST_LIMIT_WAIT_SECONDS if failure.cause in _LIMITS else FIRST_WAIT_SECONDS
    return RetryDecision(Step.WAIT, min(backoff(state.waits, first, random), longest_wait))


def _token_may_be_stale(failure: UpstreamErrorResponse) -> bool:
    if failure.cause is ErrorCause.STALE_TOKEN:
        return True
    # Seen to help only where GitHub's service itself answered; a gateway's 403 is a limit.
    return failure.cause is ErrorCause.OPAQUE_FORBIDDEN and failure.from_github


def after_connection_failure(
    failure: ConnectionFailed, state: RetryState, *, longest_wait: float, random: float
) -> RetryDecision:
    """Decide after a call that got no response."""
    if not failure.retryable or state.waits >= TRIES_AFTER_A_WAIT:
        return GIVE_UP
    return RetryDecision(
        Step.WAIT, min(backoff(state.waits, FIRST_WAIT_SECONDS, random), longest_wait)
    )


def backoff(tries: int, first: float, random: float) -> float:
    """Return ``first`` doubled per attempt, shortened by up to half at random, in seconds."""
    return _jittered(min(first * 2.0**tries, LONGEST_BACKOFF_SECONDS), random)


def _jittered(wait: float, random: float) -> float:
    return wait * (1.0 - random / 2)
