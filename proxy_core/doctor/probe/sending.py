"""Sends a probe's request as it stands: no repair, no repeat, the usual headers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from multidict import CIMultiDict

from proxy_core.canonical.model import Endpoint
from proxy_core.canonical.sse import Decoder
from proxy_core.clock import Clock
from proxy_core.config.settings import IdentitySettings
from proxy_core.doctor.probe.question import ProbeAnswer, ProbeRequest, Way, named
from proxy_core.errors import ProxyError, StreamFormatError
from proxy_core.routing.upstream_api import Initiator
from proxy_core.upstream.calls.websocket import ask_over_websocket, websocket_url
from proxy_core.upstream.sign_in.copilot_token import CopilotTokens
from proxy_core.upstream.transport.connection_errors import HandshakeRefused, connection_failure
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

LARGEST_ANSWER = 8 * 1024 * 1024
SECONDS = 120.0
_SEEN = 300
_PROMPT_TOKENS = ("prompt_tokens", "input_tokens")
_ANSWER_TOKENS = ("completion_tokens", "output_tokens")
_TERMINAL = ("response.completed", "response.incomplete")


@dataclass(frozen=True, slots=True)
class ProbeSender:
    """``handler`` is the chain of the user's request handlers: they see model calls as any other. What
    asks no model goes over ``network``, as the product's own reads do."""

    handler: RequestHandler
    network: RequestHandler
    tokens: CopilotTokens
    hosts: Callable[[], GitHubHosts]
    identity: Callable[[], IdentitySettings]
    github_token: Callable[[], str]
    clock: Clock
    new_id: Callable[[], str]
    interaction_id: str

    async def send(
        self,
        request: ProbeRequest,
        initiator: Initiator = Initiator.AGENT,
        session_token: str | None = None,
    ) -> ProbeAnswer:
        """Return the answer once it has ended. Raises ProxyError where there is none."""
        url, headers = await self._addressed(request, initiator)
        if session_token is not None:
            headers["Copilot-Session-Token"] = session_token
        for name, value in request.headers.items():
            headers.popall(name, None)
            if value:
                headers[name] = value
        body = b"" if request.body is None else msgspec.json.encode(request.body)
        if body:
            headers["Content-Type"] = "application/json"
        began = self.clock.monotonic()
        try:
            async with asyncio.timeout(SECONDS):
                if request.way is Way.SOCKET:
                    response = await self._over_websocket(request, url, headers, initiator)
                else:
                    response = await dispatch(
                        self.handler if request.may_cost else self.network,
                        OutboundRequest(request.method, url, headers, body),
                        self._context(TransportKind.HTTP, url, headers),
                    )
                return await self._read(response, request, began)
        except HandshakeRefused as refused:
            return ProbeAnswer(refused.status, {n.lower(): v for n, v in refused.headers.items()})
        except TimeoutError as error:
            raise connection_failure(error, url) from error

    async def _addressed(
        self, request: ProbeRequest, initiator: Initiator
    ) -> tuple[str, CIMultiDict[str]]:
        hosts, identity = self.hosts(), self.identity()
        if request.way is Way.GITHUB:
            url = hosts.require_trusted(hosts.api + request.path)
            return url, CIMultiDict(call_headers(CallKind.ACCOUNT, identity, self.github_token()))
        token = await self.tokens.current()
        url = hosts.require_trusted(token.api_url + request.path)
        if request.way is Way.SOCKET:
            url = hosts.require_trusted(websocket_url(token.api_url))
        secret = self.github_token() if request.way is Way.DIRECT else token.secret
        direct = token.direct or request.way is Way.DIRECT
        if not request.may_cost and request.endpoint is not Endpoint.MESSAGES:
            return url, CIMultiDict(call_headers(CallKind.CATALOG, identity, secret, direct=direct))
        return url, CIMultiDict(
            model_call_headers(
                call_headers(CallKind.MODEL, identity, secret, direct=direct),
                endpoint=request.endpoint,
                initiator=initiator,
                has_images=request.has_images,
                upstream_request_id=self.new_id(),
                interaction_id=self.interaction_id,
                client_headers=request.headers,
            )
        )

    async def _over_websocket(
        self,
        request: ProbeRequest,
        url: str,
        headers: CIMultiDict[str],
        initiator: Initiator,
    ) -> OutboundResponse:
        frame = {"type": "response.create", "initiator": initiator.value, **(request.body or {})}
        return await ask_over_websocket(
            self.handler,
            self._context(TransportKind.WEBSOCKET, url, headers),
            msgspec.json.encode(frame).decode(),
            SECONDS,
        )

    def _context(self, kind: TransportKind, url: str, headers: CIMultiDict[str]) -> RequestContext:
        return RequestContext(self.new_id(), kind, url, headers, asyncio.Event())

    async def _read(
        self, response: OutboundResponse, request: ProbeRequest, began: float
    ) -> ProbeAnswer:
        streams = "event-stream" in response.headers.get("content-type", "")
        content, first = bytearray(), None
        broke = False
        try:
            async for chunk in response.chunks():
                if first is None:
                    first = self.clock.monotonic() - began
                content += chunk
                if len(content) > LARGEST_ANSWER:
                    break
        except ProxyError:
            broke = True
        finally:
            await response.close()
        headers = {name.lower(): value for name, value in response.headers.items()}
        if streams and 200 <= response.status < 300:
            return _streamed(response.status, headers, bytes(content), request, first, broke=broke)
        decoded = _object(bytes(content))
        return ProbeAnswer(
            response.status,
            headers,
            decoded,
            text="" if decoded else bytes(content[:_SEEN]).decode("utf-8", "replace"),
            broke=broke,
            first_event_seconds=first,
            nano_credits=_price((decoded,)),
            tokens=_tokens((decoded,)),
        )


