"""GitHub's Copilot SDK on top of the running proxy.

Needs ``pip install 'g-copilot-proxy[copilot-sdk]'`` and the SDK's runtime (npm's ``@github/copilot``),
whose executable is named by ``COPILOT_CLI_PATH``: the SDK must never download one. Tried with SDK
1.0.25 and runtime 1.0.102.

Two ways, which may be combined:

- ``provider`` is the configuration of one session: the runtime itself asks the proxy.
- ``ProxyRequestHandler`` sends the model traffic of a whole client through the proxy, HTTP and
  WebSocket, whatever address the runtime had in mind.

Neither gives the runtime a GitHub token: the proxy's own sign-in counts.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Literal

from proxy_core.integrations.model_traffic import forwarded, proxy_path

try:
    import httpx
    import websockets
    from copilot import (
        CopilotRequestContext,
        CopilotRequestHandler,
        CopilotWebSocketCloseStatus,
        CopilotWebSocketForwarder,
        CopilotWebSocketHandler,
    )
except ImportError as error:
    raise ImportError(
        f"{error}; the bridge needs: pip install 'g-copilot-proxy[copilot-sdk]'"
    ) from error

Dialect = Literal["completions", "responses", "messages"]


def provider(
    url: str, key: str, dialect: Dialect = "completions", *, websocket: bool = False
) -> dict[str, str]:
    """Return ``provider`` for the SDK's ``create_session``.

    ``url`` is the proxy's, as ``serve`` prints it (no ``/v1``), ``key`` the local key or one made for
    this client. ``websocket`` counts for ``responses`` alone.
    """
    if dialect == "messages":
        return {"type": "anthropic", "base_url": url, "api_key": key}
    made = {"type": "openai", "wire_api": dialect, "base_url": f"{url}/v1", "api_key": key}
    return made | ({"transport": "websockets"} if websocket and dialect == "responses" else {})


class ProxyRequestHandler(CopilotRequestHandler):  # type: ignore[misc] # the SDK need not be installed
    """Pass one to ``CopilotClient(request_handler=...)``; ``close`` it behind the client.

    Status, headers and bytes of an answer go on as the proxy sends them, in their order. The SDK
    cancels ``send_request``, or closes the response, when the runtime cancels; both close the
    connection to the proxy, and so the call upstream.
    """

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._key = key
        # No limit on the whole: reasoning takes minutes, and the proxy has limits of its own. The
        # environment's HTTP proxy is for other computers.
        self._http = httpx.AsyncClient(
            timeout=None,  # noqa: S113 - as said above
            follow_redirects=False,
            trust_env=False,
        )

    async def send_request(
        self, request: httpx.Request, ctx: CopilotRequestContext
    ) -> httpx.Response:
        """Send the request to the proxy. Raises httpx.HTTPError, which the SDK reports as a 502."""
        target = self.target(ctx.url)
        if target is None:
            return await super().send_request(request, ctx)
        headers = list(forwarded(request.headers.multi_items()))
        # The runtime gets the bytes as they are, so they must not be compressed for us.
        headers += [("authorization", f"Bearer {self._key}"), ("accept-encoding", "identity")]
        asked = self._http.build_request(
            request.method, target, headers=headers, content=request.content
        )
        return await self._http.send(asked, stream=True)

    async def open_websocket(self, ctx: CopilotRequestContext) -> CopilotWebSocketHandler:
        """Return the proxy's WebSocket in the provider's place."""
        target = self.target(ctx.url)
        if target is None:
            return CopilotWebSocketForwarder(ctx)
        pairs = ((name, each) for name, values in ctx.headers.items() for each in values or ())
        headers = [*forwarded(pairs), ("authorization", f"Bearer {self._key}")]
        return ProxyWebSocket(ctx, f"ws{target.removeprefix('http')}", headers)

    def target(self, url: str) -> str | None:
        """Return the proxy's address for a request to ``url``; None for one that asks no model."""
        path = proxy_path(url)
        return None if path is None else f"{self._url}{path}"

    async def close(self) -> None:
        await self._http.aclose()


class ProxyWebSocket(CopilotWebSocketHandler):  # type: ignore[misc] # the SDK need not be installed
    """One WebSocket to the proxy, as the SDK's forwarder has it, with two differences.

    The environment's HTTP proxy is for other computers, and an event may be larger than a megabyte.
    """

    def __init__(
        self, ctx: CopilotRequestContext, url: str, headers: Sequence[tuple[str, str]]
    ) -> None:
        super().__init__(ctx)
        self._url = url
        self._headers = headers
        self._socket: websockets.ClientConnection | None = None
        self._receiving: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect. Raises OSError or websockets.WebSocketException, which the SDK reports as a 502."""
        self._socket = await websockets.connect(
            self._url, additional_headers=self._headers, proxy=None, max_size=None
        )
        self._receiving = asyncio.create_task(self._receive(self._socket))

    async def _receive(self, socket: websockets.ClientConnection) -> None:
        try:
            async for message in socket:
                await self.send_response_message(message)
        except Exception as error:  # noqa: BLE001 - whatever it is ends the runtime's request with it
            await self.close(CopilotWebSocketCloseStatus(description=str(error), error=error))
        else:
            await self.close()

    async def send_request_message(self, data: str | bytes) -> None:
        if self._socket is not None:
            await self._socket.send(data)

    async def close(self, status: CopilotWebSocketCloseStatus | None = None) -> None:
        await self._hang_up()
        await super().close(status)

    async def aclose(self) -> None:
        try:
            await super().aclose()
        finally:
            if self._receiving is not None:
                self._receiving.cancel()
            await self._hang_up()

    async def _hang_up(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError, websockets.WebSocketException):
                await self._socket.close()
