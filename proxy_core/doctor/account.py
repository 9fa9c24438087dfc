"""Checks the account: sign-in, kind of token, plan, available models."""

from __future__ import annotations

from collections.abc import Sequence

from proxy_core.canonical.model import Model
from proxy_core.doctor.finding import CheckResult, DoctorAction, attention, failed, ok, unknown
from proxy_core.status.status import AccountState, AccountStatus, TokenPlace
from proxy_core.upstream.sign_in.account import CopilotAccount
from proxy_core.upstream.sign_in.token_kinds import TokenUse
from proxy_core.usage.quota.quota import Billing, Quota

NOT_SIGNED_IN = "Not asked: nobody is signed in."
_KINDS = {
    TokenUse.EXCHANGE: "signed in with this app",
    TokenUse.DIRECT: "with a token from elsewhere, used as it is",
}
_PLACES = {
    TokenPlace.KEYCHAIN: "kept in the keychain",
    TokenPlace.FILE: "kept in a file only you can read",
    TokenPlace.MEMORY: "kept in memory until the program ends",
    TokenPlace.ENVIRONMENT: "from COPILOT_GITHUB_TOKEN",
    TokenPlace.NOWHERE: "not kept",
}


def is_signed_in(account: AccountStatus) -> bool:
    return account.state in (AccountState.SIGNED_IN, AccountState.NO_PLAN)


def sign_in(account: AccountStatus, use: TokenUse | None) -> CheckResult:
    """``use`` is None if there is no token."""
    match account.state:
        case AccountState.SIGNED_IN if account.problem is not None:
            return attention(account.problem.message, account.problem.next_step)
        case AccountState.SIGNED_IN | AccountState.NO_PLAN:
            kind = f", {_KINDS[use]}" if use is not None else ""
            login = account.login or "Somebody"
            return ok(f"{login} on {account.github_host}{kind}; {_PLACES[account.token_place]}.")
        case AccountState.EXPIRED:
            message = account.problem.message if account.problem else "GitHub ended the session."
            return failed(message, "Sign in again.", DoctorAction.SIGN_IN)
        case AccountState.WAITING_FOR_KEYCHAIN if account.problem is not None:
            return failed(account.problem.message, account.problem.next_step, DoctorAction.SIGN_IN)
        case AccountState.UNKNOWN | AccountState.WAITING_FOR_KEYCHAIN:
            return unknown("The sign-in of an earlier run is still being looked for.")
    return failed("Nobody is signed in.", "Run: g-copilot-proxy login", DoctorAction.SIGN_IN)


def plan(status: AccountStatus, account: CopilotAccount | None) -> CheckResult:
    if not is_signed_in(status):
        return unknown(NOT_SIGNED_IN)
    if status.state is AccountState.NO_PLAN:
        message = status.problem.message if status.problem else "This account has no Copilot plan."
        return failed(
            message,
            "Choose a plan on GitHub, or sign in with another account.",
            DoctorAction.OPEN_PLANS_PAGE,
        )
    if account is None:
        return unknown("GitHub did not say which plan this account has.")
    name = account.plan or "A plan GitHub does not name"
    main = account.allowances.main
    if main is None:
        return ok(f"{name}; GitHub tells no allowance.")
    amount = _allowance(main, account.allowances.billing)
    percent = main.percent_used
    if percent is not None and percent >= 100 and not main.overage_permitted:
        return attention(
            f"{name}, {amount}: all of it is used.",
            "Included models still work; the rest waits until it is reset.",
            DoctorAction.OPEN_PLANS_PAGE,
        )
    return ok(f"{name}, {amount}.")


def models(status: AccountStatus, found: Sequence[Model]) -> CheckResult:
    if not is_signed_in(status):
        return unknown(NOT_SIGNED_IN)
    usable = [each for each in found if each.disabled_reason is None]
    if not usable:
        return failed(
            "GitHub offers this account no model.",
            "If an organisation gives you Copilot, ask its owner which models are on.",
        )
    images = "allowed" if any(each.supports.vision for each in usable) else "off"
    search = ", web search allowed" if any(each.supports.web_search for each in usable) else ""
    return ok(f"{len(usable)} of {len(found)} can be used; images {images}{search}.")


def _allowance(quota: Quota, billing: Billing) -> str:
    unit = {Billing.CREDITS: "credits", Billing.PREMIUM_REQUESTS: "premium requests"}.get(
        billing, "requests"
    )
    if quota.unlimited:
        return f"{unit} without a limit"
    if quota.entitlement is None:
        return f"{unit}, how many is not told"
    return f"{quota.entitlement:,.0f} {unit} a month"
