"""Who is signed in: finds the sign-in at start, signs in, notices its end, signs out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from proxy_core.clock import Clock
from proxy_core.errors import ProxyError, SignedOut
from proxy_core.settings import TokenStorage
from proxy_core.sign_in_progress import SignInProgress, SignInState
from proxy_core.status import AccountState, AccountStatus, Problem, TokenPlace
from proxy_core.upstream.account import CopilotAccount
from proxy_core.upstream.copilot_token import CopilotTokens
from proxy_core.upstream.credentials import GitHubCredentials, HeldToken
from proxy_core.upstream.device_flow import DeviceFlow
from proxy_core.upstream.github_api import GitHubApi, NoPlan, WrongKindOfApp
from proxy_core.upstream.hosts import GitHubHosts
from proxy_core.upstream.keychain import KeychainFailed
from proxy_core.upstream.sign_in import Report, SignIn
from proxy_core.upstream.token_kinds import TokenUnusable, TokenUse, token_use

PLANS_PAGE = "https://github.com/features/copilot/plans"


class AccountSession:
    """The account of this process. Belongs to one event loop.

    ``on_change`` hears each new status. ``attach_tokens`` joins the Copilot tokens, which in turn ask
    ``github_token``.
    """

    def __init__(
        self,
        *,
        credentials: GitHubCredentials,
        flow: DeviceFlow,
        api: GitHubApi,
        hosts: Callable[[], GitHubHosts],
        clock: Clock,
        on_change: Callable[[AccountStatus], None],
    ) -> None:
        self._credentials = credentials
        self._flow = flow
        self._api = api
        self._hosts = hosts
        self._clock = clock
        self._on_change = on_change
        self._tokens: CopilotTokens | None = None
        self._token: str | None = None
        self._token_host: str | None = None
        self._status = AccountStatus()
        self.account: CopilotAccount | None = None
        """The last answer about plan and quota."""

    @property
    def status(self) -> AccountStatus:
        return self._status

    def attach_tokens(self, tokens: CopilotTokens) -> None:
        self._tokens = tokens

    def github_token(self) -> str:
        """Return the token. Raises SignedOut."""
        if self._token is None:
            raise SignedOut(
                "Nobody is signed in to GitHub. Open g-copilot-proxy and sign in, or run "
                "“g-copilot-proxy login”.",
                code="signed_out",
            )
        if self._token_host != self._hosts().name:
            # A token of one GitHub must never be shown to another.
            raise SignedOut(
                f"You are signed in to {self._token_host}, but the settings now name "
                f"{self._hosts().name}. Sign in there, or change account.github_host back.",
                code="signed_out",
            )
        return self._token

    async def restore(self) -> AccountStatus:
        """Find the sign-in of an earlier run and look at its account. Never raises ProxyError."""
        try:
            held = await self._credentials.load()
        except TokenUnusable as error:
            return self._publish(self._signed_out(_problem(error)))
        except KeychainFailed as error:
            return self._publish(self._signed_out(_keychain_problem(error)))
        if held is None:
            return self._publish(self._signed_out(None))
        return await self._adopt(held)

    async def use_token(self, token: str) -> AccountStatus:
        """Sign in with a token that is already there (``--demo``, tests). Raises TokenUnusable."""
        token_use(token)
        if self._tokens is not None:
            self._tokens.forget()
        return await self._adopt(await self._credentials.save(token))

    async def _adopt(self, held: HeldToken) -> AccountStatus:
        self._token, self._token_host = held.token, self._hosts().name
        self._publish(self._signed_in(held))
        return await self.refresh_account()

    async def refresh_account(self) -> AccountStatus:
        """Ask GitHub about login, plan and quota again; offline keeps what is known."""
        held = self._credentials.held
        if self._token is None or held is None:
            return self._status
        token = self._token
        try:
            account = await self._api.account(token)
        except SignedOut as error:
            if self._token == token:
                self.note_rejected(error)
        except NoPlan as error:
            if self._token == token:
                self._publish(
                    replace(self._status, state=AccountState.NO_PLAN, problem=_problem(error))
                )
        except ProxyError as error:
            if self._token == token:
                self._publish(replace(self._status, problem=_problem(error)))
        else:
            if self._token == token:
                self.account = account
                self._publish(self._described(self._signed_in(held), account))
        return self._status

    async def sign_in(self, report: Report) -> AccountStatus:
        """Sign in with a code. Raises ProxyError; cancelling gives up and stores nothing.

        The last report is the ending: ``APPROVED``, ``NO_PLAN``, ``NEEDS_STORAGE_CHOICE`` or a failure.
        """
        shown = SignInProgress(SignInState.WAITING)

        def remember(progress: SignInProgress) -> None:
            nonlocal shown
            shown = progress
            report(progress)

        token = await SignIn(self._flow, self._clock, remember).run()
        try:
            token_use(token)
            account, problem = await self._look_at(token)
        except ProxyError as error:
            report(replace(shown, state=SignInState.FAILED, problem=_problem(error)))
            raise
        held = await self._credentials.save(token)
        if self._tokens is not None:
            self._tokens.forget()
        self._token, self._token_host = token, self._hosts().name
        self.account = account
        status = self._described(self._signed_in(held), account)
        if problem is not None:
            status = replace(status, state=AccountState.NO_PLAN, problem=problem)
        self._publish(status)
        report(_ending(shown, status, held))
        return status

    async def choose_storage(self, storage: TokenStorage) -> AccountStatus:
        """Keep the sign-in where the user chose. The setting is the caller's to change."""
        held = await self._credentials.move(storage)
        if held is None:
            return self._status
        problem = self._status.problem if held.problem is None else held.problem
        if problem is not None and problem.code == "keychain" and held.problem is None:
            problem = None
        return self._publish(replace(self._status, token_place=held.place, problem=problem))

    async def put_storage_in_force(
        self, changes: Mapping[str, Any], commit: Callable[[], Awaitable[None]]
    ) -> None:
        """Keep the sign-in elsewhere, and have that written once it lies there.

        Raises ProxyError where it cannot be kept there, or what ``commit`` raises; it is then where it
        was.
        """
        wanted = TokenStorage(changes["account.token_storage"])
        held = self._credentials.held
        before = None if held is None else _storage_of(held.place)
        await self.choose_storage(wanted)
        try:
            held = self._credentials.held
            if held is not None and held.problem is not None and not held.needs_choice:
                raise ProxyError(
                    held.problem.message, title=held.problem.title, code=held.problem.code
                )
            await commit()
        except BaseException:
            if before is not None:
                await self.choose_storage(before)
            raise

    async def sign_out(self) -> AccountStatus:
        """Forget the sign-in everywhere; calls from now on are refused."""
        self._token = None
        self.account = None
        if self._tokens is not None:
            self._tokens.forget()
        problem = await self._credentials.wipe()
        return self._publish(self._signed_out(problem))

    def note_rejected(self, error: ProxyError) -> None:
        """GitHub ended the session: say so until the user signs in again."""
        problem = Problem(
            title="GitHub ended the session",
            message=f"GitHub no longer accepts this sign-in: {error.message}",
            next_step="Sign in again.",
            code="token_rejected",
        )
        self._publish(replace(self._status, state=AccountState.EXPIRED, problem=problem))

    async def _look_at(self, token: str) -> tuple[CopilotAccount | None, Problem | None]:
        """Return the account, and why it has no Copilot if it has none."""
        try:
            account = await self._api.account(token)
        except NoPlan as error:
            return None, _problem(error)
        except SignedOut:
            raise
        except ProxyError:
            account = None  # approved all the same; who it is can be asked later
        if account is not None and not account.has_copilot:
            return account, _no_plan_problem(account)
        if token_use(token) is TokenUse.EXCHANGE:
            try:
                # The account's own answer can look fine where the exchange says there is no seat.
                await self._api.exchange(token)
            except NoPlan as error:
                return account, _problem(error)
            except (SignedOut, WrongKindOfApp):
                raise
            except ProxyError:
                return account, None  # the first request tries again
        return account, None

    def _described(self, status: AccountStatus, account: CopilotAccount | None) -> AccountStatus:
        if account is None:
            return status
        status = replace(status, login=account.login, plan=account.plan)
        if account.has_copilot:
            return status
        return replace(status, state=AccountState.NO_PLAN, problem=_no_plan_problem(account))

    def _signed_in(self, held: HeldToken) -> AccountStatus:
        return AccountStatus(
            state=AccountState.SIGNED_IN,
            login=self.account.login if self.account else None,
            plan=self.account.plan if self.account else None,
            github_host=self._hosts().name,
            token_place=held.place,
            problem=held.problem,
        )

    def _signed_out(self, problem: Problem | None) -> AccountStatus:
        return AccountStatus(
            state=AccountState.SIGNED_OUT,
            github_host=self._hosts().name,
            token_place=TokenPlace.NOWHERE,
            problem=problem,
        )

    def _publish(self, status: AccountStatus) -> AccountStatus:
        if status != self._status:
            self._status = status
            self._on_change(status)
        return status


