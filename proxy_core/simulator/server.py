"""A simulator on a loopback port, in the caller's event loop."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiohttp import web

from proxy_core.simulator.app import create_app
from proxy_core.simulator.control.request_log import RecordedRequest
from proxy_core.simulator.http.duplicate_header_hop import DuplicateHeaderHop
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.simulation import SIMULATION, Simulation

# Open streams end at once when the server stops; this bounds the rest.
_SHUTDOWN_SECONDS = 0.2


class SimulatorServer:
    """``async with SimulatorServer() as simulator:`` serves until the block ends.

    Port 0 takes a free one. Entering raises OSError when the port is taken.
    """

    def __init__(
        self,
        options: SimulatorOptions | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.options = options or SimulatorOptions()
        self._host = host
        self._port = port
        self._app = create_app(self.options)
        self._runner: web.AppRunner | None = None
        self._hop: DuplicateHeaderHop | None = None

    async def __aenter__(self) -> Self:
        # With handler_cancellation a client that goes ends its call at once, as `active` promises.
        self._runner = web.AppRunner(
            self._app,
            handler_cancellation=True,
            access_log=None,
            shutdown_timeout=_SHUTDOWN_SECONDS,
        )
        await self._runner.setup()
        try:
            self._port = await self._listen(self._runner)
        except OSError:
            await self._runner.cleanup()
            raise
        return self

    async def _listen(self, runner: web.AppRunner) -> int:
        hops = self.options.tolerates_duplicate_headers
        await web.TCPSite(runner, self._host, 0 if hops else self._port).start()
        port: int = runner.addresses[0][1]
        if hops:
            self._hop = DuplicateHeaderHop(self._host, self._port, port)
            return await self._hop.start()
        return port

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._hop is not None:
            await self._hop.stop()
            self._hop = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def simulation(self) -> Simulation:
        """The state behind the routes."""
        return self._app[SIMULATION]

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, no slash at the end."""
        return f"http://{self._host}:{self._port}"

    @property
    def github_token(self) -> str:
        """A GitHub token that is good from the start."""
        return self.options.github_token

    @property
    def active(self) -> int:
        """Model calls open now."""
        return self.simulation.active

    @property
    def requests(self) -> list[RecordedRequest]:
        """What arrived so far, oldest first."""
        return self.simulation.log.entries

    def authorize(self, user_code: str) -> None:
        """Press Authorize. Raises LookupError when no open sign-in has that code."""
        if not self.simulation.device_flow.authorize(user_code):
            raise LookupError(f"no open sign-in has the code {user_code!r}")

    def deny(self, user_code: str) -> None:
        """Press Deny. Raises LookupError when no open sign-in has that code."""
        if not self.simulation.device_flow.deny(user_code):
            raise LookupError(f"no open sign-in has the code {user_code!r}")
