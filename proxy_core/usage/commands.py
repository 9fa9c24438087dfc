"""The user's commands about requests to a running proxy; ``app/commands.py`` adds all the others.

The control endpoints await these commands in the engine's loop; the window and the tray pass them
to ``ProxyService.submit``.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Protocol

from proxy_core.errors import BadRequest, ProxyError, translatable
from proxy_core.status.approvals import WaitingApproval
from proxy_core.status.request_trace import RequestTrace
from proxy_core.status.status import RequestRecord
from proxy_core.status.totals import NANO_PER_CREDIT
from proxy_core.usage.assembly import UsageServices
from proxy_core.usage.ledger.csv_export import write_csv
from proxy_core.usage.ledger.entry import LONGEST_NAME, record_from_entry
from proxy_core.usage.ledger.errors import FAILURES, explain
from proxy_core.usage.ledger.queries import days_range
from proxy_core.usage.ledger.search import ANY_REQUEST, LedgerSearch
from proxy_core.usage.limits.budgets import Period
from proxy_core.usage.report import UsageReport, make_report, wanted_days

LONGEST_PAGE = 1_000
LONGEST_PAUSE = 366 * 24 * 3600.0
MOST_CREDITS = 10_000_000.0
LONGEST_TRACING = 3_600.0


class Tracing(Protocol):
    """Traces requests' content, in memory only."""

    def start(self, seconds: float) -> None: ...

    def stop(self) -> None: ...

    def read(self, request_id: str) -> RequestTrace | None: ...


