"""The seam between the server and upstream: one model call, and its answer as it arrives.

``server`` and ``upstream`` never import each other; both know these types, and ``engine`` joins them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from proxy_core.canonical.model import Endpoint, Model


class Initiator(StrEnum):
    """Value of ``X-Initiator``: a person's turn, or an agent's tool loop (copilot-protocol.md 3.3)."""

    USER = "user"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class UpstreamCall:
    """One call for an answer. ``body`` is the JSON object to send, without ``stream``.

    Members upstream refuses are left out by its own rules (``UpstreamAnswer.dropped``); values may be
    ``msgspec.Raw``. ``headers`` are dialect headers to pass on (``anthropic-beta``). ``request_id`` is
    ours. ``client`` names who asks, so that a queue can be fair.
    """

    endpoint: Endpoint
    model: Model
    body: Mapping[str, Any]
    initiator: Initiator
    has_images: bool
    request_id: str
    headers: Mapping[str, str] = field(default_factory=dict)
    session_id: str | None = None
    client: str = ""
    automatic_session: str | None = field(default=None, repr=False)
    """The session token of GitHub's automatic choice, where ``model`` is that choice."""
    on_attempt: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)
    """Called whenever the call is sent, repeats included: a call that fails has attempts too."""


@dataclass(frozen=True, slots=True)
class AutomaticChoice:
    """The model GitHub chose, and the token that tells it so on the call."""

    model_id: str
    session_token: str = field(repr=False)


class UpstreamAnswer(Protocol):
    """An answer with status 200 whose body is still arriving.

    ``dropped`` names members that were left out to be accepted; ``enforced_locally`` those of them the
    caller must now keep itself (``max_tokens``, ``stop``). ``attempts`` counts the HTTP calls made;
    ``notes`` are sentences about what was learned on the way.
    """

    content_type: str
    headers: Mapping[str, str]
    dropped: tuple[str, ...]
    enforced_locally: tuple[str, ...]
    attempts: int
    notes: tuple[str, ...]

    def chunks(self) -> AsyncIterator[bytes]:
        """Bytes as they arrive. Raises UpstreamBroke when the connection breaks or stays silent."""

    async def close(self) -> None:
        """Tear the call down at once. Safe to call twice."""


class Upstream(Protocol):
    """What the server needs from upstream; failures are ProxyErrors."""

    async def open_stream(self, call: UpstreamCall) -> UpstreamAnswer:
        """Return once upstream accepted. Cancelling the task tears the call down."""

    async def count_tokens(self, model: Model, body: Mapping[str, Any]) -> int | None:
        """Upstream's own count for a Messages body, or None where it offers none."""

    async def models(self) -> tuple[Model, ...]:
        """The catalogue, from cache while fresh."""

    async def automatic_choice(self) -> AutomaticChoice:
        """The model GitHub chooses for who asks for “auto”."""
