"""The one owner of the account's state: who is signed in, at which host, and where it is stored.

Every change goes through one lock (and one between processes), takes effect atomically, and begins
a new epoch if the sign-in is another one. ``sign_in_record`` informs the other processes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from msgspec.structs import replace

from proxy_core.clock import Clock
from proxy_core.config.settings import TokenStorage
from proxy_core.errors import Problem, ProxyError, translatable
from proxy_core.status.status import AccountState, AccountStatus, TokenPlace
from proxy_core.upstream.sign_in import account_status as words
from proxy_core.upstream.sign_in.account import CopilotAccount
from proxy_core.upstream.sign_in.account_check import AccountCheck, check_account
from proxy_core.upstream.sign_in.credentials import (
    GitHubCredential,
    GitHubCredentials,
    HeldToken,
    wanted_place,
)
from proxy_core.upstream.sign_in.current_sign_in import CurrentSignIn
from proxy_core.upstream.sign_in.device_flow import DeviceFlow
from proxy_core.upstream.sign_in.epoch import (
    GitHubSignIn,
    SignInChanged,
    SignInEpoch,
)
from proxy_core.upstream.sign_in.github_api import GitHubApi
from proxy_core.upstream.sign_in.sign_in import Report, SignIn
from proxy_core.upstream.sign_in.sign_in_record import SignInRecordFile
from proxy_core.upstream.sign_in.sign_in_search import SignInSearch
from proxy_core.upstream.sign_in.sign_in_store import SignInStore
from proxy_core.upstream.sign_in.token_kinds import TokenUnusable, token_use
from proxy_core.upstream.sign_in.token_placement import TokenPlacement
from proxy_core.upstream.sign_in.token_renewal import TokenRenewal, credential_of
from proxy_core.upstream.transport.hosts import GitHubHosts, normalise_github_host

log = logging.getLogger("g_copilot_proxy.account")

POLL_SECONDS = 1.0
"""Seconds between checks for another process's changes."""


class Services(Protocol):
    """The GitHub services used, for a given host."""

    def hosts(self, github_host: str) -> GitHubHosts:
        """Raises BadRequest for an invalid host."""

    def flow(self, hosts: GitHubHosts) -> DeviceFlow: ...

    def api(self, hosts: GitHubHosts) -> GitHubApi: ...


