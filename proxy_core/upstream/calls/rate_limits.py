"""GitHub's limits in force, and when the next attempt may be sent. Time is injected.

A limit holds every new call back, not only the one that met it. A short wait named by GitHub is
used as is. A long one (hours, days) is probed by single calls at growing intervals, because the end
GitHub names was seen missing or wrong, and a limit may be lifted early.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from proxy_core.clock import Clock, Moment
from proxy_core.copilot_facts.error_codes import LIMIT_CODE, known_code
from proxy_core.errors import Problem, UpstreamRefused, translatable
from proxy_core.upstream.calls.error_response import UpstreamErrorResponse

FIRST_PROBE_SECONDS = 2.0
LONGEST_PROBE_SECONDS = 300.0
NEARLY = 0.001
"""Seconds; a wait that ends this soon has ended (the sums are of floating point)."""
ENDED_SECONDS = 5.0
"""Seconds after its end at which a limit is forgotten; until then, waiting calls are sent one by one."""

ACCOUNT = ""
"""The scope of a limit on everything; other scopes are ids of models."""


@dataclass(slots=True)
class Hold:
    """``gap`` and ``lasts`` are in seconds from ``since``: until the next attempt, and to the
    limit's end. ``probing``: the attempts in progress.
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
            message=self.error.said,
            next_step=translatable("New requests wait; nothing needs to be done.")
            if self.lasts <= LONGEST_PROBE_SECONDS
            else translatable("Wait until the limit ends, or use another model."),
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
        """Return the holds that apply to a call to ``model``."""
        if not self._holds:
            return ()
        self._drop_ended()
        return tuple(self._holds[each] for each in (ACCOUNT, model) if each in self._holds)

    def all(self) -> tuple[Hold, ...]:
        self._drop_ended()
        return tuple(self._holds.values())

    def until_try(self, hold: Hold) -> float:
        """Return the seconds until the next attempt may be sent; 0 if it may now."""
        left = hold.gap - self._clock.elapsed(hold.since)
        return left if left > NEARLY else 0.0

    def until_end(self, hold: Hold) -> float:
        return max(0.0, hold.lasts - self._clock.elapsed(hold.since))

    def refusal(self, hold: Hold) -> UpstreamRefused:
        """Return the error for a call that is not sent: GitHub's message and the remaining time."""
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

        ``wait``: seconds after which the refused call is retried; None: it is not retried.
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
            # One of several calls in progress when the limit began: nothing new.
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
        """Forget the limits that ended without a waiting call."""
        for hold in tuple(self._holds.values()):
            over = self._clock.elapsed(hold.since) - hold.lasts
            if over > ENDED_SECONDS and not hold.probing:
                del self._holds[hold.scope]


def _scope(failure: UpstreamErrorResponse, model: str, *, is_short: bool) -> str:
    # A short wait delays others little, and GitHub's services were seen to name the wrong limit.
    known = known_code(failure.code)
    return model if known is not None and known.of_one_model and not is_short else ACCOUNT


def _probe_gap(renewals: int) -> float:
    return min(FIRST_PROBE_SECONDS * 2.0 ** min(renewals, 10), LONGEST_PROBE_SECONDS)
