"""The seam below the request handlers: a call goes to the backend its context names."""

from __future__ import annotations

import asyncio

from multidict import CIMultiDict

from proxy_core.config.settings import BackendName, UpstreamSettings
from proxy_core.upstream.backends.copilot import CopilotBackend
from proxy_core.upstream.backends.end_of_chain import BackendHandler
from proxy_core.upstream.transport.handler_chain import dispatch
from proxy_core.upstream.transport.request_handler import (
    OutboundRequest,
    OutboundResponse,
    RequestContext,
    TransportKind,
)
from proxy_core.upstream.transport.transport import Transport


class RecordingTransport(Transport):
    def __init__(self) -> None:
        super().__init__(UpstreamSettings)
        self.answers: list[OutboundResponse] = []

    async def send(
        self, request: OutboundRequest, *, time_limit: float | None = None
    ) -> OutboundResponse:
        self.answers.append(OutboundResponse(200, body=request.body))
        return self.answers[-1]


async def test_the_native_backend_hands_on_the_transport_s_own_answer() -> None:
    transport = RecordingTransport()
    handler = BackendHandler({BackendName.COPILOT: CopilotBackend(transport)}, transport)
    context = RequestContext("r", TransportKind.HTTP, "http://x", {}, asyncio.Event())
    request = OutboundRequest("POST", "http://x", CIMultiDict(), b"hello")
    assert await dispatch(handler, request, context) is transport.answers[0]
