"""System notifications: each event once, and never an ordinary request."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.presenters.notices.notices import Severity
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.words import Words
from proxy_core.status.status import AccountState, ServerState, Status

_FAILURES = ("ledger_trouble",)
_ASKS_FOR_YOU = ("budget_80", "budget_100", "limit_reached", "model_gone", *_FAILURES)


@dataclass(frozen=True, slots=True)
class Notification:
    title: str
    line: str
    severity: Severity


class NotificationPresenter:
    """``take_new`` is called with every new status; it returns each notification once."""

    def __init__(self, commands: ServiceCommands, words: Words) -> None:
        self._commands = commands
        self._words = words
        self._shown_number = 0
        self._account = AccountState.UNKNOWN
        self._server = ServerState.OFF
        self._approval: str | None = None

    def take_new(self) -> tuple[Notification, ...]:
        """Return new notifications. While notifications are switched off they count as shown."""
        status = self._commands.status
        found = [*self._of_states(status), *self._of_notices(status), *self._of_approvals(status)]
        self._account, self._server = status.account.state, status.server.state
        return tuple(found) if self._commands.settings.desktop.notices else ()

    def _of_notices(self, status: Status) -> list[Notification]:
        fresh = [each for each in status.notices if each.number > self._shown_number]
        if fresh:
            self._shown_number = fresh[-1].number
        return [
            Notification(
                *self._words.problem(each),
                Severity.ATTENTION if each.code in _ASKS_FOR_YOU else Severity.INFO,
            )
            for each in fresh
        ]

    def _of_states(self, status: Status) -> list[Notification]:
        tr = self._words.tr
        found = []
        problem = status.server.problem
        if status.server.state is ServerState.FAILED and self._server is not ServerState.FAILED:
            line = tr("Open the window to see why.")
            if problem is not None:
                line = self._words.said(problem.message)
            found.append(Notification(tr("The proxy could not start"), line, Severity.FAILURE))
        ended = status.account.state is AccountState.EXPIRED
        if ended and self._account is not AccountState.EXPIRED:
            account = status.account
            title = tr("GitHub ended the session")
            if account.problem is not None:
                title = self._words.said(account.problem.title)
            line = tr("Tools are told to wait until you sign in again.")
            found.append(Notification(title, line, Severity.ATTENTION))
        return found

    def _of_approvals(self, status: Status) -> list[Notification]:
        """Notify when the first question appears, because its dialog does not take the focus."""
        tr = self._words.tr
        first = status.approvals[0].question if status.approvals else None
        before, self._approval = self._approval, first.request_id if first is not None else None
        if first is None or before is not None:
            return []
        line = tr("Nothing is sent until you answer.")
        title = tr("{tool} wants to send a request").format(tool=first.client)
        return [Notification(title, line, Severity.ATTENTION)]