class AccountManager:
    """Belongs to one event loop. Implements :class:`SignInSource`.

    ``on_change`` is called with each new status, ``on_epoch`` when another sign-in (or none) is in
    force.
    """

    def __init__(
        self,
        *,
        credentials: GitHubCredentials,
        record: SignInRecordFile,
        services: Services,
        github_host: str,
        storage: TokenStorage,
        clock: Clock,
        on_change: Callable[[AccountStatus], None],
        on_epoch: Callable[[], None] = lambda: None,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self._credentials = credentials
        self._store = SignInStore(credentials, record)
        self._services = services
        self._now = now = CurrentSignIn(
            normalise_github_host(github_host),
            services.hosts(github_host),
            storage,
            clock,
            on_change,
            on_epoch,
        )
        self._clock = clock
        self._new_id = new_id
        self._lock = asyncio.Lock()
        self._revision = 0
        """Increases with every request to change the sign-in: results of earlier requests are void."""
        self._ignores_environment = False
        self._environment_host = now.hosts.name
        """The host of the environment's token: the one in the settings at the start."""
        self._placement = TokenPlacement(now, self._store, credentials)
        self._check = AccountCheck(now, services.api, self.after_refusal)
        self._search = SignInSearch(
            now, self._store, clock, self._is_current, self._take_over, self._clean_up
        )
        self._renewal = TokenRenewal(
            now, self._store, services.flow, clock, self._changing, self._placement.record
        )

    @property
    def status(self) -> AccountStatus:
        return self._now.status

    @property
    def account(self) -> CopilotAccount | None:
        """The last response about plan and quota."""
        return self._now.account

    @property
    def hosts(self) -> GitHubHosts:
        """The hosts of the account in force. Change only together with the sign-in."""
        return self._now.hosts

    @property
    def github_host(self) -> str:
        """The host as in its setting."""
        return self._now.github_host

    @property
    def storage(self) -> TokenStorage:
        return self._now.storage

    # -- what calls need ---------------------------------------------------------------------------

    def github_token(self) -> str:
        """Return the token. Raises SignedOut."""
        return self.holder().token

    def holder(self) -> GitHubSignIn:
        return self._now.holder()

    def current(self) -> GitHubSignIn:
        return self._now.unrefused()

    async def require(self) -> GitHubSignIn:
        """Return the sign-in in force. Raises SignedOut, SignInPending.

        If there is none, or GitHub refused it, other processes' changes are checked first.
        """
        if self._now.held is None or self._now.rejection is not None:
            await self.poll()
        return await self._renewal.ahead_of_end(self.current())

    async def after_refusal(self, refused: GitHubSignIn) -> GitHubSignIn | None:
        await self.poll()
        refused.epoch.check()
        sign_in = self.holder()
        if sign_in.token != refused.token:
            return sign_in
        return await self._renewal.instead_of(sign_in)

    def note_rejected(self, refused: GitHubSignIn, error: ProxyError) -> None:
        """Note that GitHub reported the session's end; it is tried again at growing intervals."""
        self._now.note_rejected(refused, error)

    def note_accepted(self, accepted: GitHubSignIn) -> None:
        self._now.note_accepted(accepted)

    # -- finding the sign-in -----------------------------------------------------------------------

    async def restore(self) -> AccountStatus:
        """Restore the stored sign-in and check its account.

        Never raises ProxyError. A slow keychain is awaited in the background and shown in the
        status.
        """
        return await self._find_sign_in(self._wish())

    async def _find_sign_in(self, revision: int) -> AccountStatus:
        """Use the environment's token if it is this host's, else search the stores."""
        if not self._ignores_environment and self._now.hosts.name == self._environment_host:
            try:
                token = self._credentials.environment_token()
            except TokenUnusable as error:
                self._now.enter(
                    None, words.signed_out(self._now.hosts.name, words.problem_of(error))
                )
                return self._now.status
            if token is not None:
                held = HeldToken(GitHubCredential(token), TokenPlace.ENVIRONMENT)
                self._now.enter(held, words.signed_in(held, self._now.hosts.name, None))
                return await self.refresh_account()
        self._search.start(revision)
        await self._search.first_look(revision)
        return self._now.status

    async def settled(self, seconds: float) -> AccountStatus:
        """Wait up to ``seconds`` for a pending keychain; return the status then."""
        await self._search.settled(seconds)
        return self._now.status

    def _is_current(self, revision: int) -> bool:
        return self._revision == revision

    async def _take_over(self, found: HeldToken | None, revision: int) -> None:
        if await self._adopt(found, revision):
            await self.refresh_account()

    async def _adopt(self, found: HeldToken | None, revision: int) -> bool:
        """Put the found sign-in in force, if nothing newer was requested; return whether there is
        one.
        """
        async with self._lock:
            if self._revision != revision:
                return False
            host = self._now.hosts.name
            if found is None:
                if self._now.status.state is not AccountState.SIGNED_OUT:
                    self._now.enter(None, words.signed_out(host, self._elsewhere()))
                return False
            entry = self._store.entry(host)
            self._now.id = entry.id if entry is not None else self._new_id()
            self._now.enter(found, words.signed_in(found, host, None))
        is_astray = found.place is not wanted_place(self._now.storage)
        if entry is None or is_astray or found.place not in entry.places:
            await self._put_in_order(self._now.epoch)
        return True

    async def _put_in_order(self, epoch: SignInEpoch) -> None:
        """Move a token to the configured storage, and record where it is."""
        with contextlib.suppress(ProxyError):  # it stays usable where it is
            async with self._changing():
                if self._now.epoch is epoch and self._now.held is not None:
                    entry = self._store.entry(self._now.hosts.name)
                    self._now.id = entry.id if entry is not None else self._now.id
                    await self._placement.move(self._now.held)

    def _elsewhere(self) -> Problem | None:
        before = self._now.came_from or self._store.another_host(self._now.hosts.name)
        if before is None or before == self._now.hosts.name:
            return None
        return words.elsewhere_problem(before, self._now.hosts.name)

    # -- the user's commands -----------------------------------------------------------------------

    async def use_token(self, token: str) -> AccountStatus:
        """Sign in with an existing token (``--demo``, tests). Raises TokenUnusable."""
        token_use(token)
        async with self._changing():
            revision = self._wish()
            await self._commit(
                GitHubCredential(token), self._now.hosts, self._now.github_host, revision
            )
        return await self.refresh_account()

    async def sign_in(self, report: Report, github_host: str | None = None) -> AccountStatus:
        """Sign in with a code, at another host if one is named. Raises ProxyError.

        Until GitHub approved and the token is stored, the present sign-in is unchanged, and
        cancelling leaves it in force. The last report is the result: ``APPROVED``, ``NO_PLAN``,
        ``NEEDS_STORAGE_CHOICE`` or a failure. The caller writes the host's setting.
        """
        name = self._now.github_host if github_host is None else normalise_github_host(github_host)
        hosts = self._services.hosts(name)
        signing_in = SignIn(self._services.flow(hosts), self._clock, report)
        approval = await signing_in.run()
        try:
            api = self._services.api(hosts)
            account, problem = await check_account(api, approval.token)
            async with self._changing():
                revision = self._wish()
                credential = credential_of(approval, self._clock)
                held = await self._commit(credential, hosts, name, revision, account, problem)
        except ProxyError as error:
            signing_in.report_failure(words.problem_of(error))
            raise
        report(words.ending(signing_in.progress, self._now.status, held))
        return self._now.status

    async def sign_out(self) -> AccountStatus:
        """Forget the sign-in of every host in every storage; calls are refused from now on.

        Raises AccountBusy if another process holds the lock; this process is signed out
        nevertheless.
        """
        self._wish()
        from_environment = (
            self._now.held is not None and self._now.held.place is TokenPlace.ENVIRONMENT
        )
        self._leave()
        async with self._changing():
            self._wish()
            self._leave()  # a sign-in that was being committed during the sign-out
            reasons = await self._store.forget_all(self._now.hosts.name, self._now.storage)
            self._search.go_on_cleaning()
            problem = words.left_behind_problem(reasons) if reasons else None
            if problem is None and (from_environment or self._has_environment()):
                problem = words.environment_problem()
            return self._now.publish(words.signed_out(self._now.hosts.name, problem))

    async def change_host(self, github_host: str) -> AccountStatus:
        """Use the account at another host from now on; a no-op if it is in force.

        A sign-in stored for that host is used; without one nobody is signed in. The previous one
        stays stored, so that changing back restores it, and ``sign_out`` removes both. Raises
        BadRequest for an invalid host; nothing has changed then.
        """
        name = normalise_github_host(github_host)
        hosts = self._services.hosts(name)
        if name == self._now.github_host:
            return self._now.status
        self._wish()
        async with self._lock:
            self._follow()
            if name == self._now.github_host:
                return self._now.status
            revision = self._wish()
            if self._now.held is not None:
                self._now.came_from = self._now.hosts.name
            self._now.github_host, self._now.hosts, self._now.id = name, hosts, None
            self._now.enter(None, AccountStatus(github_host=hosts.name))
        return await self._find_sign_in(revision)

    async def change_storage(self, storage: TokenStorage) -> AccountStatus:
        """Move the sign-in to ``storage`` and use it from now on; a no-op if it is there already.

        Raises CannotStore if it cannot be stored there; token and storage are then unchanged.
        """
        async with self._changing():
            before, self._now.storage = self._now.storage, storage
            held = self._now.held
            if storage is TokenStorage.MEMORY:
                await self._store.forget_other_hosts(self._now.hosts.name)
                self._search.go_on_cleaning()
            if held is None or held.place is TokenPlace.ENVIRONMENT:
                return self._now.status
            if held.place is wanted_place(storage) and held.problem is None:
                return self._now.status
            try:
                await self._placement.move(held, insists=storage is not TokenStorage.ASK)
            except BaseException:
                self._now.storage = before
                raise
            return self._now.status

    async def can_keep(self) -> bool:
        """Whether the configured storage can hold a sign-in; a slow keychain counts as able."""
        if wanted_place(self._now.storage) is not TokenPlace.KEYCHAIN:
            return self._now.storage is TokenStorage.FILE
        return await self._credentials.has_keychain(self._now.hosts.name)

    async def refresh_account(self) -> AccountStatus:
        """Read login, plan and quota again; offline, the known values stay."""
        if self._now.held is None:
            await self.poll()
        if self._now.held is not None:
            await self._check.run()
        return self._now.status

    # -- other processes ---------------------------------------------------------------------------

    async def poll(self) -> None:
        """Follow another process's changes of the sign-in. One ``stat`` if nothing changed."""
        if not self._store.has_news():
            return
        async with self._lock:
            is_searching = self._follow()
        if is_searching:
            await self._search.first_look(self._revision)

    def _follow(self) -> bool:
        """Apply another process's record; return whether its sign-in is being searched."""
        before = self._store.read_news()
        if before is None:
            return False
        if self._store.record.sign_outs > before.sign_outs:
            self._ignores_environment = True
        entry = self._store.entry(self._now.hosts.name)
        in_environment = (
            self._now.held is not None and self._now.held.place is TokenPlace.ENVIRONMENT
        )
        if in_environment and not self._ignores_environment:
            return False
        if entry is None:
            if self._now.held is not None and (self._now.id is not None or in_environment):
                self._wish()
                self._now.enter(None, words.signed_out(self._now.hosts.name))
            return False
        if self._now.held is None or entry.id != self._now.id:
            self._now.enter(None, AccountStatus(github_host=self._now.hosts.name))
            self._search.start(self._wish())
            return True
        # The same sign-in, renewed or moved: read again, in the same epoch.
        self._renewal.read_again_soon()
        return False

    async def run(self) -> None:
        """Poll for other processes' changes until cancelled."""
        while True:
            await self._clock.sleep(POLL_SECONDS)
            await self.poll()

    async def close(self) -> None:
        """Cancel background work."""
        self._wish()
        await self._renewal.close()
        await self._search.close()
        self._now.epoch.end(signed_out=True)

    # -- changes, all under the lock ---------------------------------------------------------------

    @asynccontextmanager
    async def _changing(self) -> AsyncIterator[None]:
        """Hold the locks, with other processes' changes applied."""
        async with self._lock, self._store.exclusive():
            self._follow()
            yield

    def _wish(self) -> int:
        self._revision += 1
        return self._revision

    def _leave(self) -> None:
        self._ignores_environment = True
        self._now.came_from = None
        self._search.cancel()
        if self._now.held is not None or self._now.status.state is not AccountState.SIGNED_OUT:
            self._now.enter(None, words.signed_out(self._now.hosts.name))

    async def _commit(
        self,
        credential: GitHubCredential,
        hosts: GitHubHosts,
        github_host: str,
        revision: int,
        account: CopilotAccount | None = None,
        problem: Problem | None = None,
    ) -> HeldToken:
        """Store a new sign-in and put it in force. If cancelled before that, nothing has changed."""
        held = await self._store.save(hosts.name, self._now.storage, credential)
        if self._revision != revision:
            await self._store.remove({(hosts.name, held.place)})
            raise SignInChanged(
                translatable(
                    "You signed out while the sign-in was being finished. Nothing was stored."
                ),
                code="sign_in_changed",
            )
        self._search.cancel()
        self._now.github_host, self._now.hosts, self._now.id = github_host, hosts, self._new_id()
        status = words.signed_in(held, hosts.name, account)
        if problem is not None:
            status = replace(status, state=AccountState.NO_PLAN, problem=problem)
        self._now.enter(held, status, account)
        await asyncio.shield(self._placement.record(held))
        return held

    async def _clean_up(self) -> None:
        async with self._changing():
            await self._store.remove_left_behind()

    def _has_environment(self) -> bool:
        try:
            return self._credentials.environment_token() is not None
        except TokenUnusable:
            return True
