"""The parts of upstream's ``/v1/messages`` responses that are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from proxy_core.canonical.events import Usage
from proxy_core.dialects.shared.json_members import members_beside
from proxy_core.dialects.shared.lone_surrogates import without_halves
from proxy_core.errors import StreamFormatError


class Delta(msgspec.Struct):
    """Of a ``content_block_delta`` or a ``message_delta``."""

    type: str = ""
    text: str = ""
    thinking: str = ""
    signature: str = ""
    partial_json: str = ""
    citation: Any = None
    stop_reason: str | None = None
    stop_sequence: str | None = None


class WireUsage(msgspec.Struct):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    output_tokens_details: Any = None

    def onto(self, before: Usage) -> Usage:
        """Return the updated usage: counts are cumulative, a missing one is unchanged."""
        details = self.output_tokens_details
        thinking = details.get("thinking_tokens") if isinstance(details, dict) else None
        return Usage(
            _newer(self.input_tokens, before.input_tokens),
            _newer(self.output_tokens, before.output_tokens),
            _newer(self.cache_read_input_tokens, before.cache_read_tokens),
            _newer(self.cache_creation_input_tokens, before.cache_write_tokens),
            thinking if isinstance(thinking, int) else before.reasoning_tokens,
        )


class Block(msgspec.Struct):
    """The start of a content block or, in a whole response, the complete block."""

    type: str
    text: str = ""
    thinking: str = ""
    signature: str = ""
    data: str = ""
    id: str = ""
    name: str = ""
    input: msgspec.Raw = msgspec.Raw(b"{}")
    citations: list[Any] | None = None


class Message(msgspec.Struct):
    id: str = ""
    model: str = ""
    content: list[msgspec.Raw] = []
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: msgspec.Raw = msgspec.Raw()
    copilot_usage: msgspec.Raw = msgspec.Raw()
    type: str = ""
    error: Any = None


class Event(msgspec.Struct):
    type: str = ""
    index: int = 0
    delta: Delta | None = None
    content_block: msgspec.Raw = msgspec.Raw()
    message: Message | None = None
    usage: msgspec.Raw = msgspec.Raw()
    copilot_usage: msgspec.Raw = msgspec.Raw()
    error: Any = None


_event_decoder = msgspec.json.Decoder(Event)
_message_decoder = msgspec.json.Decoder(Message)
_block_decoder = msgspec.json.Decoder(Block)
_usage_decoder = msgspec.json.Decoder(WireUsage)
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def decode_event(data: bytes) -> Event:
    """Raises StreamFormatError if ``data`` is not an event."""
    try:
        return _event_decoder.decode(data)
    except UNREADABLE as error:
        if (whole := without_halves(data)) != data:
            return decode_event(whole)
        raise StreamFormatError(f"upstream sent an event that cannot be read: {error}") from error


def decode_message(data: bytes) -> Message:
    """Raises StreamFormatError if ``data`` is not a message."""
    try:
        return _message_decoder.decode(data)
    except UNREADABLE as error:
        if (whole := without_halves(data)) != data:
            return decode_message(whole)
        raise StreamFormatError(f"upstream sent an answer that cannot be read: {error}") from error


def decode_block(data: bytes | msgspec.Raw) -> Block:
    """Raises StreamFormatError if ``data`` is not a content block."""
    try:
        return _block_decoder.decode(data)
    except UNREADABLE as error:
        if (whole := without_halves(bytes(data))) != bytes(data):
            return decode_block(whole)
        raise StreamFormatError(f"upstream sent a block that cannot be read: {error}") from error


def parse_usage(raw: bytes | msgspec.Raw, before: Usage) -> Usage:
    """Return ``before`` updated; a usage of unknown form changes nothing."""
    if not raw:
        return before
    try:
        return _usage_decoder.decode(raw).onto(before)
    except msgspec.DecodeError:
        return before


_MESSAGE_MEMBERS = frozenset(
    {"id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage", "error"}
)
_EVENT_MEMBERS = frozenset({"type", "message", "delta", "usage", "index"})


def further_members(holder: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a message, a ``message_delta`` or its delta says beside what is read of it."""
    known = _MESSAGE_MEMBERS | _EVENT_MEMBERS
    more = {
        name: value
        for name, value in holder.items()
        if name not in known and value is not None and not name.startswith("copilot_")
    }
    usage = holder.get("usage")
    if isinstance(usage, dict):
        more["usage"] = members_beside(usage, render_usage(Usage()))
    return {name: value for name, value in more.items() if value != {}}


def render_usage(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input_tokens,
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "cache_read_input_tokens": usage.cache_read_tokens,
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"thinking_tokens": usage.reasoning_tokens},
    }


def _newer(value: int | None, before: int) -> int:
    return before if value is None else max(value, 0)
