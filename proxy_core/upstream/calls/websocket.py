"""``/responses`` over a WebSocket: when to use it, and its messages as an HTTP event stream.

A WebSocket costs another handshake and gives the same events, so HTTP is the default. It helps
where a middlebox ends connections that are silent for a minute, as during long reasoning: pings
keep a WebSocket alive. One socket serves one call; a pooled one was seen to deliver one request's
error to the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.clock import Clock, Moment
from proxy_core.config.settings import ResponsesWebSocket, UpstreamSettings
from proxy_core.copilot_facts.measured import NOTHING_MEASURED, MeasuredFacts
from proxy_core.errors import BadRequest, translatable
from proxy_core.routing.upstream_api import Initiator
from proxy_core.upstream.parameters.outbound_body import OutboundBody
from proxy_core.upstream.transport.connection_errors import ConnectionFailed, connection_failure
from proxy_core.upstream.transport.handler_chain import dispatch_websocket
from proxy_core.upstream.transport.request_handler import (
    OutboundResponse,
    RequestContext,
    RequestHandler,
    WebSocketChannel,
)

REFUSED_SECONDS = 600.0
"""Seconds for which a model whose WebSocket could not be opened is called over HTTP."""
BROKE_OFF_SECONDS = 3600.0
"""Seconds for which a model whose HTTP response broke off is called over a WebSocket."""
LARGEST_FRAME = 15 * 1024 * 1024
_TERMINAL = frozenset(
    {"response.completed", "response.failed", "response.incomplete", "response.cancelled", "error"}
)


class _Typed(msgspec.Struct):
    type: str = ""


_type_of = msgspec.json.Decoder(_Typed)


def is_only_way(endpoint: Endpoint, model: Model) -> bool:
    """Whether ``model`` lists the WebSocket of ``/responses`` and not the endpoint itself."""
    return endpoint is Endpoint.RESPONSES and endpoint not in model.endpoints


class WebSocketChoice:
    """Which calls use a WebSocket, by recent failures. One per account."""

    def __init__(
        self,
        settings: Callable[[], UpstreamSettings],
        clock: Clock,
        measured: Callable[[], MeasuredFacts] = lambda: NOTHING_MEASURED,
    ) -> None:
        self._settings = settings
        self._measured = measured
        self._clock = clock
        self._refused: dict[str, Moment] = {}
        self._broke_off: dict[str, Moment] = {}

    def pays(self, endpoint: Endpoint, model: Model, size: int) -> bool:
        """Whether a call of ``size`` bytes should go over a WebSocket.

        Raises BadRequest if that is the only way and it was refused.
        """
        if is_only_way(endpoint, model):
            self._check_only_way(model, size)
            return True
        if endpoint is not Endpoint.RESPONSES or size > LARGEST_FRAME:
            return False
        if Endpoint.RESPONSES_WEBSOCKET not in model.endpoints:
            return False
        if self._measured().opens_websockets is False:
            return False
        mode = self._settings().responses_websocket
        if mode is ResponsesWebSocket.NEVER or self._within(
            self._refused, model.id, REFUSED_SECONDS
        ):
            return False
        return mode is ResponsesWebSocket.ALWAYS or self._within(
            self._broke_off, model.id, BROKE_OFF_SECONDS
        )

    def _check_only_way(self, model: Model, size: int) -> None:
        if self._settings().responses_websocket is ResponsesWebSocket.NEVER:
            raise BadRequest(
                translatable(
                    "The model {id} is offered over a WebSocket only, and the setting "
                    "upstream.responses_websocket is “never”.",
                    id=model.id,
                ),
                code="unsupported_api_for_model",
                param="model",
            )
        if size > LARGEST_FRAME:
            raise BadRequest(
                translatable(
                    "The model {id} is offered over a WebSocket only, which takes {largest_frame} "
                    "MB; this request has {size} MB.",
                    id=model.id,
                    largest_frame=LARGEST_FRAME // 1024**2,
                    size=f"{size / 1024**2:.1f}",
                ),
                code="request_too_large",
            )

    def note_refused(self, model: Model) -> None:
        """Note that the WebSocket could not be opened, or closed before its first event."""
        self._refused[model.id] = self._clock.now()

    def note_broke_off(self, model: Model) -> None:
        """Note that a response over HTTP was cut or timed out."""
        if Endpoint.RESPONSES_WEBSOCKET in model.endpoints:
            self._broke_off[model.id] = self._clock.now()

    async def watched(self, chunks: AsyncIterator[bytes], model: Model) -> AsyncIterator[bytes]:
        """Yield ``chunks``, noting if they break off."""
        try:
            async for chunk in chunks:
                yield chunk
        except ConnectionFailed:
            self.note_broke_off(model)
            raise

    def _within(self, seen: dict[str, Moment], model_id: str, seconds: float) -> bool:
        when = seen.get(model_id)
        return when is not None and self._clock.elapsed(when) < seconds


def websocket_url(api_url: str) -> str:
    """Return the WebSocket URL of ``/responses``: the same host, another scheme."""
    return "ws" + api_url.removeprefix("http") + Endpoint.RESPONSES.value


def creating_frame(prepared: OutboundBody, initiator: Initiator) -> str:
    """Return the request frame: the HTTP body with the members only a frame has."""
    body = {name: value for name, value in prepared.body.items() if name != "stream"}
    frame = {"type": "response.create", "initiator": initiator.value, **body}
    return msgspec.json.encode(frame).decode()


async def ask_over_websocket(
    handler: RequestHandler, context: RequestContext, frame: str, idle_seconds: float
) -> OutboundResponse:
    """Return a response that streams the socket's messages. Raises ProxyError before the first event."""
    channel = await dispatch_websocket(handler, context)
    try:
        await channel.send(frame)
    except BaseException:
        await channel.close()
        raise
    return OutboundResponse(
        200,
        {"content-type": "text/event-stream"},
        _events(channel, context.url, idle_seconds),
        on_close=channel.close,
    )


async def _events(channel: WebSocketChannel, url: str, idle_seconds: float) -> AsyncIterator[bytes]:
    messages = channel.messages()
    while True:
        try:
            async with asyncio.timeout(idle_seconds):
                message = await anext(messages, None)
        except TimeoutError as error:
            raise connection_failure(error, url, answering=True) from error
        if message is None:
            # Only its last event ends a response.
            raise connection_failure(ConnectionResetError(), url, answering=True)
        raw = message.encode() if isinstance(message, str) else message
        kind = _kind(raw)
        yield _server_sent(raw, kind)
        if kind in _TERMINAL:
            return


def _kind(raw: bytes) -> str:
    try:
        return _type_of.decode(raw).type
    except (msgspec.DecodeError, RecursionError):
        return ""


def _server_sent(raw: bytes, kind: str) -> bytes:
    # A line end inside the JSON (between members) would end the field.
    data = raw.replace(b"\r", b" ").replace(b"\n", b" ")
    named = b"event: " + kind.encode() + b"\n" if kind else b""
    return named + b"data: " + data + b"\n\n"
