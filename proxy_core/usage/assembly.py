"""Builds the usage services from settings, paths and a clock, and publishes their state.

Everything here belongs to the engine's loop; calls from the ledger's writer thread are forwarded to
the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from proxy_core.clock import Clock
from proxy_core.config.paths import Paths
from proxy_core.config.settings import BudgetSettings, Settings
from proxy_core.errors import Problem, translatable
from proxy_core.status.approvals import WaitingApproval
from proxy_core.status.status import BudgetStatus, ClientPause, Status, with_notice
from proxy_core.status.status_board import StatusBoard
from proxy_core.usage.ledger.day_totals import DayFigures
from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.file import LedgerFile
from proxy_core.usage.ledger.queries import Habits, Range, UsageQueries, day_start
from proxy_core.usage.ledger.reader import LedgerUnreadable
from proxy_core.usage.ledger.writer import Ledger
from proxy_core.usage.limits.admission import Admission
from proxy_core.usage.limits.approvals import ApprovalQueue
from proxy_core.usage.limits.budget_guard import BudgetGuard
from proxy_core.usage.limits.budget_keeping import BudgetKeeping
from proxy_core.usage.limits.budgets import BudgetLimits, BudgetNotice, limits_from_settings
from proxy_core.usage.limits.rejections import budget_notice_words
from proxy_core.usage.local_zone import LocalDays, LocalZone
from proxy_core.usage.prompt_cache.health import CacheHealth
from proxy_core.usage.quota.quota import Allowances
from proxy_core.usage.quota.tracker import QuotaWatch
from proxy_core.usage.report import Allowed
from proxy_core.usage.request_accounting import RequestAccounting
from proxy_core.usage.usage_recorder import Recorded, UsageRecorder

log = logging.getLogger("g_copilot_proxy.usage")

POLL_SECONDS = 15.0
"""Seconds between checks for a new day or the end of a pause."""
LEDGER_SECONDS = 0.3
"""Seconds the program's exit waits for the last entries: a hanging disk must not block it."""


