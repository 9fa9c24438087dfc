"""One connection: admission, time limits for headers, and JSON for all errors. aiohttp's own
protocol allows a half-sent request to stay open indefinitely and answers invalid HTTP in plain
text. ``ConnectionRegistry`` holds all connections of one server and decides which to close.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from http.client import responses as http_phrases
from typing import Any, cast

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from proxy_core.canonical.dialect_name import DialectName
from proxy_core.dialects.client_traits import COMMON
from proxy_core.dialects.interface import Dialect
from proxy_core.errors import BadRequest, ErrorKind, ProxyError, Refused
from proxy_core.server.access.request_guard import headers_too_large, is_loopback
from proxy_core.server.http.responses import error_answer, error_status
from proxy_core.server.paths import error_dialect

HEADER_SECONDS = 20.0
"""Seconds a request's line and headers may take from their first byte."""
IDLE_SECONDS = 75.0
"""Seconds a connection may stay open without a request."""
MOST_CONNECTIONS = 1000
MOST_OF_ONE_COMPUTER = 100
"""Maximum per other computer. This one has no such limit: all its programs have the same address."""
LONGEST_LINE = 32 * 1024
_READ_BUFFER = 1 << 20
"""aiohttp's 64 kB pauses the connection 16 times for a megabyte; coding agents send several."""
_OPENING_BYTES = 256
_TLS_HANDSHAKE = b"\x16\x03"

_http_log = logging.getLogger("g_copilot_proxy.http")
# aiohttp logs a broken request with its bytes, which may contain secrets.
_http_log.setLevel(logging.CRITICAL)


