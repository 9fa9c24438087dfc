"""Background loops that fail: started again, told, and ended with the engine."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from proxy_core.app.supervised_tasks import LONGEST_PAUSE, STEADY_SECONDS, SupervisedTasks
from proxy_core.clock import Clock


class Time:
    """Stands still until ``pass_`` is called."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, len(self._sleepers), future))
        await future

    async def pass_(self, seconds: float) -> None:
        end = self.now + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self.now, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                future.set_result(None)
            await self._settle()
        self.now = end

    async def _settle(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)


Trouble = list[tuple[str, ...]]


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def trouble() -> Trouble:
    return []


@pytest.fixture
async def tasks(time: Time, trouble: Trouble) -> AsyncIterator[SupervisedTasks]:
    group = SupervisedTasks(Clock(lambda: time.now, lambda: time.now, time.sleep), trouble.append)
    yield group
    await group.close()


def failing(times: int, runs: list[float], time: Time) -> Callable[[], Awaitable[None]]:
    """A loop that fails in its first moment, so often; after that it runs for ever."""

    async def run() -> None:
        runs.append(time.now)
        if len(runs) <= times:
            raise RuntimeError("unexpected")
        await asyncio.Event().wait()

    return run


async def test_a_loop_that_fails_is_started_again_after_longer_and_longer_pauses(
    tasks: SupervisedTasks, time: Time
) -> None:
    runs: list[float] = []
    tasks.keep_running("limits", failing(4, runs, time))
    await time.pass_(60)
    assert runs == [0, 1, 3, 7, 15]


async def test_no_pause_is_longer_than_the_longest(tasks: SupervisedTasks, time: Time) -> None:
    runs: list[float] = []
    tasks.keep_running("limits", failing(100, runs, time))
    await time.pass_(1000)
    assert runs[-1] - runs[-2] == LONGEST_PAUSE


async def test_a_loop_that_ran_for_long_begins_with_a_short_pause_again(
    tasks: SupervisedTasks, time: Time
) -> None:
    runs: list[float] = []

    async def run() -> None:
        runs.append(time.now)
        await time.sleep(0 if len(runs) < 3 else STEADY_SECONDS)
        raise RuntimeError("unexpected")

    tasks.keep_running("limits", run)
    await time.pass_(STEADY_SECONDS + 10)
    assert runs == [0, 1, 3, 3 + STEADY_SECONDS + 1]


async def test_trouble_is_told_once_and_taken_back_when_the_loop_runs_steadily(
    tasks: SupervisedTasks, time: Time, trouble: Trouble
) -> None:
    tasks.keep_running("limits", failing(3, [], time))
    await time.pass_(10)
    assert trouble == [("limits",)]
    await time.pass_(STEADY_SECONDS)
    assert trouble == [("limits",), ()]


async def test_one_loop_s_failure_leaves_the_others_alone(
    tasks: SupervisedTasks, time: Time, trouble: Trouble
) -> None:
    steady: list[float] = []
    tasks.keep_running("steady", failing(0, steady, time))
    tasks.keep_running("a", failing(100, [], time))
    tasks.keep_running("b", failing(1, [], time))
    await time.pass_(STEADY_SECONDS + 10)
    assert steady == [0]
    assert trouble == [("a",), ("a", "b"), ("a",)]


async def test_closing_ends_loops_pauses_and_single_pieces_of_work(
    tasks: SupervisedTasks, time: Time
) -> None:
    ended: list[str] = []

    async def run() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("loop")

    runs: list[float] = []
    tasks.keep_running("loop", run)
    tasks.keep_running("failing", failing(100, runs, time))
    once = tasks.run_once("once", run())
    await time.pass_(0)
    await tasks.close()
    await time.pass_(100)
    assert ended == ["loop", "loop"]
    assert once.cancelled()
    assert runs == [0]
    await tasks.close()


async def test_a_piece_of_work_that_fails_is_logged(
    tasks: SupervisedTasks, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise RuntimeError("unexpected")

    task = tasks.run_once("warming up", fail())
    with contextlib.suppress(RuntimeError):
        await task
    await asyncio.sleep(0)
    assert "background work failed: warming up" in caplog.text
