"""Demo mode: the simulator in place of GitHub, and nothing of the user's touched."""

from __future__ import annotations

from collections.abc import Mapping

from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer

_OTHER_HOSTS = (
    "G_COPILOT_PROXY_GITHUB_URL",
    "G_COPILOT_PROXY_GITHUB_API_URL",
    "G_COPILOT_PROXY_API_URL",
    "COPILOT_GITHUB_TOKEN",
)


def make_simulator() -> SimulatorServer:
    return SimulatorServer(SimulatorOptions(profile="strict"))


def demo_environ(environ: Mapping[str, str], simulator_url: str) -> dict[str, str]:
    """Return ``environ`` with every call sent to the simulator, and without the user's own token."""
    kept = {name: value for name, value in environ.items() if name not in _OTHER_HOSTS}
    return kept | {"G_COPILOT_PROXY_GITHUB_URL": simulator_url}
