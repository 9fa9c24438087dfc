"""Renews an expiring GitHub token by its refresh token, once for all callers and processes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from proxy_core.clock import Clock
from proxy_core.errors import ProxyError, SignedOut, translatable
from proxy_core.upstream.sign_in.credentials import GitHubCredential, HeldToken
from proxy_core.upstream.sign_in.current_sign_in import CurrentSignIn
from proxy_core.upstream.sign_in.device_flow import DeviceFlow, PollAnswer, SignInFailed
from proxy_core.upstream.sign_in.epoch import GitHubSignIn, SignInChanged, SignInEpoch
from proxy_core.upstream.sign_in.keychain import KeychainFailed
from proxy_core.upstream.sign_in.sign_in_store import STORED_PLACES, SignInStore
from proxy_core.upstream.transport.hosts import GitHubHosts

log = logging.getLogger("g_copilot_proxy.account")

RENEW_AHEAD_SECONDS = 300.0
END_SECONDS = 5.0
"""Seconds the program's exit waits for a renewal: an interrupted one would lose the sign-in."""


class TokenRenewal:
    """``changing`` holds the account's locks; ``record_place`` records where a token is stored."""

    def __init__(
        self,
        now: CurrentSignIn,
        store: SignInStore,
        flow: Callable[[GitHubHosts], DeviceFlow],
        clock: Clock,
        changing: Callable[[], AbstractAsyncContextManager[None]],
        record_place: Callable[[HeldToken], Awaitable[None]],
    ) -> None:
        self._now = now
        self._store = store
        self._flow = flow
        self._clock = clock
        self._changing = changing
        self._record_place = record_place
        self._running: asyncio.Task[None] | None = None

    async def ahead_of_end(self, sign_in: GitHubSignIn) -> GitHubSignIn:
        """Return the sign-in, renewed where its token ends soon. Raises ProxyError."""
        held = self._now.held
        ends = held.credential.expires_at if held is not None else None
        if ends is None or ends - self._clock.wall() >= RENEW_AHEAD_SECONDS:
            return sign_in
        try:
            return await self.renew(sign_in)
        except SignInChanged:
            raise
        except ProxyError as error:
            if self._clock.wall() < ends:
                return sign_in  # still good; GitHub may answer the next time
            if isinstance(error, SignedOut):
                self._now.note_rejected(sign_in, error)
            raise

    async def instead_of(self, refused: GitHubSignIn) -> GitHubSignIn | None:
        """Return the sign-in with another token than the refused one, None where it has no other."""
        held = self._now.held
        if held is None or held.credential.refresh_token is None:
            return None
        renewed = await self.renew(refused)
        return renewed if renewed.token != refused.token else None

    async def renew(self, sign_in: GitHubSignIn) -> GitHubSignIn:
        """Return the sign-in with a renewed token. Raises ProxyError.

        A refresh token is valid once, so cancelled callers do not cancel the renewal.
        """
        if self._running is None or self._running.done():
            self._running = asyncio.ensure_future(self._renew(sign_in))
            self._running.add_done_callback(_retrieve)
        await asyncio.shield(self._running)
        sign_in.epoch.check()
        return self._now.holder()

    def read_again_soon(self) -> None:
        """Another process renewed or moved the sign-in in force: read it again, in the same epoch."""
        task = asyncio.ensure_future(self._read_again(self._now.epoch))
        task.add_done_callback(_log_failure)

    async def _read_again(self, epoch: SignInEpoch) -> None:
        now, host = self._now, self._now.hosts.name
        entry = self._store.entry(host)
        if entry is None or not entry.places:
            return
        try:
            found = await self._store.find(host, now.storage)
        except KeychainFailed:
            return  # the next refusal looks again
        if now.epoch is epoch and now.held is not None and found is not None:
            now.renew(found)

    async def close(self) -> None:
        if self._running is not None and not self._running.done():
            await asyncio.wait({self._running}, timeout=END_SECONDS)
            self._running.cancel()
            await asyncio.wait({self._running})

    async def _renew(self, sign_in: GitHubSignIn) -> None:
        async with self._changing():
            held, now = self._now.held, self._now
            if held is None or not now.is_still(sign_in) or await self._was_renewed_elsewhere(held):
                return
            refresh_token = held.credential.refresh_token
            if refresh_token is None:
                return
            try:
                answer = await self._flow(now.hosts).refresh(refresh_token)
            except SignInFailed as error:
                raise SignedOut(
                    error.said,
                    title=translatable("GitHub ended the session"),
                    code="token_rejected",
                ) from error
            credential = credential_of(answer, self._clock)
            if credential.refresh_token is None:
                credential = replace(credential, refresh_token=refresh_token)
            if not now.is_still(sign_in):
                return
            renewed = await self._store.save(now.hosts.name, now.storage, credential)
            if not now.is_still(sign_in):
                await self._store.remove({(now.hosts.name, renewed.place)})
                return
            now.renew(renewed)
            await self._record_place(renewed)

    async def _was_renewed_elsewhere(self, held: HeldToken) -> bool:
        """Take over another process's renewal; the old refresh token is used up."""
        now = self._now
        entry = self._store.entry(now.hosts.name)
        if entry is None or entry.id != now.id or held.place not in STORED_PLACES:
            return False
        with contextlib.suppress(KeychainFailed):
            found = await self._store.find(now.hosts.name, now.storage)
            if found is not None and found.token != held.token:
                now.renew(found)
                return True
        return False


def credential_of(answer: PollAnswer, clock: Clock) -> GitHubCredential:
    """Return the granted credential; a token without refresh token is used until it is refused."""
    ends = clock.wall() + answer.lifetime if answer.lifetime is not None else None
    renewing = answer.refresh_token
    return GitHubCredential(answer.token, renewing, ends if renewing is not None else None)


def _retrieve(task: asyncio.Future[None]) -> None:
    """Retrieve the exception, even if every caller was cancelled."""
    if not task.cancelled():
        task.exception()


def _log_failure(task: asyncio.Future[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, ProxyError):
        log.error("the sign-in could not be read again", exc_info=error)
