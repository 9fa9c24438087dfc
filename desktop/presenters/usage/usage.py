"""Usage: what was spent, by day, model and tool; what is left, and how long it lasts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from desktop.presenters.actions import Action
from desktop.presenters.notices.notices import Choice, Notice, Severity
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.usage.usage_chart import ChartView, make_chart
from desktop.presenters.usage.usage_figures import Figure, figures
from desktop.presenters.usage.usage_shares import (
    MissRow,
    ShareRow,
    client_rows,
    miss_rows,
    model_rows,
)
from desktop.presenters.words import Words
from proxy_core.errors import ProxyError
from proxy_core.status.own_requests import OWN_CLIENT
from proxy_core.status.status import QuotaStatus
from proxy_core.status.totals import NANO_PER_CREDIT, Totals
from proxy_core.usage.quota.quota import PREMIUM, Billing
from proxy_core.usage.report import UsageReport

OLD_AFTER_SECONDS = 900.0
"""Age from which GitHub's figures are marked as old."""
LOADING_AFTER_SECONDS = 0.3
READ_AGAIN_AFTER_SECONDS = 2.0
"""Minimum interval between reads while requests run."""
_QUARTER_DAYS = 90
_WEEK_DAYS = 7


class UsageRange(StrEnum):
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class UsageView:
    """``is_loading``: nothing to show yet, and loading takes noticeable time."""

    source: str
    ranges: tuple[tuple[str, str], ...]
    chosen_range: str
    tools: tuple[tuple[str, str], ...]
    chosen_tool: str
    notice: Notice | None
    is_loading: bool
    figures: tuple[Figure, ...]
    chart: ChartView | None
    budget_line: str
    counted: str
    models: tuple[ShareRow, ...]
    clients: tuple[ShareRow, ...]
    misses: tuple[MissRow, ...]
    can_export: bool


