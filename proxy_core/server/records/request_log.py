"""The record of one request while it runs. Counts and names only, never content."""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from proxy_core.canonical.usage import Bill, Usage
from proxy_core.clock import Clock
from proxy_core.dialects.interface import StreamOutcome
from proxy_core.errors import KEPT_BACK, ErrorKind, ProxyError
from proxy_core.server.calls.settlement import Ending, Settlement
from proxy_core.server.records.after_answers import AfterAnswers
from proxy_core.status.logging import write_line
from proxy_core.status.own_requests import OWN_CLIENT
from proxy_core.status.plain_text import one_line
from proxy_core.status.redaction import redact
from proxy_core.status.status import (
    HALF_MINUTE,
    HALF_MINUTES_COUNTED,
    RECENT_REQUESTS,
    RequestRecord,
    RequestState,
)
from proxy_core.status.status_board import StatusBoard
from proxy_core.usage.request_accounting import NullUsageHooks, SentCall, UsageHooks

LONGEST_HARMLESS = 60
MOST_HARMLESS = 200
"""Names remembered as harmless: the search for secrets takes longer than the rest of an entry."""
_UNTRUSTED_FIELDS = {"client", "model_asked"}
"""Names chosen by callers: a key pasted into the wrong field must not be stored, and a line break
or an escape sequence must not forge a line of a log, a list or a table.
"""

_STATES = {
    Ending.SUCCESS: RequestState.DONE,
    Ending.REFUSED: RequestState.FAILED,
    Ending.BROKEN: RequestState.FAILED,
    Ending.CANCELLED: RequestState.CANCELLED,
    Ending.NOT_SENT: RequestState.NOT_SENT,
    Ending.STOPPED: RequestState.FAILED,
}

LONGEST_MESSAGE = 2_000
"""In characters."""

log = logging.getLogger("g_copilot_proxy.requests")


