"""A backend that is imported and made with its first call: most users never choose it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from proxy_core.upstream.transport.request_handler import (
    OutboundRequest,
    OutboundResponse,
    RequestContext,
)

if TYPE_CHECKING:
    from proxy_core.upstream.backends.pi_ai.backend import PiAiBackend


class DeferredPiAi:
    """Implements ``Backend``. ``make`` imports the backend and returns it."""

    def __init__(self, make: Callable[[], PiAiBackend]) -> None:
        self._make = make
        self._backend: PiAiBackend | None = None

    @property
    def made(self) -> PiAiBackend:
        if self._backend is None:
            self._backend = self._make()
        return self._backend

    def open(
        self, request: OutboundRequest, context: RequestContext
    ) -> Coroutine[Any, Any, OutboundResponse]:
        return self.made.open(request, context)

    async def close(self) -> None:
        if self._backend is not None:
            await self._backend.close()
