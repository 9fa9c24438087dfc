"""The short Copilot token: exchanged when needed, shared by all calls, kept in memory only.

Lifetimes are counted from when the answer came (``refresh_in``), not by GitHub's clock, and time
spent asleep counts: neither a skewed clock nor a closed laptop leaves a dead token in use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from proxy_core.clock import Clock, Moment
from proxy_core.errors import ProxyError, SignedOut, StreamFormatError
from proxy_core.upstream.account import CopilotAccount
from proxy_core.upstream.hosts import GitHubHosts
from proxy_core.upstream.token_kinds import TokenUse, token_use

GRACE_SECONDS = 60.0
"""A token outlives ``refresh_in`` by about this much."""
REFRESH_AHEAD_SECONDS = 300.0
SHORTEST_LIFETIME_SECONDS = 60.0
DEFAULT_LIFETIME_SECONDS = 1500.0
RENEW_NEXT_SECONDS = 60.0
"""What is left of a token that should be replaced, in case the exchange fails."""


@dataclass(frozen=True, slots=True)
class CopilotToken:
    """``secret`` is the bearer; ``direct``: it is the GitHub token itself and does not expire here.

    ``lifetime`` is in seconds from ``issued``.
    """

    secret: str = field(repr=False)
    api_url: str
    direct: bool
    issued: Moment
    lifetime: float | None = None
    sku: str | None = None
    notice: str | None = None
    """GitHub's own message to the user, if the answer had one."""


class TokenExchange(Protocol):
    """What this module needs of :class:`proxy_core.upstream.github_api.GitHubApi`."""

    async def exchange(self, github_token: str) -> Mapping[str, Any]: ...

    async def account(self, github_token: str) -> CopilotAccount | None: ...


class CopilotTokens:
    """Hands out the current token and replaces it ahead of time; one exchange at a time.

    ``github_token`` returns the sign-in to use and raises SignedOut where there is none.
    ``on_rejected`` hears that GitHub no longer accepts it.
    """

    def __init__(
        self,
        api: TokenExchange,
        github_token: Callable[[], str],
        hosts: Callable[[], GitHubHosts],
        clock: Clock,
        on_rejected: Callable[[ProxyError], None] = lambda _: None,
    ) -> None:
        self._api = api
        self._github_token = github_token
        self._hosts = hosts
        self._clock = clock
        self._on_rejected = on_rejected
        self._token: CopilotToken | None = None
        self._token_of: str | None = None
        self._rejected: tuple[str, str] | None = None
        self._running: asyncio.Task[CopilotToken] | None = None

    async def current(self) -> CopilotToken:
        """Return a token with some life left. Raises ProxyError."""
        self._look_at_sign_in()
        token = self._token
        if token is None:
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
        """Return another token than ``refused``, exchanged at most once for all who ask."""
        self._look_at_sign_in()
        if self._token is not None and self._token is not refused:
            return self._token
        self._token = None
        return await self._renew()

    def renew_next(self, token: CopilotToken) -> None:
        """Have the next caller exchange anew, unless ``token`` is a few minutes old at most; where that
        fails, it still serves."""
        if self._token is token and not token.direct:
            spent = self._clock.elapsed(token.issued) + RENEW_NEXT_SECONDS
            self._token = replace(token, lifetime=min(spent, token.lifetime or spent))

    def reject(self, refused: CopilotToken, message: str) -> None:
        """Note that GitHub does not accept a direct token any more."""
        if refused.direct and self._token is refused:
            self._note_rejected(SignedOut(message, code="token_rejected"), refused.secret)

    def forget(self) -> None:
        """Drop the token and a running exchange; the next caller starts over."""
        self._token = None
        self._token_of = None
        self._rejected = None
        running, self._running = self._running, None
        if running is not None:
            running.cancel()

    def _look_at_sign_in(self) -> None:
        signed_in = self._github_token()
        if self._token_of is not None and self._token_of != signed_in:
            self.forget()
        if self._rejected is not None:
            rejected, message = self._rejected
            if rejected == signed_in:
                raise SignedOut(message, title="GitHub ended the session", code="token_rejected")
            self._rejected = None

    def _seconds_left(self, token: CopilotToken) -> float | None:
        if token.lifetime is None:
            return None
        return token.lifetime - self._clock.elapsed(token.issued)

    @staticmethod
    def _refresh_ahead(token: CopilotToken) -> float:
        # A fifth at most: a token that lives two minutes is not stale from the start.
        return min(REFRESH_AHEAD_SECONDS, (token.lifetime or 0.0) / 5)

    async def _renew(self) -> CopilotToken:
        if self._running is None or self._running.done():
            self._running = asyncio.ensure_future(self._fetch(self._github_token()))
            self._running.add_done_callback(_retrieve)
        running = self._running
        try:
            # A caller that goes away must not take the exchange from the others.
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            if not running.cancelled() or _is_being_cancelled():
                raise
            raise SignedOut("The sign-in changed while the request waited. Try again.") from None

    async def _fetch(self, github_token: str) -> CopilotToken:
        issued = self._clock.now()
        try:
            if token_use(github_token) is TokenUse.DIRECT:
                account = await self._api.account(github_token)
                token = self._direct(github_token, account, issued)
            else:
                content = await self._api.exchange(github_token)
                token = self._exchanged(content, issued)
        except SignedOut as error:
            self._note_rejected(error, github_token)
            raise
        self._token = token
        self._token_of = github_token
        return token

    def _note_rejected(self, error: SignedOut, github_token: str) -> None:
        self._token = None
        self._rejected = (github_token, error.message)
        self._on_rejected(error)

    def _direct(
        self, github_token: str, account: CopilotAccount | None, issued: Moment
    ) -> CopilotToken:
        named = account.api_url if account is not None else None
        return CopilotToken(
            secret=github_token,
            api_url=self._api_url(named),
            direct=True,
            issued=issued,
            sku=account.sku if account is not None else None,
        )

    def _exchanged(self, content: Mapping[str, Any], issued: Moment) -> CopilotToken:
        secret = content.get("token")
        if not isinstance(secret, str) or not secret:
            raise StreamFormatError("GitHub's answer to the token exchange held no token.")
        endpoints = content.get("endpoints")
        named = endpoints.get("api") if isinstance(endpoints, Mapping) else None
        sku = content.get("sku")
        return CopilotToken(
            secret=secret,
            api_url=self._api_url(named if isinstance(named, str) else None),
            direct=False,
            issued=issued,
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
    """Mark a failure as seen even if every caller has gone."""
    if not task.cancelled():
        task.exception()
