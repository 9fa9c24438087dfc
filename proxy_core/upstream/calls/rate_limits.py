"""What GitHub asked us to wait for, and when the next try may go out. The time is handed in.

A limit holds every new call back, not only the one that met it. While GitHub names a short wait, that
is the wait. A long one (hours, days) is not believed blindly: the ends GitHub names were seen to be
missing or wrong, and a limit may be lifted early, so single calls probe it, further and further apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from proxy_core.clock import Clock, Moment
from proxy_core.copilot_facts.error_codes import LIMIT_CODE, known_code
from proxy_core.errors import Problem, UpstreamRefused
from proxy_core.upstream.calls.error_response import UpstreamErrorResponse

FIRST_PROBE_SECONDS = 2.0
LONGEST_PROBE_SECONDS = 300.0
NEARLY = 0.001
"""Seconds; a wait that ends this soon has ended (the sums are of floating point)."""
ENDED_SECONDS = 5.0
"""So long after its end a limit is forgotten; before that, calls that waited for it go one by one."""

ACCOUNT = ""
"""The scope of a limit on everything; other scopes are ids of models."""


@dataclass(slots=True)
class Hold:
    """``gap`` and ``lasts`` are in seconds from ``since``: until the next try, and to the limit's end.

    ``probing``: the tries that are out now, by whatever identifies them.
    """

    scope: str
    error: UpstreamRefused
    since: Moment
    gap: float
    lasts: float
    renewals: int = 0
    probing: set[object] = field(default_factory=set)

    @property
    def problem(self) -> Problem:
        return Problem(
            title=self.error.title,
            message=self.error.message,
            next_step="New requests wait; nothing needs to be done."
            if self.lasts <= LONGEST_PROBE_SECONDS
            else "Wait until the limit ends, or use another model.",
            code=self.error.code or LIMIT_CODE,
        )


class RateLimits:
    """The holds in force: one for the account at most, and one per model."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._holds: dict[str, Hold] = {}

    def __bool__(self) -> bool:
        """False only where nothing is held back."""
        return bool(self._holds)

    def of(self, model: str) -> tuple[Hold, ...]:
        """The holds a call to ``model`` meets."""
        if not self._holds:
            return ()
        self._drop_ended()
        return tuple(self._holds[each] for each in (ACCOUNT, model) if each in self._holds)

    def all(self) -> tuple[Hold, ...]:
        self._drop_ended()
        return tuple(self._holds.values())

    def until_try(self, hold: Hold) -> float:
        """Seconds until the next try may go out; 0 when it may."""
        left = hold.gap - self._clock.elapsed(hold.since)
        return left if left > NEARLY else 0.0

    def until_end(self, hold: Hold) -> float:
        return max(0.0, hold.lasts - self._clock.elapsed(hold.since))

    def refusal(self, hold: Hold) -> UpstreamRefused:
        """What a call is told that is not sent: GitHub's words, and the time that is left."""
        error = hold.error
        return UpstreamRefused(
            error.message,
            kind=error.kind,
            http_status=429,
            title=error.title,
            code=error.code,
            retry_after=float(math.ceil(max(1.0, self.until_end(hold)))),
            actor=error.actor,
        )

    def begin(
        self,
        failure: UpstreamErrorResponse,
        error: UpstreamRefused,
        model: str,
        probe: object,
        *,
        wait: float | None,
    ) -> Hold | None:
        """Begin or renew a hold; return it if it is a new one.

        ``wait``: the call that was refused is sent again after so many seconds; None: it was given up.
        """
        scope = _scope(failure, model, is_short=wait is not None)
        known = self._holds.get(scope)
        lasts = wait if wait is not None else error.retry_after or FIRST_PROBE_SECONDS
        if known is None:
            gap = wait if wait is not None else min(lasts, FIRST_PROBE_SECONDS)
            hold = Hold(scope, error, self._clock.now(), gap, lasts)
            self._holds[scope] = hold
            return hold
        if probe not in known.probing and self.until_try(known) > 0:
            # One of several that were out when the limit began: it tells nothing new.
            known.lasts = max(known.lasts, self._clock.elapsed(known.since) + lasts)
            return None
        known.probing.clear()
        known.renewals += 1
        known.error = error
        known.since = self._clock.now()
        known.lasts = lasts
        known.gap = wait if wait is not None else min(lasts, _probe_gap(known.renewals))
        return None

    def lift(self, holds: Iterable[Hold]) -> None:
        for hold in holds:
            if self._holds.get(hold.scope) is hold:
                del self._holds[hold.scope]

    def clear(self) -> None:
        self._holds.clear()

    def _drop_ended(self) -> None:
        """Forget the limits whose end went by with nobody waiting to try."""
        for hold in tuple(self._holds.values()):
            over = self._clock.elapsed(hold.since) - hold.lasts
            if over > ENDED_SECONDS and not hold.probing:
                del self._holds[hold.scope]


def _scope(failure: UpstreamErrorResponse, model: str, *, is_short: bool) -> str:
    # A short wait costs the others little, and GitHub's services were seen to name the wrong limit.
    known = known_code(failure.code)
    return model if known is not None and known.of_one_model and not is_short else ACCOUNT


def _probe_gap(renewals: int) -> float:
    return min(FIRST_PROBE_SECONDS * 2.0 ** min(renewals, 10), LONGEST_PROBE_SECONDS)
