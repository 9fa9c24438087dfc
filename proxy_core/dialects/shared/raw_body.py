"""Inspects a request whose top-level values are raw JSON, decoding as little as possible."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from proxy_core.dialects.shared.json_members import decode_raw, refuse, wrong_type

_items_decoder = msgspec.json.Decoder(list[msgspec.Raw])


class _Content(msgspec.Struct):
    type: str | None = None


class _Turn(msgspec.Struct):
    role: str | None = None
    content: msgspec.Raw = msgspec.Raw()


_turn_decoder = msgspec.json.Decoder(_Turn)
_content_decoder = msgspec.json.Decoder(list[_Content])
_ILLEGAL_NAME = re.compile(rb'"name"\s*:\s*"(?:[a-zA-Z0-9_-]{65}|[a-zA-Z0-9_-]*[^a-zA-Z0-9_"-])')
_INSTRUCTIONS = ("system", "developer")


def raw_bytes(body: Mapping[str, Any], name: str) -> bytes:
    """Return a member as JSON text; empty if it is absent."""
    value = body.get(name)
    if value is None:
        return b""
    return bytes(value) if isinstance(value, msgspec.Raw) else msgspec.json.encode(value)


def model_name(body: Mapping[str, Any]) -> str:
    if "model" not in body:
        refuse("model", "this member is required")
    model = decode_raw(body, "model")
    if not isinstance(model, str):
        wrong_type("model", "a string", model)
    if not model:
        refuse("model", "must not be empty")
    return model


def wants_stream(body: Mapping[str, Any]) -> bool:
    stream = decode_raw(body, "stream")
    if stream is not None and not isinstance(stream, bool):
        wrong_type("stream", "a boolean", stream)
    return bool(stream)


def check_tools(body: Mapping[str, Any]) -> None:
    """Raise BadRequest unless ``tools`` is absent, null or an array; upstream checks its content."""
    if "tools" in body and raw_bytes(body, "tools").lstrip()[:1] not in (b"", b"[", b"n"):
        wrong_type("tools", "an array", decode_raw(body, "tools"))


def has_illegal_tool_name(body: Mapping[str, Any]) -> bool:
    """Whether a tool has a name that must change on the wire.

    Searches the bytes; a member of that name elsewhere in ``tools`` may cause a false positive.
    """
    return _ILLEGAL_NAME.search(raw_bytes(body, "tools")) is not None


class LastTurn:
    """The last message that is not an instruction: its role and kinds of content."""

    __slots__ = ("kinds", "role")

    def __init__(self, role: str, kinds: frozenset[str]) -> None:
        self.role = role
        self.kinds = kinds


def last_turn(messages: bytes) -> LastTurn:
    """Return the last turn, from the JSON text of ``messages``.

    Trailing instructions are skipped: clients append reminders to any turn.

    Raises: BadRequest: there are no messages, or an inspected one has the wrong type.
    """
    if not messages:
        refuse("messages", "this member is required")
    try:
        items = _items_decoder.decode(messages)
    except msgspec.DecodeError:
        wrong_type("messages", "an array", msgspec.json.decode(messages))
    if not items:
        refuse("messages", "at least one message is required")
    last = None
    for position in range(len(items) - 1, -1, -1):
        turn = _turn(items[position], position)
        last = last or turn
        if turn.role not in _INSTRUCTIONS:
            last = turn
            break
    assert last is not None
    return LastTurn(last.role or "", _kinds(last.content, position))


def _turn(item: msgspec.Raw, position: int) -> _Turn:
    try:
        turn = _turn_decoder.decode(item)
    except msgspec.DecodeError as error:
        refuse(f"messages[{position}]", str(error))
    if turn.role is None:
        refuse(f"messages[{position}].role", "this member is required")
    return turn


def _kinds(content: msgspec.Raw, position: int) -> frozenset[str]:
    first = bytes(content).lstrip()[:1]
    if first != b"[":
        if first not in (b"", b'"', b"n"):
            value = msgspec.json.decode(content)
            wrong_type(f"messages[{position}].content", "a string or an array", value)
        return frozenset()
    try:
        blocks = _content_decoder.decode(content)
    except msgspec.DecodeError:
        return frozenset()  # The content's parser reports the error better.
    return frozenset(block.type for block in blocks if block.type is not None)
