"""Keeps the record of one request while it runs. Counts and names only, never content."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from proxy_core.canonical.events import Bill, Usage
from proxy_core.clock import Clock
from proxy_core.dialects.interface import StreamOutcome
from proxy_core.errors import ErrorKind, ProxyError
from proxy_core.server.calls.settlement import Ending, Settlement
from proxy_core.status.plain_text import one_line
from proxy_core.status.redaction import redact
from proxy_core.status.status import RequestRecord, RequestState, StatusBoard, with_request
from proxy_core.usage.request_accounting import NullUsageHooks, SentCall, UsageHooks

_CALLERS_WORDS = {"client", "model_asked"}
"""Names that callers choose: a key pasted into the wrong field must not be kept, and a line break or
an escape sequence forges no line of a log, a list or a table."""

_STATES = {
    Ending.SUCCESS: RequestState.DONE,
    Ending.REFUSED: RequestState.FAILED,
    Ending.BROKEN: RequestState.FAILED,
    Ending.CANCELLED: RequestState.CANCELLED,
    Ending.STOPPED: RequestState.FAILED,
}

log = logging.getLogger("g_copilot_proxy.requests")


class RequestLog:
    """Opens entries. One per engine; ``desk`` records what ended, ``on_recorded`` hears of it. What was
    paid by a guest is neither recorded nor told."""

    def __init__(
        self,
        board: StatusBoard,
        clock: Clock,
        desk: UsageHooks | None = None,
        on_recorded: Callable[[RequestRecord], None] | None = None,
    ) -> None:
        self._board = board
        self._clock = clock
        self._desk = desk or NullUsageHooks()
        self._on_recorded = on_recorded

    def open(self, request_id: str, client: str, path: str, *, shown: bool) -> RequestLogEntry:
        """``shown``: the request asks a model: it belongs in the activity list and is recorded. Every
        request is in the log."""
        begun = {
            "request_id": request_id,
            "client": _callers_word(client),
            "path": _callers_word(path),
            "model_asked": "",
            "started": self._clock.wall(),
        }
        if not shown:
            return RequestLogEntry(None, self._clock, begun)
        return RequestLogEntry(self._board, self._clock, begun, self._desk, self._on_recorded)


class RequestLogEntry:
    """One request's record; published when upstream is asked, when it answers and when it ends."""

    def __init__(
        self,
        board: StatusBoard | None,
        clock: Clock,
        begun: dict[str, Any],
        desk: UsageHooks | None = None,
        on_recorded: Callable[[RequestRecord], None] | None = None,
    ) -> None:
        self._board = board
        self._desk = desk or NullUsageHooks()
        self._on_recorded = on_recorded
        self._sent: SentCall | None = None
        self._bill: Bill | None = None
        self._asked: float | None = None
        self._clock = clock
        self._began = clock.monotonic()
        self._fields = begun
        self._is_closed = False
        self.is_authenticated = False
        """The caller sent a key made for it, and so its name is proven."""
        self.is_guests = False
        """The request came in on its caller's own account. Decided at the door, once."""

    @property
    def record(self) -> RequestRecord:
        """What is known by now."""
        return RequestRecord(**self._fields)

    def update(self, **changes: Any) -> None:
        """Change fields of the record; they are published with the next step."""
        for name in _CALLERS_WORDS & changes.keys():
            changes[name] = _callers_word(changes[name])
        self._fields.update(changes)

    def waiting(self) -> None:
        """What is asked is known now; upstream is being asked."""
        self._publish()

    def asking(self) -> None:
        """The user is asked whether it may be sent."""
        self._asked = self._elapsed()
        self.update(waits_for_approval=True)
        self._publish()

    def answered(self) -> None:
        """The user answered, or the question was withdrawn. Without a question nothing happens."""
        if self._asked is None:
            return
        self.update(waits_for_approval=False, approval_seconds=self._elapsed() - self._asked)
        self._asked = None
        self._publish()

    def named_by(self, client: str | None) -> None:
        """Call the client so if it gave neither its name nor a key of its own. None changes nothing."""
        if client is not None and not self.is_authenticated and not self.is_guests:
            self.update(client=client)

    def paid_by_guest(self, client: str) -> None:
        """The request goes out on its caller's own account: nothing of it is recorded here."""
        self.is_guests = True
        self._desk = NullUsageHooks()
        self._on_recorded = None
        self.update(client=client)

    def sent(self, call: SentCall) -> None:
        """Remember what is being sent; the last one counts."""
        self._sent = call

    def first_byte(self) -> None:
        self.update(state=RequestState.STREAMING, first_byte=self._elapsed())
        self._publish()

    def outcome(self, outcome: StreamOutcome) -> None:
        """Take over what the stream came to."""
        usage = outcome.usage or Usage()
        self._bill = outcome.bill
        self.update(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cache_read_tokens,
            cache_write_tokens=usage.cache_write_tokens,
            reasoning_tokens=usage.reasoning_tokens,
            nano_credits=outcome.bill.total_nano_credits if outcome.bill else None,
            stop_reason=outcome.stop_reason.value if outcome.stop_reason else None,
        )
        if outcome.error is not None:
            self.update(error=outcome.error.kind.value)

    def broken_off(self, outcome: StreamOutcome) -> None:
        """Take over what is known of the cost of a stream that did not come to its end."""
        if outcome.usage or outcome.bill:
            self.outcome(replace(outcome, error=None))

    def sending(self) -> None:
        """One more call is sent upstream for this request."""
        self._fields["attempts"] = self._fields.get("attempts", 0) + 1

    def failed(self, error: ProxyError) -> None:
        if not self._is_closed:
            self.update(error=error.kind.value)

    def cancelled(self) -> None:
        if not self._is_closed:
            self.update(error=ErrorKind.CANCELLED.value)

    def settle(self, settlement: Settlement) -> None:
        """End the record of a call; what is said of its end later has no effect."""
        if self._is_closed:
            return
        self.outcome(replace(settlement.outcome, error=None))
        self.update(error=None if settlement.error is None else settlement.error.value)
        self._close(_STATES[settlement.ending], settlement.http_status)

    def close(self, http_status: int) -> None:
        """The request is over. Calling it again has no effect."""
        if self._is_closed:
            return
        error = self._fields.get("error")
        if error == ErrorKind.CANCELLED.value:
            state = RequestState.CANCELLED
        elif error is not None or http_status >= 400:
            state = RequestState.FAILED
        else:
            state = RequestState.DONE
        self._close(state, http_status)

    def _close(self, state: RequestState, http_status: int) -> None:
        self._is_closed = True
        self.update(state=state, http_status=http_status, duration=self._elapsed())
        record = self._desk.record(self.record, self._sent, self._bill)
        self._sent = None  # the prompt is not kept for as long as somebody holds the entry
        if self._on_recorded is not None:
            self._on_recorded(record)
        _write_log(self._publish(record))

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._began

    def _publish(self, record: RequestRecord | None = None) -> RequestRecord:
        record = record or self.record
        if self._board is not None:
            self._board.change(lambda status: with_request(status, record))
        return record


def _callers_word(word: str) -> str:
    return one_line(redact(word))


def _write_log(record: RequestRecord) -> None:
    log.info(
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
