"""Checks the account: sign-in, kind of token, plan, available models."""

from __future__ import annotations

from collections.abc import Sequence

from proxy_core.canonical.model import Model
from proxy_core.doctor.finding import CheckResult, DoctorAction, attention, failed, ok, unknown
from proxy_core.errors import TranslatableText, translatable
from proxy_core.status.status import AccountState, AccountStatus, TokenPlace
from proxy_core.upstream.sign_in.account import CopilotAccount
from proxy_core.upstream.sign_in.token_kinds import TokenUse
from proxy_core.usage.quota.quota import Billing, Quota

NOT_SIGNED_IN = translatable("Not asked: nobody is signed in.")
_KINDS = {
    TokenUse.EXCHANGE: translatable("signed in with this app"),
    TokenUse.DIRECT: translatable("with a token from elsewhere, used as it is"),
}
_PLACES = {
    TokenPlace.KEYCHAIN: translatable("kept in the keychain"),
    TokenPlace.FILE: translatable("kept in a file only you can read"),
    TokenPlace.MEMORY: translatable("kept in memory until the program ends"),
    TokenPlace.ENVIRONMENT: translatable("from COPILOT_GITHUB_TOKEN"),
    TokenPlace.NOWHERE: translatable("not kept"),
}

_UNITS = {
    Billing.CREDITS: translatable("credits"),
    Billing.PREMIUM_REQUESTS: translatable("premium requests"),
}
_ABILITIES = {
    (True, True): translatable("images allowed, web search allowed"),
    (True, False): translatable("images allowed"),
    (False, True): translatable("images off, web search allowed"),
    (False, False): translatable("images off"),
}
"""By whether a model reads images, and whether one searches the web."""


def is_signed_in(account: AccountStatus) -> bool:
    return account.state in (AccountState.SIGNED_IN, AccountState.NO_PLAN)


def sign_in(account: AccountStatus, use: TokenUse | None) -> CheckResult:
    """``use`` is None if there is no token."""
    match account.state:
        case AccountState.SIGNED_IN if account.problem is not None:
            return attention(account.problem.message, account.problem.next_step)
        case AccountState.SIGNED_IN | AccountState.NO_PLAN:
            return ok(_signed_in(account, use))
        case AccountState.EXPIRED:
            message = (
                account.problem.message
                if account.problem
                else translatable("GitHub ended the session.")
            )
            return failed(message, translatable("Sign in again."), DoctorAction.SIGN_IN)
        case AccountState.WAITING_FOR_KEYCHAIN if account.problem is not None:
            return failed(account.problem.message, account.problem.next_step, DoctorAction.SIGN_IN)
        case AccountState.UNKNOWN | AccountState.WAITING_FOR_KEYCHAIN:
            return unknown(translatable("The sign-in of an earlier run is still being looked for."))
    return failed(
        translatable("Nobody is signed in."),
        translatable("Run: g-copilot-proxy login"),
        DoctorAction.SIGN_IN,
    )


def _signed_in(account: AccountStatus, use: TokenUse | None) -> TranslatableText:
    login = account.login or translatable("Somebody")
    place = _PLACES[account.token_place]
    if use is None:
        return translatable(
            "{login} on {host}; {place}.", login=login, host=account.github_host, place=place
        )
    return translatable(
        "{login} on {host}, {how}; {place}.",
        login=login,
        host=account.github_host,
        how=_KINDS[use],
        place=place,
    )


def plan(status: AccountStatus, account: CopilotAccount | None) -> CheckResult:
    if not is_signed_in(status):
        return unknown(NOT_SIGNED_IN)
    if status.state is AccountState.NO_PLAN:
        message = (
            status.problem.message
            if status.problem
            else translatable("This account has no Copilot plan.")
        )
        return failed(
            message,
            translatable("Choose a plan on GitHub, or sign in with another account."),
            DoctorAction.OPEN_PLANS_PAGE,
        )
    if account is None:
        return unknown(translatable("GitHub did not say which plan this account has."))
    name = account.plan or translatable("A plan GitHub does not name")
    main = account.allowances.main
    if main is None:
        return ok(translatable("{plan}; GitHub tells no allowance.", plan=name))
    amount = _allowance(main, account.allowances.billing)
    percent = main.percent_used
    if percent is not None and percent >= 100 and not main.overage_permitted:
        return attention(
            translatable("{plan}, {allowance}: all of it is used.", plan=name, allowance=amount),
            translatable("Included models still work; the rest waits until it is reset."),
            DoctorAction.OPEN_PLANS_PAGE,
        )
    return ok(translatable("{plan}, {allowance}.", plan=name, allowance=amount))


def models(status: AccountStatus, found: Sequence[Model]) -> CheckResult:
    if not is_signed_in(status):
        return unknown(NOT_SIGNED_IN)
    usable = [each for each in found if each.disabled_reason is None]
    if not usable:
        return failed(
            translatable("GitHub offers this account no model."),
            translatable(
                "If an organisation gives you Copilot, ask its owner which models are on."
            ),
        )
    images = any(each.supports.vision for each in usable)
    search = any(each.supports.web_search for each in usable)
    return ok(
        translatable(
            "{usable} of {found} can be used; {abilities}.",
            usable=len(usable),
            found=len(found),
            abilities=_ABILITIES[images, search],
        )
    )


def _allowance(quota: Quota, billing: Billing) -> TranslatableText:
    unit = _UNITS.get(billing, translatable("requests"))
    if quota.unlimited:
        return translatable("{unit} without a limit", unit=unit)
    if quota.entitlement is None:
        return translatable("{unit}, how many is not told", unit=unit)
    amount = f"{quota.entitlement:,.0f}"
    return translatable("{amount} {unit} a month", amount=amount, unit=unit)
