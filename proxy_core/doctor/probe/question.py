"""A probe as data: a question, the requests that answer it, and how their answers are read. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from proxy_core.canonical.model import Endpoint, Model

NOT_ASKED = "not asked"
UNCLEAR = "unclear"
NO_MODEL = "no model for it"


class Way(StrEnum):
    """How a request is authorised and where it goes."""

    GITHUB = "github"
    """GitHub's own API, by the GitHub token."""
    COPILOT = "copilot"
    """Copilot's API, by the token in force; asks no model."""
    DIRECT = "direct"
    """As ``COPILOT``, by the GitHub token as it is."""
    MODEL = "model"
    """A model call: it may cost something."""
    SOCKET = "socket"
    """A model call over the WebSocket of ``/responses``."""


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """One request as it will be sent. ``headers`` are added to the usual ones, or replace them; an empty
    value takes the header away. ``prompt_tokens`` and ``output_tokens`` bound what it may cost."""

    way: Way
    path: str
    method: str = "GET"
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    model: Model | None = None
    endpoint: Endpoint = Endpoint.CHAT_COMPLETIONS
    has_images: bool = False
    prompt_tokens: int = 200
    output_tokens: int = 64

    @property
    def may_cost(self) -> bool:
        return self.way in (Way.MODEL, Way.SOCKET)


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """``frames`` are a stream's JSON events, ``content`` a whole answer's JSON object.

    ``broke``: it did not end properly, or reported an error inside. ``nano_credits`` is None where
    no price was reported.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)
    frames: tuple[Mapping[str, Any], ...] = ()
    text: str = ""
    """A body that is no JSON, its beginning."""
    broke: bool = False
    first_event_seconds: float | None = None
    nano_credits: int | None = None
    tokens: tuple[int, int] = (0, 0)
    """Of the prompt and of the answer."""

    @property
    def is_taken(self) -> bool:
        return 200 <= self.status < 300 and not self.broke

    @property
    def code(self) -> str:
        """The refusal's code or type."""
        error = self.content.get("error")
        if not isinstance(error, Mapping):
            return ""
        return str(error.get("code") or error.get("type") or "")

    @property
    def is_opaque_refusal(self) -> bool:
        """403 without a reason: a member that is refused, or something that passes."""
        return self.status == 403 and not self.content

    @property
    def is_passing(self) -> bool:
        """A failure that says nothing of the question: the service's, or the connection's."""
        return self.status in (408, 424, 499) or self.status >= 500 or self.broke


Answers = Mapping[str, ProbeAnswer]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose account is asked, as far as it is known when a request is made.

    ``models`` are those that may be named. ``token_is_direct``: the GitHub token is the bearer as it is.
    """

    models: tuple[Model, ...] = ()
    token_is_direct: bool = False
    answers: Answers = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """``build`` returns None where it cannot be asked of this account: no such model, no such answer."""

    name: str
    build: Callable[[Subject], ProbeRequest | None]


@dataclass(frozen=True, slots=True)
class ProbeEntry:
    """``settles`` names the disagreements by document and place. ``judge`` sees the answers of its own
    ``requests`` that came, and returns the verdict: a short stable text."""

    id: str
    question: str
    settles: tuple[str, ...]
    requests: tuple[PlannedRequest, ...]
    judge: Callable[[Answers, Subject], str]


def named(members: Mapping[str, Any], *path: str) -> Any:
    """Return what lies at ``path`` of nested objects, else None."""
    value: Any = members
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def objects(value: Any) -> Sequence[Mapping[str, Any]]:
    """Return the objects of a list; nothing for anything else."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
