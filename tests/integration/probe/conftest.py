"""The proxy in front of a simulator, as the tests of Copilot's behaviour have it."""

from __future__ import annotations

from tests.integration.copilot.conftest import (
    environ,
    network,
    profile,
    rig,
    seed,
    settings_text,
    simulator,
    switches,
    time,
    world,
)

__all__ = [
    "environ",
    "network",
    "profile",
    "rig",
    "seed",
    "settings_text",
    "simulator",
    "switches",
    "time",
    "world",
]
