"""Runs ``doctor --probe`` against a simulator, inside the test's loop."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proxy_core.app.engine import Engine
from proxy_core.clock import Clock
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import find_paths
from proxy_core.doctor.probe.question import PlannedRequest
from proxy_core.doctor.probe.report import to_json, verdicts_of
from proxy_core.doctor.probe.runner import REPEAT_SECONDS, ProbeReport
from proxy_core.simulator.control.request_log import RecordedRequest
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from proxy_core.status.status import Status
from proxy_core.status.status_board import StatusBoard


async def _sleep(seconds: float) -> None:
    await asyncio.sleep(0.0 if seconds == REPEAT_SECONDS else seconds)


@dataclass(frozen=True)
class Measured:
    report: ProbeReport
    requests: tuple[RecordedRequest, ...]
    """All that GitHub was asked, the sign-in included."""
    status: Status
    credits: float
    """What the account was charged."""

    @property
    def verdicts(self) -> dict[str, str]:
        return verdicts_of(self.report)

    @property
    def file(self) -> bytes:
        return to_json(self.report, measured_at="2026-11-29T12:00:00Z", program="test")


async def measure(
    options: SimulatorOptions,
    *,
    settings: str = "",
    paused: bool = False,
    on_asked: Callable[[PlannedRequest, SimulatorServer], Any] = lambda *_: None,
) -> Measured:
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "settings.toml").write_text(settings)
        async with SimulatorServer(options) as simulator:
            used = simulator.simulation.account.used
            environ = {
                "G_COPILOT_PROXY_HOME": home,
                "G_COPILOT_PROXY_GITHUB_URL": simulator.url,
                "COPILOT_GITHUB_TOKEN": simulator.github_token,
            }
            board = StatusBoard()
            engine = Engine(
                find_paths(environ),
                board,
                environ=environ,
                overrides=Overrides(),
                serves=False,
                clock=Clock(sleep=_sleep),
            )
            try:
                await engine.open()
                await engine.commands.planned_probe()
                if paused:
                    await engine.commands.pause()
                report = await engine.commands.probe(lambda each: on_asked(each, simulator))
                return Measured(
                    report,
                    tuple(simulator.requests),
                    board.current,
                    simulator.simulation.account.used - used,
                )
            finally:
                await engine.close()