class UsageServices:
    """Call ``open`` in its loop, ``start`` before requests come, ``close`` at the end.

    ``settings`` is called each time. ``zone`` is the user's. ``catch_up`` returns once every request
    that ended is recorded: they are recorded in another thread, behind their responses.
    """

    def __init__(
        self,
        *,
        paths: Paths,
        board: StatusBoard,
        clock: Clock,
        settings: Callable[[], Settings],
        zone: tzinfo | None = None,
        catch_up: Callable[[], None] = lambda: None,
    ) -> None:
        self._catch_up = catch_up
        self._paths = paths
        self._board = board
        self._clock = clock
        self._settings = settings
        self.zone = zone or LocalZone()
        self._began = clock.wall()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._poll: asyncio.Future[None] | None = None
        self.is_started = False
        """Whether the ledger is being written."""
        self._serves = False
        self._spent_known = asyncio.Event()
        self._is_counted = False
        """Earlier runs' spending is counted, or cannot be read."""
        self._recorded_meanwhile = 0
        self._days = LocalDays(self.zone)
        self._figures = DayFigures(self._days.of)
        self._counting = threading.Lock()
        """Held while what was used is counted, or read."""
        self._is_saving_asked = False
        self._thread: threading.Thread | None = None
        """The loop's."""
        self._limits_of: BudgetSettings | None = None
        self._known_limits = BudgetLimits()
        self._quotas = QuotaWatch()
        self._keeping = BudgetKeeping(
            paths.budget_file,
            on_merged=lambda saved, merged: self.guard.take_over(saved, merged),
        )
        self.guard = BudgetGuard(
            self._keeping.load(),
            limits=self._limits,
            today=self.today,
            wall=clock.wall,
            on_notice=self._tell_of_budget,
            on_change=self._on_guard,
        )
        self.approvals = ApprovalQueue(clock, self._on_approvals)
        file = LedgerFile(
            paths.usage_file,
            clock.wall,
            self._in_loop(self._on_rebuilt),
        )
        self.ledger = Ledger(
            file,
            wall=clock.wall,
            retention_days=lambda: settings().usage.retention_days,
            on_problem=self._in_loop(self._on_problem),
        )
        self.queries = UsageQueries(paths.usage_file, self._unwritten)
        recorder = UsageRecorder(
            self.ledger, self.guard, CacheHealth(), lambda: settings().usage.keep_ledger
        )
        admission = Admission(
            self.guard,
            self.approvals,
            asks_always=lambda: settings().budget.ask_before_sending,
            habits=self._habits,
            wall=clock.wall,
            zone=self.zone,
        )
        self.usage_hooks = RequestAccounting(
            admission,
            recorder,
            stabilises=lambda: settings().usage.stabilise_system_prompt,
            key=secrets.token_bytes(32),
            on_recorded=self._on_recorded,
            on_headers=self._on_headers,
            ready=self._spent_known.wait,
            catch_up=catch_up,
        )
        board.add_source(self._used)

    @property
    def ledger_path(self) -> Path:
        return self._paths.usage_file

    def today(self) -> date:
        return self._days.of(self._clock.wall())

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.wall(), self.zone)

    def open(self) -> None:
        """Publish the stored state. Call it in the loop."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.current_thread()
        self.show()

    def start(self) -> None:
        """Start the ledger; an existing one is maintained even if recording is switched off."""
        self._serves = True
        keeps_ledger = self._settings().usage.keep_ledger or self._paths.usage_file.exists()
        if keeps_ledger and not self.is_started:
            self.is_started = True
            self.ledger.open()

    def settings_changed(self) -> None:
        if self._loop is None:
            return
        if self._serves:
            self.start()
        self.show()

    async def run(self) -> None:
        """Count earlier runs' spending, then notice new days and ends of pauses, until cancelled."""
        if not self._is_counted:  # this loop may be started again after a failure
            await self._count_earlier()
        while True:
            self._poll = asyncio.ensure_future(self._clock.sleep(self._next_poll()))
            try:
                await asyncio.wait({self._poll})
            finally:
                self._poll.cancel()
            self.show()

    async def counted(self) -> None:
        """Return once it is known what earlier runs spent, or that it never will be."""
        await self._spent_known.wait()

    def poll_soon(self) -> None:
        """Poll early, because a new pause may end before the next poll."""
        if self._poll is not None:
            self._poll.cancel()

    async def close(self) -> None:
        """Write everything unwritten. Nothing may be recorded afterwards."""
        self.approvals.close()
        self._catch_up()
        await asyncio.sleep(0)  # what was spent is saved in the loop
        ended, _ = await asyncio.gather(self._close_ledger(), self._keeping.close())
        if not ended:
            log.error("the usage ledger did not end in time")
        self._loop = None

    async def _close_ledger(self) -> bool:
        return not self.is_started or await asyncio.to_thread(self.ledger.close, LEDGER_SECONDS)

    def show(self) -> None:
        """Publish the current budgets, pauses, totals of the day and quotas."""
        self._board.touch()
        self._publish({"quotas": self._quotas.statuses(), **self._pauses()})

    def _used(self) -> Mapping[str, Any]:
        """Return what changes with every request, for the status."""
        if self._loop is None:
            return {}
        today = self.today()
        with self._counting:
            return {"budget": self.budget(), "today": self._figures.of(today)}

    def _unwritten(self) -> Sequence[LedgerEntry]:
        self._catch_up()
        return self.ledger.unwritten()

    def budget(self) -> BudgetStatus:
        limits, state = self._limits(), self.guard.state
        return BudgetStatus(
            day_spent=state.day.nano_credits,
            day_limit=None if limits.daily is None else limits.daily + state.day.extra,
            month_spent=state.month.nano_credits,
            month_limit=None if limits.monthly is None else limits.monthly + state.month.extra,
            action=limits.action,
        )

    def allowed(self) -> Allowed:
        """Return what a report needs besides the ledger."""
        problem = self._board.published.ledger_problem
        return Allowed(
            self._quotas.allowances,
            self._quotas.statuses(),
            self.budget(),
            None if problem is None else problem.message,
        )

    def note_account(self, allowances: Allowances | None) -> None:
        """Take GitHub's allowances of the account; None: nobody is signed in."""
        if allowances is None:
            self._quotas.forget()
        else:
            self._quotas.note_account(allowances)
        self._publish({"quotas": self._quotas.statuses()})

    def forget_figures(self) -> None:
        """Reset the totals after the history was deleted.

        Budgets' spending stays: it is about the current period.
        """
        self._catch_up()
        with self._counting:
            self._figures.forget()
        self.show()

    def _limits(self) -> BudgetLimits:
        budget = self._settings().budget
        if budget is not self._limits_of:
            self._known_limits = limits_from_settings(
                budget.daily_credits, budget.monthly_credits, budget.action
            )
            self._limits_of = budget
        return self._known_limits

    def _habits(self, client: str, model: str) -> Habits:
        return self.queries.habits(client, model)

    async def _count_earlier(self) -> None:
        """Count a killed run's spending from the ledger."""
        today = self.today()
        try:
            day, month = await asyncio.to_thread(
                lambda: (
                    self.queries.totals(Range(day_start(today, self.zone), self._began)),
                    self.queries.totals(
                        Range(day_start(today.replace(day=1), self.zone), self._began)
                    ),
                )
            )
        except LedgerUnreadable as error:
            log.warning("what was spent before is not known: %s", error.message)
            self._is_counted = True
        else:
            self._catch_up()
            now = self.today()
            with self._counting:
                self._is_counted = True
                self._figures.add_before(day, today, now)
                meanwhile = self._recorded_meanwhile
            self.guard.counted_elsewhere(
                day.nano_credits + meanwhile, month.nano_credits + meanwhile
            )
            self._keeping.counted_elsewhere(self.guard.state)
        finally:
            self._spent_known.set()
        self.show()

    def _next_poll(self) -> float:
        now = self._clock.wall()
        ends = [*self.guard.pauses.running(now).values()]
        everyone = self.guard.pauses.everyone_until(now)
        if everyone is not None:
            ends.append(everyone)
        soonest = min((end - now for end in ends), default=POLL_SECONDS)
        return min(POLL_SECONDS, max(0.05, soonest))

    def _pauses(self) -> dict[str, Any]:
        pauses, now = self.guard.pauses, self._clock.wall()
        return {
            "paused_until": pauses.everyone_until(now),
            "client_pauses": tuple(
                ClientPause(client, None if math.isinf(end) else end)
                for client, end in sorted(pauses.running(now).items())
            ),
        }

    def _on_recorded(self, recorded: Recorded) -> None:
        today = self.today()
        with self._counting:
            if not self._is_counted:
                self._recorded_meanwhile += recorded.entry.nano_credits or 0
            self._figures.add(recorded.entry, today)
        self._board.touch()

    def _on_headers(self, headers: Mapping[str, str]) -> None:
        if self._quotas.note_headers(headers, self._clock.wall()):
            self._publish({"quotas": self._quotas.statuses()})

    def _on_approvals(self, waiting: tuple[WaitingApproval, ...]) -> None:
        self._publish({"approvals": waiting})

    def _on_guard(self) -> None:
        self._board.touch()
        loop = self._loop
        if loop is None or self._is_saving_asked:
            return
        if threading.current_thread() is self._thread:
            self._save_guard()
            return
        self._is_saving_asked = True
        with contextlib.suppress(RuntimeError):  # the loop has just been closed
            loop.call_soon_threadsafe(self._save_guard)

    def _save_guard(self) -> None:
        self._is_saving_asked = False
        if self._loop is not None:
            self._keeping.save_soon(lambda: self.guard.remembered)
            self._publish(self._pauses())

    def _tell_of_budget(self, notice: BudgetNotice) -> None:
        title, message, next_step = budget_notice_words(notice, self._limits().action)
        self._notify(f"budget_{notice.percent}", title, message, next_step)

    def _on_problem(self, problem: Problem | None) -> None:
        self._publish({"ledger_problem": problem})
        if problem is None:
            self._notify(
                "ledger_works",
                translatable("The usage record can be written again"),
                translatable("Nothing is lost."),
            )
        else:
            self._notify("ledger_trouble", problem.title, problem.message, problem.next_step)

    def _on_rebuilt(self, problem: Problem) -> None:
        self._notify("ledger_trouble", problem.title, problem.message, problem.next_step)

    def _notify(self, code: str, title: str, message: str, next_step: str = "") -> None:
        at = self._clock.wall()
        self._board.change(lambda now: with_notice(now, at, code, title, message, next_step))

    def _publish(self, changes: Mapping[str, Any]) -> None:
        def change(status: Status) -> Status:
            new = {name: value for name, value in changes.items() if getattr(status, name) != value}
            return replace(status, **new) if new else status

        self._board.change(change)

    def _in_loop(self, listener: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return ``listener`` for the writer's thread: listeners of the status run in the loop."""

        def post(value: Any) -> None:
            loop = self._loop
            if loop is not None:
                with contextlib.suppress(RuntimeError):  # the loop was just closed
                    loop.call_soon_threadsafe(listener, value)

        return post
