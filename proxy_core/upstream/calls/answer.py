"""An accepted call whose body is arriving."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

from proxy_core.config.settings import BackendName
from proxy_core.upstream.parameters.outbound_body import OutboundBody
from proxy_core.upstream.transport.request_handler import OutboundResponse


class CopilotAnswer:
    """Implements :class:`proxy_core.routing.upstream_api.UpstreamAnswer`.

    ``on_close`` runs once, when the call has ended and another may start.
    """

    def __init__(
        self,
        response: OutboundResponse,
        prepared: OutboundBody,
        cancel_event: asyncio.Event,
        attempts: int,
        notes: tuple[str, ...],
        on_close: Callable[[], None] = lambda: None,
        backend: str = BackendName.COPILOT,
    ) -> None:
        self.backend = backend
        self.content_type = response.headers.get("content-type", "")
        self.headers: Mapping[str, str] = response.headers
        self.dropped = prepared.dropped
        self.enforced_locally = prepared.enforced_locally
        self.is_unedited = prepared.is_unedited
        self.attempts = attempts
        self.notes = notes
        self._response = response
        self._cancel_event = cancel_event
        self._on_close: list[Callable[[], None]] = [on_close]

    def when_closed(self, action: Callable[[], None]) -> None:
        """Run ``action`` once, when the call has ended."""
        self._on_close.append(action)

    def chunks(self) -> AsyncIterator[bytes]:
        return self._response.chunks()

    @property
    def has_arrived(self) -> bool:
        return self._response.has_arrived()

    async def close(self) -> None:
        self._cancel_event.set()
        try:
            await self._response.close()
        finally:
            actions, self._on_close = self._on_close, []
            for action in actions:
                action()
