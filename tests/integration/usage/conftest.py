"""The real server in front of the simulator, and the real commands beside it."""

from __future__ import annotations

import asyncio
import csv
import datetime
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from proxy_core.app.engine import Engine
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import find_paths
from proxy_core.server.local_server import DRAIN_SECONDS
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from proxy_core.status.status import RequestRecord
from proxy_core.status.status_board import StatusBoard
from tests.integration.free_ports import free_port
from tests.integration.server.conftest import KEY, Proxy

ROOT = Path(__file__).resolve().parents[3]
TIME_LIMIT = 60
MODEL_PATHS = ("/chat/completions", "/v1/messages", "/responses", "/embeddings")


@dataclass
class Ended:
    code: int
    output: str
    errors: str


@dataclass
class Home(Proxy):
    """One user's server, with what the user's terminal shows."""

    folder: Path = field(default_factory=Path)
    environ: dict[str, str] = field(default_factory=dict)

    async def command(self, *arguments: str, **environ: str) -> Ended:
        """Run ``g-copilot-proxy`` with these arguments."""
        process = await self.start(*arguments, **environ)
        async with asyncio.timeout(TIME_LIMIT):
            output, errors = await process.communicate()
        assert process.returncode is not None
        return Ended(process.returncode, output.decode(), errors.decode())

    async def serve(self) -> tuple[asyncio.subprocess.Process, str]:
        """Start ``serve`` in a process of its own; return it and its address. The test ends it."""
        process = await self.start("serve", "--port", "0")
        assert process.stdout is not None
        async with asyncio.timeout(TIME_LIMIT):
            line = (await process.stdout.readline()).decode()
        return process, line.removeprefix("Listening on ").strip()

    async def start(self, *arguments: str, **environ: str) -> asyncio.subprocess.Process:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("G_COPILOT_PROXY", "COPILOT_", "HTTP", "http"))
        }
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "desktop",
            *arguments,
            cwd=ROOT,
            env=kept
            | self.environ
            | {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
            | {"G_COPILOT_PROXY_KEY": KEY, **environ},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def usage(self, *arguments: str) -> dict[str, Any]:
        """What ``usage --json`` says."""
        ended = await self.command("usage", "--json", *arguments)
        assert ended.code == 0, ended.errors
        report: dict[str, Any] = json.loads(ended.output)
        return report

    async def rows(self) -> list[dict[str, str]]:
        """Every line of the ledger, oldest first, as a spreadsheet gets it."""
        path = self.folder / "export.csv"
        await self.engine.commands.export_usage(path)
        with path.open(newline="", encoding="utf-8") as table:
            return list(csv.DictReader(table))

    async def ended(self, count: int) -> tuple[RequestRecord, ...]:
        """Wait until so many requests have ended; return their records, oldest first."""
        await self.until(lambda: len(self.board.current.recent) >= count)
        assert len(self.board.current.recent) == count
        return tuple(reversed(self.board.current.recent))

    @property
    def model_calls(self) -> int:
        """How many calls reached upstream."""
        return sum(each.path in MODEL_PATHS for each in self.simulator.requests)


DAY_LEFT_SECONDS = 60.0


@pytest.fixture(autouse=True)
def within_one_day() -> None:
    """What is counted by days of the real clock is asked of one day: shortly before midnight, wait."""
    now = datetime.datetime.now().astimezone()
    tomorrow = (now + datetime.timedelta(days=1)).date()
    midnight = datetime.datetime.combine(tomorrow, datetime.time()).astimezone()
    left = (midnight - now).total_seconds()
    if left < DAY_LEFT_SECONDS:
        time.sleep(left + 0.1)


@pytest.fixture
def profile() -> str:
    return "strict"


@pytest.fixture
async def simulator(profile: str) -> AsyncIterator[SimulatorServer]:
    async with SimulatorServer(SimulatorOptions(profile=profile)) as running:
        yield running


@pytest.fixture
def settings_text() -> str:
    """What the settings file says besides the port; tests override this."""
    return ""


@pytest.fixture
def drain_seconds() -> float:
    """How long a stop waits for answers that are running; tests override this."""
    return DRAIN_SECONDS


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """The user's folder before the program starts; tests override this."""
    return tmp_path


@pytest.fixture
async def home(
    simulator: SimulatorServer, prepared: Path, settings_text: str, drain_seconds: float
) -> AsyncIterator[Home]:
    environ = {
        "G_COPILOT_PROXY_HOME": str(prepared),
        "G_COPILOT_PROXY_GITHUB_URL": simulator.url,
        "COPILOT_GITHUB_TOKEN": simulator.github_token,
    }
    paths = find_paths(environ)
    paths.settings_file.write_text(f"[server]\nport = {free_port()}\n{settings_text}")
    board = StatusBoard()
    engine = Engine(
        paths,
        board,
        environ=environ,
        overrides=Overrides(local_key=KEY),
        drain_seconds=drain_seconds,
    )
    await engine.open()
    try:
        await engine.commands.start()
        await engine.restored()
        async with aiohttp.ClientSession() as http:
            home = Home(
                board.current.server.url,
                engine,
                board,
                simulator,
                http,
                folder=prepared,
                environ=environ,
            )
            yield home
            for response in home.responses:
                response.close()
    finally:
        await engine.close()
