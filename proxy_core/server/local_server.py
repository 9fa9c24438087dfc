"""One listening server: accepts, drains, ends. Belongs to one event loop."""

from __future__ import annotations

import logging
import socket

from aiohttp import web

from proxy_core.errors import Cancelled, ErrorKind, ProxyError
from proxy_core.server.app import SOCKETS, create_app
from proxy_core.server.in_flight import InFlight
from proxy_core.server.listener import BACKLOG, open_sockets
from proxy_core.server.parts import ServerParts
from proxy_core.server.token_estimates import TokenEstimates
from proxy_core.server.usage_totals import UsageTotals

DRAIN_SECONDS = 5.0
_LAST_WORDS_SECONDS = 0.25
_READ_BUFFER = 1 << 20
"""aiohttp's 64 kB pauses the connection 16 times for a megabyte; coding agents send several."""
_MAX_HEADER = 32 * 1024

_http_log = logging.getLogger("g_copilot_proxy.http")
# aiohttp logs a broken request with the offending bytes, which may hold anything.
_http_log.setLevel(logging.CRITICAL)


class LocalServer:
    """Runs from ``start`` to ``stop``; a new object for each time."""

    def __init__(self, parts: ServerParts, totals: UsageTotals, estimates: TokenEstimates) -> None:
        self._in_flight: InFlight = parts.in_flight
        app = create_app(parts, totals, estimates)
        self._sockets = app[SOCKETS]
        self._runner = web.AppRunner(
            app,
            handler_cancellation=True,
            access_log=None,
            shutdown_timeout=_LAST_WORDS_SECONDS,
            logger=_http_log,
            keepalive_timeout=75.0,
            read_bufsize=_READ_BUFFER,
            auto_decompress=False,  # request_body does it, and says what is wrong
            max_line_size=_MAX_HEADER,
            max_field_size=_MAX_HEADER,
        )
        self._sites: list[web.SockSite] = []
        self.asked: tuple[str, int] = ("", 0)
        """The host and port the settings named."""
        self.host = ""
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Return once connections are accepted. Raises PortInUse or CannotListen."""
        sockets = await open_sockets(host, port)
        try:
            await self._accept(sockets)
        except BaseException:
            for each in sockets:
                each.close()
            await self._runner.cleanup()
            raise
        self.asked = (host, port)
        self.host, self.port = sockets[0].getsockname()[:2]

    async def _accept(self, sockets: list[socket.socket]) -> None:
        await self._runner.setup()
        for each in sockets:
            site = web.SockSite(self._runner, each, backlog=BACKLOG)
            await site.start()
            self._sites.append(site)

    def cancel(self, request_id: str) -> bool:
        """End a running request at the user's wish; return whether it was running."""
        return self._in_flight.interrupt_one(request_id, _ended_by_user())

    async def stop(self, drain_seconds: float) -> None:
        """Accept no more, let answers end for ``drain_seconds``, then tell their clients and close."""
        for site in self._sites:
            await site.stop()
        self._sites = []
        if self._runner.server is not None:
            self._runner.server.pre_shutdown()
        await self._sockets.go_away()
        if not await self._in_flight.drain(drain_seconds):
            self._in_flight.interrupt(_stopping())
            await self._in_flight.drain(_LAST_WORDS_SECONDS)
        await self._sockets.close()
        await self._runner.cleanup()


def _ended_by_user() -> Cancelled:
    return Cancelled("You ended this request in g-copilot-proxy.", code="request_cancelled")


def _stopping() -> ProxyError:
    return ProxyError(
        "g-copilot-proxy was stopped before the answer was complete.",
        kind=ErrorKind.OVERLOADED,
        http_status=503,
        title="The proxy was stopped",
        code="proxy_stopped",
    )
