"""The window's frame: the state at the sidebar's foot, and the one banner above every page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desktop.presenters.actions import Action
from desktop.presenters.doctor.doctor import DoctorMark
from desktop.presenters.home.server_control import next_port
from desktop.presenters.home.server_state import (
    can_start,
    footer_line,
    is_changing,
    is_serving,
    openai_base_url,
    port_of,
    state_line,
    state_shape,
    state_word,
    state_words,
)
from desktop.presenters.notices.limit_notices import KEPT_ASIDE, LimitNotices
from desktop.presenters.notices.notices import Choice, Notice, Severity
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words
from proxy_core.errors import Problem
from proxy_core.status.status import AccountState, AccountStatus, ServerState, Status, UpstreamState


@dataclass(frozen=True, slots=True)
class FrameView:
    notice: Notice | None
    shape: Shape
    state_word: str
    state_line: str
    footer_line: str
    switch_on: bool
    switch_enabled: bool
    openai_url: str
    state_words: tuple[str, ...] = ()
    """Every state's word, so that room is kept for the longest."""
    doctor_mark: DoctorMark | None = None


class FramePresenter:
    """``now`` is the wall clock in seconds since 1970.

    ``standing_notice`` has the lowest priority. ``doctor_mark``: the Doctor's last result, if any.
    """

    def __init__(
        self,
        commands: ServiceCommands,
        words: Words,
        now: Callable[[], float],
        command_notice: Callable[[], Notice | None] = lambda: None,
        standing_notice: Callable[[], Notice | None] = lambda: None,
        doctor_mark: Callable[[], DoctorMark | None] = lambda: None,
    ) -> None:
        self._commands = commands
        self._words = words
        self._now = now
        self._command_notice = command_notice
        self._standing_notice = standing_notice
        self._doctor_mark = doctor_mark
        self._limits = LimitNotices(commands, words, now)

    def view(self) -> FrameView:
        status, settings, words = self._commands.status, self._commands.settings, self._words
        now = self._now()
        return FrameView(
            notice=self._notice(status)
            or self._key_notice()
            or self._limits.notice()
            or self._standing_notice(),
            shape=state_shape(status, now),
            state_word=state_word(status, words, now),
            state_line=state_line(status, settings, words, now),
            footer_line=footer_line(status, settings, words),
            switch_on=status.server.state in (ServerState.RUNNING, ServerState.STARTING),
            switch_enabled=is_serving(status) or can_start(status),
            openai_url=openai_base_url(status, settings),
            state_words=state_words(words),
            doctor_mark=self._doctor_mark() or self._status_mark(status),
        )

    def dismiss_notice(self) -> None:
        """Dismiss the service's latest notice."""
        self._limits.dismiss()

    def _status_mark(self, status: Status) -> DoctorMark | None:
        """Return the mark implied by the status, before the Doctor has run."""
        tr = self._words.tr
        if status.server.state is ServerState.FAILED:
            return DoctorMark(Shape.FAILED, tr("The server could not start"))
        account = status.account
        troubled = (
            account.state in (AccountState.NO_PLAN, AccountState.WAITING_FOR_KEYCHAIN)
            or (account.state is AccountState.SIGNED_IN and account.problem is not None)
            or status.settings_problem is not None
            or status.ledger_problem is not None
            or status.background_problem is not None
            or status.upstream.state is UpstreamState.UNREACHABLE
        )
        return DoctorMark(Shape.ATTENTION, tr("Something needs attention")) if troubled else None

    def _key_notice(self) -> Notice | None:
        try:
            _ = self._commands.local_key
        except OSError as error:
            tr = self._words.tr
            return Notice(
                Severity.ATTENTION,
                tr("The local key can neither be read nor made"),
                tr("Tools cannot connect without it: {reason}").format(
                    reason=error.strerror or type(error).__name__
                ),
            )
        return None

    def _notice(self, status: Status) -> Notice | None:
        """Return the most severe notice only."""
        tr = self._words.tr
        account, problem = status.account, status.server.problem
        if status.server.state is ServerState.FAILED:
            return self._failed(status, problem)
        if self._command_notice() is not None and not is_changing(status):
            return self._command_notice()
        if account.state is AccountState.NO_PLAN:
            return Notice(
                Severity.ATTENTION,
                tr("{login} has no Copilot plan").format(
                    login=account.login or account.github_host
                ),
                tr("The sign-in worked. Copilot answers once the account has a plan."),
                (
                    Choice(tr("Open plans page"), Action.OPEN_PLANS_PAGE),
                    Choice(tr("Use another account"), Action.SIGN_IN),
                ),
            )
        if status.settings_problem is not None:
            return self._settings(status.settings_problem)
        if account.state is AccountState.EXPIRED:
            title = tr("GitHub ended the session")
            if account.problem is not None:
                title = self._words.said(account.problem.title)
            return Notice(
                Severity.ATTENTION,
                title,
                tr("Your key and tools are kept. Signing in again takes about a minute."),
                (Choice(tr("Sign in to GitHub"), Action.SIGN_IN, primary=True),),
            )
        if account.state is AccountState.SIGNED_OUT:
            return self._first_sign_in(account)
        if account.problem is not None:
            return Notice(Severity.ATTENTION, *self._words.problem(account.problem))
        if status.background_problem is not None:
            return Notice(Severity.ATTENTION, *self._words.problem(status.background_problem))
        return None

    def _first_sign_in(self, account: AccountStatus) -> Notice:
        tr = self._words.tr
        if account.problem is not None:
            notice = Notice(Severity.ATTENTION, *self._words.problem(account.problem))
            title, line, severity = notice.title, notice.line, notice.severity
        else:
            title = tr("Sign in to GitHub to begin")
            # Shown at the first start, before anything is sent.
            line = tr(
                "Tools then run on your own Copilot plan. GitHub offers this interface to its own "
                "clients and may limit an account that uses it this way."
            )
            severity = Severity.INFO
        choice = Choice(tr("Sign in to GitHub"), Action.SIGN_IN, primary=True)
        return Notice(severity, title, line, (choice,))

    def _settings(self, problem: Problem) -> Notice:
        back = Choice(self._words.tr("Put the old file back"), Action.RESTORE_SETTINGS)
        choices = (back,) if problem.code == KEPT_ASIDE else ()
        return Notice(Severity.ATTENTION, *self._words.problem(problem), choices)

    def _failed(self, status: Status, problem: Problem | None) -> Notice:
        tr = self._words.tr
        again = Choice(tr("Try again"), Action.START)
        if problem is None:
            return Notice(Severity.FAILURE, tr("The proxy could not start"), "", (again,))
        if problem.code == "port_in_use":
            unchanged = tr("Your settings are unchanged.")
            port = port_of(status, self._commands.settings)
            other = Choice(tr("Use {port}").format(port=next_port(port)), Action.USE_NEXT_PORT)
            return Notice(
                Severity.FAILURE,
                tr("The proxy could not start: port {port} is in use").format(port=port),
                f"{self._words.said(problem.message)} {unchanged}",
                (other, again),
            )
        return Notice(
            Severity.FAILURE,
            tr("The proxy could not start: {why}").format(why=self._words.said(problem.title)),
            self._words.problem(problem)[1],
            (again,),
        )
