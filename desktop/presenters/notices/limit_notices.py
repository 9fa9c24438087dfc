"""The banner's notices on GitHub's limits, the user's budgets and the service's notices."""

from __future__ import annotations

from collections.abc import Callable

from desktop.presenters.actions import Action
from desktop.presenters.notices.notices import Choice, Notice, Severity
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.words import Words
from proxy_core.config.settings import BudgetAction
from proxy_core.status.status import BudgetStatus, Status, UpstreamState
from proxy_core.status.totals import NANO_PER_CREDIT

NEARLY = 0.8
MORE_CREDITS = 20.0
KEPT_ASIDE = "settings_kept_aside"
"""The code of what tells that a settings file was replaced and the old one kept."""
_SHOWN_BY_STATE = ("budget_80", "budget_100", "ledger_trouble", "limit_reached")
"""Notices whose cause is also in the status while it lasts."""


class LimitNotices:
    """``now`` is in seconds since 1970."""

    def __init__(self, commands: ServiceCommands, words: Words, now: Callable[[], float]) -> None:
        self._commands = commands
        self._words = words
        self._now = now
        self._read = 0

    def notice(self) -> Notice | None:
        """Return the most severe one, or None."""
        status = self._commands.status
        return (
            self._limit(status)
            or self._budget(status.budget)
            or self._ledger(status)
            or self._service_notice(status)
        )

    def dismiss(self) -> None:
        notices = self._commands.status.notices
        if notices:
            self._read = notices[-1].number

    def _limit(self, status: Status) -> Notice | None:
        tr, words = self._words.tr, self._words
        upstream = status.upstream
        if upstream.state is UpstreamState.UNREACHABLE:
            problem = upstream.problem
            return Notice(
                Severity.ATTENTION,
                words.said(problem.title) if problem is not None else tr("GitHub does not answer"),
                words.said(problem.message)
                if problem is not None
                else tr("Running requests go on."),
                (Choice(tr("Open Doctor"), Action.OPEN_DOCTOR),),
            )
        if upstream.state is not UpstreamState.LIMITED:
            return None
        problem = upstream.problem
        title = tr("You reached GitHub's limit")
        if problem is not None:
            title = words.said(problem.title)
        if upstream.until is None or upstream.until <= self._now():
            line = tr("Requests wait until it ends.")
            if problem is not None:
                line = words.said(problem.message)
            return Notice(Severity.ATTENTION, title, line)
        line = tr("Requests wait until {time}, in {span}.").format(
            time=words.locale.hours_and_minutes(upstream.until),
            span=words.span(upstream.until - self._now()),
        )
        return Notice(Severity.ATTENTION, title, line)

    def _budget(self, budget: BudgetStatus | None) -> Notice | None:
        if budget is None:
            return None
        day = self._of_period(
            budget.day_spent, budget.day_limit, budget.action, Action.ALLOW_MORE_TODAY
        )
        month = self._of_period(
            budget.month_spent, budget.month_limit, budget.action, Action.ALLOW_MORE_THIS_MONTH
        )
        # A used-up budget is more severe than one that nearly is.
        found = sorted(filter(None, (day, month)), key=lambda pair: pair[0], reverse=True)
        return found[0][1] if found else None

    def _of_period(
        self, spent: int, limit: int | None, action: BudgetAction, more: Action
    ) -> tuple[bool, Notice] | None:
        """Return whether it is used up, and the notice."""
        tr, words = self._words.tr, self._words
        if not limit or spent < NEARLY * limit:
            return None
        of_day = more is Action.ALLOW_MORE_TODAY
        change = Choice(tr("Change budget"), Action.OPEN_SETTINGS)
        shown = words.whole(limit / NANO_PER_CREDIT)
        if spent < limit:
            title = tr("{spent} of {limit} credits today, your own budget")
            if not of_day:
                title = tr("{spent} of {limit} credits this month, your own budget")
            asking = Choice(tr("Ask before sending"), Action.TOGGLE_ASKING)
            asks = self._commands.settings.budget.ask_before_sending
            return False, Notice(
                Severity.INFO,
                title.format(spent=words.credits(spent), limit=shown),
                choices=(change,) if asks else (asking, change),
            )
        title = tr("Today's {limit} credits are used")
        if not of_day:
            title = tr("This month's {limit} credits are used")
        end = tr("midnight") if of_day else tr("the 1st")
        line = {
            BudgetAction.WARN: tr("It is your own budget. Requests go on."),
            BudgetAction.ASK: tr("You are asked before each request until {end}."),
            BudgetAction.STOP: tr("Requests stop until {end}."),
        }[action].format(end=end)
        allow = Choice(tr("Allow {more} more").format(more=round(MORE_CREDITS)), more)
        return True, Notice(Severity.ATTENTION, title.format(limit=shown), line, (allow, change))

    def _ledger(self, status: Status) -> Notice | None:
        problem = status.ledger_problem
        if problem is None:
            return None
        return Notice(Severity.ATTENTION, *self._words.problem(problem))

    def _service_notice(self, status: Status) -> Notice | None:
        """Return the newest notice that is not dismissed."""
        for each in reversed(status.notices):
            if each.number > self._read and each.code not in _SHOWN_BY_STATE:
                close = Choice(self._words.tr("Close"), Action.DISMISS_NOTICE)
                fetch = Choice(self._words.tr("Fetch it"), Action.FETCH_UPDATE)
                back = Choice(self._words.tr("Put the old file back"), Action.RESTORE_SETTINGS)
                first = {"update": (fetch,), KEPT_ASIDE: (back,)}.get(each.code, ())
                choices = (*first, close)
                return Notice(Severity.INFO, *self._words.problem(each), choices)
        return None
