"""The end of every chain of request handlers: the backend that the call was given to."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any

from multidict import CIMultiDict

from proxy_core.config.settings import BackendName
from proxy_core.upstream.backends.interface import Backend
from proxy_core.upstream.transport.request_handler import (
    OutboundRequest,
    OutboundResponse,
    RequestContext,
    RequestHandler,
    WebSocketChannel,
)
from proxy_core.upstream.transport.transport import Transport


class BackendHandler(RequestHandler):
    """Hands a call to the backend its context names. WebSockets are the native client's alone."""

    is_network = True

    def __init__(self, backends: Mapping[BackendName, Backend], transport: Transport) -> None:
        self._backends = backends
        self._transport = transport

    def send_request(
        self, request: OutboundRequest, context: RequestContext
    ) -> Coroutine[Any, Any, OutboundResponse]:
        return self._backends[context.backend].open(request, context)

    async def open_websocket(self, context: RequestContext) -> WebSocketChannel:
        return await self._transport.open_websocket(context.url, CIMultiDict(context.headers))
