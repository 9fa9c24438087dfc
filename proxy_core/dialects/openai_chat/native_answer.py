"""Reads an Anthropic message returned in place of a chat completion.

New Claude models were seen to do so on ``/chat/completions``: content blocks and ``stop_reason``,
no ``choices`` (litellm #29391, #30927).
"""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.canonical.events import (
    Bill,
    Done,
    Start,
    StopReason,
    StreamEvent,
    TextDelta,
    TextEnd,
    ThinkingDelta,
    ThinkingEnd,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    Usage,
)
from proxy_core.canonical.request import DialectName, Opaque
from proxy_core.errors import StreamFormatError

_STOP_REASONS = {
    "max_tokens": StopReason.LENGTH,
    "tool_use": StopReason.TOOL_USE,
    "stop_sequence": StopReason.STOP_SEQUENCE,
    "refusal": StopReason.REFUSAL,
    "pause_turn": StopReason.PAUSE,
}


class _Block(msgspec.Struct):
    type: str
    text: str = ""
    thinking: str = ""
    signature: str = ""
    data: str = ""
    id: str = ""
    name: str = ""
    input: msgspec.Raw = msgspec.Raw(b"{}")


class _Usage(msgspec.Struct):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None


class _Message(msgspec.Struct):
    content: list[_Block]
    id: str = ""
    model: str = ""
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: _Usage | None = None


_decoder = msgspec.json.Decoder(_Message)


def read_native_answer(body: bytes, model_id: str | None, bill: Bill | None) -> list[StreamEvent]:
    """Raises StreamFormatError for a body that is not a message either."""
    events: list[StreamEvent] = []
    try:
        message = _decoder.decode(body)
        events.append(Start(message.id, message.model))
        for index, block in enumerate(message.content):
            events.extend(_block_events(index, block, model_id))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StreamFormatError(f"upstream sent an answer that cannot be read: {error}") from error
    usage = message.usage or _Usage()
    events.append(
        Done(
            _STOP_REASONS.get(message.stop_reason or "", StopReason.STOP),
            Usage(
                usage.input_tokens or 0,
                usage.output_tokens or 0,
                usage.cache_read_input_tokens or 0,
                usage.cache_creation_input_tokens or 0,
            ),
            message.stop_sequence,
            bill,
        )
    )
    return events


def _block_events(index: int, block: _Block, model_id: str | None) -> list[StreamEvent]:
    if block.type == "text":
        return [TextDelta(index, block.text), TextEnd(index)]
    if block.type == "tool_use":
        arguments = bytes(block.input).decode()
        return [
            ToolCallStart(index, block.id, block.name),
            ToolCallDelta(index, arguments),
            ToolCallEnd(index),
        ]
    if block.type == "thinking":
        opaque = _opaque("signature", block.signature, model_id)
        return [ThinkingDelta(index, block.thinking), ThinkingEnd(index, opaque)]
    if block.type == "redacted_thinking":
        return [ThinkingEnd(index, _opaque("redacted_thinking", block.data, model_id))]
    return []


def _opaque(kind: str, data: str, model_id: str | None) -> Opaque | None:
    return Opaque(DialectName.ANTHROPIC_MESSAGES, kind, data, model_id) if data else None


def is_native_answer(chunk: Any) -> bool:
    return chunk.choices is None and chunk.type == "message" and isinstance(chunk.content, list)
