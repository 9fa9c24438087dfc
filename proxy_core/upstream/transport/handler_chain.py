"""Runs a chain of handlers for one call and turns their failures into errors.

499 when the caller cancelled, 502 when a handler fails or returns no response: a handler's bug never
reaches a client as a traceback and never leaves a call hanging.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

from proxy_core.errors import Actor, Cancelled, ProxyError, UpstreamBroke, translatable
from proxy_core.upstream.transport.request_handler import (
    OutboundRequest,
    OutboundResponse,
    RequestContext,
    RequestHandler,
    WebSocketChannel,
)

Answer = TypeVar("Answer", OutboundResponse, WebSocketChannel)


class HandlerFailed(UpstreamBroke):
    """An installed request handler failed, possibly before GitHub was called."""

    title: str = translatable("A request handler failed")
    actor = Actor.USER


async def dispatch(
    handler: RequestHandler, request: OutboundRequest, context: RequestContext
) -> OutboundResponse:
    """Return the chain's response. Raises ProxyError; setting ``context.cancel_event`` ends it."""
    if handler.is_network:
        # Without user handlers, only the caller's own task can cancel.
        try:
            return await handler.send_request(request, context)
        except asyncio.CancelledError:
            context.cancel_event.set()
            raise
    response = await _run(
        handler, handler.send_request(request, context), context, OutboundResponse
    )
    return OutboundResponse(
        response.status,
        response.headers,
        _guarded(handler, response.chunks(), context),
        on_close=response.close,
    )


async def dispatch_websocket(handler: RequestHandler, context: RequestContext) -> WebSocketChannel:
    """Return the chain's channel. Raises ProxyError as ``dispatch`` does."""
    # mypy does not accept an abstract class as a type argument.
    return await _run(handler, handler.open_websocket(context), context, WebSocketChannel)  # type: ignore[type-abstract]


async def _run(
    handler: RequestHandler,
    call: Awaitable[Answer],
    context: RequestContext,
    expected: type[Answer],
) -> Answer:
    task = asyncio.ensure_future(call)
    cancelled = asyncio.ensure_future(context.cancel_event.wait())
    handed_over = False
    try:
        await asyncio.wait({task, cancelled}, return_when=asyncio.FIRST_COMPLETED)
        if context.cancel_event.is_set():
            raise Cancelled(translatable("The request was cancelled by the caller."))
        answer = _result(handler, task, expected)
        handed_over = True
    except asyncio.CancelledError:
        context.cancel_event.set()
        raise
    else:
        return answer
    finally:
        cancelled.cancel()
        if not handed_over:
            await _tear_down(task)


def _result(
    handler: RequestHandler, task: asyncio.Future[Answer], expected: type[Answer]
) -> Answer:
    try:
        answer = task.result()
    except ProxyError:
        raise
    except asyncio.CancelledError as error:
        raise HandlerFailed(
            translatable("{name} cancelled the request without an answer.", name=handler.name)
        ) from error
    except Exception as error:  # any exception of a user's handler is a 502 that names the handler
        raise HandlerFailed(
            translatable(
                "{name} failed: {reason}",
                name=handler.name,
                reason=error or type(error).__name__,
            )
        ) from error
    if not isinstance(answer, expected):
        raise HandlerFailed(
            translatable("{name} returned without finishing the response.", name=handler.name)
        )
    return answer


async def _tear_down(task: asyncio.Future[Answer]) -> None:
    """Cancel an abandoned call; close a response that arrived at the last moment."""
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=1.0)
    if task.done() and not task.cancelled() and task.exception() is None:
        answer = task.result()
        if isinstance(answer, (OutboundResponse, WebSocketChannel)):
            await answer.close()


async def _guarded(
    handler: RequestHandler, chunks: AsyncIterator[bytes], context: RequestContext
) -> AsyncIterator[bytes]:
    try:
        async for chunk in chunks:
            yield chunk
    except ProxyError:
        raise
    except Exception as error:  # as above, during the response
        if context.cancel_event.is_set():
            raise Cancelled(translatable("The request was cancelled by the caller.")) from error
        raise HandlerFailed(
            translatable(
                "{name} failed: {reason}",
                name=handler.name,
                reason=error or type(error).__name__,
            )
        ) from error