class UsagePresenter:
    """``now`` is in seconds since 1970; days are local. ``changed`` is called when the view changed."""

    def __init__(
        self,
        commands: ServiceCommands,
        words: Words,
        *,
        now: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        self._commands = commands
        self._words = words
        self._now = now
        self._changed = changed
        self._range = UsageRange.MONTH
        self._tool: str | None = None
        self._tools: dict[str, None] = {}
        self._report: UsageReport | None = None
        self._failure: ProxyError | None = None
        self._asked = 0
        self._waiting_since: float | None = None
        self._read_at = 0.0
        self._today: Totals | None = None

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day of the range, both included."""
        today = self._date()
        match self._range:
            case UsageRange.WEEK:
                return today - timedelta(days=_WEEK_DAYS - 1), today
            case UsageRange.QUARTER:
                return today - timedelta(days=_QUARTER_DAYS - 1), today
        return today.replace(day=1), today

    @property
    def file_name(self) -> str:
        """The suggested file name of an export."""
        first, last = self.days
        return f"copilot-usage-{first.isoformat()}-to-{last.isoformat()}.csv"

    def needs_reading(self) -> bool:
        """Whether the figures changed since the last read, or the day did."""
        if self._waiting_since is not None:
            return False
        if self._now() - self._read_at < READ_AGAIN_AFTER_SECONDS:
            return False
        report = self._report
        if report is not None and report.last != self._date():
            return True
        return self._commands.status.today != self._today

    async def choose_range(self, chosen: str) -> None:
        self._range = UsageRange(chosen)
        await self.read()

    async def choose_tool(self, tool: str) -> None:
        """``tool`` empty: all of them."""
        self._tool = self._tool_of(tool)
        await self.read()

    async def read(self) -> None:
        """Read the figures of the range; the previous ones are shown until then."""
        self._asked += 1
        asked = self._asked
        self._waiting_since = self._now()
        today = self._commands.status.today
        first, last = self.days
        self._changed()
        try:
            report = await asyncio.wrap_future(
                self._commands.submit(
                    lambda commands: commands.usage_report(first, last, self._tool)
                )
            )
        except ProxyError as error:
            if asked == self._asked:
                self._failure = error
        else:
            if asked == self._asked:  # a newer request may have replaced this one
                self._report, self._failure = report, None
                if report.client is None:
                    self._tools |= dict.fromkeys(
                        share.name for share in report.clients if share.name != OWN_CLIENT
                    )
        finally:
            if asked == self._asked:
                self._waiting_since = None
                self._read_at = self._now()
                self._today = today
            self._changed()

    async def export(self, path: Path) -> int:
        """Write the range's requests of all tools to ``path``; return how many. Raises ProxyError."""
        first, last = self.days
        return await asyncio.wrap_future(
            self._commands.submit(lambda commands: commands.export_usage(path, first, last))
        )

    def exported(self, count: int, path: Path) -> str:
        tr = self._words.tr
        requests = self._words.numbered("%n request(s)", count)
        return tr("{requests} written to {file}").format(requests=requests, file=path.name)

    def view(self) -> UsageView:
        report = self._report
        shown = report is not None
        return UsageView(
            source=self._source(),
            ranges=self._ranges(),
            chosen_range=self._range,
            tools=self._tool_entries(),
            chosen_tool="" if self._tool is None else f"={self._tool}",
            notice=self._notice(),
            is_loading=not shown and self._waits_long(),
            figures=(
                figures(
                    report,
                    self._main_quota(),
                    self._words,
                    whole_month=self._is_whole_month(report),
                )
                if report is not None
                else ()
            ),
            chart=self._chart(report) if report is not None else None,
            budget_line=self._budget_line(),
            counted=self._words.tr("counted here, live"),
            models=model_rows(report, self._words) if report is not None else (),
            clients=client_rows(report, self._quota_of(report), self._words)
            if report is not None
            else (),
            misses=miss_rows(report, self._words) if report is not None else (),
            can_export=shown and report is not None and report.since is not None,
        )

    def _date(self) -> date:
        return datetime.fromtimestamp(self._now()).astimezone().date()

    def _waits_long(self) -> bool:
        since = self._waiting_since
        return since is not None and self._now() - since >= LOADING_AFTER_SECONDS

    def _ranges(self) -> tuple[tuple[str, str], ...]:
        tr = self._words.tr
        return (
            (UsageRange.WEEK, tr("7 days")),
            (UsageRange.MONTH, self._words.locale.month(self._date())),
            (UsageRange.QUARTER, tr("90 days")),
        )

    def _tool_entries(self) -> tuple[tuple[str, str], ...]:
        tr = self._words.tr
        named = sorted(self._tools, key=str.casefold)
        entries = [(f"={name}", name or tr("Unknown tool")) for name in named]
        return (("", tr("All tools")), *entries)

    def _tool_of(self, entry: str) -> str | None:
        return entry[1:] if entry else None

    def _main_quota(self) -> QuotaStatus | None:
        quotas = [each for each in self._commands.status.quotas if not each.is_rate_limit]
        main = [each for each in quotas if each.name == PREMIUM]
        return next(iter(main or quotas), None)

    def _is_whole_month(self, report: UsageReport) -> bool:
        """Whether the report is of this month and all tools, as GitHub's own count is."""
        return self._range is UsageRange.MONTH and report.client is None

    def _quota_of(self, report: UsageReport) -> QuotaStatus | None:
        return self._main_quota() if self._is_whole_month(report) else None

    def _source(self) -> str:
        tr, words = self._words.tr, self._words
        quota = self._main_quota()
        if quota is None or quota.read_at is None:
            return tr("counted here")
        age = self._now() - quota.read_at
        if age > OLD_AFTER_SECONDS:
            return tr("GitHub did not answer since {time}").format(
                time=words.locale.hours_and_minutes(quota.read_at)
                if age < 86_400
                else words.locale.day(quota.read_at)
            )
        return tr("from GitHub, read {ago}").format(ago=words.ago(age))

    def _notice(self) -> Notice | None:
        tr = self._words.tr
        again = Choice(tr("Try again"), Action.READ_AGAIN)
        if self._failure is not None:
            previous_note = (
                tr("You see the figures of {time}.").format(
                    time=self._words.locale.hours_and_minutes(self._report.made_at)
                )
                if self._report is not None
                else tr("Requests are not affected.")
            )
            return Notice(
                Severity.FAILURE,
                tr("The figures could not be read"),
                f"{self._words.said(self._failure.said)} {previous_note}",
                (again, Choice(tr("Open Doctor"), Action.OPEN_DOCTOR)),
            )
        problem = self._commands.status.ledger_problem
        if problem is not None:
            return Notice(Severity.ATTENTION, *self._words.problem(problem))
        if not self._commands.settings.usage.keep_ledger:
            return Notice(
                Severity.INFO,
                tr("The history is switched off"),
                tr(
                    "Only what was stored before is shown. Home still counts today, until the app ends."
                ),
                (Choice(tr("Open Settings"), Action.OPEN_SETTINGS),),
            )
        return None

    def _chart(self, report: UsageReport) -> ChartView:
        tr = self._words.tr
        named = dict(self._ranges())[self._range]
        return make_chart(
            report.days,
            report.clients,
            self._date(),
            self._words,
            heading=tr("Credits by day, {range}").format(range=named),
            budget=self._commands.settings.budget.daily_credits if self._tool is None else None,
            forecast=self._days_ahead(report),
        )

    def _days_ahead(self, report: UsageReport) -> Mapping[date, float]:
        """Return the rest of the month at the current pace; only for credits."""
        pace = report.forecast.per_day
        if (
            pace is None
            or not self._is_whole_month(report)
            or report.billing not in (Billing.CREDITS, Billing.UNKNOWN)
        ):
            return {}
        following = (report.last.replace(day=1) + timedelta(days=32)).replace(day=1)
        count = (following - report.last).days - 1
        return {report.last + timedelta(days=each + 1): pace for each in range(count)}

    def _budget_line(self) -> str:
        tr, words = self._words.tr, self._words
        budget = self._commands.status.budget
        if budget is None:
            return ""
        parts = []
        if budget.day_limit is not None:
            parts.append(
                tr("today {spent} of {limit} credits").format(
                    spent=words.credits(budget.day_spent),
                    limit=words.plain_number(budget.day_limit / NANO_PER_CREDIT),
                )
            )
        if budget.month_limit is not None:
            parts.append(
                tr("this month {spent} of {limit} credits").format(
                    spent=words.credits(budget.month_spent),
                    limit=words.plain_number(budget.month_limit / NANO_PER_CREDIT),
                )
            )
        if not parts:
            return ""
        return tr("Your own budget: {parts}").format(parts=", ".join(parts))
