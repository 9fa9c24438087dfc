"""The time one sign-in is in force; what was obtained with it is void afterwards."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from proxy_core.clock import Clock, Moment
from proxy_core.errors import Actor, ErrorKind, ProxyError, SignedOut, translatable

Result = TypeVar("Result")

FIRST_REJECTION_SECONDS = 5.0
LONGEST_REJECTION_SECONDS = 300.0


class SignInChanged(ProxyError):
    """The sign-in that a request began with was replaced."""

    kind = ErrorKind.SIGN_IN_PENDING
    http_status = 503
    title: str = translatable("The sign-in changed")
    is_own_text = True
    actor = Actor.NOBODY


def sign_in_changed() -> SignInChanged:
    return SignInChanged(
        translatable(
            "The GitHub sign-in of g-copilot-proxy changed while the request waited. Try again."
        ),
        code="sign_in_changed",
        retry_after=1.0,
    )


class SignInPending(SignedOut):
    """A sign-in may be stored, but its storage cannot be read yet."""

    kind = ErrorKind.SIGN_IN_PENDING
    http_status = 503
    title: str = translatable("The keychain does not answer yet")
    is_own_text = True


class SignInEpoch:
    """Ends when another sign-in, or none, takes its place. Belongs to one event loop."""

    __slots__ = ("_ended", "_signed_out", "is_over", "number")

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.is_over = False
        self._signed_out = False
        self._ended: asyncio.Future[None] | None = None

    def end(self, *, signed_out: bool) -> None:
        """``signed_out``: nobody is signed in from now on."""
        self.is_over = True
        self._signed_out = signed_out
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)

    def check(self) -> None:
        """Raises SignedOut or SignInChanged once the epoch has ended."""
        if not self.is_over:
            return
        if self._signed_out:
            raise SignedOut(
                translatable(
                    "You signed out of GitHub in g-copilot-proxy while the request waited. Sign in "
                    "there again, or run “g-copilot-proxy login”."
                ),
                code="signed_out",
                is_own_text=True,
            )
        raise sign_in_changed()

    async def guard(self, work: Awaitable[Result]) -> Result:
        """Return what ``work`` returns; it is cancelled when the epoch ends. Raises as ``check``."""
        task = asyncio.ensure_future(work)
        if self._ended is None:
            self._ended = asyncio.get_running_loop().create_future()
        try:
            if not self.is_over:
                waits: set[asyncio.Future[Any]] = {task, self._ended}
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if self.is_over:
                self.check()
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # retrieved, whether or not it is raised here


@dataclass(frozen=True, slots=True)
class GitHubSignIn:
    """A GitHub token in force, and the epoch it belongs to."""

    token: str = field(repr=False)
    epoch: SignInEpoch

    def fingerprint(self) -> str:
        """An identifier of the account for its files; the token cannot be derived from it."""
        return hashlib.sha256(self.token.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Rejection:
    """GitHub refused the sign-in at ``since``; it is tried again after ``wait`` seconds.

    A refusal may be temporary, so it is never final.
    """

    message: str
    since: Moment
    wait: float = FIRST_REJECTION_SECONDS

    def again(self, message: str, now: Moment) -> Rejection:
        return Rejection(message, now, min(self.wait * 2, LONGEST_REJECTION_SECONDS))

    def check(self, clock: Clock) -> None:
        """Raises SignedOut until it is time to try again."""
        if clock.elapsed(self.since) < self.wait:
            raise SignedOut(
                self.message, title=translatable("GitHub ended the session"), code="token_rejected"
            )


class SignInSource(Protocol):
    """Provides the sign-in to the parts that call GitHub."""

    def holder(self) -> GitHubSignIn:
        """Return the sign-in, even if GitHub refused it. Raises SignedOut, SignInPending."""

    def current(self) -> GitHubSignIn:
        """As ``holder``. Also raises SignedOut while GitHub's refusal is recent."""

    async def require(self) -> GitHubSignIn:
        """As ``current``, with other processes' changes applied; an expiring token is renewed."""

    async def after_refusal(self, refused: GitHubSignIn) -> GitHubSignIn | None:
        """Return another token to try in place of a refused one, or None. Raises SignInChanged."""

    def note_rejected(self, refused: GitHubSignIn, error: ProxyError) -> None:
        """Note that GitHub does not accept that token."""

    def note_accepted(self, accepted: GitHubSignIn) -> None:
        """Note that GitHub accepted it (again)."""


class GuestSignIn:
    """Implements :class:`SignInSource` for a caller's own token, which is never renewed."""

    def __init__(self, token: str, clock: Clock) -> None:
        self._sign_in = GitHubSignIn(token, SignInEpoch())
        self._clock = clock
        self._rejection: Rejection | None = None

    def holder(self) -> GitHubSignIn:
        return self._sign_in

    def current(self) -> GitHubSignIn:
        if self._rejection is not None:
            self._rejection.check(self._clock)
        return self._sign_in

    async def require(self) -> GitHubSignIn:
        return self.current()

    async def after_refusal(self, refused: GitHubSignIn) -> GitHubSignIn | None:
        del refused
        return None

    def note_rejected(self, refused: GitHubSignIn, error: ProxyError) -> None:
        del refused
        now = self._clock.now()
        before = self._rejection
        self._rejection = before.again(error.said, now) if before else Rejection(error.said, now)

    def note_accepted(self, accepted: GitHubSignIn) -> None:
        del accepted
        self._rejection = None
