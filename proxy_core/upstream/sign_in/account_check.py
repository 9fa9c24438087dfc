"""Checks a new sign-in before it is stored: whose it is, and whether Copilot accepts it."""

from __future__ import annotations

from proxy_core.errors import Problem, ProxyError, SignedOut
from proxy_core.upstream.sign_in.account import CopilotAccount
from proxy_core.upstream.sign_in.account_status import no_plan_problem, problem_of
from proxy_core.upstream.sign_in.github_api import GitHubApi, NoPlan, WrongKindOfApp
from proxy_core.upstream.sign_in.token_kinds import TokenUse, token_use


async def check_account(api: GitHubApi, token: str) -> tuple[CopilotAccount | None, Problem | None]:
    """Return the account, and why it has no Copilot if it has none.

    Raises SignedOut, WrongKindOfApp or TokenUnusable for a token that can never be used.
    """
    use = token_use(token)
    try:
        account = await api.account(token)
    except NoPlan as error:
        return None, problem_of(error)
    except SignedOut:
        raise
    except ProxyError:
        account = None  # approved nevertheless; the login can be read later
    if account is not None and not account.has_copilot:
        return account, no_plan_problem(account)
    if use is TokenUse.EXCHANGE:
        try:
            # The account response can look fine although the exchange reports no seat.
            await api.exchange(token)
        except NoPlan as error:
            return account, problem_of(error)
        except (SignedOut, WrongKindOfApp):
            raise
        except ProxyError:
            return account, None  # the first request tries again
    return account, None
