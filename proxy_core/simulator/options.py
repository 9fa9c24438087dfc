"""How a simulator is set up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from proxy_core.simulator.measured import MeasuredAccount
from proxy_core.simulator.profiles import PROFILES
from proxy_core.simulator.worlds.table import DEFAULT_WORLD, WORLDS

DEMO_GITHUB_TOKEN = "ghu_simulatedGitHubTokenForTheDemo000000"  # noqa: S105 -- good nowhere but here


@dataclass(frozen=True)
class SimulatorOptions:
    """Settings of one simulator; two with equal options and equal requests give equal answers.

    ``device_interval``, ``device_code_lifetime`` and ``token_lifetime`` are seconds of ``clock``,
    which gives unix time. ``crlf`` ends SSE lines with CR LF and splits between the two.
    ``random_splits`` cuts the bytes of a stream at seeded random places, also inside a UTF-8 character.
    ``measured`` is played in place of ``profile`` and ``world`` (``measured.py``). ``switches`` turns
    single switches of the profile; ``world`` is the date that is played (``worlds/table.py``).
    ``github_token`` is signed in from the start.
    ``base_url`` is what the token answer names as ``endpoints.api``; by default the address the caller
    used. ``log_size`` bounds how many requests ``/_sim/requests`` remembers.
    ``lists_broken_entry``: one model of the list has broken optional members, which clients must bear.
    ``tolerates_duplicate_headers`` lets clients in that send ``Content-Type`` twice (LiteLLM does).
    """

    profile: str = "strict"
    measured: MeasuredAccount | None = None
    world: str = DEFAULT_WORLD
    seed: int = 0
    device_interval: int = 1
    device_code_lifetime: int = 900
    token_lifetime: int = 1500
    crlf: bool = False
    random_splits: bool = True
    clock: Callable[[], float] = time.time
    switches: Mapping[str, bool] = field(default_factory=dict)
    github_token: str = DEMO_GITHUB_TOKEN
    base_url: str | None = None
    log_size: int = 1000
    lists_broken_entry: bool = True
    tolerates_duplicate_headers: bool = False
    max_body_bytes: int = 64 * 1024 * 1024


PROFILE_NAMES = tuple(PROFILES)
WORLD_NAMES = tuple(WORLDS)
