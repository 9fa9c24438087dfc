"""The account's status and problems, worded for a person. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

from msgspec.structs import replace

from proxy_core.errors import Problem, ProxyError, SignedOut, joined, translatable
from proxy_core.status.sign_in_progress import SignInProgress, SignInState
from proxy_core.status.status import AccountState, AccountStatus, TokenPlace
from proxy_core.upstream.sign_in.account import CopilotAccount
from proxy_core.upstream.sign_in.credentials import TOKEN_VARIABLE, HeldToken
from proxy_core.upstream.sign_in.epoch import SignInPending
from proxy_core.upstream.sign_in.github_api import NoPlan
from proxy_core.upstream.sign_in.keychain import KeychainFailed

PLANS_PAGE = "https://github.com/features/copilot/plans"
PENDING_RETRY_SECONDS = 5.0


def signed_in(held: HeldToken, host: str, account: CopilotAccount | None) -> AccountStatus:
    status = AccountStatus(
        state=AccountState.SIGNED_IN,
        github_host=host,
        token_place=held.place,
        problem=held.problem,
    )
    if account is None:
        return status
    status = replace(status, login=account.login, plan=account.plan)
    if account.has_copilot:
        return status
    return replace(status, state=AccountState.NO_PLAN, problem=no_plan_problem(account))


def signed_out(host: str, problem: Problem | None = None) -> AccountStatus:
    return AccountStatus(state=AccountState.SIGNED_OUT, github_host=host, problem=problem)


def waiting_for_keychain(host: str, error: KeychainFailed | None) -> AccountStatus:
    """``error`` None: the keychain has not responded yet."""
    reason = (
        error.message if error is not None else translatable("The keychain has not answered yet.")
    )
    problem = Problem(
        title=translatable("Your sign-in cannot be read yet"),
        message=translatable(
            "{reason} Your sign-in may be in it; it is asked again until it answers.",
            reason=reason,
        ),
        next_step=translatable("Unlock the keychain, or sign in again."),
        code="keychain",
    )
    return AccountStatus(state=AccountState.WAITING_FOR_KEYCHAIN, github_host=host, problem=problem)


def no_sign_in_error(status: AccountStatus) -> SignedOut:
    """Return the error for requests while there is no usable sign-in."""
    problem = status.problem
    if status.state in (AccountState.UNKNOWN, AccountState.WAITING_FOR_KEYCHAIN):
        looks = translatable("Your sign-in is still being looked for.")
        why = (problem.message, problem.next_step) if problem else (looks,)
        return SignInPending(
            joined(
                (
                    translatable("g-copilot-proxy cannot read its GitHub sign-in yet."),
                    *filter(None, why),
                )
            ),
            code="keychain",
            retry_after=PENDING_RETRY_SECONDS,
        )
    if problem is not None and problem.code == "signed_in_elsewhere":
        return SignedOut(
            translatable(
                "g-copilot-proxy: {message} {next_step}",
                message=problem.message,
                next_step=problem.next_step,
            ),
            code="signed_out",
            is_own_text=True,
        )
    return SignedOut(
        translatable(
            "Nobody is signed in to GitHub. Open g-copilot-proxy and sign in, or run "
            "“g-copilot-proxy login”."
        ),
        code="signed_out",
        is_own_text=True,
    )


def elsewhere_problem(before: str, now: str) -> Problem:
    return Problem(
        title=translatable("Nobody is signed in to {host}", host=now),
        message=translatable(
            "You are signed in to {before}, but the settings now name {now}.",
            before=before,
            now=now,
        ),
        next_step=translatable("Sign in there, or change account.github_host back."),
        code="signed_in_elsewhere",
    )


def rejected_problem(message: str, *, was_accepted: bool) -> Problem:
    """Return the problem of an ended session with its possible reasons; GitHub gives none."""
    text = translatable("GitHub no longer accepts this sign-in: {reason}", reason=message)
    if was_accepted:
        text = translatable(
            "GitHub no longer accepts this sign-in: {reason}. If you did not end it: GitHub keeps a "
            "limited number of sign-ins for an app and ends the oldest when other programs sign in "
            "with the same one.",
            reason=message.rstrip("."),
        )
    return Problem(
        title=translatable("GitHub ended the session"),
        message=text,
        next_step=translatable("Sign in again."),
        code="token_rejected",
    )


def environment_problem() -> Problem:
    return Problem(
        title=translatable("You are signed out until the next start"),
        message=translatable(
            "{variable} is set, so the next start signs you in again.", variable=TOKEN_VARIABLE
        ),
        next_step=translatable(
            "Remove {variable} from your environment to stay signed out.", variable=TOKEN_VARIABLE
        ),
        code="token_in_environment",
    )


def left_behind_problem(reasons: Collection[str]) -> Problem:
    return Problem(
        title=translatable("A copy of your sign-in could not be removed"),
        message=translatable(
            "{reasons} The copy is still there; it is not used any more.",
            reasons=" ".join(reasons),
        ),
        next_step=translatable(
            "Remove it by hand, or end it in your GitHub settings under Applications."
        ),
        code="token_left",
    )


def problem_of(error: ProxyError) -> Problem:
    next_step = {
        "signed_out": translatable("Sign in."),
        "token_rejected": translatable("Sign in again."),
    }.get(error.code or "")
    otherwise = (
        translatable("Open the plans page.")
        if isinstance(error, NoPlan)
        else translatable("Try again.")
    )
    return Problem(
        title=error.title,
        message=error.said,
        next_step=next_step or otherwise,
        code="no_plan" if isinstance(error, NoPlan) else error.code or error.kind.value,
    )


def no_plan_problem(account: CopilotAccount) -> Problem:
    who = account.login or translatable("This account")
    return Problem(
        title=translatable("{account} has no Copilot plan", account=who),
        message=translatable("{account} is signed in, but has no Copilot plan.", account=who),
        next_step=translatable(
            "Open the plans page ({address}), or use another account.", address=PLANS_PAGE
        ),
        code="no_plan",
    )


def ending(shown: SignInProgress, status: AccountStatus, held: HeldToken) -> SignInProgress:
    """Return the last report of a successful sign-in."""
    if status.state is AccountState.NO_PLAN:
        state = SignInState.NO_PLAN
    elif held.needs_choice:
        state = SignInState.NEEDS_STORAGE_CHOICE
    else:
        state = SignInState.APPROVED
    return dataclasses.replace(
        shown, state=state, login=status.login, plan=status.plan, problem=status.problem
    )


def place_words(place: TokenPlace) -> str:
    places = {
        TokenPlace.KEYCHAIN: translatable("the keychain"),
        TokenPlace.FILE: translatable("a file"),
    }
    return places.get(place, translatable("memory"))
