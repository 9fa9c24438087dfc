"""Sends one model call: its state over attempts, HTTP or WebSocket, and what counts as a refusal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from multidict import CIMultiDict

from proxy_core.canonical.model import Endpoint
from proxy_core.config.settings import BackendName, IdentitySettings, Settings
from proxy_core.errors import BadRequest
from proxy_core.routing.upstream_api import UpstreamCall
from proxy_core.upstream.backends.choice import backend_for
from proxy_core.upstream.calls.concurrency_limiter import Permit
from proxy_core.upstream.calls.early_errors import refusal_in
from proxy_core.upstream.calls.error_response import BODY_LIMIT
from proxy_core.upstream.calls.retry_policy import RetryState
from proxy_core.upstream.calls.websocket import (
    WebSocketChoice,
    ask_over_websocket,
    creating_frame,
    is_only_way,
    websocket_url,
)
from proxy_core.upstream.parameters.outbound_body import OutboundBody, wire_body
from proxy_core.upstream.parameters.repairs import ParameterRetry
from proxy_core.upstream.sign_in.copilot_token import CopilotToken
from proxy_core.upstream.transport.body_pieces import BodyPieces
from proxy_core.upstream.transport.connection_errors import (
    BROKE_OFF,
    ConnectionFailed,
    HandshakeRefused,
)
from proxy_core.upstream.transport.handler_chain import dispatch
from proxy_core.upstream.transport.headers import CallKind, call_headers, model_call_headers
from proxy_core.upstream.transport.hosts import GitHubHosts
from proxy_core.upstream.transport.request_handler import (
    OutboundRequest,
    OutboundResponse,
    RequestContext,
    RequestHandler,
    TransportKind,
)


@dataclass(slots=True)
class ModelCall:
    """The state of one client call over its attempts."""

    call: UpstreamCall
    path: str
    prepared: OutboundBody
    token: CopilotToken
    interaction_id: str
    permit: Permit
    cancel_event: asyncio.Event = field(default_factory=asyncio.Event)
    attempt: int = 0
    state: RetryState = field(default_factory=RetryState)
    repairs: int = 0
    guess: ParameterRetry | None = None
    """A retry by guess; confirmed by the next response or discarded."""
    has_guessed: bool = False
    before_guess: OutboundBody | None = None
    notes: tuple[str, ...] = ()
    body: BodyPieces | None = None
    over_websocket: bool = False
    renewed_session: bool = False
    backend: BackendName = BackendName.COPILOT
    """What carries it; decided with each attempt."""

    def send_instead(self, repair: ParameterRetry) -> None:
        self.prepared = repair.prepared
        self.body = None
        self.repairs += 1

    def take_back_guess(self) -> None:
        """Restore what was removed by guess, because that was not what GitHub refused."""
        if self.before_guess is not None:
            self.prepared, self.before_guess = self.before_guess, None
            self.body = None


class CallSender:
    """Sends a call once, through the handlers, over HTTP or a WebSocket. One per account."""

    def __init__(
        self,
        handler: RequestHandler,
        websockets: WebSocketChoice,
        hosts: Callable[[], GitHubHosts],
        settings: Callable[[], Settings],
        new_id: Callable[[], str],
    ) -> None:
        self._handler = handler
        self._websockets = websockets
        self._hosts = hosts
        self._settings = settings
        self._new_id = new_id
        self._known_headers: tuple[IdentitySettings, CopilotToken, Mapping[str, str]] | None = None

    async def send(self, exchange: ModelCall) -> OutboundResponse:
        """Return the response once its headers are there. Raises ProxyError."""
        call, token = exchange.call, exchange.token
        if exchange.body is None:
            exchange.body = wire_body(exchange.prepared)
        settings = self._settings().upstream
        exchange.backend = backend_for(settings, call.model.id, exchange.path)
        exchange.over_websocket = self._goes_over_websocket(exchange, len(exchange.body))
        if exchange.over_websocket:
            try:
                return await self._ask_over_websocket(exchange)
            except ConnectionFailed as error:
                if is_only_way(call.endpoint, call.model):
                    return refused_handshake(error)
                self._websockets.note_refused(call.model)
                exchange.over_websocket = False
        url = self._hosts().require_trusted(token.api_url + exchange.path)
        context = self._context(exchange, TransportKind.HTTP, url)
        headers = context.headers
        is_network = self._handler.is_network
        if not is_network or not isinstance(headers, CIMultiDict):
            headers = CIMultiDict(headers)  # a handler may change the request's
        request = OutboundRequest("POST", url, headers)
        is_plain = is_network and exchange.backend is BackendName.COPILOT
        if is_plain and exchange.body.are_large:
            request.pieces = exchange.body
        else:
            request.body = bytes(exchange.body)
        response = await dispatch(self._handler, request, context)
        may_change = Endpoint.RESPONSES_WEBSOCKET in call.model.endpoints
        if may_change and call.endpoint is Endpoint.RESPONSES and response.status == 200:
            response.replace_chunks(self._websockets.watched(response.chunks(), call.model))
        return response

    async def refusal(
        self, exchange: ModelCall, response: OutboundResponse
    ) -> tuple[int, bytes] | None:
        """Return the status and body of a response that is a refusal in any form, else None."""
        if not 200 <= response.status < 300:
            return response.status, await response.read(BODY_LIMIT)
        try:
            refused = await refusal_in(response, exchange.call.endpoint)
        except ConnectionFailed as error:
            await response.close()
            if exchange.over_websocket:
                self._websockets.note_refused(exchange.call.model)
            # Nothing of it was relayed yet: equivalent to a call without a response.
            error.retryable = error.code == BROKE_OFF
            raise
        except BaseException:
            await response.close()
            raise
        if refused is not None:
            await response.close()
        return refused

    def _goes_over_websocket(self, exchange: ModelCall, size: int) -> bool:
        call = exchange.call
        if exchange.backend is not BackendName.COPILOT:
            _check_needs_no_websocket(exchange)
            return False
        pays = self._websockets.pays(call.endpoint, call.model, size)
        if self._handler.sees_websockets:
            return pays
        if is_only_way(call.endpoint, call.model):
            raise BadRequest(
                f"The model {call.model.id} is offered over a WebSocket only, and a request handler "
                "of yours does not see those.",
                code="unsupported_api_for_model",
                param="model",
            )
        return False

    async def _ask_over_websocket(self, exchange: ModelCall) -> OutboundResponse:
        url = self._hosts().require_trusted(websocket_url(exchange.token.api_url))
        context = self._context(exchange, TransportKind.WEBSOCKET, url)
        frame = creating_frame(exchange.prepared, exchange.call.initiator)
        idle = self._settings().upstream.idle_seconds
        return await ask_over_websocket(self._handler, context, frame, idle)

    def _context(self, exchange: ModelCall, transport: TransportKind, url: str) -> RequestContext:
        call, token = exchange.call, exchange.token
        headers = CIMultiDict(
            model_call_headers(
                self._common_headers(token),
                endpoint=call.endpoint,
                initiator=call.initiator,
                has_images=call.has_images,
                upstream_request_id=self._new_id(),
                interaction_id=exchange.interaction_id,
                client_headers=exchange.prepared.headers,
            )
        )
        if call.automatic_session is not None:
            headers["Copilot-Session-Token"] = call.automatic_session
        return RequestContext(
            request_id=call.request_id,
            transport=transport,
            url=url,
            headers=headers,
            cancel_event=exchange.cancel_event,
            session_id=call.session_id,
            attempt=exchange.attempt,
            backend=exchange.backend,
        )

    def _common_headers(self, token: CopilotToken) -> Mapping[str, str]:
        """Return the headers of every call to a model; made anew for another identity or token."""
        identity, known = self._settings().identity, self._known_headers
        if known is not None and known[0] is identity and known[1] is token:
            return known[2]
        headers = call_headers(CallKind.MODEL, identity, token.secret, direct=token.direct)
        self._known_headers = (identity, token, headers)
        return headers


def _check_needs_no_websocket(exchange: ModelCall) -> None:
    if is_only_way(exchange.call.endpoint, exchange.call.model):
        raise BadRequest(
            f"The model {exchange.call.model.id} is offered over a WebSocket only, which the "
            f"{exchange.backend} backend does not open. Give it the backend “copilot” in "
            "upstream.model_backends.",
            code="unsupported_by_backend",
            param="model",
        )


def refused_handshake(error: ConnectionFailed) -> OutboundResponse:
    """Return a refused handshake as a response (expired token, limit). Raises any other error."""
    if isinstance(error, HandshakeRefused) and error.status >= 400:
        return OutboundResponse(error.status, error.headers)
    raise error
