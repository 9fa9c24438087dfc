"""Two request handlers: one changes what leaves and counts what comes back, one replaces the call."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

from proxy_core.upstream.transport.request_handler import (
    OutboundRequest,
    OutboundResponse,
    RequestContext,
    RequestHandler,
    WebSocketChannel,
)

MAIL = re.compile(rb"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
HIDDEN = b"(an address)"


class RedactMail(RequestHandler):
    """Takes mail addresses out of every prompt, whichever way it goes out."""

    def __init__(self) -> None:
        self.bytes_received = 0

    async def send_request(
        self, request: OutboundRequest, context: RequestContext
    ) -> OutboundResponse:
        request.body = MAIL.sub(HIDDEN, request.body)
        response = await super().send_request(request, context)
        # The answer goes on as it arrives; closing it is still the business of who made it.
        response.replace_chunks(self._counted(response.chunks()))
        return response

    async def open_websocket(self, context: RequestContext) -> WebSocketChannel:
        return _RedactingChannel(await super().open_websocket(context))

    async def _counted(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            self.bytes_received += len(chunk)
            yield chunk


class _RedactingChannel(WebSocketChannel):
    def __init__(self, inner: WebSocketChannel) -> None:
        self._inner = inner

    async def send(self, message: str | bytes) -> None:
        raw = message.encode() if isinstance(message, str) else message
        await self._inner.send(MAIL.sub(HIDDEN, raw).decode())

    def messages(self) -> AsyncIterator[str | bytes]:
        return self._inner.messages()

    async def close(self) -> None:
        await self._inner.close()


class CannedAnswer(RequestHandler):
    """Answers chat calls itself; GitHub is never asked. Everything else passes."""

    async def send_request(
        self, request: OutboundRequest, context: RequestContext
    ) -> OutboundResponse:
        if not request.url.endswith("/chat/completions"):
            return await super().send_request(request, context)
        delta = {"role": "assistant", "content": "This computer answered by itself."}
        choice = {"index": 0, "delta": delta, "finish_reason": "stop"}
        chunk = {"id": "canned", "object": "chat.completion.chunk", "choices": [choice]}
        body = b"data: " + json.dumps(chunk).encode() + b"\n\ndata: [DONE]\n\n"
        return OutboundResponse(200, {"content-type": "text/event-stream"}, body)