def _ending(shown: SignInProgress, status: AccountStatus, held: HeldToken) -> SignInProgress:
    if status.state is AccountState.NO_PLAN:
        state = SignInState.NO_PLAN
    elif held.needs_choice:
        state = SignInState.NEEDS_STORAGE_CHOICE
    else:
        state = SignInState.APPROVED
    return replace(shown, state=state, login=status.login, plan=status.plan, problem=status.problem)


def _problem(error: ProxyError) -> Problem:
    next_step = {"signed_out": "Sign in.", "token_rejected": "Sign in again."}.get(error.code or "")
    return Problem(
        title=error.title,
        message=error.message,
        next_step=next_step
        or ("Open the plans page." if isinstance(error, NoPlan) else "Try again."),
        code="no_plan" if isinstance(error, NoPlan) else error.code or error.kind.value,
    )


def _no_plan_problem(account: CopilotAccount) -> Problem:
    return Problem(
        title=f"{account.login or 'This account'} has no Copilot plan",
        message=f"{account.login or 'This account'} is signed in, but has no Copilot plan.",
        next_step=f"Open the plans page ({PLANS_PAGE}), or use another account.",
        code="no_plan",
    )


def _keychain_problem(error: KeychainFailed) -> Problem | None:
    if error.absent:
        return None  # nothing can be lost; signing in will ask where to keep it
    return Problem(
        title="The keychain could not be read",
        message=f"{error} Your sign-in may be in it.",
        next_step="Unlock the keychain and try again, or sign in again.",
        code="keychain",
    )


def _storage_of(place: TokenPlace) -> TokenStorage | None:
    """Return the setting that keeps a token there; None where no setting does."""
    return {
        TokenPlace.MEMORY: TokenStorage.MEMORY,
        TokenPlace.FILE: TokenStorage.FILE,
        TokenPlace.KEYCHAIN: TokenStorage.KEYCHAIN,
    }.get(place)
