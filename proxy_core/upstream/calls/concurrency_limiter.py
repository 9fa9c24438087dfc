"""Limits concurrent model calls, queues the others, and holds calls back during GitHub's limits.

While a limit lasts nothing is sent; at its end one call is sent first as a probe, and only its
response releases the others. A call that would wait too long is refused with GitHub's own message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from proxy_core.clock import Clock, Moment
from proxy_core.config.settings import UpstreamSettings
from proxy_core.copilot_facts.error_codes import QUOTA_CODE
from proxy_core.errors import Actor, ErrorKind, Problem, UpstreamRefused, translatable
from proxy_core.status.status import UpstreamState, UpstreamStatus
from proxy_core.upstream.calls.error_response import UpstreamErrorResponse
from proxy_core.upstream.calls.fair_queue import FairQueue
from proxy_core.upstream.calls.rate_limits import Hold, RateLimits
from proxy_core.upstream.transport.connection_errors import ConnectionFailed

PROBE_PATIENCE_SECONDS = 10.0
"""Seconds after which a probe without a response no longer delays the next call."""
FULL_RETRY_SECONDS = 5.0
REPORT_SECONDS = 3600.0

_CALM = UpstreamStatus()


class TooManyWaiting(UpstreamRefused):
    """Our own queue is full; nothing was sent to GitHub."""

    kind = ErrorKind.TOO_MANY
    http_status = 429
    title: str = translatable("Too many requests are waiting")
    is_own_text = True
    actor = Actor.USER


@dataclass(eq=False, slots=True)
class Permit:
    """One call's permission to run. Always ``leave`` it; idempotent."""

    gate: ConcurrencyLimiter
    client: str
    model: str
    is_running: bool = False
    probed: list[Hold] = field(default_factory=list)
    waiter: asyncio.Future[None] | None = None

    def answered(self) -> None:
        """Note that GitHub responded, not with a limit."""
        self.gate._answered(self)

    def limited(
        self, failure: UpstreamErrorResponse, error: UpstreamRefused, *, wait: float | None
    ) -> None:
        """Note that GitHub sent a limit; this call is retried after ``wait`` seconds, None: never."""
        self.gate._limited(self, failure, error, wait)

    async def again(self) -> None:
        """Wait until this call may be sent once more. Raises UpstreamRefused."""
        await self.gate._wait(self, first=True)

    def leave(self) -> None:
        self.gate._leave(self)


