"""One model of the live catalogue, as far as routing and translation need it.

Parsed leniently from upstream's ``/models`` by ``proxy_core.upstream.catalog``; the shape
follows copilot-protocol.md 4.2. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Endpoint(StrEnum):
    """The values of ``supported_endpoints``."""

    CHAT_COMPLETIONS = "/chat/completions"
    RESPONSES = "/responses"
    RESPONSES_WEBSOCKET = "ws:/responses"
    MESSAGES = "/v1/messages"
    EMBEDDINGS = "/embeddings"


@dataclass(frozen=True, slots=True)
class Limits:
    """In tokens; None if the catalogue does not state it. ``prompt`` is the actual input limit."""

    context_window: int | None = None
    prompt: int | None = None
    output: int | None = None
    images: int | None = None
    image_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Supports:
    tool_calls: bool = False
    parallel_tool_calls: bool = False
    vision: bool = False
    structured_outputs: bool = False
    streaming: bool = True
    thinking: bool = False
    adaptive_thinking: bool = False
    min_thinking_budget: int | None = None
    max_thinking_budget: int | None = None
    reasoning_efforts: tuple[str, ...] = ()
    web_search: bool = False
    dimensions: bool = False


@dataclass(frozen=True, slots=True)
class LongContextPrices:
    """Prices of a request whose prompt is longer than the default tier's ``context_max`` tokens."""

    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None
    context_max: int | None = None


@dataclass(frozen=True, slots=True)
class Promotion:
    """A temporary discount; ``ends_at`` as sent."""

    discount_percent: float
    ends_at: str | None = None


@dataclass(frozen=True, slots=True)
class Prices:
    """AI credits (0.01 USD) per ``batch_size`` tokens.

    The discounts are what the catalogue states; no source says whether its prices already contain
    them, so estimates do not apply them. ``auto_discount`` is in percent, for GitHub's own choice.
    """

    batch_size: int
    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None
    context_max: int | None = None
    long_context: LongContextPrices | None = None
    discount_percent: float | None = None
    auto_discount: float | None = None
    promotion: Promotion | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """``disabled_reason`` is None for a usable model, else a sentence for a person.

    ``policy`` is GitHub's state of the consent (``enabled``, ``disabled``, ``unconfigured``; None:
    none is needed), ``terms`` the text to accept.

    ``kind`` is ``capabilities.type``: ``chat``, ``embeddings`` or ``completion``. ``raw`` is the
    catalogue's entry as sent.
    """

    id: str
    name: str
    vendor: str
    kind: str = "chat"
    family: str = ""
    version: str = ""
    preview: bool = False
    in_picker: bool = True
    endpoints: tuple[Endpoint, ...] = (Endpoint.CHAT_COMPLETIONS,)
    limits: Limits = field(default_factory=Limits)
    supports: Supports = field(default_factory=Supports)
    prices: Prices | None = None
    premium_multiplier: float | None = None
    disabled_reason: str | None = None
    policy: str | None = None
    terms: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)

    def answers_at(self, endpoint: Endpoint) -> bool:
        """Whether the model serves ``endpoint``; ``/responses`` also if only its WebSocket is listed."""
        if endpoint in self.endpoints:
            return True
        return endpoint is Endpoint.RESPONSES and Endpoint.RESPONSES_WEBSOCKET in self.endpoints

    @property
    def awaits_consent(self) -> bool:
        """Whether the user has not accepted the model's terms (or an organisation disabled it)."""
        return self.policy in ("disabled", "unconfigured")
