"""The native backend: our own HTTP client."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from proxy_core.upstream.transport.request_handler import (
    OutboundRequest,
    OutboundResponse,
    RequestContext,
)
from proxy_core.upstream.transport.transport import Transport


class CopilotBackend:
    """Implements :class:`proxy_core.upstream.backends.interface.Backend`.

    Answers are the transport's own objects: the seam costs nothing for each chunk.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def open(
        self,
        request: OutboundRequest,
        context: RequestContext,  # noqa: ARG002 - the network needs no context
    ) -> Coroutine[Any, Any, OutboundResponse]:
        return self._transport.send(request)

    async def close(self) -> None:
        """The transport serves other calls too; whoever made it closes it."""
