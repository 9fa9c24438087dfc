"""The whole upstream side, as the engine builds it, and the simulator it talks to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.clock import Clock
from proxy_core.config.paths import Paths, find_paths
from proxy_core.config.settings import Settings
from proxy_core.errors import Problem
from proxy_core.routing.upstream_api import Initiator, UpstreamCall
from proxy_core.simulator.scripted_step import ScriptedStep
from proxy_core.simulator.server import SimulatorServer
from proxy_core.status.status import AccountStatus, ParameterRefusal
from proxy_core.upstream.assembly import UpstreamServices
from proxy_core.upstream.calls.client import CopilotAnswer
from proxy_core.upstream.sign_in.keychain import KeychainFailed, PasswordStore


class SimulatedTime:
    """The simulator's clock and ours; waiting moves both on at once."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0
        self.slept: list[float] = []
        self.waiting = asyncio.Event()
        self.never_ends = False
        """Let the next wait last until it is cancelled."""
        self.goes_on = asyncio.Event()
        """Cleared: waits last until it is set."""
        self.goes_on.set()
        self.clock = Clock(lambda: self.now - 1_789_000_000.0, lambda: self.now, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.waiting.set()
        if self.never_ends:
            await asyncio.Event().wait()
        await self.goes_on.wait()
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


def no_keychain() -> PasswordStore:
    raise KeychainFailed("This system offers no keychain.", absent=True)


@dataclass
class Workbench:
    simulator: SimulatorServer
    time: SimulatedTime
    side: UpstreamServices
    settings: list[Settings]
    statuses: list[AccountStatus] = field(default_factory=list)
    paths: Paths = field(default_factory=lambda: find_paths({}))
    limits: list[Problem] = field(default_factory=list)
    refusals: list[tuple[ParameterRefusal, ...]] = field(default_factory=list)

    async def sign_in(self) -> None:
        await self.side.account.use_token(self.simulator.github_token)

    def set(self, section: str, **values: Any) -> None:
        changed = msgspec.structs.replace(getattr(self.settings[0], section), **values)
        self.settings[0] = msgspec.structs.replace(self.settings[0], **{section: changed})

    async def model(self, model_id: str) -> Model:
        return next(each for each in await self.side.client.models() if each.id == model_id)

    async def open(
        self, model_id: str, endpoint: Endpoint, body: dict[str, Any], **more: Any
    ) -> CopilotAnswer:
        model = await self.model(model_id)
        call = UpstreamCall(
            endpoint=endpoint,
            model=model,
            body={"model": model_id, **body},
            initiator=more.pop("initiator", Initiator.USER),
            has_images=more.pop("has_images", False),
            request_id="req-1",
            **more,
        )
        return await self.side.client.open_stream(call)

    async def ask(self, model_id: str, endpoint: Endpoint, body: dict[str, Any]) -> CopilotAnswer:
        """Open a stream and read it to its end."""
        answer = await self.open(model_id, endpoint, body)
        try:
            content = b"".join([chunk async for chunk in answer.chunks()])
        finally:
            await answer.close()
        assert content.startswith((b"data:", b"event:"))
        return answer

    def script(self, *steps: ScriptedStep) -> None:
        """Lay down what the next model calls meet."""
        self.simulator.simulation.script.extend(steps)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110 - the simulator has no event for it
                await asyncio.sleep(0.005)

    def calls(self, path: str) -> list[Any]:
        return [each for each in self.simulator.requests if each.path == path]
