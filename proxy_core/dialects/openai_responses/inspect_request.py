"""The few facts routing needs, read from a body that is otherwise left undecoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from proxy_core.dialects.conversation_outline import outline_of
from proxy_core.dialects.interface import RequestFacts
from proxy_core.dialects.openai_responses.inspect_turns import tool_calls_are_paired
from proxy_core.dialects.openai_responses.schema import ITEM_TYPES
from proxy_core.dialects.shared.json_members import refuse, wrong_type
from proxy_core.dialects.shared.raw_body import (
    check_tools,
    has_illegal_tool_name,
    model_name,
    wants_stream,
)
from proxy_core.errors import BadRequest

_IMAGE_WORDS = (b'"input_image"', b'"computer_screenshot"')
_IMAGE_TYPES = ("input_image", "computer_screenshot")


_INSTRUCTIONS = ("system", "developer")


class _ItemHead(msgspec.Struct):
    type: str = ""
    role: str = ""


_raw_lists = msgspec.json.Decoder(list[msgspec.Raw])
_item_heads = msgspec.json.Decoder(_ItemHead)


def inspect_request(body: Mapping[str, Any]) -> RequestFacts:
    """Read a body whose top-level values are ``msgspec.Raw``.

    It is a user's turn if the last item is a user's message; a tool's output or a request for
    compaction is the agent's. Trailing instructions are skipped: clients append reminders to any
    turn.

    Raises:
        BadRequest: ``model`` or ``input`` is missing or of the wrong type.
    """
    outline = outline_of(body.get("input"))
    data = outline.text
    last, asks_compaction = _last_item(data)
    check_tools(body)
    return RequestFacts(
        model=model_name(body),
        stream=wants_stream(body),
        is_user_turn=last.role == "user" and last.type in ("", "message"),
        has_images=_has_images(data),
        must_translate=asks_compaction or has_illegal_tool_name(body),
        asks_compaction=asks_compaction,
        needs_repair=not tool_calls_are_paired(data),
        outline=outline,
    )


def refuse_unknown_items(items: object) -> None:
    """Refuse, with OpenAI's error, an item of an unknown type: no other dialect could express it.

    ``items`` is the decoded ``input``; a text has none. Raises BadRequest.
    """
    for position, item in enumerate(items if isinstance(items, list) else ()):
        kind = item.get("type") if isinstance(item, dict) else None
        if isinstance(kind, str) and kind and kind not in ITEM_TYPES:
            known = ", ".join(f"'{each}'" for each in sorted(ITEM_TYPES))
            raise BadRequest(
                f"Invalid value: '{kind}'. Supported values are: {known}.",
                code="invalid_value",
                param=f"input[{position}]",
            )


def _last_item(data: bytes) -> tuple[_ItemHead, bool]:
    """Return the last item that is not an instruction, and whether a compaction is requested."""
    if data in (b"", b"null"):
        refuse("input", "this member is required")
    if data[:1] == b'"':
        return _ItemHead("message", "user"), False
    if data[:1] != b"[":
        wrong_type("input", "a string or an array", msgspec.json.decode(data))
    items = _raw_lists.decode(data)
    last = _ItemHead()
    for position in range(len(items) - 1, -1, -1):
        last = _head(items[position], position)
        if last.role not in _INSTRUCTIONS:
            break
    asks_compaction = bool(items) and _head(items[-1], len(items) - 1).type == "compaction_trigger"
    return last, asks_compaction


def _head(item: msgspec.Raw, position: int) -> _ItemHead:
    try:
        return _item_heads.decode(item)
    except msgspec.ValidationError as error:
        refuse(f"input[{position}]", str(error))


def _has_images(data: bytes) -> bool:
    """Whether the input has images.

    The names also occur in texts, so a match is verified by decoding.
    """
    suspects = any(word in data for word in _IMAGE_WORDS)
    return suspects and _holds_image(msgspec.json.decode(data))


def _holds_image(value: object) -> bool:
    if isinstance(value, list):
        return any(_holds_image(each) for each in value)
    if isinstance(value, dict):
        if value.get("type") in _IMAGE_TYPES:
            return True
        return any(_holds_image(value.get(name)) for name in ("content", "output"))
    return False
