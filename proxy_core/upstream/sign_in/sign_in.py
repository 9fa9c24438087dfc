"""Device-flow sign-in: shows the code, polls for the user's approval, reports the result.

All waiting uses the injected monotonic clock: setting the wall clock neither ends the wait nor
makes us poll too fast.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from proxy_core.clock import Clock
from proxy_core.errors import Problem, ProxyError, translatable
from proxy_core.status.sign_in_progress import SignInProgress, SignInState
from proxy_core.upstream.sign_in.device_flow import (
    DeviceCode,
    DeviceFlow,
    PollAnswer,
    PollState,
    SignInFailed,
)
from proxy_core.upstream.transport.connection_errors import ConnectionFailed

Report = Callable[[SignInProgress], None]

POLL_MARGIN_SECONDS = 1.0
"""GitHub measures arrival times, so polling exactly at its interval is sometimes too fast."""
SLOW_DOWN_SECONDS = 5.0
OFFLINE_FIRST_WAIT_SECONDS = 2.0
OFFLINE_LONGEST_WAIT_SECONDS = 30.0
START_TRIES = 3


class SignIn:
    """One sign-in from code to GitHub token. Cancel its task to abandon it."""

    def __init__(self, flow: DeviceFlow, clock: Clock, report: Report) -> None:
        self._flow = flow
        self._clock = clock
        self._report = report
        self._progress = SignInProgress(SignInState.WAITING)

    @property
    def progress(self) -> SignInProgress:
        """What was reported last."""
        return self._progress

    async def run(self) -> PollAnswer:
        """Return GitHub's approval with its token. Raises ProxyError after reporting the failure."""
        try:
            code = await self._start()
            self._progress = SignInProgress(
                SignInState.WAITING,
                user_code=code.user_code,
                verification_uri=code.verification_uri,
                expires_at=self._clock.wall() + code.lifetime,
            )
            self._report(self._progress)
            return await self._wait_for_approval(code)
        except _Ended as ended:
            self._report(replace(self._progress, state=ended.state, problem=ended.problem))
            raise SignInFailed(
                ended.problem.message, title=ended.problem.title, code=ended.problem.code
            ) from None
        except ProxyError as error:
            self.report_failure(_problem(error))
            raise

    def report_failure(self, problem: Problem) -> None:
        """Report that it ended so, also after GitHub's approval."""
        self._report(replace(self._progress, state=SignInState.FAILED, problem=problem))

    async def _start(self) -> DeviceCode:
        wait = OFFLINE_FIRST_WAIT_SECONDS
        for _ in range(START_TRIES - 1):
            try:
                return await self._flow.start()
            except ConnectionFailed as error:
                if not error.retryable:
                    raise
                self._report_offline(error)
            await self._clock.sleep(wait)
            wait *= 2
        return await self._flow.start()

    async def _wait_for_approval(self, code: DeviceCode) -> PollAnswer:
        deadline = self._clock.monotonic() + code.lifetime
        interval = code.interval
        offline_wait = 0.0
        while True:
            await self._clock.sleep(max(interval, offline_wait) + POLL_MARGIN_SECONDS)
            if self._clock.monotonic() >= deadline:
                raise _Ended(SignInState.EXPIRED, _EXPIRED)
            try:
                answer = await self._flow.poll(code)
            except ConnectionFailed as error:
                self._report_offline(error)
                offline_wait = min(
                    max(OFFLINE_FIRST_WAIT_SECONDS, offline_wait * 2), OFFLINE_LONGEST_WAIT_SECONDS
                )
                continue
            offline_wait = 0.0
            self._report_online()
            match answer.state:
                case PollState.APPROVED:
                    return answer
                case PollState.DENIED:
                    raise _Ended(SignInState.DENIED, _DENIED)
                case PollState.EXPIRED:
                    raise _Ended(SignInState.EXPIRED, _EXPIRED)
                case PollState.SLOW_DOWN:
                    interval = max(interval, answer.interval or interval + SLOW_DOWN_SECONDS)
                case PollState.PENDING:
                    interval = max(interval, answer.interval or interval)

    def _report_offline(self, error: ConnectionFailed) -> None:
        self._progress = replace(self._progress, state=SignInState.OFFLINE, problem=_problem(error))
        self._report(self._progress)

    def _report_online(self) -> None:
        if self._progress.state is SignInState.OFFLINE:
            self._progress = replace(self._progress, state=SignInState.WAITING, problem=None)
            self._report(self._progress)


class _Ended(Exception):
    def __init__(self, state: SignInState, problem: Problem) -> None:
        super().__init__(problem.title)
        self.state = state
        self.problem = problem


_EXPIRED = Problem(
    title=translatable("The code ran out"),
    message=translatable("The code was not used in time. Nothing was stored."),
    next_step=translatable("Ask for a new code."),
    code="code_expired",
)
_DENIED = Problem(
    title=translatable("You declined on GitHub"),
    message=translatable("You declined on GitHub. Nothing was stored."),
    next_step=translatable("Try again if that was not what you wanted."),
    code="access_denied",
)


def _problem(error: ProxyError) -> Problem:
    return Problem(
        title=error.title,
        message=error.said,
        next_step=translatable("Try again."),
        code=error.code or "sign_in_failed",
    )