class ConcurrencyLimiter:
    """The limiter of one account.

    Belongs to one event loop. ``on_status`` is called with each change, ``on_limit`` at the start
    of a limit that a person notices.
    """

    def __init__(
        self,
        settings: Callable[[], UpstreamSettings],
        clock: Clock,
        on_status: Callable[[UpstreamStatus], None] = lambda _: None,
        on_limit: Callable[[Problem], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._on_status = on_status
        self._on_limit = on_limit
        self._holds = RateLimits(clock)
        self._queue: FairQueue[Permit] = FairQueue()
        self._running = 0
        self._unreachable: Problem | None = None
        self._timer: asyncio.Task[None] | None = None
        self._timer_for: tuple[Hold, float] | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._status = _CALM
        self._reported_at: dict[str, Moment] = {}

    @property
    def status(self) -> UpstreamStatus:
        return self._status

    def is_held(self, model: str) -> bool:
        """Whether a call to ``model`` would have to wait for a limit."""
        return bool(self._holds.of(model))

    async def enter(self, client: str, model: str) -> Permit:
        """Return once a call of ``client`` may be sent. Raises UpstreamRefused (429)."""
        permit = Permit(self, client, model)
        await self._wait(permit, first=False)
        return permit

    def note_unreachable(self, error: ConnectionFailed) -> None:
        """Note that the last call got no response."""
        self._unreachable = Problem(
            title=error.title,
            message=error.said,
            next_step=translatable("Check the network; the next request tries again."),
            code=error.code or "upstream_unreachable",
        )
        self._publish()

    def note_reached(self) -> None:
        """Note that Copilot's API answered something else than a model call."""
        if self._unreachable is not None:
            self._unreachable = None
            self._publish()

    def note_quota_spent(self, error: UpstreamRefused) -> None:
        """Note that the allowance is spent; nothing is held back, since other models may still work."""
        self._tell(
            Problem(
                title=error.title,
                message=error.said,
                next_step=translatable(
                    "Use a model your plan includes, or see your billing settings at GitHub."
                ),
                code=error.code or QUOTA_CODE,
            )
        )

    def lift(self) -> None:
        """Forget all limits: the user wants to try now, or the account changed."""
        self._holds.clear()
        self._unreachable = None
        self._wake()

    def poll(self) -> None:
        """Notice the end of a limit for which no call waits."""
        self._wake()

    def close(self) -> None:
        """Stop holding calls back and cancel the timer."""
        self._holds.clear()
        self._wake()
        self._stop_timer()
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    async def _wait(self, permit: Permit, *, first: bool) -> None:
        if self._may_go(permit):
            self._let_go(permit)
            return
        self._refuse_if_hopeless(permit)
        is_full = len(self._queue) >= self._settings().max_waiting_calls
        if is_full and not first and not self._make_room(permit.client):
            raise self._queue_full()
        permit.waiter = waiter = asyncio.get_running_loop().create_future()
        self._queue.add(permit.client, permit, first=first)
        self._arrange()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                waiter.exception()  # retrieved: there is no waiter left
            # Admitted just as its caller was cancelled: leave() releases the slot.
            self._leave_queue(permit)
            if not first:
                permit.leave()
            raise
        finally:
            permit.waiter = None

    def _make_room(self, client: str) -> bool:
        """Refuse the newest call of the client with the most waiting, if ``client`` has fewer."""
        found = self._queue.newest_of_longest()
        if found is None:
            return False
        greedy, newest = found
        if self._queue.waiting_of(greedy) <= self._queue.waiting_of(client) + 1:
            return False
        if newest.is_running or newest.waiter is None:
            return False
        refusal = self._queue_full()
        self._queue.remove(greedy, newest)
        if not newest.waiter.done():
            newest.waiter.set_exception(refusal)
        return True

    def _queue_full(self) -> TooManyWaiting:
        return TooManyWaiting(
            translatable(
                "{queue} requests wait for GitHub already. Try again in a moment, or raise "
                "upstream.max_waiting_calls in the settings.",
                queue=len(self._queue),
            ),
            code="queue_full",
            retry_after=FULL_RETRY_SECONDS,
        )

    def _leave_queue(self, permit: Permit) -> None:
        """Remove a cancelled call from the queue."""
        if self._queue.remove(permit.client, permit):
            self._arrange()

    def _may_go(self, permit: Permit) -> bool:
        if not permit.is_running and self._running >= self._settings().max_concurrent_calls:
            return False
        return not any(self._holds_back(each) for each in self._holds.of(permit.model))

    def _holds_back(self, hold: Hold) -> bool:
        return bool(hold.probing) or self._holds.until_try(hold) > 0

    def _let_go(self, permit: Permit) -> None:
        if not permit.is_running:
            permit.is_running = True
            self._running += 1
        permit.probed = list(self._holds.of(permit.model))
        for hold in permit.probed:
            hold.probing.add(permit)
        if permit.probed:
            self._arrange_patience()
        self._publish()

    def _refuse_if_hopeless(self, permit: Permit) -> None:
        """Raises UpstreamRefused if the wait would be too long for a client."""
        for hold in self._holds.of(permit.model):
            longest = max(self._settings().longest_retry_wait_seconds, 0.0)
            if not hold.probing and self._holds.until_try(hold) > longest:
                raise self._holds.refusal(hold)

    def _answered(self, permit: Permit) -> None:
        self._unreachable = None
        self._holds.lift(permit.probed)
        permit.probed = []
        self._wake()

    def _limited(
        self,
        permit: Permit,
        failure: UpstreamErrorResponse,
        error: UpstreamRefused,
        wait: float | None,
    ) -> None:
        self._unreachable = None
        begun = self._holds.begin(failure, error, permit.model, permit, wait=wait)
        for hold in permit.probed:
            hold.probing.discard(permit)
        permit.probed = []
        if begun is not None and wait is None:
            self._tell(begun.problem)
        self._wake()

    def _tell(self, problem: Problem) -> None:
        """Report a limit at most once an hour, however often clients retry."""
        reported = self._reported_at.get(problem.code)
        if reported is None or self._clock.elapsed(reported) > REPORT_SECONDS:
            self._reported_at[problem.code] = self._clock.now()
            self._on_limit(problem)

    def _leave(self, permit: Permit) -> None:
        if not permit.is_running:
            return
        permit.is_running = False
        self._running -= 1
        for hold in permit.probed:
            hold.probing.discard(permit)
        permit.probed = []
        self._wake()

    def _wake(self) -> None:
        """Admit the calls that may run now, clients in turn; refuse those whose wait would be too
        long.
        """
        if self._is_calm:
            return
        for permit in self._queue.in_turn():
            waiter = permit.waiter
            if waiter is None or waiter.done():
                continue
            if self._may_go(permit):
                self._queue.serve(permit.client, permit)
                self._let_go(permit)
                waiter.set_result(None)
                continue
            try:
                self._refuse_if_hopeless(permit)
            except UpstreamRefused as refusal:
                self._queue.remove(permit.client, permit)
                waiter.set_exception(refusal)
        self._arrange()

    def _arrange(self) -> None:
        """Set the timer to the next time at which a waiting call may run."""
        waiting = {permit.model for permit in self._queue.in_turn()}
        due = [
            (self._holds.until_try(hold), hold)
            for model in waiting
            for hold in self._holds.of(model)
            if not hold.probing
        ]
        # A hold that is due is no longer waited for; a call may be subject to a second, later one.
        soonest = min((each for each in due if each[0] > 0), key=lambda each: each[0], default=None)
        if soonest is None:
            self._stop_timer()
        else:
            wanted = (soonest[1], soonest[1].since.monotonic + soonest[1].gap)
            if self._timer is None or self._timer.done() or self._timer_for != wanted:
                self._stop_timer()
                self._timer_for = wanted
                self._timer = asyncio.ensure_future(self._sleep(soonest[0]))
        self._publish()

    async def _sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._timer = None
        self._wake()

    def _stop_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _arrange_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(PROBE_PATIENCE_SECONDS, self._lose_patience)

    def _lose_patience(self) -> None:
        self._patience = None
        for hold in self._holds.all():
            hold.probing.clear()
        self._wake()

    @property
    def _is_calm(self) -> bool:
        """Whether nobody waits, nothing is held back, and that is what was published."""
        return (
            self._status is _CALM
            and self._timer is None
            and self._unreachable is None
            and not self._queue
            and not self._holds
        )

    def _publish(self) -> None:
        if self._is_calm:
            return
        status = self._current_status()
        if status != self._status:
            self._status = status
            self._on_status(status)

    def _current_status(self) -> UpstreamStatus:
        waiting = len(self._queue)
        holds = self._holds.all()
        if holds:
            hold = max(holds, key=lambda each: self._holds.until_end(each))
            until = hold.since.wall + hold.lasts
            return UpstreamStatus(UpstreamState.LIMITED, until, waiting, hold.problem)
        if waiting:
            return UpstreamStatus(UpstreamState.BUSY, waiting=waiting)
        if self._unreachable is not None:
            return UpstreamStatus(UpstreamState.UNREACHABLE, problem=self._unreachable)
        return _CALM
