"""The interface between server and upstream: one model call and its streamed response.

``server`` and ``upstream`` never import each other; both use these types, and ``app/engine.py``
joins them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
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
    """One model call.

    ``body`` is the JSON object to send, without ``stream``. Members that upstream refuses are
    removed there (``UpstreamAnswer.dropped``); values may be ``msgspec.Raw``. ``headers`` are
    dialect headers to pass on (``anthropic-beta``). ``request_id`` is ours. ``client`` names the
    caller, so that the queue can be fair.
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
    """The session token of GitHub's automatic choice, if it chose ``model``."""
    unedited: Callable[[], Mapping[str, Any]] | None = field(
        default=None, repr=False, compare=False
    )
    """Returns the client's own members, for a call that is passed through as it came: what
    ``parameter_policy = "forward"`` sends in place of ``body``."""
    on_attempt: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)
    """Called each time the call is sent, retries included: failed calls have attempts too."""


@dataclass(frozen=True, slots=True)
class AutomaticQuestion:
    """What GitHub chooses a model for.

    ``prompt`` is the last user text; ``conversation`` identifies the conversation.
    """

    prompt: str = field(repr=False)
    has_image: bool = False
    multi_turn: bool = False
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class AutomaticChoice:
    """The model GitHub chose, and the token that proves it on the call.

    ``model`` is the chosen model's entry, if GitHub's response contains it.
    """

    model_id: str
    session_token: str = field(repr=False)
    model: Model | None = None


MakeQuestion = Callable[[], Awaitable[AutomaticQuestion]]


class UpstreamAnswer(Protocol):
    """A response with status 200 whose body is still arriving.

    ``dropped`` names members that were removed because upstream refuses them; ``enforced_locally``
    those of them the caller must enforce itself (``max_tokens``, ``stop``). ``attempts`` counts the
    HTTP calls made; ``notes`` are sentences about parameters found to be refused. ``is_unedited``: the
    call's ``unedited`` members were sent, and nothing the plan says of removed ones holds. Names of
    ``headers`` are lower case, or found in any. ``backend`` is what carried the call
    (``upstream.backend``); empty if nothing was called.
    """

    content_type: str
    headers: Mapping[str, str]
    dropped: tuple[str, ...]
    enforced_locally: tuple[str, ...]
    attempts: int
    notes: tuple[str, ...]
    is_unedited: bool
    backend: str

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield bytes as they arrive.

        Raises UpstreamBroke when the connection breaks or stays silent.
        """

    @property
    def has_arrived(self) -> bool:
        """Whether the whole body is here: ``close`` then leaves the connection to other calls."""

    async def close(self) -> None:
        """Abort the call at once. Idempotent."""


class Upstream(Protocol):
    """What the server needs from upstream; failures are ProxyErrors."""

    async def open_stream(self, call: UpstreamCall) -> UpstreamAnswer:
        """Return once upstream accepted. Cancelling the task aborts the call."""

    async def count_tokens(self, model: Model, body: Mapping[str, Any]) -> int | None:
        """Return upstream's token count of a Messages body, or None if it offers none."""

    async def models(self) -> tuple[Model, ...]:
        """Return the catalogue, from the cache while fresh."""

    async def automatic_choice(self, ask: MakeQuestion) -> AutomaticChoice:
        """Return the model GitHub chooses for the name “auto”."""

    async def imposed_choice(self, ask: MakeQuestion) -> AutomaticChoice | None:
        """Return the choice that replaces any named model, if the account's plan imposes it."""
