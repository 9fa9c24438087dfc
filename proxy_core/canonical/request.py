"""The canonical conversation: what a client asks, in no dialect's words.

The vocabulary is pi-ai's (``Context``, the three message roles, the part kinds) plus what the three
wire dialects can say beyond it. Values are frozen; whatever must come back byte for byte rides along
as :class:`Opaque` and is never looked into.

No I/O, no clock, no JSON: standard library only (rule 1 of ``tests/test_architecture.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class DialectName(StrEnum):
    OPENAI_CHAT = "openai_chat"
    OPENAI_RESPONSES = "openai_responses"
    ANTHROPIC_MESSAGES = "anthropic_messages"


@dataclass(frozen=True, slots=True)
class Opaque:
    """Data that only its issuer understands and that must return to it unaltered.

    ``kind`` names it in the issuer's words (``signature``, ``redacted_thinking``,
    ``encrypted_content``, ``reasoning_opaque``, ...). ``data`` is the exact text; ``extra`` holds
    further members of the same item (an item id, say) in a fixed order. ``model`` is the model that
    issued it, or None when the client's dialect had no place to say so.
    """

    dialect: DialectName
    kind: str
    data: str
    model: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CacheMark:
    """A client's wish that the prompt be cached up to here (``cache_control``)."""

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
    """Reasoning shown to the client; ``opaque`` lets the issuing model take it back."""

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
    """Arguments are free text, perhaps bound by a grammar (Responses' custom tools)."""


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
    """The call as its dialect says it, where it is no function's there (``shell_call``)."""


@dataclass(frozen=True, slots=True)
class NativePart:
    """A part only one dialect can say (server tool use, tool references, compaction items, ...).

    ``item.data`` is its JSON text. A renderer of the same dialect puts it back; any other says ``told``
    in its place, or drops it and says so.
    """

    item: Opaque
    told: str | None = None


Part = TextPart | RefusalPart | ThinkingPart | ImagePart | DocumentPart | ToolCallPart | NativePart


class SystemRole(StrEnum):
    SYSTEM = "system"
    DEVELOPER = "developer"


@dataclass(frozen=True, slots=True)
class SystemMessage:
    """An instruction in the middle of the conversation; what stands first is in ``Context``."""

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
    """The result as its dialect says it, where that knows another form than a function's."""


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
    """Members only the parsing dialect knows (``defer_loading``, ...)."""
    namespace_description: str | None = None
    """What the client says of the whole ``namespace``; the same for each of its tools."""
    native: Opaque | None = None
    """The tool as its dialect declares it, where it is no function there (``local_shell``)."""
    is_found: bool = False
    """It came with a tool search's result, where its own dialect has it already."""


@dataclass(frozen=True, slots=True)
class ServerTool:
    """A tool the vendor runs (``web_search``, ``code_execution``, ...), in its dialect's own words."""

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
    """How an OpenAI client named the leading instruction."""


class ToolChoiceKind(StrEnum):
    AUTO = "auto"
    NONE = "none"
    REQUIRED = "required"
    TOOL = "tool"
    ALLOWED = "allowed"
    """Any of ``names`` (OpenAI's ``allowed_tools``); ``required`` tells whether one must be called."""


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

    ``effort`` is the wire word (``low`` ... ``max``); ``display`` is Anthropic's ``thinking.display``,
    ``summary`` is Responses' ``reasoning.summary``.
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
    """The optional parameters of a request. None means the client did not say."""

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
    """One call for an answer.

    ``extra`` holds the top-level members only the ``dialect`` that was parsed knows
    (``context_management``, ``metadata``, ``prompt_cache_key``, ...), so that rendering into the same
    dialect gives them back; any other dialect names them as dropped. ``include_usage`` is chat's
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
    """A request in a dialect's words. ``dropped`` names, in the client's words, what it cannot say.

    ``enforced_locally`` are canonical names (``stop``, ``max_output_tokens``) among what was dropped
    that whoever relays the answer must enforce.
    """

    body: dict[str, Any]
    dropped: tuple[str, ...] = ()
    enforced_locally: tuple[str, ...] = ()
