"""The record of one request: what it ends as."""

from __future__ import annotations

import threading
from asyncio import CancelledError
from collections import deque

import pytest

from proxy_core.clock import Clock
from proxy_core.dialects.interface import StreamOutcome
from proxy_core.errors import UpstreamBroke
from proxy_core.server.calls.settlement import settle
from proxy_core.server.records.request_log import RequestLog, RequestLogEntry
from proxy_core.status.status import RECENT_REQUESTS, RequestRecord, RequestState
from proxy_core.status.status_board import StatusBoard


@pytest.fixture
def entry() -> RequestLogEntry:
    return RequestLog(StatusBoard(), Clock()).open("req_1", "curl", "POST /", shown=True)


def test_a_client_that_leaves_in_the_middle_cancelled(entry: RequestLogEntry) -> None:
    entry.cancelled()
    entry.close(499)
    assert entry.record.state is RequestState.CANCELLED
    assert entry.record.http_status == 499


def test_a_client_that_leaves_with_the_whole_answer_was_served(entry: RequestLogEntry) -> None:
    entry.settle(settle(StreamOutcome(finished=True), 500, CancelledError(), reported=False))
    entry.cancelled()
    entry.close(499)
    assert entry.record.state is RequestState.DONE
    assert entry.record.http_status == 200
    assert entry.record.error is None


def test_a_record_is_closed_once(entry: RequestLogEntry) -> None:
    entry.outcome(StreamOutcome(finished=False, error=UpstreamBroke("broke off")))
    entry.close(200)
    entry.close(499)
    assert entry.record.state is RequestState.FAILED
    assert entry.record.http_status == 200


def test_a_caller_s_names_stay_on_one_line_of_the_record(entry: RequestLogEntry) -> None:
    entry.update(model_asked="gpt-4\nreq_2 forged", client="\x1b[31mCodex")
    assert entry.record.model_asked == "gpt-4\\nreq_2 forged"
    assert entry.record.client == "\\x1b[31mCodex"


class Minutes:
    """A clock by hand."""

    def __init__(self) -> None:
        self.now = 3_000.0
        self.clock = Clock(wall=lambda: self.now)


def test_every_start_is_counted_though_the_list_is_cut() -> None:
    board, minutes = StatusBoard(), Minutes()
    journal = RequestLog(board, minutes.clock)
    for number in range(450):
        journal.open(f"req_{number}", "curl", "POST /", shown=True).close(200)
    journal.open("not_a_model_call", "curl", "GET /", shown=False).close(200)
    minutes.now += 31
    journal.open("req_next", "curl", "POST /", shown=True).close(200)
    status = board.current
    assert len(status.recent) == RECENT_REQUESTS
    assert status.started_lately == ((100, 450), (101, 1))


def test_a_guest_s_start_is_not_counted() -> None:
    board, minutes = StatusBoard(), Minutes()
    journal = RequestLog(board, minutes.clock)
    journal.open("req_1", "curl", "POST /", shown=True).close(200)
    journal.open("req_2", "curl", "POST /", shown=True).paid_by_guest("guest")
    minutes.now += 31
    journal.open("req_3", "curl", "POST /", shown=True).paid_by_guest("guest")
    journal.open("req_4", "curl", "GET /", shown=False).paid_by_guest("guest")
    assert board.current.started_lately == ((100, 1),)


def test_requests_of_earlier_runs_stand_below_those_of_this_one() -> None:
    board, minutes = StatusBoard(), Minutes()
    journal = RequestLog(board, minutes.clock)
    journal.open("req_now", "curl", "POST /", shown=True).close(200)
    earlier = [RequestRecord(f"req_{n}", "curl", "POST /", "", 1_000.0 - n) for n in range(300)]
    journal.show_history(earlier)
    shown = [each.request_id for each in board.current.recent]
    assert shown[:3] == ["req_now", "req_0", "req_1"]
    assert len(shown) == RECENT_REQUESTS


def test_a_request_that_is_being_recorded_is_seen_once() -> None:
    board = StatusBoard()
    journal = RequestLog(board, Clock())
    seen: list[int] = []
    looks: list[threading.Thread] = []

    class LookedAt(deque[RequestRecord]):
        """Somebody looks in the moment in which the record arrives among the recent ones."""

        def appendleft(self, record: RequestRecord) -> None:
            super().appendleft(record)
            look = threading.Thread(target=lambda: seen.append(len(board.current.recent)))
            look.start()
            look.join(0.1)  # where nothing holds it up, it is done by then
            looks.append(look)

    journal._recent = LookedAt(maxlen=RECENT_REQUESTS)
    journal.open("req_1", "curl", "POST /", shown=True).close(200)
    for look in looks:
        look.join(60)
    assert seen == [1]
