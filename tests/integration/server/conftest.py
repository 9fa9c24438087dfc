"""The real server on a free port, in front of the simulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from proxy_core.app.engine import Engine
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import find_paths
from proxy_core.config.settings import BackendName
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from proxy_core.status.status import RequestRecord
from proxy_core.status.status_board import StatusBoard
from tests.integration.backends.installed import BACKEND, path_variable, place_package

KEY = "sk-local-for-tests-only"


@dataclass
class Proxy:
    url: str
    engine: Engine
    board: StatusBoard
    simulator: SimulatorServer
    http: aiohttp.ClientSession
    responses: list[aiohttp.ClientResponse] = field(default_factory=list)
    """Kept until the test's end, so that a test need not read what it does not look at."""

    def headers(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {KEY}"} | {
            name.replace("_", "-"): value for name, value in more.items()
        }

    async def post(self, path: str, body: object, **headers: str) -> aiohttp.ClientResponse:
        return await self.send("POST", path, self.headers(**headers), json=body)

    async def get(self, path: str, **headers: str) -> aiohttp.ClientResponse:
        return await self.send("GET", path, self.headers(**headers))

    async def send(
        self, method: str, path: str, headers: dict[str, str], **more: Any
    ) -> aiohttp.ClientResponse:
        response = await self.http.request(method, self.url + path, headers=headers, **more)
        self.responses.append(response)
        return response

    async def script(self, *steps: dict[str, Any]) -> None:
        """Lay down what the simulator does with its next calls."""
        async with self.http.post(
            f"{self.simulator.url}/_sim/script", json={"steps": steps}
        ) as answer:
            assert answer.status == 200, await answer.text()

    @property
    def last_request(self) -> RequestRecord:
        record = self.board.current.last_request
        assert record is not None
        return record

    async def until(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        """Wait for something that another task is about to bring about."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - the simulator has no event for it
                await asyncio.sleep(0.005)


@pytest.fixture
def simulator_options() -> SimulatorOptions:
    return SimulatorOptions(profile="strict")


@pytest.fixture
async def simulator(simulator_options: SimulatorOptions) -> AsyncIterator[SimulatorServer]:
    async with SimulatorServer(simulator_options) as running:
        yield running


@pytest.fixture
def settings_text() -> str:
    """What the settings file says; tests override this."""
    return ""


@pytest.fixture
def drain_seconds() -> float:
    return 5.0


@pytest.fixture
async def proxy(
    simulator: SimulatorServer, tmp_path: Path, settings_text: str, drain_seconds: float
) -> AsyncIterator[Proxy]:
    environ = {
        "G_COPILOT_PROXY_HOME": str(tmp_path),
        "G_COPILOT_PROXY_GITHUB_URL": simulator.url,
        "COPILOT_GITHUB_TOKEN": simulator.github_token,
        "PATH": path_variable(),
    }
    paths = find_paths(environ)
    if settings_text:
        paths.settings_file.write_text(settings_text)
    if BACKEND is BackendName.PI_AI:
        place_package(paths.backends)
    board = StatusBoard()
    engine = Engine(
        paths,
        board,
        environ=environ,
        overrides=Overrides(port=0, local_key=KEY, backend=BACKEND),
        serves=False,
        drain_seconds=drain_seconds,
    )
    await engine.open()
    try:
        await engine.commands.start()
        async with aiohttp.ClientSession() as http:
            proxy = Proxy(board.current.server.url, engine, board, simulator, http)
            yield proxy
            for response in proxy.responses:
                response.close()
    finally:
        await engine.close()


@pytest.fixture
async def openai_client(proxy: Proxy) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{proxy.url}/v1", api_key=KEY, max_retries=0) as client:
        yield client


@pytest.fixture
async def anthropic_client(proxy: Proxy) -> AsyncIterator[AsyncAnthropic]:
    async with AsyncAnthropic(base_url=proxy.url, api_key=KEY, max_retries=0) as client:
        yield client
