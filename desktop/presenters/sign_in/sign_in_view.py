"""The sign-in dialog's view: one frozen value for each stage and result."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words
from proxy_core.config.settings import TokenStorage
from proxy_core.status.sign_in_progress import SignInProgress, SignInState

CLOSES_AFTER = 1.2


class Stage(StrEnum):
    ASKING = "asking"
    WAITING = "waiting"
    STORAGE = "storage"
    APPROVED = "approved"
    ENDED = "ended"
    """Failed; the heading says how, the choices what to do."""


class SignInAction(StrEnum):
    OPEN_PAGE = "open_page"
    NEW_CODE = "new_code"
    OPEN_PLANS_PAGE = "open_plans_page"
    KEEP_IN_FILE = "keep_in_file"
    KEEP_IN_MEMORY = "keep_in_memory"


@dataclass(frozen=True, slots=True)
class SignInChoice:
    text: str
    action: SignInAction
    primary: bool = False
    icon: str = ""


@dataclass(frozen=True, slots=True)
class SignInView:
    """``address`` can be copied if the browser did not open. ``fraction`` is the time left."""

    stage: Stage
    heading: str
    line: str = ""
    code: str = ""
    address: str = ""
    shape: Shape = Shape.STREAMING
    waiting: str = ""
    time_left: str = ""
    fraction: float = 1.0
    storage_line: str = ""
    company_address_problem: str = ""
    choices: tuple[SignInChoice, ...] = ()
    dismiss: str = ""
    closes_after: float | None = None


class SignInViews:
    """Builds the view of every stage and result. One method for each, in order."""

    def __init__(self, commands: ServiceCommands, words: Words) -> None:
        self._commands = commands
        self._words = words

    def asking(self) -> SignInView:
        tr = self._words.tr
        return SignInView(
            Stage.ASKING,
            tr("Asking GitHub for a code"),
            tr("You type it on GitHub's own page. This app never sees your password."),
            storage_line=self._storage_line(),
            dismiss=tr("Cancel"),
        )

    def waiting(
        self,
        code: str,
        page: str,
        *,
        left: float,
        lifetime: float,
        browser_opened: bool,
        offline: bool,
    ) -> SignInView:
        """``left`` of ``lifetime`` seconds remain of the code."""
        tr = self._words.tr
        return SignInView(
            Stage.WAITING,
            tr("Type this code on GitHub"),
            tr("The page is open in your browser, and the code is copied.")
            if browser_opened
            else tr("Your browser did not open. Go to this address; the code is copied."),
            code=code,
            address="" if browser_opened else page,
            shape=Shape.ATTENTION if offline else Shape.STREAMING,
            waiting=tr("GitHub does not answer. The code stays good, trying again")
            if offline
            else tr("Waiting for you to approve"),
            time_left=tr("valid for {time}").format(time=self._words.countdown(left)),
            fraction=left / lifetime,
            storage_line=self._storage_line(),
            choices=(
                SignInChoice(
                    tr("Open the page again") if browser_opened else tr("Open the page"),
                    SignInAction.OPEN_PAGE,
                    primary=True,
                    icon="external",
                ),
            ),
            dismiss=tr("Cancel"),
        )

    def unreached(self) -> SignInView:
        """GitHub does not respond and there is no code; the service keeps trying."""
        tr = self._words.tr
        return SignInView(
            Stage.ASKING,
            tr("GitHub does not answer"),
            tr("Trying again. Check the connection of this computer."),
            shape=Shape.ATTENTION,
            storage_line=self._storage_line(),
            dismiss=tr("Cancel"),
        )

    def storage_choice(self, progress: SignInProgress) -> SignInView:
        tr = self._words.tr
        why = self._words.said(progress.problem.message) if progress.problem else ""
        return SignInView(
            Stage.STORAGE,
            tr("Where to keep your sign-in"),
            why or tr("This computer has no keychain that can be used."),
            shape=Shape.ATTENTION,
            storage_line=tr("The file is one that only your user account can read."),
            choices=(
                SignInChoice(tr("Keep it in a file"), SignInAction.KEEP_IN_FILE, primary=True),
                SignInChoice(tr("Forget it when I quit"), SignInAction.KEEP_IN_MEMORY),
            ),
        )

    def approved(self, login: str | None, plan: str | None) -> SignInView:
        tr = self._words.tr
        named = self._words.plan(plan)
        return SignInView(
            Stage.APPROVED,
            tr("Signed in as {login}").format(login=login) if login else tr("Signed in"),
            tr("Copilot {plan}. This window closes by itself.").format(plan=named)
            if named
            else tr("This window closes by itself."),
            shape=Shape.DONE,
            dismiss=tr("Close"),
            closes_after=CLOSES_AFTER,
        )

    def ending(self, progress: SignInProgress, lifetime: float) -> SignInView:
        tr = self._words.tr
        close = tr("Close")
        match progress.state:
            case SignInState.DENIED:
                return SignInView(
                    Stage.ENDED,
                    tr("You declined on GitHub"),
                    tr("Nothing was stored."),
                    shape=Shape.CANCELLED,
                    choices=(_again(tr("Try again")),),
                    dismiss=close,
                )
            case SignInState.EXPIRED:
                minutes = self._words.span(lifetime)
                return SignInView(
                    Stage.ENDED,
                    tr("The code ran out after {span}").format(span=minutes),
                    tr("Nothing was stored. A new code takes a moment."),
                    shape=Shape.ATTENTION,
                    choices=(_again(tr("New code")),),
                    dismiss=close,
                )
            case SignInState.NO_PLAN:
                who = progress.login or tr("This account")
                return SignInView(
                    Stage.ENDED,
                    tr("{login} has no Copilot plan").format(login=who),
                    tr("The sign-in worked. Copilot answers once the account has a plan."),
                    shape=Shape.ATTENTION,
                    choices=(
                        SignInChoice(
                            tr("Open plans page"),
                            SignInAction.OPEN_PLANS_PAGE,
                            primary=True,
                            icon="external",
                        ),
                        SignInChoice(tr("Use another account"), SignInAction.NEW_CODE),
                    ),
                    dismiss=close,
                )
        problem = progress.problem
        if problem is None:
            return self.failed(tr("Signing in did not work"), tr("Nothing was stored."))
        return self.failed(*self._words.problem(problem))

    def failed(self, heading: str, line: str) -> SignInView:
        tr = self._words.tr
        return SignInView(
            Stage.ENDED,
            heading,
            line,
            shape=Shape.FAILED,
            choices=(_again(tr("Try again")),),
            dismiss=tr("Close"),
        )

    def _storage_line(self) -> str:
        tr = self._words.tr
        if self._commands.status.demo:
            return tr("This is the demo: the sign-in is kept in memory until you quit.")
        return {
            TokenStorage.FILE: tr("The sign-in is kept in a file only your user account can read."),
            TokenStorage.MEMORY: tr("The sign-in is kept in memory until you quit."),
        }.get(
            self._commands.settings.account.token_storage,
            tr("The sign-in is kept in your system's keychain, nowhere else."),
        )


def _again(text: str) -> SignInChoice:
    return SignInChoice(text, SignInAction.NEW_CODE, primary=True)