class UserCommands:
    """Belongs to the engine's loop. What touches the disk is done in a thread.

    ``cancel`` ends a running request and returns whether it was running. All commands raise ProxyErrors.
    """

    def __init__(
        self, side: UsageServices, tracing: Tracing, cancel: Callable[[str], bool]
    ) -> None:
        self._side = side
        self._tracing = tracing
        self._cancel = cancel

    async def usage_report(
        self, first: date | None = None, last: date | None = None, client: str | None = None
    ) -> UsageReport:
        """Return the figures of these local days, by default the last 30; ``client`` None: all.

        Raises BadRequest for days that make no sense, LedgerUnreadable.
        """
        side = self._side
        begin, end = wanted_days(first, last, side.today())
        now, allowed = side.now(), side.allowed()
        return await asyncio.to_thread(make_report, side.queries, begin, end, client, now, allowed)

    async def requests_before(
        self, started: float, count: int, search: LedgerSearch = ANY_REQUEST
    ) -> tuple[RequestRecord, ...]:
        """Return the ledger's requests that began before ``started`` (seconds since 1970).

        Newest first, at most ``count`` and ``LONGEST_PAGE``. Raises LedgerUnreadable.
        """
        wanted = max(0, min(count, LONGEST_PAGE))
        entries = await asyncio.to_thread(self._side.queries.before, started, wanted, search)
        records = (record_from_entry(each) for each in entries)
        return tuple(each for each in records if each is not None)

    async def recorded_clients(self) -> tuple[str, ...]:
        """Return the names of all clients in the ledger. Raises LedgerUnreadable."""
        return await asyncio.to_thread(self._side.queries.clients)

    async def export_usage(
        self, path: Path, first: date | None = None, last: date | None = None
    ) -> int:
        """Write every request of these days to a CSV file; return how many. Raises OSError too.

        An existing file is replaced after everything is written.
        """
        begin, end = wanted_days(first, last, self._side.today())
        return await asyncio.to_thread(self._export, Path(path), begin, end)

    async def forget_usage(self) -> int:
        """Delete the whole history; return how many requests it held."""
        side = self._side
        held = (await asyncio.to_thread(side.queries.totals)).requests
        if not side.is_started:
            if not side.ledger_path.exists():
                return 0
            side.start()
        try:
            await asyncio.wrap_future(side.ledger.forget())
        except FAILURES as error:
            problem = explain(error, side.ledger_path)
            raise ProxyError(problem.message, title=problem.title, code=problem.code) from error
        side.forget_figures()
        return held

    async def waiting_approvals(self) -> tuple[WaitingApproval, ...]:
        return self._side.approvals.waiting

    async def answer_approval(
        self, request_id: str, *, send: bool, stop_asking: bool = False
    ) -> bool:
        """Answer one question; return whether it was still waiting."""
        return self._side.approvals.answer(request_id, send=send, stop_asking=stop_asking)

    async def answer_approvals_of(self, client: str, *, send: bool) -> int:
        """Answer every question about that client; return how many there were."""
        return self._side.approvals.answer_all(client, send=send)

    async def pause_client(self, client: str, seconds: float | None = None) -> None:
        """Refuse that client's requests for ``seconds``; None: until resumed.

        Its waiting requests are not sent.
        """
        _check_client(client)
        _check_seconds(seconds)
        self._side.guard.change_pauses(lambda pauses, now: pauses.pause(client, now, seconds))
        self._side.approvals.answer_all(client, send=False)
        self._side.poll_soon()

    async def resume_client(self, client: str) -> None:
        """End that client's pause; a pause of all clients stays."""
        self._side.guard.change_pauses(lambda pauses, now: pauses.resume(client, now))

    async def pause(self, seconds: float | None = None) -> None:
        """Refuse all requests for ``seconds``; None: until resumed. Running requests continue."""
        _check_seconds(seconds)
        self._side.guard.change_pauses(lambda pauses, now: pauses.pause_everyone(now, seconds))
        for each in self._side.approvals.waiting:
            self._side.approvals.answer(each.question.request_id, send=False)
        self._side.poll_soon()

    async def resume(self) -> None:
        """End the pause of all clients; single clients' pauses stay."""
        self._side.guard.change_pauses(lambda pauses, _: pauses.resume_everyone())

    async def allow_more(self, period: Period | str, credits: float) -> None:  # noqa: A002  # the product's term
        """Raise the budget of the current day or month only by ``credits``."""
        try:
            wanted = Period(period)
        except ValueError as error:
            raise BadRequest(
                translatable("The period must be day or month."), param="period"
            ) from error
        if not math.isfinite(credits) or not 0 < credits <= MOST_CREDITS:
            raise BadRequest(
                translatable(
                    "The credits must be a number above 0, at most {most_credits}.",
                    most_credits=f"{MOST_CREDITS:.0f}",
                ),
                param="credits",
            )
        self._side.guard.allow_more(wanted, round(credits * NANO_PER_CREDIT))

    async def start_tracing(self, seconds: float) -> None:
        """Trace requests' content in memory for ``seconds``, at most an hour."""
        if not 0 < seconds <= LONGEST_TRACING:
            raise BadRequest(
                translatable("Tracing lasts longer than nothing and at most an hour."),
                param="seconds",
            )
        self._tracing.start(seconds)

    async def stop_tracing(self) -> None:
        """Stop tracing; the traces stay for ten minutes."""
        self._tracing.stop()

    async def trace_of(self, request_id: str) -> RequestTrace | None:
        """Return the content of a request and its response; None if it was not traced."""
        return self._tracing.read(request_id)

    async def cancel_request(self, request_id: str) -> bool:
        """End a running request as if its client had disconnected; return whether it was running."""
        return self._cancel(request_id)

    def _export(self, path: Path, first: date, last: date) -> int:
        side = self._side
        partial = path.with_name(f"{path.name}.part")
        wanted = days_range(first, last, side.zone)
        try:
            with (
                side.queries.entries(wanted) as entries,
                partial.open("w", newline="", encoding="utf-8") as out,
            ):
                count = write_csv(entries, side.zone, out)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return count


def _check_client(client: str) -> None:
    if not client.strip() or len(client) > LONGEST_NAME:
        raise BadRequest(
            translatable(
                "A client's name has 1 to {longest_name} characters, as Activity shows it.",
                longest_name=LONGEST_NAME,
            ),
            param="client",
        )


def _check_seconds(seconds: float | None) -> None:
    if seconds is None:
        return
    if not math.isfinite(seconds) or not 0 < seconds <= LONGEST_PAUSE:
        raise BadRequest(
            translatable(
                "A pause lasts longer than nothing and at most a year; leave it out for one "
                "without end."
            ),
            param="seconds",
        )
