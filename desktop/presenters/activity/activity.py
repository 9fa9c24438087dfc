"""The Activity page: the requests, newest first, filtered, and the chosen one in full."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from desktop.presenters.activity.older_requests import OlderRequests
from desktop.presenters.activity.request_details import RequestDetails, report_of, request_details
from desktop.presenters.activity.request_rows import RUNNING, RequestRow, RequestRowCache
from desktop.presenters.activity.traces import TRACING_SECONDS, TraceReader, TraceView
from desktop.presenters.notices.notices import Notice, Severity
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.shapes import Shape
from desktop.presenters.usage.credits import requests_today
from desktop.presenters.words import Words
from proxy_core.errors import ProxyError
from proxy_core.status.own_requests import OWN_CLIENT
from proxy_core.status.status import (
    ClientPause,
    ParameterRefusal,
    RequestRecord,
    RequestState,
)
from proxy_core.usage.ledger.search import ANY_REQUEST, LedgerSearch, Outcome, SearchWord


class ResultFilter(StrEnum):
    ANY = "any"
    RUNNING = "running"
    DONE = "done"
    SENT_AGAIN = "sent_again"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NOT_SENT = "not_sent"


ALL_TOOLS = ""


@dataclass(frozen=True, slots=True)
class PauseChoice:
    """A tool that can be paused, or resumed if it is paused."""

    tool: str
    text: str
    is_paused: bool


@dataclass(frozen=True, slots=True)
class ActivityView:
    """``heading`` and ``sentence`` replace missing rows; ``can_clear``: filters hide rows."""

    running: str
    running_shape: Shape
    rows: tuple[RequestRow, ...]
    tools: tuple[str, ...]
    tool: str
    result: ResultFilter
    search: str
    heading: str
    sentence: str
    can_clear: bool
    pauses: tuple[PauseChoice, ...]
    paused_line: str
    tracing_line: str
    """States that requests are being traced; empty if they are not."""
    failure: Notice | None
    today_line: str
    older_text: str
    """Of the button that reads older requests; empty if there are none."""
    details: RequestDetails | None
    trace: TraceView | None
    """Content of the chosen request, or why there is none; with ``details``."""


class ActivityPresenter:
    """``now`` is in seconds since 1970. ``changed`` is called when the view has changed."""

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
        self._traces = TraceReader(commands, words, now)
        self._rows = RequestRowCache(words)
        self._search = ""
        self._tool = ALL_TOOLS
        self._result = ResultFilter.ANY
        self._chosen: str | None = None
        self._failure: Notice | None = None
        self._may_cancel_unasked = False
        self._older = OlderRequests(commands)
        self._recorded_tools: tuple[str, ...] = ()

    async def read_older(self) -> None:
        """Read one more page of earlier requests from the ledger, of those the filters let through."""
        records = self._records()
        before = records[-1].started if records else self._now()
        try:
            await self._older.read(before, self._wanted())
        except ProxyError as error:
            self._failure = Notice(Severity.FAILURE, *self._words.failed(error))
        self._changed()

    @property
    def wants_older(self) -> bool:
        """Whether the filters are new, and apply to older requests that were not looked through yet."""
        self._older.follow(self._commands.status.recent)
        return self._older.wants_reading(self._wanted())

    async def read_tools(self) -> None:
        """Read which tools the ledger knows, so that they can be filtered by."""
        try:
            self._recorded_tools = await asyncio.wrap_future(
                self._commands.submit(lambda commands: commands.recorded_clients())
            )
        except ProxyError as error:
            self._failure = Notice(Severity.FAILURE, *self._words.failed(error))
        self._changed()

    def search(self, text: str) -> None:
        self._search = text
        self._changed()

    def show_tool(self, tool: str) -> None:
        self._tool = tool
        self._changed()

    def show_result(self, result: ResultFilter) -> None:
        self._result = result
        self._changed()

    def clear(self) -> None:
        self._search, self._tool, self._result = "", ALL_TOOLS, ResultFilter.ANY
        self._changed()

    def choose(self, request_id: str) -> None:
        self._chosen = request_id
        self._changed()

    def report(self) -> str:
        """The selected request as text, without content; empty if none is selected."""
        record = self._chosen_record()
        return "" if record is None else report_of(record, self._details(record))

    @property
    def asks_before_cancelling(self) -> bool:
        """Whether cancelling by key asks for confirmation: only the first time."""
        return not self._may_cancel_unasked

    async def cancel(self, request_id: str) -> None:
        self._may_cancel_unasked = True
        await self._carry_out(
            self._commands.submit(lambda commands: commands.cancel_request(request_id))
        )

    async def pause(self, tool: str, seconds: float | None = None) -> None:
        await self._carry_out(
            self._commands.submit(lambda commands: commands.pause_client(tool, seconds))
        )

    async def resume(self, tool: str) -> None:
        await self._carry_out(self._commands.submit(lambda commands: commands.resume_client(tool)))

    async def start_tracing(self) -> None:
        await self._carry_out(
            self._commands.submit(lambda commands: commands.start_tracing(TRACING_SECONDS))
        )

    async def stop_tracing(self) -> None:
        await self._carry_out(self._commands.submit(lambda commands: commands.stop_tracing()))

    @property
    def wants_trace(self) -> bool:
        """Whether the selected request is traced and its trace may have grown."""
        return self._traces.needs_reading(self._chosen_record())

    async def read_trace(self) -> None:
        record = self._chosen_record()
        if record is None:
            return
        try:
            await self._traces.read(record)
        except ProxyError as error:
            self._failure = Notice(Severity.FAILURE, *self._words.failed(error))
        self._changed()

    async def forget(self, refusal: ParameterRefusal) -> None:
        """Send the member again from the next request on."""
        await self._carry_out(
            self._commands.submit(
                lambda commands: commands.forget_refusal(
                    refusal.model, refusal.endpoint, refusal.member
                )
            )
        )

    def view(self) -> ActivityView:
        tr, status = self._words.tr, self._commands.status
        records = self._records()
        shown = [each for each in records if self._matches(each)]
        shown_ids = {each.request_id for each in records}
        found = self._older.found(self._wanted())
        shown += [each for each in found if each.request_id not in shown_ids]
        now = self._now()
        count = len(status.active)
        heading, sentence = self._in_place_of_rows(bool(records), bool(shown))
        chosen = self._chosen_record()
        clients = {each.client for each in records}
        recent_tools = tuple(sorted(clients - {"", OWN_CLIENT}))
        tools = tuple(sorted({*recent_tools, *self._recorded_tools} - {"", OWN_CLIENT}))
        return ActivityView(
            running=tr("{count} running").format(count=count) if count else tr("live"),
            running_shape=Shape.STREAMING if count else Shape.OFF,
            rows=self._rows.rows(shown, now, status.traced),
            tools=tools,
            tool=self._tool if self._tool in tools else ALL_TOOLS,
            result=self._result,
            search=self._search,
            heading=heading,
            sentence=sentence,
            can_clear=bool(records) and not shown,
            pauses=self._pauses(recent_tools),
            paused_line=self._paused_line(),
            tracing_line=self._tracing_line(),
            failure=self._failure,
            today_line=self._today_line(),
            older_text=self._older_text(len(shown)),
            details=None if chosen is None else self._details(chosen),
            trace=self._traces.view(chosen),
        )

    def _records(self) -> list[RequestRecord]:
        """Return the records by start time, newest first; a request keeps its row when it ends."""
        status = self._commands.status
        newest = {each.request_id: each for each in (*status.recent, *status.active)}
        self._older.follow(status.recent)
        older = (each for each in self._older.pages if each.request_id not in newest)
        return sorted((*newest.values(), *older), key=lambda each: each.started, reverse=True)

    def _wanted(self) -> LedgerSearch:
        """Return what the filters let through, as the ledger is asked."""
        words = tuple(
            SearchWord(word, frozenset(each for each, name in self._outcomes() if word in name))
            for word in self._search.lower().split()
        )
        if self._result is ResultFilter.RUNNING:
            return ANY_REQUEST  # nothing in the ledger runs
        outcome = None if self._result is ResultFilter.ANY else Outcome(self._result.value)
        return LedgerSearch(self._tool or None, outcome, words)

    def _outcomes(self) -> tuple[tuple[Outcome, str], ...]:
        """What each outcome is called in the list, in lower case."""
        request_state = self._words.request_state
        states = {
            Outcome.DONE: (RequestState.DONE, 1),
            Outcome.SENT_AGAIN: (RequestState.DONE, 2),
            Outcome.FAILED: (RequestState.FAILED, 1),
            Outcome.CANCELLED: (RequestState.CANCELLED, 1),
            Outcome.NOT_SENT: (RequestState.NOT_SENT, 1),
        }
        return tuple(
            (outcome, request_state(RequestRecord("", "", "", "", 0.0, state, attempts=n)).lower())
            for outcome, (state, n) in states.items()
        )

    def _matches(self, record: RequestRecord) -> bool:
        if self._tool not in (ALL_TOOLS, record.client):
            return False
        if not _has_result(record, self._result):
            return False
        asked = self._search.lower().split()
        if not asked:
            return True
        facts = (
            record.client,
            record.model,
            record.model_asked,
            record.path,
            record.request_id,
            record.error or "",
            record.message or record.reason,
            self._words.request_state(record),
            *record.dropped,
        )
        text = "\n".join(facts).lower()
        return all(word in text for word in asked)

    def _in_place_of_rows(self, any_known: bool, any_shown: bool) -> tuple[str, str]:
        tr = self._words.tr
        if any_shown:
            return "", ""
        if self._older.is_reading:
            return tr("Looking"), tr("Older requests are looked through.")
        if any_known:
            return tr("Nothing matches"), tr("None of the requests fits the filters.")
        return tr("No requests yet"), tr("They show up here the moment a tool sends one.")

    def _chosen_record(self) -> RequestRecord | None:
        known = (*self._records(), *self._older.found(self._wanted()))
        return next((each for each in known if each.request_id == self._chosen), None)

    def _details(self, record: RequestRecord) -> RequestDetails:
        return request_details(
            record,
            self._now(),
            self._words,
            refusals=self._commands.status.parameter_refusals,
            paused=record.client in self._paused(),
        )

    def _paused(self) -> dict[str, ClientPause]:
        now = self._now()
        return {
            each.client: each
            for each in self._commands.status.client_pauses
            if each.until is None or each.until > now
        }

    def _pauses(self, tools: tuple[str, ...]) -> tuple[PauseChoice, ...]:
        tr = self._words.tr
        paused = self._paused()
        names = sorted({*tools, *paused})
        return tuple(
            PauseChoice(
                name,
                (tr("Resume {tool}") if name in paused else tr("Pause {tool}")).format(tool=name),
                name in paused,
            )
            for name in names
        )

    def _paused_line(self) -> str:
        """Return who is paused until when; empty if nobody is."""
        tr, locale = self._words.tr, self._words.locale
        parts = []
        for name, pause in sorted(self._paused().items()):
            if pause.until is None or math.isinf(pause.until):
                parts.append(tr("{tool} is paused until you resume it").format(tool=name))
            else:
                end = locale.hours_and_minutes(pause.until)
                parts.append(tr("{tool} is paused until {time}").format(tool=name, time=end))
        return ". ".join(parts)

    def _tracing_line(self) -> str:
        until = self._commands.status.tracing_until
        if until is None or until <= self._now():
            return ""
        return self._words.tr("Tracing: prompts and answers are kept until {time}.").format(
            time=self._words.locale.hours_and_minutes(until)
        )

    def _older_text(self, count: int) -> str:
        """Say that the list is cut; empty where it is whole."""
        wanted = self._wanted()
        if not self._older.has_more(wanted):
            return ""
        if not wanted.is_any:
            return self._words.tr("Look through older ones")
        return self._words.tr("Show older than these {count}").format(
            count=self._words.locale.integer(count)
        )

    def _today_line(self) -> str:
        tr, words = self._words.tr, self._words
        status, usage = self._commands.status, self._commands.settings.usage
        today, count = status.today, requests_today(status, self._now(), words)
        line = tr("{count} requests today, {credits} credits.").format(
            count=words.locale.integer(count), credits=words.credits(today.nano_credits)
        )
        if count == 1:
            line = tr("1 request today, {credits} credits.").format(
                credits=words.credits(today.nano_credits)
            )
        if usage.keep_ledger:
            retention = tr("Kept for {days} days, counts only.").format(days=usage.retention_days)
        else:
            retention = tr("Nothing is kept after you quit.")
        return f"{line} {retention}"

    async def _carry_out(self, future: Future[Any]) -> None:
        self._failure = None
        try:
            await asyncio.wrap_future(future)
        except ProxyError as error:
            self._failure = Notice(Severity.FAILURE, *self._words.failed(error))
        self._changed()


def _has_result(record: RequestRecord, result: ResultFilter) -> bool:
    match result:
        case ResultFilter.ANY:
            return True
        case ResultFilter.RUNNING:
            return record.state in RUNNING
        case ResultFilter.DONE:
            return record.state is RequestState.DONE
        case ResultFilter.SENT_AGAIN:
            return record.state is RequestState.DONE and record.attempts > 1
        case ResultFilter.FAILED:
            return record.state is RequestState.FAILED
        case ResultFilter.CANCELLED:
            return record.state is RequestState.CANCELLED
        case ResultFilter.NOT_SENT:
            return record.state is RequestState.NOT_SENT
