"""The upstream side against the simulator on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from proxy_core.config.paths import find_paths
from proxy_core.config.settings import AccountSettings, Settings, TokenStorage
from proxy_core.errors import Problem
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from proxy_core.status.status import AccountStatus, ParameterRefusal
from proxy_core.upstream.assembly import build_upstream
from proxy_core.upstream.sign_in.keychain import Keychain
from tests.integration.upstream.workbench import SimulatedTime, Workbench, no_keychain


@pytest.fixture
def options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Further options of the simulator, by indirect parameters."""
    found: dict[str, Any] = getattr(request, "param", {})
    return found


@pytest.fixture
async def bench(tmp_path: Path, options: dict[str, Any]) -> AsyncIterator[Workbench]:
    time = SimulatedTime()
    settings = [Settings(account=AccountSettings(token_storage=TokenStorage.MEMORY))]
    async with SimulatorServer(SimulatorOptions(clock=lambda: time.now, **options)) as simulator:
        environ = {
            "G_COPILOT_PROXY_HOME": str(tmp_path),
            "G_COPILOT_PROXY_GITHUB_URL": simulator.url,
            "G_COPILOT_PROXY_GITHUB_API_URL": simulator.url,
            "G_COPILOT_PROXY_API_URL": simulator.url,
        }
        statuses: list[AccountStatus] = []
        limits: list[Problem] = []
        refusals: list[tuple[ParameterRefusal, ...]] = []
        side = build_upstream(
            settings=lambda: settings[0],
            paths=find_paths(environ),
            environ=environ,
            clock=time.clock,
            keychain=Keychain(no_keychain),
            on_account=statuses.append,
            on_limit=limits.append,
            on_refusals=refusals.append,
        )
        paths = find_paths(environ)
        yield Workbench(simulator, time, side, settings, statuses, paths, limits, refusals)
        await side.close()
