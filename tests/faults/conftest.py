"""One server, simulator and injector for all of a module's faults; each call has its own plan."""

from __future__ import annotations

import asyncio
import gc
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio

from proxy_core.app.engine import Engine
from proxy_core.canonical import sse
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import find_paths
from proxy_core.server.calls.relay import answer_size, upstream_tail
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from proxy_core.status.status_board import StatusBoard
from tests.faults.injector import FaultInjector, Plan
from tests.faults.raw_upstream import SendElsewhere
from tests.faults.traces import open_descriptors, running_tasks

KEY = "sk-local-for-tests-only"
SETTINGS = "[upstream]\nlongest_retry_wait_seconds = 0\nidle_seconds = 5\n"
SMALL_LIMIT = 1024 * 1024
GRACE_SECONDS = 30.0


class Bench:
    """The proxy under test and what can be seen of it from outside."""

    def __init__(
        self,
        url: str,
        simulator: SimulatorServer,
        injector: FaultInjector,
        elsewhere: SendElsewhere,
        board: StatusBoard,
        engine: Engine,
    ) -> None:
        self.engine = engine
        self.url = url
        self.simulator = simulator
        self.injector = injector
        self.board = board
        self.elsewhere = elsewhere
        self.tasks = 0
        self.descriptors = 0
        self._numbers = itertools.count(1)

    def plan(self, plan: Plan) -> int:
        number = self.next_number()
        self.injector.plans[number] = plan
        return number

    def next_number(self) -> int:
        return next(self._numbers)

    @property
    def simulator_port(self) -> int:
        port = urlsplit(self.simulator.url).port
        assert port is not None
        return port

    def client(self) -> aiohttp.ClientSession:
        """A client program of its own, with a connection of its own."""
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),
            headers={"Authorization": f"Bearer {KEY}"},
            timeout=aiohttp.ClientTimeout(total=20),
        )

    def note_level(self) -> None:
        self.tasks = len(running_tasks())
        self.descriptors = open_descriptors()

    @property
    def is_quiet(self) -> bool:
        return (
            self.injector.open == 0
            and self.simulator.active == 0
            and not self.board.current.active
            and len(running_tasks()) <= self.tasks
            and open_descriptors() <= self.descriptors
        )

    async def until(self, condition: Callable[[], bool], seconds: float = GRACE_SECONDS) -> None:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - sockets and tasks have no event for it
                await asyncio.sleep(0.002)

    async def until_quiet(self) -> None:
        """Nothing of a call is left: no answer of upstream's, task or descriptor, nothing in memory."""
        try:
            await self.until(lambda: self.is_quiet)
            # A body nobody reads any more is closed by the loop, in a turn of its own.
            await self.until(lambda: self.injector.alive() == 0)
        except TimeoutError:
            raise AssertionError(self.what_is_left()) from None

    def what_is_left(self) -> str:
        return (
            f"open upstream {self.injector.open}, held in memory {self.injector.alive()}, "
            f"simulator {self.simulator.active}, "
            f"tasks {len(running_tasks())} of {self.tasks}, "
            f"descriptors {open_descriptors()} of {self.descriptors}: "
            f"{running_tasks()}"
        )


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    home: Path = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        # The real limits are shown once, in test_memory; here hundreds of calls meet them.
        patch.setattr(sse, "MAX_FRAME_BYTES", SMALL_LIMIT)
        patch.setattr(answer_size, "LONGEST_ANSWER", SMALL_LIMIT)
        patch.setattr(upstream_tail, "LAST_BYTES_SECONDS", 0.02)
        async with SimulatorServer(SimulatorOptions(profile="strict")) as simulator:
            environ = {
                "G_COPILOT_PROXY_HOME": str(home),
                "G_COPILOT_PROXY_GITHUB_URL": simulator.url,
                "COPILOT_GITHUB_TOKEN": simulator.github_token,
            }
            paths = find_paths(environ)
            paths.settings_file.write_text(SETTINGS)
            board = StatusBoard()
            injector, elsewhere = FaultInjector(), SendElsewhere()
            engine = Engine(
                paths,
                board,
                environ=environ,
                overrides=Overrides(port=0, local_key=KEY),
                serves=False,
                handlers=(injector, elsewhere),
            )
            await engine.open()
            try:
                await engine.commands.start()
                url = board.current.server.url
                bench = Bench(url, simulator, injector, elsewhere, board, engine)
                await engine.commands.models()
                gc.collect()
                gc.freeze()
                bench.note_level()
                yield bench
            finally:
                gc.unfreeze()
                await engine.close()


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def no_limit_of_an_earlier_fault(bench: Bench) -> None:
    """A refused call makes the account wait; the next fault must meet GitHub, not that wait."""
    bench.engine.commands.lift_limits()