class RequestLog:
    """Opens entries and shows them in the status.

    One per engine; ``usage_hooks`` records ended requests and ``on_recorded`` is called with them,
    except for guests' requests.

    ``after`` does that after the response was sent; None: at once.
    """

    def __init__(
        self,
        board: StatusBoard,
        clock: Clock,
        usage_hooks: UsageHooks | None = None,
        on_recorded: Callable[[RequestRecord], None] | None = None,
        after: AfterAnswers | None = None,
    ) -> None:
        self._clock = clock
        self.opened_at = clock.wall()
        """In seconds since 1970: what began before belongs to earlier runs."""
        self.usage_hooks = usage_hooks or NullUsageHooks()
        self.on_recorded = on_recorded
        self.touch = board.touch
        self._after = after
        self._harmless: set[str] = set()
        """Names of clients and models that were found to need no change."""
        self._running: dict[str, RequestLogEntry] = {}
        self._recent: deque[RequestRecord] = deque(maxlen=RECENT_REQUESTS)
        """Newest first."""
        self._moving = threading.Lock()
        """Held while an ended request moves to the recent ones, so that nobody sees it in both."""
        self._started: deque[list[int]] = deque(maxlen=HALF_MINUTES_COUNTED)
        """Half minutes in which requests started, and how many; oldest first."""
        board.add_source(self._fields, None if after is None else after.catch_up)

    def open(self, request_id: str, client: str, path: str, *, shown: bool) -> RequestLogEntry:
        """``shown``: the request calls a model, so it appears in the activity list and is recorded.

        Every request is logged. ``path`` is one of ours, not the caller's text.
        """
        if shown:
            self._count_start()
        return RequestLogEntry(self, self._clock, request_id, client, path, is_shown=shown)

    def callers_word(self, word: str) -> str:
        """Return a name that a caller chose as it may be shown and stored."""
        if word in self._harmless:
            return word
        shown = _callers_word(word)
        if shown == word and len(word) <= LONGEST_HARMLESS and len(self._harmless) < MOST_HARMLESS:
            self._harmless.add(word)
        return shown

    def running(self, entry: RequestLogEntry) -> None:
        """Show ``entry`` among the requests that run, until it ended."""
        self._running[entry.request_id] = entry

    def show_history(
        self, records: Iterable[RequestRecord], starts: Iterable[tuple[int, int]] = ()
    ) -> None:
        """Show requests of earlier runs, newest first, below those of this one.

        ``starts`` are the half minutes before ``opened_at`` in which some began, and how many.
        """
        known = {each.request_id for each in self._recent}
        for each in records:
            if len(self._recent) == RECENT_REQUESTS:
                break
            if each.request_id not in known:
                self._recent.append(each)
        self._add_starts(Counter(dict(starts)).elements())
        self.touch()

    def _add_starts(self, half_minutes: Iterable[int]) -> None:
        counted = Counter(half_minutes)
        for number, count in self._started:
            counted[number] += count
        self._started = deque(
            ([number, count] for number, count in sorted(counted.items())),
            maxlen=HALF_MINUTES_COUNTED,
        )

    def _count_start(self) -> None:
        half_minute = int(self._clock.wall() // HALF_MINUTE)
        if self._started and self._started[-1][0] == half_minute:
            self._started[-1][1] += 1
        else:
            self._started.append([half_minute, 1])

    def discount(self, started: float) -> None:
        """Take back one start, of a request that turned out to be a guest's. In seconds since 1970."""
        half_minute = int(started // HALF_MINUTE)
        for counted in reversed(self._started):
            if counted[0] == half_minute:
                counted[1] -= 1
                break

    def show(self, records: Iterable[RequestRecord]) -> None:
        """Show, and count, what another process of this user's asked and recorded, oldest first."""
        shown = tuple(records)
        self._recent.extendleft(shown)
        self._add_starts(int(each.started // HALF_MINUTE) for each in shown)
        for each in shown:
            self.usage_hooks.recorded_elsewhere(each)
        self.touch()

    def ended(self, entry: RequestLogEntry) -> None:
        if entry.is_shown:
            # Shown until it is recorded: it must not vanish in between.
            self._running[entry.request_id] = entry
            self.touch()
        if self._after is None:
            self._record(entry)
        else:
            self._after.add(lambda: self._record(entry))

    def _record(self, entry: RequestLogEntry) -> None:
        record = entry.recorded()
        if entry.is_shown:
            with self._moving:
                self._recent.appendleft(record)
                self._running.pop(entry.request_id, None)
            self.touch()
        _write_log(record)

    def _fields(self) -> Mapping[str, Any]:
        """Return the requests of the status."""
        with self._moving:
            shown, recent = tuple(self._running.values()), tuple(self._recent)
        ended = [each.record for each in reversed(shown) if each.is_closed]
        return {
            "active": tuple(each.record for each in shown if not each.is_closed),
            "recent": (*ended, *recent)[:RECENT_REQUESTS],
            "started_lately": tuple((number, count) for number, count in self._started if count),
        }


class RequestLogEntry:
    """One request while it runs. A record is made of it when somebody looks, and when it ended."""

    def __init__(
        self,
        journal: RequestLog,
        clock: Clock,
        request_id: str,
        client: str,
        path: str,
        *,
        is_shown: bool,
    ) -> None:
        self.request_id = request_id
        self.client = journal.callers_word(client)
        self.is_shown = is_shown
        self.is_closed = False
        self.is_authenticated = False
        """The caller sent its client key, so its name is authenticated."""
        self.is_own_test = False
        """This app tests a tool's key: the tool's rules hold, and the record is not the tool's."""
        self.is_guests = False
        """The request uses its caller's own account. Decided once, at the access check."""
        self._journal = journal
        self._sent: SentCall | None = None
        self._bill: Bill | None = None
        self._asked: float | None = None
        self._clock = clock
        self._began = clock.monotonic()
        self._fields: dict[str, Any] = {
            "request_id": request_id,
            "client": self.client,
            "path": path,
            "model_asked": "",
            "started": clock.wall(),
        }

    @property
    def record(self) -> RequestRecord:
        """The record so far."""
        return RequestRecord(**self._fields)

    def update(self, **changes: Any) -> None:
        """Change fields of the record; they are published with the next step."""
        for name in _UNTRUSTED_FIELDS:
            if name in changes:
                changes[name] = self._journal.callers_word(changes[name])
        self._fields.update(changes)
        self.client = self._fields["client"]

    def waiting(self) -> None:
        """Publish that the call is planned and upstream is being called."""
        if self.is_shown:
            self._journal.running(self)
            self._journal.touch()

    def asking(self) -> None:
        """Publish that the user is being asked."""
        self._asked = self._elapsed()
        self.update(waits_for_approval=True)
        self._journal.touch()

    def answered(self) -> None:
        """Note that the user answered, or the question was withdrawn. A no-op without a question."""
        if self._asked is None:
            return
        self.update(waits_for_approval=False, approval_seconds=self._elapsed() - self._asked)
        self._asked = None
        self._journal.touch()

    def named_by(self, client: str | None) -> None:
        """Set the client's name if it sent neither a name nor a client key. None changes nothing."""
        if client is not None and not self.is_authenticated and not self.is_guests:
            self.update(client=client)

    def paid_by_guest(self, client: str) -> None:
        """Note that the request uses its caller's own account: it is not recorded. Once."""
        self.is_guests = True
        self.update(client=client, is_guests=True)
        if self.is_shown:
            self._journal.discount(self._fields["started"])

    def sent(self, call: SentCall) -> None:
        """Note what is sent; the last call counts."""
        self._sent = call

    def first_byte(self) -> None:
        self._fields["state"] = RequestState.STREAMING
        self._fields["first_byte"] = self._elapsed()
        self._journal.touch()

    def outcome(self, outcome: StreamOutcome) -> None:
        """Take the stream's outcome."""
        usage = outcome.usage or Usage()
        self._bill = outcome.bill
        self._fields.update(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cache_read_tokens,
            cache_write_tokens=usage.cache_write_tokens,
            reasoning_tokens=usage.reasoning_tokens,
            nano_credits=outcome.bill.total_nano_credits if outcome.bill else None,
            stop_reason=outcome.stop_reason.value if outcome.stop_reason else None,
        )
        if outcome.error is not None:
            self._fail(outcome.error, None)

    def broken_off(self, outcome: StreamOutcome) -> None:
        """Take the known cost of an interrupted stream."""
        if outcome.usage or outcome.bill:
            self.outcome(replace(outcome, error=None))

    def sending(self) -> None:
        """Count one more upstream call for this request."""
        self._fields["attempts"] = self._fields.get("attempts", 0) + 1

    def failed(self, error: ProxyError, message: str | None = None) -> None:
        """``message``: the error's text as the client gets it, if its dialect words it otherwise."""
        if not self.is_closed:
            self._fail(error, message)

    def cancelled(self) -> None:
        if not self.is_closed:
            self.update(error=ErrorKind.CANCELLED.value)

    def settle(self, settlement: Settlement, message: str | None = None) -> None:
        """End the record of a call; later calls have no effect. ``message`` as for ``failed``."""
        if self.is_closed:
            return
        outcome = settlement.outcome
        self.outcome(outcome if outcome.error is None else replace(outcome, error=None))
        self._fields["error"] = None if settlement.error is None else settlement.error.value
        if settlement.failure is not None:
            self._fail(settlement.failure, message)
        self._close(_STATES[settlement.ending], settlement.http_status)

    def close(self, http_status: int) -> None:
        """End the request. Idempotent."""
        if self.is_closed:
            return
        error = self._fields.get("error")
        if error == ErrorKind.CANCELLED.value:
            state = RequestState.CANCELLED
        elif error in KEPT_BACK:
            state = RequestState.NOT_SENT
        elif error is not None or http_status >= 400:
            state = RequestState.FAILED
        else:
            state = RequestState.DONE
        self._close(state, http_status)

    def recorded(self) -> RequestRecord:
        """Record the request that ended, unless its caller paid for it; return its record.

        In any thread, once.
        """
        record = self.record
        journal, sent = self._journal, self._sent
        self._sent = None  # do not keep the prompt alive as long as the entry
        if not self.is_shown or self.is_guests:
            return record
        record = journal.usage_hooks.record(record, sent, self._bill)
        if journal.on_recorded is not None:
            journal.on_recorded(record)
        return record

    def _close(self, state: RequestState, http_status: int) -> None:
        self.is_closed = True
        if self.is_own_test:
            self.update(client=OWN_CLIENT)
        self._fields.update(state=state, http_status=http_status, duration=self._elapsed())
        self._journal.ended(self)

    def _fail(self, error: ProxyError, message: str | None) -> None:
        text = error.message if message is None else message
        self.update(
            error=error.kind.value,
            reason=_callers_word(error.reason),
            message=_callers_word(text[:LONGEST_MESSAGE]),
        )

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._began


def _callers_word(word: str) -> str:
    return one_line(redact(word))


def _write_log(record: RequestRecord) -> None:
    write_line(
        log,
        "%s %s %s %s -> %s%s status=%s state=%s error=%s attempts=%d "
        "tokens=%d+%d first=%s took=%.3fs",
        record.request_id,
        record.client,
        record.path,
        record.model_asked,
        record.upstream_endpoint or "-",
        " translated" if record.translated else "",
        record.http_status,
        record.state,
        record.error or "-",
        record.attempts,
        record.input_tokens + record.cache_read_tokens + record.cache_write_tokens,
        record.output_tokens,
        "-" if record.first_byte is None else f"{record.first_byte:.3f}s",
        record.duration or 0.0,
    )
