"""A running simulator, a clock that stands until told, and a client that knows neither's code."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer

NOW = 1_795_248_000.0
PLUGIN_CLIENT_ID = "Iv1.b507a08c87ecfe98"
OAUTH_CLIENT_ID = "Ov23li8tweQw6odWQebz"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class Clock:
    """Unix time in a test's hands."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass(frozen=True)
class Received:
    """An HTTP answer read to its end."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def text(self) -> str:
        return self.raw.decode()

    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def message(self) -> str:
        """The sentence of a refusal in any shape."""
        if not self.text.startswith("{"):
            return self.text
        return str(self.json()["error"]["message"])

    def events(self) -> list[tuple[str | None, Any]]:
        """Name and data of every server-sent event; data parsed unless it is ``[DONE]``."""
        found = []
        for frame in self.text.replace("\r\n", "\n").split("\n\n"):
            fields = dict(line.split(": ", 1) for line in frame.split("\n") if line)
            if "data" in fields:
                data = fields["data"]
                found.append((fields.get("event"), data if data == "[DONE]" else json.loads(data)))
        return found


class Client:
    """Calls one simulator with the headers an editor sends."""

    def __init__(self, server: SimulatorServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.session = session
        self.token = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Editor-Version": "vscode/1.107.0"}

    async def sign_in(self) -> str:
        """Exchange the token that is good from the start."""
        self.token = (await self.exchange(self.server.github_token)).json()["token"]
        return self.token

    async def exchange(self, github_token: str) -> Received:
        return await self.get(
            "/copilot_internal/v2/token", {"Authorization": f"token {github_token}"}
        )

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Received:
        wanted = self.headers if headers is None else headers
        async with self.session.get(self.server.url + path, headers=wanted) as response:
            return Received(response.status, response.headers, await response.read())

    async def post(
        self, path: str, body: Any, headers: Mapping[str, str] | None = None, **extra: str
    ) -> Received:
        """POST JSON; ``extra`` headers have underscores for dashes."""
        wanted = dict(self.headers if headers is None else headers)
        wanted |= {name.replace("_", "-"): value for name, value in extra.items()}
        wanted["Content-Type"] = "application/json"
        # A file object: aiohttp warns about large bodies given as bytes.
        raw = io.BytesIO(json.dumps(body).encode())
        async with self.session.post(self.server.url + path, data=raw, headers=wanted) as response:
            return Received(response.status, response.headers, await response.read())

    async def chat(self, text: str, model: str = "gpt-4.1", **more: Any) -> Received:
        messages = [{"role": "user", "content": text}]
        return await self.post("/chat/completions", {"model": model, "messages": messages, **more})

    async def messages(
        self, text: str, model: str = "claude-sonnet-4.6", betas: str = "", **more: Any
    ) -> Received:
        body = {"model": model, "max_tokens": 4000, **more}
        body.setdefault("messages", [{"role": "user", "content": text}])
        return await self.post("/v1/messages", body, anthropic_beta=betas)

    async def responses(self, given: Any, /, model: str = "gpt-5.4", **more: Any) -> Received:
        return await self.post("/responses", {"model": model, "input": given, **more})


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what another task brings about; half a minute at most."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 -- the condition has no event of its own
            await asyncio.sleep(0)


StartSimulator = Callable[..., Awaitable[Client]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def start(clock: Clock) -> AsyncIterator[StartSimulator]:
    """Start a simulator with options of the test's choice; signed in."""
    async with AsyncExitStack() as stack:

        async def started(**options: Any) -> Client:
            options.setdefault("clock", clock)
            server = await stack.enter_async_context(SimulatorServer(SimulatorOptions(**options)))
            session = await stack.enter_async_context(aiohttp.ClientSession())
            client = Client(server, session)
            await client.sign_in()
            return client

        yield started


@pytest.fixture
async def client(start: StartSimulator) -> Client:
    """The strict simulator with Copilot's own habits alone; the vendors' rules have their own folder."""
    return await start(switches={"vendor_rules": False})
