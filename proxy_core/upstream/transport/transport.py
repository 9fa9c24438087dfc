"""The one HTTP client of the process: connections to GitHub and Copilot, limits, errors.

Certificates are checked against the operating system's store, which includes a company's own CA.
HTTP/1.1 on purpose: long HTTP/2 connections to Copilot get GOAWAY while streams are open.
"""

from __future__ import annotations

import functools
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import truststore
from multidict import CIMultiDict

from proxy_core.clock import Clock
from proxy_core.config.paths import named_file
from proxy_core.config.settings import UpstreamSettings
from proxy_core.errors import translatable
from proxy_core.upstream.transport.arriving_body import ArrivingBody
from proxy_core.upstream.transport.body_pieces import BodyPieces
from proxy_core.upstream.transport.connection_errors import (
    ConnectionFailed,
    connection_failure,
    proxy_stopped,
)
from proxy_core.upstream.transport.pieces_payload import PiecesPayload
from proxy_core.upstream.transport.request_handler import (
    HOP_BY_HOP,
    OutboundRequest,
    OutboundResponse,
    RequestContext,
    RequestHandler,
    WebSocketChannel,
)
from proxy_core.upstream.transport.web_proxy import chosen_proxy, system_proxy

IDLE_CONNECTION_SECONDS = 30.0
"""Shorter than the server's idle limit: a connection it closed meanwhile costs a retry."""
SLEEP_SECONDS = 20.0
"""The wall clock this far ahead of the monotonic one means the computer slept: idle connections are
dead.
"""
PROXY_SECONDS = 15.0
WEBSOCKET_PING_SECONDS = 20.0
"""Middleboxes were seen to end connections that are silent for a minute."""
HEADER_BYTES = 64 * 1024
LARGE_BODY_BYTES = 512 * 1024


def system_certificates(ca_file: str = "") -> ssl.SSLContext:
    """Return the trusted certificates: the system's store and those in ``ca_file``.

    Raises ConnectionFailed for an unusable file: continuing without it would cause an unclear
    failure later.
    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        try:
            context.load_verify_locations(cafile=named_file(ca_file))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or translatable(
                "it holds no certificate in PEM form"
            )
            raise ConnectionFailed(
                translatable(
                    "The certificates in {file} cannot be used: {reason}. Check upstream.ca_file in "
                    "the settings.",
                    file=ca_file,
                    reason=reason,
                ),
                retryable=False,
                title=translatable("A certificate file cannot be read"),
                code="ca_file",
            ) from error
    context.set_alpn_protocols(["http/1.1"])
    return context


class _Pool:
    """A session, closed once it is retired and its last response has ended."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session
        self._users = 0
        self._retired = False

    def enter(self) -> None:
        self._users += 1

    async def leave(self) -> None:
        self._users -= 1
        await self._close_if_idle()

    async def retire(self) -> None:
        self._retired = True
        await self._close_if_idle()

    async def _close_if_idle(self) -> None:
        if self._retired and self._users == 0:
            await self.session.close()


