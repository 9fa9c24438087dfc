"""Demo mode: the simulator in place of GitHub; none of the user's files or tokens are used."""

from __future__ import annotations

from collections.abc import Mapping

from proxy_core.config.overrides import WORLD_VARIABLE
from proxy_core.errors import BadRequest, translatable
from proxy_core.simulator.options import WORLD_NAMES, SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from proxy_core.simulator.worlds.table import DEFAULT_WORLD

_OTHER_HOSTS = (
    "G_COPILOT_PROXY_GITHUB_URL",
    "G_COPILOT_PROXY_GITHUB_API_URL",
    "G_COPILOT_PROXY_API_URL",
    "COPILOT_GITHUB_TOKEN",
)


def make_simulator(environ: Mapping[str, str]) -> SimulatorServer:
    """Raises BadRequest when ``environ`` names an unknown world."""
    world = environ.get(WORLD_VARIABLE) or DEFAULT_WORLD
    if world not in WORLD_NAMES:
        raise BadRequest(
            translatable(
                "There is no world {world}; known are {world_names}.",
                world=repr(world),
                world_names=", ".join(WORLD_NAMES),
            )
        )
    # A person sees the demo's models: none that is broken on purpose.
    options = SimulatorOptions(profile="strict", world=world, lists_broken_entry=False)
    return SimulatorServer(options)


def demo_environ(environ: Mapping[str, str], simulator_url: str) -> dict[str, str]:
    """Return ``environ`` with every call sent to the simulator, and without the user's own token."""
    remaining = {name: value for name, value in environ.items() if name not in _OTHER_HOSTS}
    return remaining | {"G_COPILOT_PROXY_GITHUB_URL": simulator_url}
