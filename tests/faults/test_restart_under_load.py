"""A restart while answers run costs those that do not end in time, and tells each of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import aiohttp

from proxy_core.app.engine import Engine
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import find_paths
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from proxy_core.status.status_board import StatusBoard
from tests.faults.axes import MODELS, Client
from tests.faults.clients import PATHS, body, error_of, read_streamed_answer
from tests.faults.processes import KEY

STREAMS = 40
DRAIN_SECONDS = 4.0


async def test_a_restart_under_load_cuts_only_what_would_not_end_and_says_so(
    tmp_path: Path,
) -> None:
    async with SimulatorServer(SimulatorOptions()) as simulator:
        environ = {
            "G_COPILOT_PROXY_HOME": str(tmp_path),
            "G_COPILOT_PROXY_GITHUB_URL": simulator.url,
            "COPILOT_GITHUB_TOKEN": simulator.github_token,
        }
        board = StatusBoard()
        engine = Engine(
            find_paths(environ),
            board,
            environ=environ,
            overrides=Overrides(port=0, local_key=KEY),
            drain_seconds=DRAIN_SECONDS,
        )
        await engine.open()
        try:
            await engine.commands.start()
            await engine.commands.models()
            seen: Counter[str] = Counter()
            asked = len(simulator.requests)
            load = [asyncio.ensure_future(one(board, n, seen)) for n in range(STREAMS)]
            async with asyncio.timeout(60):
                # Some that end may have ended by then: what is opened is counted, not what runs.
                while len(simulator.requests) < asked + STREAMS:  # noqa: ASYNC110 - no event for it
                    await asyncio.sleep(0.005)
            await engine.commands.restart()
            await asyncio.gather(*load)
            assert seen == {"ended": STREAMS // 2, "told": STREAMS // 2}
            assert not board.current.active
            again: Counter[str] = Counter()
            await one(board, 1, again)
            assert again == {"ended": 1}
        finally:
            await engine.close()


async def one(board: StatusBoard, number: int, seen: Counter[str]) -> None:
    """Every second stream ends in a moment (0.1 s for each event), the others never."""
    client = list(Client)[number % 3]
    word = "slow" if number % 2 else "stall"
    text = f"Repeat exactly the following text and nothing else: {number} [sim:{word}]"
    model = MODELS[client, number % 4 > 1]
    asked = body(client, model, text, stream=True)
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as http,
        http.post(board.current.server.url + PATHS[client], json=asked) as response,
    ):
        if response.status != 200:
            assert "stopped" in error_of(client, await response.json())["message"]
            seen["told"] += 1
            return
        received = read_streamed_answer(client, await response.read())
    if received.ended:
        assert received.text.startswith(str(number))
        seen["ended"] += 1
    else:
        assert received.error is not None
        assert "stopped" in received.error["message"]
        seen["told"] += 1
