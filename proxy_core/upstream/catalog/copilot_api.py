"""Calls to Copilot other than model calls: catalogue, model terms, automatic choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from multidict import CIMultiDict

from proxy_core.clock import Clock
from proxy_core.config.settings import IdentitySettings
from proxy_core.copilot_facts.causes import ErrorCause
from proxy_core.errors import SignedOut
from proxy_core.upstream.calls.error_mapping import to_error
from proxy_core.upstream.calls.error_response import read_failure
from proxy_core.upstream.sign_in.copilot_token import CopilotToken, CopilotTokens
from proxy_core.upstream.transport.headers import CallKind, call_headers
from proxy_core.upstream.transport.hosts import GitHubHosts
from proxy_core.upstream.transport.request_handler import OutboundRequest
from proxy_core.upstream.transport.transport import Transport

TIME_LIMIT_SECONDS = 30.0
LARGEST_ANSWER = 16 * 1024 * 1024


class CopilotApi:
    """Sends one small call with the current token; an expired token is replaced once."""

    def __init__(
        self,
        transport: Transport,
        tokens: CopilotTokens,
        hosts: Callable[[], GitHubHosts],
        identity: Callable[[], IdentitySettings],
        clock: Clock,
    ) -> None:
        self._transport = transport
        self._tokens = tokens
        self._hosts = hosts
        self._identity = identity
        self._clock = clock

    async def get(self, path: str, kind: CallKind) -> bytes:
        """Return the answer's body. Raises ProxyError for anything but a status of 2xx."""
        return await self._call("GET", path, kind, None)

    async def post(self, path: str, kind: CallKind, body: Mapping[str, Any]) -> bytes:
        """As ``get``, with a JSON body."""
        return await self._call("POST", path, kind, body)

    async def _call(
        self, method: str, path: str, kind: CallKind, body: Mapping[str, Any] | None
    ) -> bytes:
        token = await self._tokens.current()
        try:
            return await self._send(token, method, path, kind, body)
        except SignedOut:
            if token.direct:
                raise
        return await self._send(await self._tokens.replace(token), method, path, kind, body)

    async def _send(
        self,
        token: CopilotToken,
        method: str,
        path: str,
        kind: CallKind,
        body: Mapping[str, Any] | None,
    ) -> bytes:
        url = self._hosts().require_trusted(token.api_url + path)
        headers = CIMultiDict(
            call_headers(kind, self._identity(), token.secret, direct=token.direct)
        )
        content = b""
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = msgspec.json.encode(body)
        response = await self._transport.send(
            OutboundRequest(method, url, headers, content), time_limit=TIME_LIMIT_SECONDS
        )
        answer = await response.read(LARGEST_ANSWER)
        if 200 <= response.status < 300:
            return answer
        failure = read_failure(response.status, response.headers, answer, self._clock.wall())
        error = to_error(failure)
        if failure.cause is ErrorCause.STALE_TOKEN:
            self._tokens.reject(token, error.message)
        raise error