class Transport:
    """Sends requests. Belongs to one event loop; ``close`` before it ends."""

    def __init__(
        self,
        limits: Callable[[], UpstreamSettings],
        *,
        clock: Clock | None = None,
        certificates: Callable[[str], ssl.SSLContext] = system_certificates,
        proxy: Callable[[str], str | None] = system_proxy,
    ) -> None:
        self._limits = limits
        self._clock = clock or Clock()
        self._certificates = certificates
        self._proxy = proxy
        self._pool: _Pool | None = None
        self._ca_file = ""
        self._retired: list[_Pool] = []
        self._last_used = self._clock.now()
        self._closed = False
        self._proxies: dict[tuple[str, str], tuple[float, str | None]] = {}
        self._known_timeouts: tuple[UpstreamSettings, aiohttp.ClientTimeout] | None = None

    async def send(
        self, request: OutboundRequest, *, time_limit: float | None = None
    ) -> OutboundResponse:
        """Return the response once its headers are there. Raises ConnectionFailed.

        ``time_limit`` bounds the whole exchange in seconds; None leaves only the connect and read
        timeouts. Redirects are not followed: they would forward the token.
        """
        pool = await self._current_pool()
        pool.enter()
        try:
            response = await pool.session.request(
                request.method,
                request.url,
                headers=forwardable(request.headers),
                data=_payload(request),
                allow_redirects=False,
                timeout=self._timeouts(time_limit),
                proxy=self.proxy_for(request.url),
            )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            await pool.leave()
            raise connection_failure(error, request.url) from error
        except BaseException:
            await pool.leave()
            raise
        body = ArrivingBody(response, request.url, self._limits().idle_seconds)
        return OutboundResponse(
            response.status,
            forwardable(response.headers),
            body,
            on_close=functools.partial(_release, body, response, pool),
            has_arrived=response.content.is_eof,
        )

    async def open_websocket(self, url: str, headers: CIMultiDict[str]) -> WebSocketChannel:
        """Raises ConnectionFailed."""
        pool = await self._current_pool()
        pool.enter()
        try:
            socket = await pool.session.ws_connect(
                url,
                headers=forwardable(headers),
                proxy=self.proxy_for(url),
                max_msg_size=16 * 1024 * 1024,
                heartbeat=WEBSOCKET_PING_SECONDS,
                timeout=aiohttp.ClientWSTimeout(ws_close=2.0),
            )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            await pool.leave()
            raise connection_failure(error, url) from error
        except BaseException:
            await pool.leave()
            raise
        return ForwardingChannel(socket, pool.leave)

    async def drop_idle(self) -> None:
        """Use new connections from now on; running responses keep theirs."""
        stale, self._pool = self._pool, None
        self._retired = [each for each in self._retired if not each.session.closed]
        if stale is not None:
            self._retired.append(stale)
            await stale.retire()

    async def close(self) -> None:
        """Close every connection, including those of running responses."""
        self._closed = True
        pools = [*self._retired, *([self._pool] if self._pool is not None else [])]
        self._pool = None
        self._retired.clear()
        for each in pools:
            await each.session.close()

    def proxy_for(self, url: str) -> str | None:
        """Return the proxy for ``url``, cached for a while: the lookup costs more than the rest of
        a call. A changed setting counts at once. Raises ConnectionFailed for an unusable address.
        """
        setting = self._limits().proxy
        origin = (setting, "/".join(url.split("/", 3)[:3]))
        known = self._proxies.get(origin)
        now = self._clock.monotonic()
        if known is None or now - known[0] > PROXY_SECONDS:
            known = self._proxies[origin] = (now, chosen_proxy(setting, url, self._proxy))
        return known[1]

    def _timeouts(self, time_limit: float | None) -> aiohttp.ClientTimeout:
        limits = self._limits()
        known = self._known_timeouts
        if time_limit is None and known is not None and known[0] is limits:
            return known[1]
        timeouts = aiohttp.ClientTimeout(
            total=time_limit, sock_connect=limits.connect_seconds, sock_read=limits.idle_seconds
        )
        if time_limit is None:
            self._known_timeouts = (limits, timeouts)
        return timeouts

    async def _current_pool(self) -> _Pool:
        if self._closed:
            raise proxy_stopped()
        slept = self._clock.slept(self._last_used) > SLEEP_SECONDS
        self._last_used = self._clock.now()
        ca_file = self._limits().ca_file
        if self._pool is not None and (slept or ca_file != self._ca_file):
            await self.drop_idle()
        if self._pool is None:
            connector = aiohttp.TCPConnector(
                ssl=self._certificates(ca_file), limit=0, keepalive_timeout=IDLE_CONNECTION_SECONDS
            )
            session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                max_line_size=HEADER_BYTES,
                max_field_size=HEADER_BYTES,
            )
            self._pool = _Pool(session)
            self._ca_file = ca_file
        return self._pool


def _payload(request: OutboundRequest) -> bytes | PiecesPayload | None:
    """A large body is written in parts, so that other streams are served in between."""
    pieces = request.pieces
    if pieces is None and len(request.body) > LARGE_BODY_BYTES:
        pieces = BodyPieces((request.body,))
    return (request.body or None) if pieces is None else PiecesPayload(pieces)


def forwardable(headers: CIMultiDict[str] | aiohttp.typedefs.LooseHeaders) -> CIMultiDict[str]:
    """Return the headers that may be forwarded."""
    forwarded: CIMultiDict[str] = CIMultiDict(headers)
    for name in HOP_BY_HOP.intersection(map(str.lower, forwarded)):
        forwarded.popall(name, None)
    return forwarded


async def _release(body: ArrivingBody, response: aiohttp.ClientResponse, pool: _Pool) -> None:
    body.close()
    response.close()  # a connection whose response was read to its end is already back in the pool
    await pool.leave()


class NetworkHandler(RequestHandler):
    """The end of every chain: the network itself."""

    is_network = True

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def send_request(
        self,
        request: OutboundRequest,
        context: RequestContext,  # noqa: ARG002 - the network needs no context
    ) -> OutboundResponse:
        return await self._transport.send(request)

    async def open_websocket(self, context: RequestContext) -> WebSocketChannel:
        return await self._transport.open_websocket(context.url, CIMultiDict(context.headers))


class ForwardingChannel(WebSocketChannel):
    """A channel to upstream that changes nothing."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, on_close: Callable[[], Awaitable[None]]
    ) -> None:
        self._socket = socket
        self._on_close: Callable[[], Awaitable[None]] | None = on_close

    async def send(self, message: str | bytes) -> None:
        try:
            if isinstance(message, str):
                await self._socket.send_str(message)
            else:
                await self._socket.send_bytes(message)
        except (ConnectionError, aiohttp.ClientError) as error:
            raise connection_failure(error, "", answering=True) from error

    async def messages(self) -> AsyncIterator[str | bytes]:
        try:
            async for message in self._socket:
                if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                    yield message.data
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise connection_failure(error, "", answering=True) from error
        failure = self._socket.exception()
        if failure is not None:
            raise connection_failure(failure, "", answering=True) from failure

    async def close(self) -> None:
        on_close, self._on_close = self._on_close, None
        if on_close is not None:
            await self._socket.close()
            await on_close()