def most_connections() -> int:
    """Return how many connections this process can afford: each may need a second one upstream."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MOST_CONNECTIONS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(16, min(MOST_CONNECTIONS, (soft - 64) // 2))


class ConnectionRegistry:
    """All connections of one server, oldest first."""

    def __init__(
        self,
        dialects: Mapping[DialectName, Dialect],
        *,
        most: int | None = None,
        most_of_one_computer: int = MOST_OF_ONE_COMPUTER,
        header_seconds: float = HEADER_SECONDS,
        optional: Callable[[str], Dialect | None] = lambda _: None,
    ) -> None:
        """``optional`` returns the optional dialect that serves a path, if there is one."""
        self.dialects = dialects
        self.optional = optional
        self.header_seconds = header_seconds
        self._most = most_connections() if most is None else most
        self._most_of_one_computer = most_of_one_computer
        self._open: dict[Connection, str] = {}

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, connection: Connection, address: str) -> bool:
        """Add ``connection``; return False if there is neither room nor an idle one to close.

        A client with many silent connections must not lock out others.
        """
        if address and not is_loopback(address):
            of_same = [each for each, other in self._open.items() if other == address]
            if len(of_same) >= self._most_of_one_computer and not self._make_room(of_same):
                return False
        if len(self._open) >= self._most and not self._make_room(list(self._open)):
            return False
        self._open[connection] = address
        return True

    def leave(self, connection: Connection) -> None:
        self._open.pop(connection, None)

    def _make_room(self, among: list[Connection]) -> bool:
        idle = [each for each in among if each.idle_since is not None]
        if not idle:
            return False
        oldest = min(idle, key=lambda each: each.idle_since or 0.0)
        self.leave(oldest)
        oldest.force_close()
        return True


class Connection(web.RequestHandler):
    """aiohttp's connection with limits on their number and on the time for headers."""

    __slots__ = ("_opened_at", "_opening", "_registry", "_timer", "idle_since")

    def __init__(
        self, server: web.Server, *, loop: asyncio.AbstractEventLoop, registry: ConnectionRegistry
    ) -> None:
        super().__init__(
            server,
            loop=loop,
            access_log=cast("Any", None),  # aiohttp's types forget that None switches it off
            logger=_http_log,
            keepalive_timeout=IDLE_SECONDS,
            read_bufsize=_READ_BUFFER,
            auto_decompress=False,  # request_body does it, with proper errors
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
        )
        self._registry = registry
        self._timer: asyncio.TimerHandle | None = None
        self._opening = b""
        self._opened_at: float | None = None
        """When the first bytes of a request came whose headers are awaited, by the loop's clock."""
        self.idle_since: float | None = None
        """When the last request ended, by the loop's clock; None while one is being answered."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = transport.get_extra_info("peername")
        self.idle_since = self._loop.time()
        if self._registry.admit(self, peer[0] if peer else ""):
            super().connection_made(transport)
            return
        cast("asyncio.Transport", transport).write(self._raw_answer(_no_room()))
        self.force_close()  # nothing more is read from it
        transport.close()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_timer()
        self._registry.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.idle_since is not None and self._opened_at is None and data:
            self._opening = data[:_OPENING_BYTES]
            self._opened_at = self._loop.time()
            if self._timer is None:
                self._timer = self._loop.call_later(
                    self._registry.header_seconds, self._check_headers
                )
        super().data_received(data)

    def request_began(self) -> None:
        """A request's headers are complete and it is being answered."""
        self._opened_at = None
        self.idle_since = None

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send a response that did not pass our middleware as JSON too."""
        if isinstance(resp, web.HTTPException):
            resp = self._error(Refused(resp.reason, http_status=resp.status, kind=_kind(resp)))
        try:
            return await super().finish_response(request, resp, start_time)
        finally:
            self.idle_since = self._loop.time()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer invalid HTTP. Nothing of it is echoed, as it may contain secrets."""
        del message
        self.request_began()
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        return self._error(_explained(status, exc, self._opening))

    def _check_headers(self) -> None:
        """Timer: one for many requests, which looks at what is awaited now."""
        self._timer = None
        if self._opened_at is None:
            return
        left = self._opened_at + self._registry.header_seconds - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._check_headers)
        else:
            self._too_slow()

    def _too_slow(self) -> None:
        if self.transport is not None and self.idle_since is not None:
            error = Refused(
                "The request's headers did not arrive within "
                f"{self._registry.header_seconds:g} seconds.",
                kind=ErrorKind.TIMEOUT,
                http_status=408,
            )
            self.transport.write(self._raw_answer(error))
            self.force_close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _error(self, error: ProxyError) -> web.Response:
        request_id = _make_id()
        headers = _own_headers(request_id) | {"Connection": "close"}
        answer = error_answer(error, self._dialect(), request_id, headers)
        answer.force_close()
        return answer

    def _raw_answer(self, error: ProxyError) -> bytes:
        """Return ``error`` as it goes over the wire, for a connection that has no request."""
        request_id = _make_id()
        body = msgspec.json.encode(self._dialect().write_error(error, request_id))
        status = error_status(error, self._dialect())
        headers = _own_headers(request_id) | {
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        lines = (f"{name}: {value}\r\n" for name, value in headers.items())
        return (
            f"HTTP/1.1 {status} {http_phrases.get(status, '')}\r\n{''.join(lines)}\r\n".encode()
            + body
        )

    def _dialect(self) -> Dialect:
        """Return the dialect of errors, by the request's first line as far as it arrived."""
        words = self._opening.split(b"\r\n", 1)[0].split(b" ")
        path = words[1].split(b"?", 1)[0].decode("ascii", "replace") if len(words) > 1 else "/"
        dialects = self._registry.dialects
        spoken = dialects.get(error_dialect(path, {})) or dialects[COMMON]
        return self._registry.optional(path) or spoken


def _make_id() -> str:
    return f"req_{secrets.token_hex(12)}"


def _own_headers(request_id: str) -> dict[str, str]:
    return {"Server": "g-copilot-proxy", "x-request-id": request_id}


def _no_room() -> ProxyError:
    return Refused(
        "Too many connections are open to g-copilot-proxy. Close some, or try again soon.",
        kind=ErrorKind.OVERLOADED,
        http_status=503,
        code="too_many_connections",
    )


def _kind(answer: web.HTTPException) -> ErrorKind:
    return ErrorKind.INTERNAL if answer.status >= 500 else ErrorKind.INVALID_REQUEST


def _explained(status: int, exc: BaseException | None, opening: bytes) -> ProxyError:
    if status >= 500:
        return ProxyError("The proxy failed on this request. Its log says more.")
    if opening.startswith(_TLS_HANDSHAKE):
        return BadRequest("This server speaks http://, not https://.", code="not_https")
    if isinstance(exc, LineTooLong):
        return headers_too_large(LONGEST_LINE)
    return BadRequest("This is not a valid HTTP request.", code="invalid_http")
