"""``login`` and ``logout``, for a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from proxy_core.app.engine import Engine
from proxy_core.cli.command_engine import asked, with_engine
from proxy_core.cli.exit_codes import DONE, FAILED
from proxy_core.config.paths import find_paths
from proxy_core.config.settings import TokenStorage
from proxy_core.status.logging import set_up_logging
from proxy_core.status.sign_in_progress import SignInProgress, SignInState
from proxy_core.status.status import AccountState, AccountStatus, TokenPlace
from proxy_core.status.status_board import StatusBoard

PLACES: Mapping[TokenPlace, str] = {
    TokenPlace.KEYCHAIN: "in the keychain",
    TokenPlace.FILE: "in a file only you can read",
    TokenPlace.MEMORY: "in memory",
    TokenPlace.ENVIRONMENT: "in COPILOT_GITHUB_TOKEN",
    TokenPlace.NOWHERE: "nowhere",
}


def login(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    set_up_logging(find_paths(environ))
    store = TokenStorage(parsed.store) if parsed.store else None

    async def work(engine: Engine, board: StatusBoard) -> int:
        await engine.restored()
        if store is not None:
            await engine.commands.change_settings("account.token_storage", store)
        if not sys.stdin.isatty() and not await engine.commands.can_keep_sign_in():
            # Reported before the user is sent to GitHub for a sign-in that could not be stored.
            return _nowhere_to_keep_it()
        progress = _Progress()
        status = await engine.commands.sign_in(progress.on_progress, parsed.github_host)
        if progress.needs_choice:
            return await _choose(engine, board)
        return _report(status)

    return with_engine(work, environ)


def logout(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    del parsed
    set_up_logging(find_paths(environ))

    async def work(engine: Engine, board: StatusBoard) -> int:
        before = await engine.restored()
        await engine.commands.sign_out()
        problem = board.current.account.problem
        if problem is not None:
            print(f"{problem.message} {problem.next_step}".strip(), file=sys.stderr)
            return FAILED
        if before.state is AccountState.SIGNED_OUT:
            print("Nobody was signed in.")
        else:
            print(f"Signed out{f' {before.login}' if before.login else ''}.")
        return DONE

    return with_engine(work, environ)


class _Progress:
    """Shows the code once, then the sign-in's progress."""

    def __init__(self) -> None:
        self.needs_choice = False
        self._state: SignInState | None = None

    def on_progress(self, progress: SignInProgress) -> None:
        before, self._state = self._state, progress.state
        match progress.state:
            case SignInState.WAITING if before is None:
                print(f"Open  {progress.verification_uri}")
                print(f"Enter {progress.user_code}")
                print("Waiting for GitHub; Ctrl-C cancels.", flush=True)
            case SignInState.WAITING:
                print("GitHub answers again.", flush=True)
            case SignInState.OFFLINE if before is not SignInState.OFFLINE:
                print("GitHub does not answer; trying again.", file=sys.stderr, flush=True)
                if before is None:
                    self._state = None  # the code is not shown yet
            case SignInState.NEEDS_STORAGE_CHOICE:
                self.needs_choice = True
            case _:
                pass


async def _choose(engine: Engine, board: StatusBoard) -> int:
    """Ask, where there is no keychain, whether to store the sign-in in a file."""
    if sys.stdin.isatty():
        if asked("There is no keychain. Keep the sign-in in a file only you can read? [y/N] "):
            await engine.commands.choose_token_storage(TokenStorage.FILE)
            return _report(board.current.account)
        print("Nothing was stored.", file=sys.stderr)
        return FAILED
    return _nowhere_to_keep_it()


def _nowhere_to_keep_it() -> int:
    print(
        "g-copilot-proxy: there is no keychain here, so nothing was stored. Run `g-copilot-proxy login "
        "--store file` to keep the sign-in in a file only you can read.",
        file=sys.stderr,
    )
    return FAILED


def _report(status: AccountStatus) -> int:
    if status.problem is not None:
        print(f"{status.problem.message} {status.problem.next_step}".strip(), file=sys.stderr)
    if status.state is not AccountState.SIGNED_IN:
        return FAILED
    plan = f", Copilot {status.plan}" if status.plan else ""
    who = status.login or "you"
    print(f"Signed in as {who}{plan}. The sign-in is kept {PLACES[status.token_place]}.")
    return DONE if status.token_place is not TokenPlace.MEMORY else FAILED
