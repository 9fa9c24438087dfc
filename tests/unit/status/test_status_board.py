"""The status: published at once where somebody changed it, asked for where it changes all the time."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from proxy_core.status.status import ServerState, ServerStatus, Status
from proxy_core.status.status_board import NEWS_SECONDS, SOON_SECONDS, StatusBoard


class Timer:
    """Stands for the loop's: what is due is called by the test."""

    def __init__(self) -> None:
        self.due: list[tuple[float, Callable[[], None]]] = []

    def __call__(self, seconds: float, function: Callable[[], None]) -> None:
        self.due.append((seconds, function))

    def fire(self) -> None:
        (_, function) = self.due.pop(0)
        function()


def running(status: Status, port: int) -> Status:
    return replace(status, server=ServerStatus(ServerState.RUNNING, port=port))


def test_a_source_is_asked_when_somebody_looks_and_only_after_a_touch() -> None:
    board, asked = StatusBoard(), [0]

    def source() -> dict[str, object]:
        asked[0] += 1
        return {"model_count": asked[0]}

    board.add_source(source)
    assert (board.current.model_count, board.current.model_count) == (1, 1)
    for _ in range(100):
        board.touch()
    assert board.current.model_count == 2


def test_what_must_be_done_before_a_look_is_done_for_whoever_looks() -> None:
    board, waiting = StatusBoard(), [3, 4]
    done: list[int] = []

    def catch_up() -> None:
        done.extend(waiting)
        waiting.clear()
        board.touch()

    board.add_source(lambda: {"model_count": sum(done)}, catch_up)
    assert board.current.model_count == 7
    assert not waiting


def test_a_look_at_what_was_published_does_nothing() -> None:
    board = StatusBoard()
    board.add_source(lambda: {"model_count": 1}, lambda: None)
    assert board.published.model_count is None


def test_a_thousand_touches_are_one_piece_of_news_soon_and_the_next_a_while_later() -> None:
    board, timer = StatusBoard(), Timer()
    received: list[int | None] = []
    count = [0]
    board.add_source(lambda: {"model_count": count[0]})
    board.notify_with(timer)
    board.subscribe(lambda status: received.append(status.model_count))
    for count[0] in range(1, 1_001):
        board.touch()
    assert [seconds for seconds, _ in timer.due] == [SOON_SECONDS]
    timer.fire()
    assert received == [1_000]
    count[0] = 1_001
    board.touch()
    assert SOON_SECONDS < timer.due[0][0] <= NEWS_SECONDS
    timer.fire()
    assert received == [1_000, 1_001]


def test_a_look_between_a_touch_and_its_news_takes_no_news_away() -> None:
    board, timer = StatusBoard(), Timer()
    received: list[int | None] = []
    board.add_source(lambda: {"model_count": 1})
    board.notify_with(timer)
    board.subscribe(lambda status: received.append(status.model_count))
    board.touch()
    assert board.current.model_count == 1  # somebody looked
    board.change(lambda status: status)  # and somebody changed nothing
    timer.fire()
    assert received == [1]


def test_nothing_is_made_of_touches_while_nobody_listens_to_requests() -> None:
    board, timer = StatusBoard(), Timer()
    received: list[Status] = []
    board.add_source(lambda: {"model_count": 1})
    board.notify_with(timer)
    board.subscribe(received.append, to_requests=False)
    board.touch()
    assert timer.due == []
    board.change(lambda status: running(status, 4141))
    assert [each.server.port for each in received] == [4141]


def test_a_change_is_told_at_once_and_holds_what_sources_tell_by_then() -> None:
    board = StatusBoard()
    received: list[Status] = []
    board.add_source(lambda: {"model_count": 5})
    board.subscribe(received.append)
    board.change(lambda status: running(status, 1))
    assert [(each.server.port, each.model_count) for each in received] == [(1, 5)]


def test_a_change_that_changes_nothing_is_no_news() -> None:
    board = StatusBoard()
    received: list[Status] = []
    board.subscribe(received.append)
    board.change(lambda status: status)
    assert received == []


def test_the_latest_status_is_told_at_once_and_records_nothing_in_the_thread_of_who_looks() -> None:
    """The window looks several times for each of its pictures; prices and ledger are not its work."""
    board = StatusBoard()
    recorded: list[str] = []
    board.add_source(dict, lambda: recorded.append("what ended"))
    assert board.latest == board.published
    assert recorded == []
    assert board.current == board.latest
    assert recorded == ["what ended"]
