"""Periodic work between requests: waking from sleep, limits that ended, changed files."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from proxy_core.clock import Clock
from proxy_core.errors import ProxyError
from proxy_core.upstream.calls.concurrency_limiter import ConcurrencyLimiter
from proxy_core.upstream.catalog.catalog import ModelCatalog
from proxy_core.upstream.parameters.memory_file import ParameterStore
from proxy_core.upstream.sign_in.copilot_token import CopilotTokens
from proxy_core.upstream.sign_in.guests import GuestAccounts
from proxy_core.upstream.transport.transport import SLEEP_SECONDS, Transport

INTERVAL_SECONDS = 10.0


class Maintenance:
    """``run`` it in the background while calls are served. ``is_signed_in`` is called each time."""

    def __init__(
        self,
        *,
        transport: Transport,
        tokens: CopilotTokens,
        catalog: ModelCatalog,
        parameters: ParameterStore,
        gate: ConcurrencyLimiter,
        guests: GuestAccounts,
        is_signed_in: Callable[[], bool],
        clock: Clock,
    ) -> None:
        self._transport = transport
        self._tokens = tokens
        self._catalog = catalog
        self._parameters = parameters
        self._gate = gate
        self._guests = guests
        self._is_signed_in = is_signed_in
        self._clock = clock

    async def run(self, sleep: Callable[[float], Awaitable[None]] | None = None) -> None:
        """Tick until cancelled. ``sleep`` is for tests; by default the clock's."""
        pause = sleep or self._clock.sleep
        while True:
            before = self._clock.now()
            await pause(INTERVAL_SECONDS)
            # Some systems stop the monotonic clock during sleep, others only the timers.
            overslept = self._clock.elapsed(before) - INTERVAL_SECONDS
            if max(overslept, self._clock.slept(before)) > SLEEP_SECONDS:
                await self.wake_up()
            await self.tick()

    async def tick(self) -> None:
        """Poll everything once; a failure does not prevent the rest.

        Raises ExceptionGroup of the failures.
        """
        polls = (self._poll_calls(), self._parameters.poll(), self._poll_catalog())
        ended = await asyncio.gather(*polls, return_exceptions=True)
        failures = [each for each in ended if isinstance(each, Exception)]
        if failures:
            raise ExceptionGroup("upkeep failed", failures)

    async def _poll_calls(self) -> None:
        self._gate.poll()
        self._guests.drop_idle()

    async def _poll_catalog(self) -> None:
        if self._is_signed_in():
            await self._catalog.poll()

    async def wake_up(self) -> None:
        """Handle a wake-up: connections are dead, and the token may have expired."""
        await self._transport.drop_idle()
        if self._is_signed_in():
            with contextlib.suppress(ProxyError, TimeoutError):  # the network may not be up yet
                async with asyncio.timeout(INTERVAL_SECONDS):
                    await self._tokens.current()
