"""Which of a runtime's requests ask a model, and what of them goes to the proxy. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

MODEL_PATHS = ("/chat/completions", "/responses/compact", "/responses", "/messages", "/embeddings")
"""What the proxy answers in the provider's place, below whatever path a provider has them."""
CATALOGUE = "/models"

_KEYS = ("authorization", "x-api-key", "api-key")
_OF_ONE_CONNECTION = (
    *("accept-encoding", "connection", "content-length", "host", "keep-alive", "proxy-connection"),
    *("te", "trailer", "transfer-encoding", "upgrade"),
)
NOT_FORWARDED = frozenset((*_KEYS, *_OF_ONE_CONNECTION))
"""Keys meant for another address, and headers that are the connection's, as the SDK itself drops."""


def proxy_path(url: str) -> str | None:
    """Return path and query at the proxy for a request to ``url``; None for one that asks no model."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    found = next((each for each in MODEL_PATHS if path.endswith(each)), None)
    if found is None and path.removeprefix("/v1") == CATALOGUE:
        found = CATALOGUE
    if found is None:
        return None
    return f"/v1{found}" + (f"?{parts.query}" if parts.query else "")


def forwarded(headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield what travels on, in its order; a name may come several times."""
    for name, value in headers:
        if name.lower() not in NOT_FORWARDED:
            yield name, value
