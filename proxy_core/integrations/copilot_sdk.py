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

from typing import Literal
from urllib.parse import urlsplit

try:
    import httpx
    from copilot import (
        CopilotRequestContext,
        CopilotRequestHandler,
        CopilotWebSocketForwarder,
        CopilotWebSocketHandler,
    )
except ImportError as error:
    raise ImportError(
        f"{error}; the bridge needs: pip install 'g-copilot-proxy[copilot-sdk]'"
    ) from error

Dialect = Literal["completions", "responses", "messages"]

MODEL_PATHS = frozenset(
    {"/chat/completions", "/responses", "/messages", "/models", "/embeddings", "/responses/compact"}
)
"""What the proxy answers in the provider's place; everything else goes where the runtime sends it."""

NOT_FORWARDED = frozenset(
    {"host", "content-length", "accept-encoding", "authorization", "x-api-key"}
)
"""Headers that are the connection's, and keys meant for another address."""


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
        headers = [
            (name, value)
            for name, value in request.headers.multi_items()
            if name.lower() not in NOT_FORWARDED
        ]
        # The runtime gets the bytes as they are, so they must not be compressed for us.
        headers += [("authorization", f"Bearer {self._key}"), ("accept-encoding", "identity")]
        asked = self._http.build_request(
            request.method, target, headers=headers, content=request.content
        )
        return await self._http.send(asked, stream=True)

    async def open_websocket(self, ctx: CopilotRequestContext) -> CopilotWebSocketHandler:
        """Open the proxy's WebSocket in the provider's place."""
        target = self.target(ctx.url)
        if target is not None:
            ctx.url = f"ws{target.removeprefix('http')}"
            kept = {
                name: ctx.headers[name] for name in ctx.headers if name.lower() not in NOT_FORWARDED
            }
            ctx.headers = {**kept, "authorization": [f"Bearer {self._key}"]}
        return CopilotWebSocketForwarder(ctx)

    def target(self, url: str) -> str | None:
        """Return the proxy's address for a request to ``url``; None for one that asks no model."""
        parts = urlsplit(url)
        path = parts.path if not parts.path.startswith("/v1/") else parts.path.removeprefix("/v1")
        if path not in MODEL_PATHS:
            return None
        return f"{self._url}/v1{path}" + (f"?{parts.query}" if parts.query else "")

    async def close(self) -> None:
        await self._http.aclose()
