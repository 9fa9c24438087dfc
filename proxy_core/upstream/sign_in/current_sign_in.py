"""The sign-in in force, in memory: account, host, storage, and its published status.

Only :class:`AccountManager` and its parts change it, atomically.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from proxy_core.clock import Clock
from proxy_core.config.settings import TokenStorage
from proxy_core.errors import Problem, ProxyError
from proxy_core.status.status import AccountState, AccountStatus
from proxy_core.upstream.sign_in import account_status as words
from proxy_core.upstream.sign_in.account import CopilotAccount
from proxy_core.upstream.sign_in.credentials import HeldToken
from proxy_core.upstream.sign_in.epoch import GitHubSignIn, Rejection, SignInEpoch
from proxy_core.upstream.transport.hosts import GitHubHosts


class CurrentSignIn:
    """``on_change`` gets each new status; ``on_epoch``: another sign-in (or none) is in force."""

    def __init__(
        self,
        github_host: str,
        hosts: GitHubHosts,
        storage: TokenStorage,
        clock: Clock,
        on_change: Callable[[AccountStatus], None],
        on_epoch: Callable[[], None],
    ) -> None:
        self.github_host = github_host
        """The host as in its setting."""
        self.hosts = hosts
        self.storage = storage
        self.epoch = SignInEpoch(0)
        self.held: HeldToken | None = None
        self.id: str | None = None
        """Its id in the record; None for one that is not recorded, such as the environment's."""
        self.account: CopilotAccount | None = None
        """The last response about plan and quota."""
        self.status = AccountStatus(github_host=hosts.name)
        self.came_from: str | None = None
        """The host of the previous sign-in, before the host was changed."""
        self.is_late = asyncio.Event()
        """Set once the keychain is known to be slow."""
        self.rejection: Rejection | None = None
        self._was_accepted = False
        self._known: GitHubSignIn | None = None
        """The holder that was last asked for."""
        self._clock = clock
        self._on_change = on_change
        self._on_epoch = on_epoch

    def holder(self) -> GitHubSignIn:
        """Raises SignedOut, SignInPending."""
        if self.held is None:
            raise words.no_sign_in_error(self.status)
        known = self._known  # asked four times for every request
        if known is None or known.epoch is not self.epoch or known.token is not self.held.token:
            known = self._known = GitHubSignIn(self.held.token, self.epoch)
        return known

    def unrefused(self) -> GitHubSignIn:
        """As ``holder``. Raises SignedOut while GitHub's refusal is recent."""
        sign_in = self.holder()
        if self.rejection is not None:
            self.rejection.check(self._clock)
        return sign_in

    def is_still(self, sign_in: GitHubSignIn) -> bool:
        """Whether that token is the one in force."""
        return (
            sign_in.epoch is self.epoch
            and self.held is not None
            and self.held.token == sign_in.token
        )

    def enter(
        self, held: HeldToken | None, status: AccountStatus, account: CopilotAccount | None = None
    ) -> None:
        """Put another sign-in in force, or none."""
        before, self.epoch = self.epoch, SignInEpoch(self.epoch.number + 1)
        self.held = held
        self._known = None
        self.account = account
        self.rejection = None
        self._was_accepted = False
        if held is None:
            self.id = None
        else:
            self.came_from = None
        before.end(signed_out=held is None and status.state is not AccountState.UNKNOWN)
        self._on_epoch()
        self.publish(status)

    def renew(self, held: HeldToken) -> None:
        """Keep the sign-in with another token or storage."""
        if self.held is None or held.token != self.held.token:
            self.rejection = None
        self.held = held
        if self.status.state is AccountState.EXPIRED and self.rejection is None:
            self.publish(words.signed_in(held, self.hosts.name, self.account))
            return
        problem = held.problem or self.status.problem
        self.publish(replace(self.status, token_place=held.place, problem=problem))

    def note_account(self, account: CopilotAccount | None) -> None:
        """Take GitHub's response about the account in force."""
        assert self.held is not None
        self.account = account
        self.rejection = None
        self.publish(words.signed_in(self.held, self.hosts.name, account))

    def note_rejected(self, refused: GitHubSignIn, error: ProxyError) -> None:
        if not self.is_still(refused):
            return
        now, before = self._clock.now(), self.rejection
        self.rejection = before.again(error.said, now) if before else Rejection(error.said, now)
        problem = words.rejected_problem(error.said, was_accepted=self._was_accepted)
        self.publish(replace(self.status, state=AccountState.EXPIRED, problem=problem))

    def note_accepted(self, accepted: GitHubSignIn) -> None:
        if accepted.epoch is not self.epoch or self.held is None:
            return
        self._was_accepted = True
        if self.rejection is not None:
            self.note_account(self.account)

    def publish_for(self, sign_in: GitHubSignIn, state: AccountState, problem: Problem) -> None:
        """Publish that state of a sign-in, if it is still in force."""
        if sign_in.epoch is self.epoch and self.held is not None:
            self.publish(replace(self.status, state=state, problem=problem))

    def publish(self, status: AccountStatus) -> AccountStatus:
        if status.state is AccountState.WAITING_FOR_KEYCHAIN:
            self.is_late.set()
        if status != self.status:
            self.status = status
            self._on_change(status)
        return status
