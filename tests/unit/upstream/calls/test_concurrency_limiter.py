"""The way in: turns, limits, who goes first when one ends."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from proxy_core.clock import Clock
from proxy_core.config.settings import UpstreamSettings
from proxy_core.errors import ErrorKind, Problem, UpstreamRefused
from proxy_core.status.status import UpstreamState, UpstreamStatus
from proxy_core.upstream.calls.concurrency_limiter import ConcurrencyLimiter, Permit
from proxy_core.upstream.calls.error_mapping import to_error
from proxy_core.upstream.calls.error_response import UpstreamErrorResponse, read_failure
from proxy_core.upstream.calls.fair_queue import FairQueue
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from tests.unit.upstream.scripted_github import FakeTime


class Room:
    """A gate, and everything it said."""

    def __init__(self, time: FakeTime, **settings: Any) -> None:
        self.settings = UpstreamSettings(**settings)
        self.states: list[UpstreamStatus] = []
        self.limits: list[Problem] = []
        self.gate = ConcurrencyLimiter(
            lambda: self.settings, time.clock, self.states.append, self.limits.append
        )

    def enter(self, client: str, model: str = "m") -> asyncio.Task[Permit]:
        return asyncio.ensure_future(self.gate.enter(client, model))


def limit(code: str, retry_after: float | None) -> tuple[UpstreamErrorResponse, UpstreamRefused]:
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    body = msgspec.json.encode({"error": {"message": "slow down", "code": code}})
    failure = read_failure(429, headers, body, 0.0)
    error = to_error(failure)
    assert isinstance(error, UpstreamRefused)
    return failure, error


async def never(_: float) -> None:
    await asyncio.Event().wait()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_free_gate_lets_everybody_in_and_says_nothing(time: FakeTime) -> None:
    room = Room(time)
    for permit in [await room.enter("a") for _ in range(5)]:
        permit.leave()
        permit.leave()
    assert room.states == []
    assert room.gate.status == UpstreamStatus()


async def test_clients_take_turns_at_a_full_gate(time: FakeTime) -> None:
    room = Room(time, max_concurrent_calls=1)
    running = await room.enter("greedy")
    names = ["greedy", "greedy", "greedy", "modest", "other"]
    waiting = [(name, room.enter(name)) for name in names]
    await settle()
    assert room.gate.status == UpstreamStatus(UpstreamState.BUSY, waiting=5)
    order = []
    for _ in names:
        running.leave()
        await settle()
        name, task = next(each for each in waiting if each[1].done())
        waiting.remove((name, task))
        order.append(name)
        running = task.result()
    assert order == ["greedy", "modest", "other", "greedy", "greedy"]
    assert room.gate.status.state is UpstreamState.OK


async def test_a_full_queue_refuses_with_a_time_to_come_back(time: FakeTime) -> None:
    room = Room(time, max_concurrent_calls=1, max_waiting_calls=1)
    running = await room.enter("a")
    waiting = room.enter("a")
    await settle()
    with pytest.raises(UpstreamRefused, match="wait for GitHub already") as caught:
        await room.enter("b")
    assert (caught.value.http_status, caught.value.kind) == (429, ErrorKind.TOO_MANY)
    assert caught.value.retry_after
    running.leave()
    (await waiting).leave()


async def test_who_fills_the_queue_makes_room_for_the_others(time: FakeTime) -> None:
    room = Room(time, max_concurrent_calls=1, max_waiting_calls=4)
    running = await room.enter("greedy")
    greedy = [room.enter("greedy") for _ in range(4)]
    await settle()
    modest = [room.enter("modest"), room.enter("modest")]
    await settle()
    assert [each.done() for each in greedy] == [False, False, True, True], "its newest go"
    with pytest.raises(UpstreamRefused, match="wait for GitHub already") as caught:
        greedy[3].result()
    assert caught.value.retry_after
    with pytest.raises(UpstreamRefused):
        await room.enter("modest")  # both have their share now
    assert room.gate.status.waiting == 4
    for each in (greedy[0], modest[0], greedy[1], modest[1]):
        running.leave()
        running = await asyncio.wait_for(each, 30)
    running.leave()
    assert isinstance(greedy[2].exception(), UpstreamRefused)


async def test_a_caller_that_leaves_the_queue_takes_no_place(time: FakeTime) -> None:
    room = Room(time, max_concurrent_calls=1)
    running = await room.enter("a")
    gone, stays = room.enter("b"), room.enter("c")
    await settle()
    gone.cancel()
    await settle()
    running.leave()
    (await stays).leave()
    (await room.enter("d")).leave()


async def test_a_caller_that_is_let_in_at_the_moment_it_leaves_gives_its_place_back(
    time: FakeTime,
) -> None:
    room = Room(time, max_concurrent_calls=1)
    running = await room.enter("a")
    gone = room.enter("b")
    await settle()
    running.leave()
    gone.cancel()
    await settle()
    assert gone.cancelled()
    (await asyncio.wait_for(room.enter("c"), 30)).leave()


async def test_a_short_limit_holds_all_and_lets_one_go_first(time: FakeTime) -> None:
    room = Room(time)
    refused = await room.enter("a", "one")
    failure, error = limit("user_model_rate_limited", 3)
    refused.limited(failure, error, wait=3.0)
    assert room.gate.status.state is UpstreamState.LIMITED
    assert room.gate.status.until == time.wall + 3
    others = [room.enter("b", "two"), room.enter("c", "three")]
    again = asyncio.ensure_future(refused.again())
    await settle()
    assert time.slept == [3.0]
    first, second = others
    assert first.done(), "who came first goes first"
    assert not second.done()
    assert not again.done()
    first.result().answered()
    await settle()
    assert second.done()
    assert again.done()
    for each in (refused, first.result(), second.result()):
        each.leave()
    assert room.gate.status == UpstreamStatus()
    assert room.limits == [], "a short wait is nobody's business"


async def test_a_probe_that_fails_otherwise_makes_way_for_the_next(time: FakeTime) -> None:
    room = Room(time)
    refused = await room.enter("a")
    refused.limited(*limit("rate_limited", 1), wait=1.0)
    first, second = room.enter("b"), room.enter("c")
    await settle()
    assert not second.done()
    first.result().leave()
    await settle()
    second.result().answered()
    second.result().leave()
    refused.leave()


async def test_a_renewed_limit_holds_on(time: FakeTime) -> None:
    room = Room(time)
    refused = await room.enter("a")
    refused.limited(*limit("rate_limited", 1), wait=1.0)
    again = asyncio.ensure_future(refused.again())
    other = room.enter("b")
    await settle()
    assert again.done()
    refused.limited(*limit("rate_limited", 4), wait=4.0)
    await settle()
    assert time.slept == [1.0, 4.0]
    assert other.done()
    other.result().leave()
    refused.leave()


async def test_a_long_limit_is_told_to_all_and_probed_further_and_further_apart(
    time: FakeTime,
) -> None:
    room = Room(time)
    permit = await room.enter("a")
    permit.limited(*limit("user_weekly_rate_limited", 86400), wait=None)
    permit.leave()
    assert [each.code for each in room.limits] == ["user_weekly_rate_limited"]
    gaps = []
    while True:
        before = time.wall
        try:
            permit = await room.enter("a")
        except UpstreamRefused as error:
            refusal = error
            break
        gaps.append(time.wall - before)
        permit.limited(*limit("user_weekly_rate_limited", 86400), wait=None)
        permit.leave()
    assert gaps == pytest.approx([2, 4, 8])
    assert refusal.message == "slow down"
    assert refusal.retry_after == 86400
    assert refusal.title == "You reached GitHub's weekly limit"
    time.pass_seconds(16)
    (await room.enter("a")).answered()
    assert room.gate.status == UpstreamStatus()
    assert len(room.limits) == 1


async def test_a_long_limit_on_one_model_leaves_the_others_alone(time: FakeTime) -> None:
    room = Room(time, longest_retry_wait_seconds=0)
    permit = await room.enter("a", "dear")
    permit.limited(*limit("user_model_rate_limited", 7200), wait=None)
    permit.leave()
    with pytest.raises(UpstreamRefused):
        await room.enter("a", "dear")
    (await room.enter("a", "cheap")).answered()
    assert room.gate.is_held("dear")
    assert not room.gate.is_held("cheap")


async def test_calls_that_were_out_when_the_limit_began_do_not_prolong_its_probing(
    time: FakeTime,
) -> None:
    room = Room(time)
    permits = [await room.enter("a") for _ in range(5)]
    for permit in permits:
        permit.limited(*limit("user_global_rate_limited:pro", 600), wait=None)
        permit.leave()
    before = time.wall
    (await room.enter("a")).answered()
    assert time.wall - before == pytest.approx(2)


async def test_a_call_that_meets_two_limits_waits_for_the_later_one(time: FakeTime) -> None:
    room = Room(time)
    first, second = await room.enter("a", "dear"), await room.enter("a", "other")
    first.limited(*limit("user_model_rate_limited", 600), wait=None)
    second.limited(*limit("rate_limited", 1), wait=1.0)
    for each in (first, second):
        each.leave()
    waiting = room.enter("a", "dear")
    await settle()
    assert waiting.done(), "nobody else would have let it in"
    assert sum(time.slept) == pytest.approx(2)
    waiting.result().leave()


async def test_a_gate_that_is_closed_keeps_nobody_waiting_for_ever(time: FakeTime) -> None:
    room = Room(time, max_concurrent_calls=1)
    time.clock = Clock(lambda: time.monotonic, lambda: time.wall, never)
    room.gate = ConcurrencyLimiter(lambda: room.settings, time.clock)
    permit = await room.enter("a")
    permit.limited(*limit("rate_limited", 5), wait=None)
    permit.leave()
    waiting = room.enter("a"), room.enter("b")
    await settle()
    assert not any(each.done() for each in waiting)
    room.gate.close()
    for each in waiting:
        (await asyncio.wait_for(each, 30)).leave()


async def test_a_limit_ends_by_itself_and_when_the_user_says_so(time: FakeTime) -> None:
    room = Room(time)
    permit = await room.enter("a")
    permit.limited(*limit("rate_limited", 60), wait=None)
    permit.leave()
    time.pass_seconds(66)
    room.gate.poll()
    assert room.gate.status == UpstreamStatus()
    permit = await room.enter("a")
    permit.limited(*limit("rate_limited", 60), wait=None)
    permit.leave()
    room.gate.lift()
    assert room.gate.status == UpstreamStatus()


def test_a_fair_queue_knows_who_is_in_it() -> None:
    queue: FairQueue[int] = FairQueue()
    for client, item in (("a", 1), ("a", 2), ("b", 3)):
        queue.add(client, item)
    queue.add("a", 0, first=True)
    assert list(queue.in_turn()) == [0, 3, 1, 2]
    queue.serve("a", 0)
    assert list(queue.in_turn()) == [3, 1, 2]
    assert queue.remove("b", 3)
    assert not queue.remove("b", 3)
    assert len(queue) == 2


@pytest.mark.parametrize("by", ["a model call", "the list of models"])
async def test_an_answer_ends_github_does_not_answer(time: FakeTime, by: str) -> None:
    room = Room(time)
    room.gate.note_unreachable(ConnectionFailed("No connection came about.", retryable=True))
    assert room.states[-1].state is UpstreamState.UNREACHABLE
    if by == "a model call":
        permit = await room.enter("a")
        permit.answered()
        permit.leave()
    else:
        room.gate.note_reached()
    assert room.states[-1] == UpstreamStatus()
    assert room.gate.status == UpstreamStatus()
