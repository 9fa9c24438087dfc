"""The real server in front of the simulator, with time and the network in the tests' hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from proxy_core.app.engine import Engine
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import find_paths
from proxy_core.config.settings import TokenStorage
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from proxy_core.simulator.worlds.table import DEFAULT_WORLD
from proxy_core.status.status_board import StatusBoard
from tests.integration.copilot.network import Network
from tests.integration.copilot.virtual_time import VirtualTime
from tests.integration.server.conftest import KEY, Proxy

CHAT, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/responses", "/v1/messages"
DIALECTS = (CHAT, RESPONSES, MESSAGES)
REPEAT = "Repeat exactly the following text and nothing else: "
"""What makes the simulator say a text of ours: an answer that belongs to its question."""


@dataclass
class Rig(Proxy):
    """The proxy, and everything around it that can go wrong."""

    time: VirtualTime = field(kw_only=True)
    network: Network = field(kw_only=True)

    async def ask(self, path: str, model: str, text: str, **members: Any) -> Any:
        """Ask in the dialect of ``path``; return the response, body unread."""
        return await self.post(path, question(path, model, text, **members))

    async def control(self, path: str, body: Any) -> None:
        """Turn a knob of the simulator's."""
        async with self.http.post(f"{self.simulator.url}/_sim/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()

    def calls(self, *paths: str) -> list[Any]:
        """Model calls that arrived upstream, oldest first."""
        wanted = paths or ("/chat/completions", "/responses", "/v1/messages", "/embeddings")
        return [
            each
            for each in self.simulator.requests
            if each.path in wanted and each.method in ("POST", "WS")
        ]

    @property
    def exchanges(self) -> int:
        return sum(r.path == "/copilot_internal/v2/token" for r in self.simulator.requests)

    @property
    def listings(self) -> int:
        return sum(r.path == "/models" for r in self.simulator.requests)

    async def idle(self) -> None:
        """Until every request is recorded: that is done once its client has the answer."""
        await self.until(lambda: not self.board.current.active)

    async def settle(self, turns: int = 20) -> None:
        """Let background work that was set going come to its end."""
        for _ in range(turns):
            await asyncio.sleep(0.002)


def question(path: str, model: str, text: str, **members: Any) -> dict[str, Any]:
    """One user's words in the dialect of ``path``."""
    if path == RESPONSES:
        return {"model": model, "input": [{"role": "user", "content": text}], **members}
    body: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": text}]}
    if path == MESSAGES:
        body["max_tokens"] = 4000
    return body | members


def error_of(body: Any) -> dict[str, Any]:
    """The error object of any dialect's error answer."""
    assert isinstance(body, dict), body
    error = body["error"]
    assert isinstance(error, dict)
    return error


@pytest.fixture
def profile() -> str:
    return "strict"


@pytest.fixture
def switches() -> dict[str, bool]:
    return {}


@pytest.fixture
def seed() -> int:
    """Of the simulator's chances."""
    return 0


@pytest.fixture
def world() -> str:
    """The date the simulator plays."""
    return DEFAULT_WORLD


@pytest.fixture
def time() -> Iterator[VirtualTime]:
    virtual = VirtualTime()
    yield virtual
    virtual.close()


@pytest.fixture
async def simulator(
    profile: str, switches: dict[str, bool], seed: int, time: VirtualTime, world: str
) -> AsyncIterator[SimulatorServer]:
    options = SimulatorOptions(
        profile=profile, switches=switches, seed=seed, clock=time.wall, world=world
    )
    async with SimulatorServer(options) as running:
        yield running


@pytest.fixture
async def network(simulator: SimulatorServer) -> AsyncIterator[Network]:
    async with Network(simulator.port) as running:
        yield running


@pytest.fixture
def settings_text() -> str:
    """What the settings file says; tests override this."""
    return ""


@pytest.fixture
def environ(tmp_path: Path, network: Network, simulator: SimulatorServer) -> dict[str, str]:
    return {
        "G_COPILOT_PROXY_HOME": str(tmp_path),
        "G_COPILOT_PROXY_GITHUB_URL": network.url,
        "COPILOT_GITHUB_TOKEN": simulator.github_token,
    }


def make_engine(environ: dict[str, str], board: StatusBoard, time: VirtualTime) -> Engine:
    return Engine(
        find_paths(environ),
        board,
        environ=environ,
        overrides=Overrides(port=0, local_key=KEY, token_storage=TokenStorage.MEMORY),
        serves=False,
        clock=time.clock,
    )


@asynccontextmanager
async def running_rig(
    environ: dict[str, str], simulator: SimulatorServer, network: Network, time: VirtualTime
) -> AsyncIterator[Rig]:
    """A run of the proxy, from its start to its end; a second one finds what the first one kept."""
    board = StatusBoard()
    engine = make_engine(environ, board, time)
    await engine.open()
    try:
        await engine.commands.start()
        async with aiohttp.ClientSession() as http:
            rig = Rig(
                board.current.server.url, engine, board, simulator, http, time=time, network=network
            )
            yield rig
            for response in rig.responses:
                response.close()
    finally:
        await engine.close()


@pytest.fixture
async def rig(
    simulator: SimulatorServer,
    environ: dict[str, str],
    settings_text: str,
    time: VirtualTime,
    network: Network,
) -> AsyncIterator[Rig]:
    if settings_text:
        find_paths(environ).settings_file.write_text(settings_text)
    async with running_rig(environ, simulator, network, time) as rig:
        yield rig
