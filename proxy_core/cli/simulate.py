"""``g-copilot-proxy simulate``: the stand-in for GitHub and Copilot alone, for trying out clients."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from proxy_core.app.event_loop import new_event_loop
from proxy_core.cli.exit_codes import DONE, USAGE
from proxy_core.discovery.port_owner import find_port_owner
from proxy_core.errors import PortInUse
from proxy_core.simulator.measured import MeasuredUnreadable, read_measured
from proxy_core.simulator.options import PROFILE_NAMES, WORLD_NAMES, SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from proxy_core.simulator.worlds.table import DEFAULT_WORLD

DEFAULT_PROFILE = "strict"


def simulate(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    del environ
    if parsed.profile_file is not None:
        return _simulate_measured(parsed)
    profile = parsed.profile or DEFAULT_PROFILE
    if profile not in PROFILE_NAMES:
        print(
            f"g-copilot-proxy: there is no profile {profile!r}; known are "
            f"{', '.join(PROFILE_NAMES)}.",
            file=sys.stderr,
        )
        return USAGE
    world = parsed.world or DEFAULT_WORLD
    if world not in WORLD_NAMES:
        print(
            f"g-copilot-proxy: there is no world {world!r}; known are {', '.join(WORLD_NAMES)}.",
            file=sys.stderr,
        )
        return USAGE
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        wanted = SimulatorOptions(profile=profile, world=world)
        runner.run(_simulate(parsed.port or 0, wanted))
    return DONE


def _simulate_measured(parsed: argparse.Namespace) -> int:
    if parsed.profile is not None or parsed.world is not None:
        print(
            "g-copilot-proxy: --profile-file stands in place of --profile and --world.",
            file=sys.stderr,
        )
        return USAGE
    try:
        measured = read_measured(Path(parsed.profile_file).read_bytes())
    except MeasuredUnreadable as error:
        print(f"g-copilot-proxy: {parsed.profile_file} cannot be played: {error}.", file=sys.stderr)
        return USAGE
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_simulate(parsed.port or 0, SimulatorOptions(measured=measured)))
    return DONE


async def _simulate(port: int, wanted: SimulatorOptions) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C cancels this task instead
            loop.add_signal_handler(each, ended.set)
    try:
        # Any client may be tried here, including LiteLLM, which sends headers twice.
        options = replace(wanted, tolerates_duplicate_headers=True)
        async with SimulatorServer(options, port=port) as simulator:
            print(f"Simulator listening on {simulator.url}", flush=True)
            print(f"GitHub token: {simulator.github_token}", flush=True)
            await ended.wait()
    except OSError as error:
        owner = await find_port_owner(port)
        by = f" by {owner}" if owner else ""
        raise PortInUse(f"Port {port} is already in use{by}.", port=port, owner=owner) from error
