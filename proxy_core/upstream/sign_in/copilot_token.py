"""The short Copilot token: exchanged when needed, shared by all calls, kept in memory only.

Lifetimes are counted from the response's arrival (``refresh_in``), not by GitHub's clock, and time
asleep counts, so that neither a skewed clock nor a closed laptop leaves an expired token in use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from proxy_core.clock import Clock, Moment
from proxy_core.errors import ProxyError, SignedOut, StreamFormatError, translatable
from proxy_core.upstream.sign_in.account import CopilotAccount
from proxy_core.upstream.sign_in.epoch import (
    GitHubSignIn,
    SignInEpoch,
    SignInSource,
    sign_in_changed,
)
from proxy_core.upstream.sign_in.token_kinds import TokenUse, token_use
from proxy_core.upstream.transport.hosts import GitHubHosts

GRACE_SECONDS = 60.0
"""A token is valid for about this many seconds after ``refresh_in``."""
REFRESH_AHEAD_SECONDS = 300.0
SHORTEST_LIFETIME_SECONDS = 60.0
DEFAULT_LIFETIME_SECONDS = 1500.0
RENEW_NEXT_SECONDS = 60.0
"""Remaining lifetime in seconds of a token to be replaced, in case the exchange fails."""


@dataclass(frozen=True, slots=True)
class CopilotToken:
    """``secret`` is the bearer; ``direct``: it is the GitHub token itself, which does not expire here.

    ``lifetime`` is in seconds from ``issued``.
    """

    secret: str = field(repr=False)
    api_url: str
    direct: bool
    issued: Moment
    epoch: SignInEpoch
    """The epoch of the sign-in it was obtained with; it is void afterwards."""
    lifetime: float | None = None
    sku: str | None = None
    notice: str | None = None
    """GitHub's message to the user, if the response had one."""


class TokenExchange(Protocol):
    """What this module needs of :class:`proxy_core.upstream.sign_in.github_api.GitHubApi`."""

    async def exchange(self, github_token: str) -> Mapping[str, Any]: ...

    async def account(self, github_token: str) -> CopilotAccount | None: ...


