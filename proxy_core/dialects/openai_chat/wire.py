"""The parts of upstream's ``/chat/completions`` responses that are read.

Lenient where possible: usage and bill are decoded separately, so that an unknown form does not lose
a response.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from proxy_core.canonical.events import Usage
from proxy_core.canonical.request import DialectName, Opaque
from proxy_core.dialects.shared.json_members import decode_object
from proxy_core.dialects.shared.lone_surrogates import without_halves
from proxy_core.errors import StreamFormatError


class FunctionDelta(msgspec.Struct):
    name: str | None = None
    arguments: Any = None
    thought_signature: str | None = None


class CustomDelta(msgspec.Struct):
    name: str | None = None
    input: str | None = None


class ToolCallDelta(msgspec.Struct):
    index: int | None = None
    id: str | None = None
    function: FunctionDelta | None = None
    custom: CustomDelta | None = None


class Delta(msgspec.Struct):
    """A stream's ``delta`` or a whole answer's ``message``."""

    content: Any = None
    refusal: str | None = None
    reasoning_text: str | None = None
    reasoning_content: str | None = None
    reasoning: Any = None
    cot_summary: str | None = None
    thinking: Any = None
    reasoning_opaque: str | None = None
    signature: str | None = None
    tool_calls: list[ToolCallDelta] | None = None
    function_call: FunctionDelta | None = None
    annotations: list[dict[str, Any]] | None = None
    audio: Any = None

    def thinking_text(self) -> str:
        """The thinking, under any of its member names (copilot-protocol.md 5.2)."""
        for text in (
            self.reasoning_text,
            self.reasoning_content,
            self.reasoning,
            self.cot_summary,
            self.thinking,
        ):
            if text and isinstance(text, str):
                return text
        return ""


class Logprobs(msgspec.Struct):
    content: list[Any] | None = None
    refusal: list[Any] | None = None


class Choice(msgspec.Struct):
    index: int | None = None
    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None
    logprobs: Logprobs | None = None


class Chunk(msgspec.Struct):
    """A chunk of a stream or a whole response; ``type`` and ``content`` identify an Anthropic body."""

    id: Any = None
    model: Any = None
    created: Any = None
    choices: list[Choice] | None = None
    usage: msgspec.Raw = msgspec.Raw()
    copilot_usage: msgspec.Raw = msgspec.Raw()
    error: Any = None
    service_tier: Any = None
    system_fingerprint: Any = None
    moderation: Any = None
    metadata: Any = None
    type: Any = None
    content: Any = None


class _PromptDetails(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_creation_tokens: int | None = None


class _CompletionDetails(msgspec.Struct):
    reasoning_tokens: int | None = None


class WireUsage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: _PromptDetails | None = None
    completion_tokens_details: _CompletionDetails | None = None
    reasoning_tokens: int | None = None


_chunk_decoder = msgspec.json.Decoder(Chunk)
_usage_decoder = msgspec.json.Decoder(WireUsage)


def decode_chunk(data: bytes) -> Chunk:
    """Raises StreamFormatError if ``data`` is not a chunk."""
    try:
        return _chunk_decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if (whole := without_halves(data)) != data:
            return decode_chunk(whole)
        raise StreamFormatError(f"upstream sent a chunk that cannot be read: {error}") from error


def parse_usage(raw: bytes | msgspec.Raw, cache_write_tokens: int = 0) -> Usage | None:
    """Return the usage, or None if it is missing, zero or of unknown form.

    ``cache_write_tokens`` is from the bill; OpenAI's usage has no member for it.
    """
    try:
        wire = _usage_decoder.decode(raw)
    except msgspec.DecodeError:
        return None
    prompt = max(wire.prompt_tokens or 0, 0)
    output = max(wire.completion_tokens or 0, 0)
    details = wire.prompt_tokens_details or _PromptDetails()
    cached = min(max(details.cached_tokens or 0, 0), prompt)
    written = details.cache_write_tokens or details.cache_creation_tokens or cache_write_tokens
    written = min(max(written, 0), prompt - cached)
    reasoning = wire.reasoning_tokens or 0
    if wire.completion_tokens_details is not None:
        reasoning = wire.completion_tokens_details.reasoning_tokens or reasoning
    if reasoning > 0 and wire.total_tokens == prompt + output + reasoning:
        output += (
            reasoning  # Gemini counts thinking in addition to the completion, not as part of it.
        )
    usage = Usage(
        prompt - cached - written, output, cached, written, min(max(reasoning, 0), output)
    )
    return usage or None


def render_usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cache_read_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }


FURTHER = ("service_tier", "system_fingerprint", "moderation", "metadata")
"""Members of a completion beside what is read of it."""
URL = "url_citation"


def annotation(stated: dict[str, Any]) -> Opaque:
    return Opaque(
        DialectName.OPENAI_CHAT, str(stated.get("type", URL)), msgspec.json.encode(stated).decode()
    )


def render_citations(citations: Iterable[Opaque], text: str) -> list[dict[str, Any]]:
    """Return the annotations of a text; a citation without a web address has no place here."""
    rendered = (_render(citation, text) for citation in citations)
    return [each for each in rendered if each is not None]


def _render(citation: Opaque, text: str) -> dict[str, Any] | None:
    stated = decode_object(citation.data)
    if citation.dialect is DialectName.OPENAI_CHAT:
        return stated
    if not isinstance(stated.get("url"), str):
        return None
    # Anthropic cites for a whole block of text.
    place = {
        "start_index": stated.get("start_index", 0),
        "end_index": stated.get("end_index", len(text)),
    }
    inner = {"url": stated["url"], "title": str(stated.get("title") or ""), **place}
    return {"type": URL, URL: inner}
