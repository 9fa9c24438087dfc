"""One listening server: accepts, drains, ends. Belongs to one event loop."""

from __future__ import annotations

import asyncio
import functools
import socket

from aiohttp import web

from proxy_core.errors import Cancelled, ErrorKind, ProxyError, translatable
from proxy_core.server.admin.usage_totals import UsageTotals
from proxy_core.server.app import create_app
from proxy_core.server.call_handlers import CallHandlers, import_in_a_thread
from proxy_core.server.calls.tokens.token_estimates import TokenEstimates
from proxy_core.server.http.connection import Connection, ConnectionRegistry
from proxy_core.server.http.listener import BACKLOG, open_sockets
from proxy_core.server.optional_dialects.finding import dialect_at
from proxy_core.server.parts import ServerContext
from proxy_core.server.records.in_flight import InFlight

DRAIN_SECONDS = 5.0
_LAST_WORDS_SECONDS = 0.25
IMPORT_AFTER = 0.5
"""Seconds after the start in which the first answers have the processor for themselves."""


class LocalServer:
    """Runs from ``start`` to ``stop``; a new object for each time."""

    def __init__(
        self,
        parts: ServerContext,
        totals: UsageTotals,
        estimates: TokenEstimates,
        registry: ConnectionRegistry | None = None,
    ) -> None:
        self._in_flight: InFlight = parts.in_flight
        self._tails = parts.tails
        self._threads = parts.threads
        self._calls = CallHandlers(parts, estimates)
        app = create_app(parts, totals, self._calls)
        self._runner = web.AppRunner(
            app, handler_cancellation=True, shutdown_timeout=_LAST_WORDS_SECONDS
        )
        self._registry = registry or ConnectionRegistry(
            parts.dialects, optional=functools.partial(dialect_at, parts)
        )
        self._listening: list[asyncio.Server] = []
        self._importing: asyncio.TimerHandle | None = None
        self.asked: tuple[str, int] = ("", 0)
        """The host and port of the settings."""
        self.host = ""
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Return once connections are accepted. Raises PortInUse or CannotListen."""
        sockets = await open_sockets(host, port)
        try:
            await self._accept(sockets)
        except BaseException:
            self._accept_no_more()
            for each in sockets:
                each.close()
            await self._runner.cleanup()
            raise
        self.asked = (host, port)
        self.host, self.port = sockets[0].getsockname()[:2]
        self._importing = asyncio.get_running_loop().call_later(IMPORT_AFTER, import_in_a_thread)

    async def _accept(self, sockets: list[socket.socket]) -> None:
        await self._runner.setup()
        server = self._runner.server
        assert server is not None, "it was just set up"
        loop = asyncio.get_running_loop()
        for each in sockets:
            # aiohttp's own sites would create connections without our limits.
            listening = await loop.create_server(
                lambda: Connection(server, loop=loop, registry=self._registry),
                sock=each,
                backlog=BACKLOG,
            )
            self._listening.append(listening)

    def _accept_no_more(self) -> None:
        for each in self._listening:
            each.close()
        self._listening = []

    def cancel(self, request_id: str) -> bool:
        """End a running request on the user's request; return whether it was running."""
        return self._in_flight.interrupt_one(request_id, _ended_by_user())

    async def stop(self, drain_seconds: float) -> None:
        """Accept no more, wait ``drain_seconds`` for responses, then end them with an error and
        close.
        """
        self._accept_no_more()
        if self._importing is not None:
            self._importing.cancel()
        transports = self._transports()
        if self._runner.server is not None:
            self._runner.server.pre_shutdown()
        await self._calls.go_away()
        if not await self._in_flight.drain(drain_seconds):
            self._in_flight.interrupt(_stopping())
            await self._in_flight.drain(_LAST_WORDS_SECONDS)
        await self._calls.close()
        await self._runner.cleanup()
        await self._tails.close()
        self._threads.close()
        for each in transports:
            # The connection of a client that does not read would never finish closing.
            if each.get_write_buffer_size():
                each.abort()

    def _transports(self) -> list[asyncio.WriteTransport]:
        server = self._runner.server
        connections = [] if server is None else server.connections
        return [each.transport for each in connections if each.transport is not None]


def _ended_by_user() -> Cancelled:
    return Cancelled("You ended this request in g-copilot-proxy.", code="request_cancelled")


def _stopping() -> ProxyError:
    return ProxyError(
        "g-copilot-proxy was stopped before the answer was complete. Start it again to go on.",
        kind=ErrorKind.STOPPED,
        http_status=503,
        title=translatable("The proxy was stopped"),
        code="proxy_stopped",
        is_own_text=True,
    )
