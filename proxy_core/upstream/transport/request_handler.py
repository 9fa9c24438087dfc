"""The extension point around every outbound model call: observe, change or replace it.

Subclass :class:`RequestHandler` and override ``send_request`` (HTTP, streams included) or
``open_websocket``. Calling ``super()`` passes the call on to the next handler and in the end to the
network; not calling it replaces the call. A handler that overrides nothing is transparent::

    class Stamp(RequestHandler):
        async def send_request(self, request, context):
            request.headers["x-team"] = "blue"
            return await super().send_request(request, context)

A handler of an installed package is found by the entry point group ``g_copilot_proxy.request_handlers``
and runs only when ``upstream.request_handlers`` in the settings names it: it sees every prompt and
the token.
"""

from __future__ import annotations

import asyncio
import functools
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from multidict import CIMultiDict

from proxy_core.config.settings import BackendName
from proxy_core.upstream.transport.body_pieces import BodyPieces

ENTRY_POINT_GROUP = "g_copilot_proxy.request_handlers"

HOP_BY_HOP = frozenset(
    {
        "connection",
        "content-length",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Connection and framing headers: never forwarded, in either direction."""


class TransportKind(StrEnum):
    HTTP = "http"
    WEBSOCKET = "websocket"


@dataclass(slots=True)
class OutboundRequest:
    """A request a handler may change before it passes it on.

    ``pieces`` is in place of ``body`` where a large one goes straight to the network; a handler that
    was installed gets ``body``.
    """

    method: str
    url: str
    headers: CIMultiDict[str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    pieces: BodyPieces | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What is known about a call. ``cancel_event`` is set when the caller disconnected.

    ``request_id`` is ours and the same for every attempt of one client request; ``session_id`` is
    the client's conversation id, if it sent one. ``backend`` is what carries an HTTP call. ``url``
    and ``headers`` are those the call started with; a change to them has no effect (change the
    request instead).
    """

    request_id: str
    transport: TransportKind
    url: str
    headers: Mapping[str, str] = field(repr=False)
    cancel_event: asyncio.Event = field(repr=False)
    session_id: str | None = None
    attempt: int = 1
    backend: BackendName = BackendName.COPILOT


class OutboundResponse:
    """A response whose body may still be arriving.

    ``body`` is bytes, or an iterator of chunks. ``on_close`` runs once, at the latest when the caller
    is done: a handler that wraps another response's chunks gives that response's ``close``.
    """

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str] | None = None,
        body: bytes | AsyncIterator[bytes] = b"",
        *,
        on_close: Callable[[], Awaitable[None]] | None = None,
        has_arrived: Callable[[], bool] = lambda: False,
    ) -> None:
        self.status = status
        self.has_arrived = has_arrived
        """Whether nothing more of the body is to come, as far as known."""
        self.headers: CIMultiDict[str] = (
            headers if isinstance(headers, CIMultiDict) else CIMultiDict(headers or {})
        )
        self._body = _one_chunk(body) if isinstance(body, bytes) else body
        self._on_close = on_close

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives; can be read once."""
        return self._body

    def replace_chunks(
        self,
        chunks: AsyncIterator[bytes],
        on_close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Let ``chunks`` be read in the body's place; ``on_close`` runs before the body's own."""
        self._body = chunks
        if on_close is not None:
            self._on_close = functools.partial(_both, on_close, self._on_close)

    async def read(self, limit: int) -> bytes:
        """Return the body, at most its first ``limit`` bytes, and close."""
        content = bytearray()
        try:
            async for chunk in self._body:
                content += chunk
                if len(content) >= limit:
                    break
        finally:
            await self.close()
        return bytes(content[:limit])

    async def close(self) -> None:
        """Abort the call if it still runs. Idempotent."""
        on_close, self._on_close = self._on_close, None
        if on_close is not None:
            await on_close()


async def _both(
    first: Callable[[], Awaitable[None]], then: Callable[[], Awaitable[None]] | None
) -> None:
    try:
        await first()
    finally:
        if then is not None:
            await then()


async def _one_chunk(body: bytes) -> AsyncIterator[bytes]:
    if body:
        yield body


class WebSocketChannel(ABC):
    """One open WebSocket. Wrap another channel to observe or change its messages."""

    @abstractmethod
    async def send(self, message: str | bytes) -> None: ...

    @abstractmethod
    def messages(self) -> AsyncIterator[str | bytes]:
        """Messages as they arrive; ends when upstream closes."""

    @abstractmethod
    async def close(self) -> None:
        """Idempotent."""


class RequestHandler:
    """Base class of every handler; transparent by default."""

    next_handler: RequestHandler | None = None
    """Set when handlers are put in a chain; the last one is the network."""
    is_network = False

    @property
    def name(self) -> str:
        return type(self).__name__

    @property
    def sees_websockets(self) -> bool:
        """False for a handler of HTTP alone; calls then go out as HTTP, so that it misses none."""
        mine = type(self)
        changes_http = mine.send_request is not RequestHandler.send_request
        return not changes_http or mine.open_websocket is not RequestHandler.open_websocket

    async def send_request(
        self, request: OutboundRequest, context: RequestContext
    ) -> OutboundResponse:
        """Send an HTTP request and return its response."""
        return await self._next.send_request(request, context)

    async def open_websocket(self, context: RequestContext) -> WebSocketChannel:
        """Open the WebSocket that ``context`` describes."""
        return await self._next.open_websocket(context)

    @property
    def _next(self) -> RequestHandler:
        if self.next_handler is None:
            raise RuntimeError(f"{self.name} is not part of a chain")
        return self.next_handler


def chain(handlers: list[RequestHandler], network: RequestHandler) -> RequestHandler:
    """Link ``handlers`` in order, first one outermost, and return the first."""
    following = network
    for handler in reversed(handlers):
        handler.next_handler = following
        following = handler
    return following
