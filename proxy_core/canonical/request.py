"""The canonical request: what a client asks for, independent of any dialect.

The vocabulary is pi-ai's (``Context``, the three message roles, the part kinds) plus what the three
wire dialects can express beyond it. Values are frozen; data that must be returned byte for byte is
carried as :class:`Opaque` and never parsed.

No I/O, no clock, no JSON: standard library only (rule 1 of ``tests/test_architecture.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from proxy_core.canonical.dialect_name import DialectName as DialectName


@dataclass(frozen=True, slots=True)
class Opaque:
    """Data that only its issuer understands and that must be returned to it unaltered.

    ``kind`` is the issuer's name for it (``signature``, ``redacted_thinking``,
    ``encrypted_content``, ``reasoning_opaque``, ...). ``data`` is the exact text; ``extra`` holds
    further members of the same item (such as an item id) in a fixed order. ``model`` is the model
    that issued it, or None if the client's dialect cannot state it.
    """

    dialect: DialectName
    kind: str
    data: str
    model: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CacheMark:
    """A client's request to cache the prompt up to here (``cache_control``)."""

    ttl: str | None = None


@dataclass(frozen=True, slots=True)
class TextPart:
    text: str
    cache: CacheMark | None = None
    annotations: tuple[Opaque, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusalPart:
    text: str


@dataclass(frozen=True, slots=True)
class ThinkingPart:
    """Reasoning shown to the client; ``opaque`` lets the issuing model verify it."""

    text: str
    opaque: Opaque | None = None


@dataclass(frozen=True, slots=True)
class ImagePart:
    """An image: either ``data`` (base64 as the client wrote it) with ``media_type``, or ``url``."""

    media_type: str | None = None
    data: str | None = None
    url: str | None = None
    file_id: str | None = None
    detail: str | None = None
    cache: CacheMark | None = None


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """A document: base64 ``data`` with ``media_type``, plain ``text``, a ``url`` or a ``file_id``."""

    media_type: str | None = None
    data: str | None = None
    text: str | None = None
    url: str | None = None
    file_id: str | None = None
    title: str | None = None
    context: str | None = None
    citations: bool = False
    cache: CacheMark | None = None


class ToolKind(StrEnum):
    FUNCTION = "function"
    """Arguments are a JSON object."""
    CUSTOM = "custom"
    """Arguments are free text, possibly constrained by a grammar (Responses' custom tools)."""


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """A call the assistant made; ``arguments`` is the text exactly as the model produced it."""

    id: str
    name: str
    arguments: str
    kind: ToolKind = ToolKind.FUNCTION
    namespace: str | None = None
    opaque: Opaque | None = None
    cache: CacheMark | None = None
    native: Opaque | None = None
    """The call in its own dialect, if it is not a function call there (``shell_call``)."""


@dataclass(frozen=True, slots=True)
class NativePart:
    """A part only one dialect can express (server tool use, tool references, compaction items, ...).

    ``item.data`` is its JSON text. A renderer of the same dialect restores it; any other writes
    ``description`` in its place, or drops it and names it as dropped.
    """

    item: Opaque
    description: str | None = None


Part = TextPart | RefusalPart | ThinkingPart | ImagePart | DocumentPart | ToolCallPart | NativePart


class SystemRole(StrEnum):
    SYSTEM = "system"
    DEVELOPER = "developer"


@dataclass(frozen=True, slots=True)
class SystemMessage:
    """An instruction within the conversation; the leading one is in ``Context``."""

    content: tuple[Part, ...]
    role: SystemRole = SystemRole.SYSTEM


@dataclass(frozen=True, slots=True)
class UserMessage:
    content: tuple[Part, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    content: tuple[Part, ...]
    name: str | None = None
    phase: str | None = None


@dataclass(frozen=True, slots=True)
class ToolResultMessage:
    """The result of one call. Content is text, images, documents and native parts."""

    tool_call_id: str
    content: tuple[Part, ...]
    is_error: bool = False
    kind: ToolKind = ToolKind.FUNCTION
    tool_name: str | None = None
    cache: CacheMark | None = None
    native: Opaque | None = None
    """The result in its own dialect, if it has another form there than a function's."""


Message = SystemMessage | UserMessage | AssistantMessage | ToolResultMessage


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool the client runs. ``parameters`` is its JSON Schema; a custom tool has ``grammar``."""

    name: str
    description: str | None = None
    parameters: Mapping[str, Any] | None = None
    kind: ToolKind = ToolKind.FUNCTION
    strict: bool | None = None
    grammar: Mapping[str, Any] | None = None
    namespace: str | None = None
    cache: CacheMark | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Members specific to the parsed dialect (``defer_loading``, ...)."""
    namespace_description: str | None = None
    """The client's description of the whole ``namespace``; the same for each of its tools."""
    native: Opaque | None = None
    """The tool's declaration in its own dialect, if it is not a function there (``local_shell``)."""
    is_found: bool = False
    """It came from a tool search's result, where its own dialect already declares it."""


@dataclass(frozen=True, slots=True)
class ServerTool:
    """A tool the vendor runs (``web_search``, ``code_execution``, ...), in its own dialect's form."""

    kind: str
    """The family without its date: ``web_search`` for ``web_search_20250305``."""
    item: Opaque


@dataclass(frozen=True, slots=True)
class Context:
    """pi-ai's context: system prompt, messages, tools."""

    system_prompt: tuple[TextPart, ...] = ()
    messages: tuple[Message, ...] = ()
    tools: tuple[Tool | ServerTool, ...] = ()
    system_role: SystemRole = SystemRole.SYSTEM
    """The role an OpenAI client gave the leading instruction."""


class ToolChoiceKind(StrEnum):
    AUTO = "auto"
    NONE = "none"
    REQUIRED = "required"
    TOOL = "tool"
    ALLOWED = "allowed"
    """Any of ``names`` (OpenAI's ``allowed_tools``); ``required``: whether one must be called."""


@dataclass(frozen=True, slots=True)
class ToolChoice:
    kind: ToolChoiceKind
    names: tuple[str, ...] = ()
    required: bool = False


class ReasoningMode(StrEnum):
    DISABLED = "disabled"
    EFFORT = "effort"
    BUDGET = "budget"
    ADAPTIVE = "adaptive"


@dataclass(frozen=True, slots=True)
class Reasoning:
    """How hard the model should think, and how much of it the client wants to see.

    ``effort`` is the wire value (``low`` ... ``max``); ``display`` is Anthropic's
    ``thinking.display``, ``summary`` is Responses' ``reasoning.summary``.
    """

    mode: ReasoningMode
    effort: str | None = None
    budget_tokens: int | None = None
    display: str | None = None
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """``json_object`` (no schema) or ``json_schema``."""

    kind: str
    name: str | None = None
    schema: Mapping[str, Any] | None = None
    strict: bool | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """The optional parameters of a request. None means not set by the client."""

    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    n: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    verbosity: str | None = None
    parallel_tool_calls: bool | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One request for a response.

    ``extra`` holds the top-level members specific to the parsed ``dialect``
    (``context_management``, ``metadata``, ``prompt_cache_key``, ...), so that rendering into the
    same dialect restores them; any other dialect names them as dropped. ``include_usage`` is chat's
    ``stream_options.include_usage``.
    """

    model: str
    context: Context
    dialect: DialectName
    stream: bool = False
    sampling: Sampling = field(default_factory=Sampling)
    tool_choice: ToolChoice | None = None
    reasoning: Reasoning | None = None
    response_format: ResponseFormat | None = None
    include_usage: bool = False
    user: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RenderedRequest:
    """A request in a dialect's form.

    ``dropped`` names, by the client's names, what it cannot express. ``enforced_locally`` are those
    dropped limits, by canonical name (``stop``, ``max_output_tokens``), that the relay must
    enforce.
    """

    body: dict[str, Any]
    dropped: tuple[str, ...] = ()
    enforced_locally: tuple[str, ...] = ()
