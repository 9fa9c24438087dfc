"""Reads an account at GitHub: of a new sign-in before it is stored, and again of the one in force."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from proxy_core.errors import Problem, ProxyError, SignedOut
from proxy_core.status.status import AccountState
from proxy_core.upstream.sign_in import account_status as words
from proxy_core.upstream.sign_in.account import CopilotAccount
from proxy_core.upstream.sign_in.current_sign_in import CurrentSignIn
from proxy_core.upstream.sign_in.epoch import GitHubSignIn
from proxy_core.upstream.sign_in.github_api import GitHubApi, NoPlan, WrongKindOfApp
from proxy_core.upstream.sign_in.token_kinds import TokenUse, token_use
from proxy_core.upstream.transport.hosts import GitHubHosts


async def check_account(api: GitHubApi, token: str) -> tuple[CopilotAccount | None, Problem | None]:
    """Return the account, and why it has no Copilot if it has none.

    Raises SignedOut, WrongKindOfApp or TokenUnusable for a token that can never be used.
    """
    use = token_use(token)
    try:
        account = await api.account(token)
    except NoPlan as error:
        return None, words.problem_of(error)
    except SignedOut:
        raise
    except ProxyError:
        account = None  # approved nevertheless; the login can be read later
    if account is not None and not account.has_copilot:
        return account, words.no_plan_problem(account)
    if use is TokenUse.EXCHANGE:
        try:
            # The account response can look fine although the exchange reports no seat.
            await api.exchange(token)
        except NoPlan as error:
            return account, words.problem_of(error)
        except (SignedOut, WrongKindOfApp):
            raise
        except ProxyError:
            return account, None  # the first request tries again
    return account, None


class AccountCheck:
    """Asks about the account in force. ``after_refusal`` finds another token for a refused one."""

    def __init__(
        self,
        now: CurrentSignIn,
        api: Callable[[GitHubHosts], GitHubApi],
        after_refusal: Callable[[GitHubSignIn], Awaitable[GitHubSignIn | None]],
    ) -> None:
        self._now = now
        self._api = api
        self._after_refusal = after_refusal

    async def run(self) -> None:
        """Put the answer, or why there is none, into the status. Never raises ProxyError."""
        await self._ask(may_renew=True)

    async def _ask(self, *, may_renew: bool) -> None:
        if self._now.held is None:
            return
        sign_in = GitHubSignIn(self._now.held.token, self._now.epoch)
        api = self._api(self._now.hosts)
        try:
            account = await api.account(sign_in.token)
            if self._now.rejection is not None and token_use(sign_in.token) is TokenUse.EXCHANGE:
                # The account response can look fine although the exchange refuses.
                await api.exchange(sign_in.token)
        except SignedOut as error:
            renewed = await self._other_token(sign_in) if may_renew else None
            if renewed is None:
                self._now.note_rejected(sign_in, error)
            elif not renewed.epoch.is_over:
                await self._ask(may_renew=False)
        except NoPlan as error:
            self._now.publish_for(sign_in, AccountState.NO_PLAN, words.problem_of(error))
        except ProxyError as error:
            self._now.publish_for(sign_in, self._now.status.state, words.problem_of(error))
        else:
            if self._now.is_still(sign_in):
                self._now.note_account(account)

    async def _other_token(self, refused: GitHubSignIn) -> GitHubSignIn | None:
        try:
            return await self._after_refusal(refused)
        except ProxyError:
            return None
