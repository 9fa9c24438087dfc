"""Searches the stored sign-in, retrying a failing keychain until it responds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from proxy_core.clock import Clock
from proxy_core.errors import ProxyError
from proxy_core.status.status import AccountState
from proxy_core.upstream.sign_in import account_status as words
from proxy_core.upstream.sign_in.credentials import HeldToken
from proxy_core.upstream.sign_in.current_sign_in import CurrentSignIn
from proxy_core.upstream.sign_in.keychain import KeychainFailed
from proxy_core.upstream.sign_in.sign_in_store import SignInStore

log = logging.getLogger("g_copilot_proxy.account")

FIRST_LOOK_SECONDS = 2.0
"""Seconds a start waits for the keychain before the status shows it."""
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 300.0
"""Longest interval: a failed keychain is retried after 2 s, then less and less often, as it may
prompt.
"""


class SignInSearch:
    """``is_current`` says whether a revision is still the newest, ``found`` takes over the result,
    ``clean_up`` removes copies that could not be removed earlier.
    """

    def __init__(
        self,
        now: CurrentSignIn,
        store: SignInStore,
        clock: Clock,
        is_current: Callable[[int], bool],
        found: Callable[[HeldToken | None, int], Awaitable[None]],
        clean_up: Callable[[], Awaitable[None]],
    ) -> None:
        self._now = now
        self._store = store
        self._clock = clock
        self._is_current = is_current
        self._found = found
        self._clean_up = clean_up
        self._searching: asyncio.Task[None] | None = None
        self._cleaning: asyncio.Task[None] | None = None

    def start(self, revision: int) -> None:
        """Start a new search in the background."""
        self.cancel()
        self._now.is_late.clear()
        self._searching = _spawn(self._search(revision))

    async def first_look(self, revision: int) -> None:
        """Return once there is a result or the keychain is known to be slow; the search continues."""
        searching = self._searching
        assert searching is not None
        slow = asyncio.ensure_future(self._now.is_late.wait())
        waits: set[asyncio.Future[object]] = {searching, slow}  # type: ignore[arg-type]  # results unread
        try:
            await asyncio.wait(
                waits, timeout=FIRST_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            slow.cancel()
        if self._is_current(revision) and self._now.status.state is AccountState.UNKNOWN:
            self._now.publish(words.waiting_for_keychain(self._now.hosts.name, None))

    async def settled(self, seconds: float) -> None:
        """Wait up to ``seconds`` for a running search."""
        if self._searching is not None and not self._searching.done():
            await asyncio.wait({self._searching}, timeout=seconds)

    def cancel(self) -> None:
        if self._searching is not None:
            self._searching.cancel()

    def go_on_cleaning(self) -> None:
        """Remove left-behind copies as soon as the keychain allows it."""
        is_at_it = self._cleaning is not None and not self._cleaning.done()
        if not is_at_it and self._store.has_left_behind():
            self._cleaning = _spawn(self._keep_cleaning())

    async def close(self) -> None:
        for task in (self._searching, self._cleaning):
            if task is not None and not task.done():
                task.cancel()
                await asyncio.wait({task})

    async def _search(self, revision: int) -> None:
        wait = FIRST_WAIT_SECONDS
        while self._is_current(revision):
            host = self._now.hosts.name
            try:
                found = await self._store.find(host, self._now.storage)
            except KeychainFailed as error:
                if not self._is_current(revision):
                    return
                self._now.publish(words.waiting_for_keychain(host, error))
                await self._clock.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT_SECONDS)
                continue
            await self._found(found, revision)
            self.go_on_cleaning()
            return

    async def _keep_cleaning(self) -> None:
        wait = FIRST_WAIT_SECONDS
        while self._store.has_left_behind():
            await self._clock.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)
            try:
                await self._clean_up()
            except ProxyError as error:
                log.info("a copy of a sign-in is still there: %s", error.message)


def _spawn(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = asyncio.ensure_future(work)
    task.add_done_callback(_log_failure)
    return task


def _log_failure(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, ProxyError):
        log.error("the sign-in could not be looked for", exc_info=error)