class CopilotTokens:
    """Provides the current token and renews it before it expires; one exchange at a time.

    A token and a running exchange belong to one sign-in's epoch and end with it.
    """

    def __init__(
        self,
        api: TokenExchange,
        source: SignInSource,
        hosts: Callable[[], GitHubHosts],
        clock: Clock,
    ) -> None:
        self._api = api
        self._source = source
        self._hosts = hosts
        self._clock = clock
        self._token: CopilotToken | None = None
        self._running: asyncio.Task[CopilotToken] | None = None
        self._running_for: SignInEpoch | None = None

    def in_force(self) -> CopilotToken | None:
        """Return the token if it is still valid for a while. Raises SignedOut."""
        token = self._token
        if token is None or token.epoch is not self._source.current().epoch:
            return None
        left = self._seconds_left(token)
        return token if left is None or left > self._refresh_ahead(token) else None

    async def current(self) -> CopilotToken:
        """Return a token that is still valid for a while. Raises ProxyError."""
        token = self._token
        if token is None or token.epoch is not self._source.current().epoch:
            return await self._renew()
        left = self._seconds_left(token)
        if left is None or left > self._refresh_ahead(token):
            return token
        try:
            return await self._renew()
        except SignedOut:
            raise
        except ProxyError:
            if left > 0:
                return token  # still good; GitHub may answer the next time
            raise

    async def replace(self, refused: CopilotToken) -> CopilotToken:
        """Return another token than ``refused``, exchanged at most once for all callers."""
        refused.epoch.check()
        token = self._token
        if token is not None and token is not refused and token.epoch is refused.epoch:
            return token
        self._token = None
        return await self._renew()

    def renew_next(self, token: CopilotToken) -> None:
        """Have the next caller exchange a new token, unless ``token`` is only a few minutes old; if
        that fails, ``token`` is still used.
        """
        if self._token is token and not token.direct:
            spent = self._clock.elapsed(token.issued) + RENEW_NEXT_SECONDS
            self._token = replace(token, lifetime=min(spent, token.lifetime or spent))

    def reject(self, refused: CopilotToken, message: str) -> None:
        """Note that GitHub does not accept a direct token any more."""
        if refused.direct and self._token is refused:
            self._token = None
            rejected = GitHubSignIn(refused.secret, refused.epoch)
            self._source.note_rejected(rejected, SignedOut(message, code="token_rejected"))

    def forget(self) -> None:
        """Drop the token and a running exchange; the next caller starts over."""
        self._token = None
        running, self._running = self._running, None
        if running is not None:
            running.cancel()

    def _seconds_left(self, token: CopilotToken) -> float | None:
        if token.lifetime is None:
            return None
        return token.lifetime - self._clock.elapsed(token.issued)

    @staticmethod
    def _refresh_ahead(token: CopilotToken) -> float:
        # A fifth at most: a token valid for two minutes must not be stale from the start.
        return min(REFRESH_AHEAD_SECONDS, (token.lifetime or 0.0) / 5)

    async def _renew(self) -> CopilotToken:
        sign_in = await self._source.require()
        running = self._running
        if running is None or running.done() or self._running_for is not sign_in.epoch:
            self.forget()
            self._running = running = asyncio.ensure_future(self._fetch(sign_in))
            self._running_for = sign_in.epoch
            running.add_done_callback(_retrieve)
        try:
            # A cancelled caller must not cancel the exchange for the others.
            return await sign_in.epoch.guard(asyncio.shield(running))
        except asyncio.CancelledError:
            if not running.cancelled() or _is_being_cancelled():
                raise
            raise sign_in_changed() from None

    async def _fetch(self, sign_in: GitHubSignIn) -> CopilotToken:
        try:
            token = await self._ask(sign_in)
        except SignedOut as error:
            other = await self._other(sign_in)
            if other is None or other.epoch is not sign_in.epoch:
                self._source.note_rejected(sign_in, error)
                raise
            sign_in = other
            try:
                token = await self._ask(sign_in)
            except SignedOut as refused_again:
                self._source.note_rejected(sign_in, refused_again)
                raise
        sign_in.epoch.check()
        self._source.note_accepted(sign_in)
        self._token = token
        return token

    async def _other(self, refused: GitHubSignIn) -> GitHubSignIn | None:
        try:
            return await self._source.after_refusal(refused)
        except SignedOut as error:
            self._source.note_rejected(refused, error)
            raise

    async def _ask(self, sign_in: GitHubSignIn) -> CopilotToken:
        issued = self._clock.now()
        if token_use(sign_in.token) is TokenUse.DIRECT:
            account = await self._api.account(sign_in.token)
            return self._direct(sign_in, account, issued)
        content = await self._api.exchange(sign_in.token)
        return self._exchanged(sign_in, content, issued)

    def _direct(
        self, sign_in: GitHubSignIn, account: CopilotAccount | None, issued: Moment
    ) -> CopilotToken:
        named = account.api_url if account is not None else None
        return CopilotToken(
            secret=sign_in.token,
            api_url=self._api_url(named),
            direct=True,
            issued=issued,
            epoch=sign_in.epoch,
            sku=account.sku if account is not None else None,
        )

    def _exchanged(
        self, sign_in: GitHubSignIn, content: Mapping[str, Any], issued: Moment
    ) -> CopilotToken:
        secret = content.get("token")
        if not isinstance(secret, str) or not secret:
            raise StreamFormatError(
                translatable("GitHub's answer to the token exchange held no token.")
            )
        endpoints = content.get("endpoints")
        named = endpoints.get("api") if isinstance(endpoints, Mapping) else None
        sku = content.get("sku")
        return CopilotToken(
            secret=secret,
            api_url=self._api_url(named if isinstance(named, str) else None),
            direct=False,
            issued=issued,
            epoch=sign_in.epoch,
            lifetime=_lifetime(content, issued),
            sku=sku if isinstance(sku, str) else None,
            notice=_notice(content),
        )

    def _api_url(self, named: str | None) -> str:
        hosts = self._hosts()
        if named is None or hosts.copilot_is_fixed:
            return hosts.copilot
        return hosts.require_trusted(named.rstrip("/"))


def _lifetime(content: Mapping[str, Any], issued: Moment) -> float:
    refresh_in = content.get("refresh_in")
    if isinstance(refresh_in, (int, float)) and refresh_in > 0:
        return refresh_in + GRACE_SECONDS
    expires_at = content.get("expires_at")
    if isinstance(expires_at, (int, float)):
        return max(SHORTEST_LIFETIME_SECONDS, expires_at - issued.wall)
    return DEFAULT_LIFETIME_SECONDS


def _notice(content: Mapping[str, Any]) -> str | None:
    notification = content.get("user_notification")
    message = notification.get("message") if isinstance(notification, Mapping) else None
    return message if isinstance(message, str) and message else None


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _retrieve(task: asyncio.Task[CopilotToken]) -> None:
    """Retrieve the exception, even if every caller was cancelled."""
    if not task.cancelled():
        task.exception()
