"""The canonical stream: a model's response as events, independent of any dialect.

Readers make these events from an upstream dialect, writers turn them into a client's dialect. A
valid stream is ``Start``, then content, then exactly one ``Done`` or ``Error``. Content comes in
blocks: every block has an ``index`` of its own, opens with its first event and closes with its
``...End``. Blocks may overlap (parallel tool calls on ``/chat/completions`` interleave their
arguments); a writer whose dialect does not allow that delays the later block.

No I/O, no clock, no JSON: standard library only (rule 1 of ``tests/test_architecture.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from proxy_core.canonical.request import Opaque, ToolKind
from proxy_core.canonical.usage import Bill as Bill
from proxy_core.canonical.usage import BilledTokens as BilledTokens
from proxy_core.canonical.usage import Usage as Usage
from proxy_core.errors import ProxyError


class StopReason(StrEnum):
    """Why the model stopped."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_USE = "tool_use"
    STOP_SEQUENCE = "stop_sequence"
    CONTENT_FILTER = "content_filter"
    REFUSAL = "refusal"
    PAUSE = "pause"
    """The vendor paused a long turn of its server tools; the client resends the turn to continue."""


@dataclass(frozen=True, slots=True)
class Start:
    """The response begins. ``usage`` has the input count if upstream reports it this early."""

    response_id: str
    model: str
    usage: Usage | None = None
    created: int | None = None
    """In seconds since 1970, as sent by upstream, or None."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    index: int
    text: str
    logprobs: tuple[object, ...] = ()
    """Entries as the OpenAI dialects write them (``{token, logprob, bytes, top_logprobs}``)."""


@dataclass(frozen=True, slots=True)
class TextEnd:
    index: int
    annotations: tuple[Opaque, ...] = ()
    """Citations in the issuer's own form."""
    phase: str | None = None
    """``commentary`` or ``final_answer``, if upstream marks it (Responses)."""


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    """Text of a refusal, in dialects that separate it from ordinary text."""

    index: int
    text: str


@dataclass(frozen=True, slots=True)
class RefusalEnd:
    index: int


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    index: int
    text: str


@dataclass(frozen=True, slots=True)
class ThinkingEnd:
    """The thinking block is complete; ``opaque`` proves to its issuer that it is unaltered."""

    index: int
    opaque: Opaque | None = None


@dataclass(frozen=True, slots=True)
class ToolCallStart:
    index: int
    id: str
    name: str
    kind: ToolKind = ToolKind.FUNCTION
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of the arguments: JSON text for a function, free text for a custom tool."""

    index: int
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolCallEnd:
    index: int
    opaque: Opaque | None = None


@dataclass(frozen=True, slots=True)
class NativeItem:
    """A whole block or item that only its issuer's dialect can express (a server tool's result)."""

    index: int
    item: Opaque


@dataclass(frozen=True, slots=True)
class Done:
    """The normal end. A stream without it did not finish."""

    stop_reason: StopReason
    usage: Usage = field(default_factory=Usage)
    stop_sequence: str | None = None
    bill: Bill | None = None
    more: Opaque | None = None
    """Members of the whole answer that only its dialect has: ``data`` is one JSON object."""


@dataclass(frozen=True, slots=True)
class Error:
    """The end of a broken stream: nothing may follow it."""

    error: ProxyError


StreamEvent = (
    Start
    | TextDelta
    | TextEnd
    | RefusalDelta
    | RefusalEnd
    | ThinkingDelta
    | ThinkingEnd
    | ToolCallStart
    | ToolCallDelta
    | ToolCallEnd
    | NativeItem
    | Done
    | Error
)
