"""The whole state of one simulator: who is signed in, what was used, what arrived, what is open."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from proxy_core.simulator.account.account import Account
from proxy_core.simulator.account.device_flow import DeviceFlow
from proxy_core.simulator.account.tokens import Tokens
from proxy_core.simulator.behaviour.usage import PrefixCache
from proxy_core.simulator.catalog.catalog import BROKEN_ENTRY, Catalogue
from proxy_core.simulator.control.request_log import RequestLog
from proxy_core.simulator.faults.faults import Faults
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.profiles import Profile, profile_named, with_switches
from proxy_core.simulator.scripted_step import ScriptedStep
from proxy_core.simulator.worlds.table import world_named
from proxy_core.simulator.worlds.world import World

NO_SOCKETS = 404
"""The handshake's answer where the service knows no WebSocket."""


class Simulation:
    """Mutable; every handler of one app shares it."""

    profile: Profile
    world: World
    tokens: Tokens
    device_flow: DeviceFlow
    catalogue: Catalogue
    account: Account
    faults: Faults
    prefixes: PrefixCache
    log: RequestLog
    script: deque[ScriptedStep]
    automatic_sessions: dict[str, int]
    """Tokens of the automatic choice, and when they expire in unix seconds."""
    socket_refusal: int | None
    """The status every WebSocket handshake is refused with, as where a gateway knows no upgrade."""
    closes_sockets: bool
    """Whether a WebSocket is closed at its first frame, before anything was answered."""

    def __init__(self, options: SimulatorOptions) -> None:
        self.options = options
        self.clock = options.clock
        self.active = 0
        self.closing = asyncio.Event()
        self.reset()

    def reset(
        self,
        profile: str | None = None,
        switches: Mapping[str, Any] | None = None,
        world: str | None = None,
    ) -> None:
        """Start over: as another account with ``profile``, at another date with ``world``.

        Raises ValueError for names nobody knows. Tokens certify themselves and stay good. Open calls go
        on and still count as active.
        """
        options = self.options
        measured = options.measured if profile is None and world is None else None
        turned = options.switches if switches is None else switches
        if measured is not None:
            self.world = measured.world
            self.profile = with_switches(measured.profile, turned)
        else:
            self.world = world_named(world or options.world)
            self.profile = profile_named(profile or options.profile, turned)
        self._answers = 0
        rng = random.Random(f"{options.seed} tokens")
        self.tokens = Tokens(
            self.clock, rng, options.token_lifetime, options.github_token, self.world
        )
        self.device_flow = DeviceFlow(
            self.clock,
            rng,
            self.tokens,
            interval=options.device_interval,
            lifetime=options.device_code_lifetime,
        )
        entries = measured.entries if measured is not None else None
        left_out = () if options.lists_broken_entry else (BROKEN_ENTRY,)
        self.catalogue = Catalogue(self.profile.plan, self.world, entries, left_out)
        self.account = Account(self.profile, self.clock)
        rng = random.Random(f"{options.seed} faults")
        self.faults = Faults(self.profile.fault_rate, rng, self.profile.first_calls)
        self.prefixes = PrefixCache()
        self.log = RequestLog(options.log_size)
        self.script = deque()
        self.automatic_sessions = {}
        self.socket_refusal = None if self.profile.opens_websockets else NO_SOCKETS
        self.closes_sockets = False

    def address(self, request: web.Request) -> str:
        """The simulator's own base URL, as the caller reached it unless the options name one."""
        return self.options.base_url or f"{request.scheme}://{request.host}"

    def login_address(self, request: web.Request) -> str:
        """Where a person types the code: the host the caller asked, which ``base_url`` is not."""
        if self.options.base_url is None:
            return self.address(request)
        return f"{self.options.base_url.partition('://')[0]}://{request.host}"

    def random_of_next_answer(self) -> random.Random:
        """A generator of its own for each answer, so that concurrent answers do not mix their draws."""
        self._answers += 1
        return random.Random(f"{self.options.seed} answer {self._answers}")

    @contextmanager
    def open_call(self) -> Iterator[None]:
        """Counts a model call as active until its handler ends, also by cancellation."""
        self.active += 1
        try:
            yield
        finally:
            self.active -= 1


SIMULATION = web.AppKey("simulation", Simulation)
