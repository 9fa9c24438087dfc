"""The interface of a backend: what carries one outbound model call to GitHub and its answer back.

Everything above it is the same for all: routing, limits, budgets, retries, request handlers, ledger.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol

from proxy_core.upstream.transport.request_handler import (
    OutboundRequest,
    OutboundResponse,
    RequestContext,
)


class Backend(Protocol):
    """Carries HTTP calls to models. Belongs to one event loop."""

    def open(
        self, request: OutboundRequest, context: RequestContext
    ) -> Coroutine[Any, Any, OutboundResponse]:
        """Return the answer once its status and headers are there; its body may still be arriving.

        Cancelling the task, and ``OutboundResponse.close``, abort the call at once. An error status is
        an answer. Raises ConnectionFailed where there is none, also while the body is read; another
        ProxyError for a request that this backend cannot carry.
        """
        ...

    async def close(self) -> None:
        """Abort every call and release what the backend holds. Idempotent."""
