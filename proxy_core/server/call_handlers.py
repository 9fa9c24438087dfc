"""The handlers of everything that asks a model, imported when the first of them is asked.

They know every dialect and vendor, half of what a server loads; its first answers need none of it. A
thread imports them shortly after the start, unless a request comes first.
"""

from __future__ import annotations

import threading
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from aiohttp import web

from proxy_core.canonical.dialect_name import DialectName
from proxy_core.dialects.registry import COMPACT_ENDPOINTS
from proxy_core.server.parts import ServerContext

if TYPE_CHECKING:
    from proxy_core.server.calls.embeddings import EmbeddingsHandler
    from proxy_core.server.calls.model_call_handler import ModelCallHandler
    from proxy_core.server.calls.tokens.token_count_handler import TokenCountHandler
    from proxy_core.server.calls.tokens.token_estimates import TokenEstimates
    from proxy_core.server.calls.websocket.responses_websocket import ResponsesSocket

IMPORTED_LATER = (
    "proxy_core.server.calls.model_call_handler",
    "proxy_core.server.calls.request_fitting",
    "proxy_core.dialects.openai_chat.dialect",
    "proxy_core.dialects.anthropic_messages.dialect",
    "proxy_core.dialects.openai_responses.dialect",
    "proxy_core.server.calls.tokens.token_count_handler",
    "proxy_core.server.calls.websocket.responses_websocket",
)


class CallHandlers:
    """One object per server."""

    def __init__(self, parts: ServerContext, estimates: TokenEstimates) -> None:
        self._parts = parts
        self._estimates = estimates

    @cached_property
    def calls(self) -> ModelCallHandler:
        from proxy_core.server.calls.model_call_handler import ModelCallHandler

        return ModelCallHandler(self._parts, self._estimates)

    @cached_property
    def counts(self) -> TokenCountHandler:
        from proxy_core.server.calls.tokens.token_count_handler import TokenCountHandler
        from proxy_core.server.calls.tokens.token_counting import TokenCounting

        return TokenCountHandler(self._parts, TokenCounting(self._parts, self._estimates))

    @cached_property
    def _embeddings(self) -> EmbeddingsHandler:
        from proxy_core.server.calls.embeddings import EmbeddingsHandler

        return EmbeddingsHandler(self._parts)

    @cached_property
    def _socket(self) -> ResponsesSocket:
        from proxy_core.server.calls.websocket.responses_websocket import ResponsesSocket

        return ResponsesSocket(self._parts, self._estimates)

    async def compact(self, request: web.Request, name: DialectName) -> web.StreamResponse:
        return await self.calls.answer(request, COMPACT_ENDPOINTS[name]())

    async def count(self, request: web.Request, name: DialectName) -> web.StreamResponse:
        return await self.counts.answer(request, self._parts.dialects[name])

    async def embed(self, request: web.Request) -> web.StreamResponse:
        return await self._embeddings.embed(request)

    async def serve_socket(self, request: web.Request) -> web.StreamResponse:
        return await self._socket.serve(request)

    async def ask(self, request: web.Request, name: DialectName) -> web.StreamResponse:
        return await self.calls.answer(request, self._parts.dialects[name])

    async def go_away(self) -> None:
        """Let every open WebSocket end its running answer."""
        if "_socket" in self.__dict__:
            await self._socket.go_away()

    async def close(self) -> None:
        """Close every WebSocket."""
        if "_socket" in self.__dict__:
            await self._socket.close()


def import_in_a_thread() -> None:
    """Import what the handlers need, so that the first request does not wait for it."""
    threading.Thread(target=_import_all, name="g-copilot-proxy-import", daemon=True).start()


def _import_all() -> None:
    for each in IMPORTED_LATER:
        import_module(each)