def _streamed(
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    request: ProbeRequest,
    first: float | None,
    *,
    broke: bool,
) -> ProbeAnswer:
    decoder = Decoder()
    try:
        raw = [*decoder.feed(content), *decoder.close()]
    except StreamFormatError:
        raw, broke = [], True
    frames = tuple(each for each in (_object(frame.data) for frame in raw) if each)
    is_whole = _is_whole(request.endpoint, frames, any(f.data == b"[DONE]" for f in raw))
    return ProbeAnswer(
        status,
        headers,
        frames=frames,
        broke=broke or not is_whole or any(_is_error(each) for each in frames),
        first_event_seconds=first,
        nano_credits=_price(frames),
        tokens=_tokens(frames),
    )


def _is_whole(endpoint: Endpoint, frames: tuple[Mapping[str, Any], ...], done: bool) -> bool:
    kinds = {str(each.get("type")) for each in frames}
    if endpoint is Endpoint.MESSAGES:
        return "message_stop" in kinds
    if endpoint is Endpoint.RESPONSES:
        return not kinds.isdisjoint(_TERMINAL)
    return done


def _is_error(frame: Mapping[str, Any]) -> bool:
    return frame.get("type") == "error" or isinstance(frame.get("error"), Mapping)


def _price(frames: tuple[Mapping[str, Any], ...]) -> int | None:
    """The last reported price, in nano-credits (copilot-protocol.md 9.3)."""
    prices = [named(each, "copilot_usage", "total_nano_aiu") for each in frames]
    known = [each for each in prices if isinstance(each, int) and not isinstance(each, bool)]
    return known[-1] if known else None


def _tokens(frames: tuple[Mapping[str, Any], ...]) -> tuple[int, int]:
    """The tokens of prompt and answer, by the names of any endpoint; the largest figure counts."""
    prompt = answered = 0
    for frame in frames:
        for holder in (frame, frame.get("response"), frame.get("message")):
            usage = holder.get("usage") if isinstance(holder, Mapping) else None
            if isinstance(usage, Mapping):
                prompt = max(prompt, *(_count(usage.get(n)) for n in _PROMPT_TOKENS))
                answered = max(answered, *(_count(usage.get(n)) for n in _ANSWER_TOKENS))
    return prompt, answered


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
