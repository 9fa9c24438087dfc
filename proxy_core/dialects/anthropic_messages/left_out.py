"""What a Messages conversation says that the canonical one has no place for, by the client's names.

Blocks that are only known here go on whole to the same dialect and are named whole to any other, so
their members need no look.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from proxy_core.copilot_facts.members import REFUSED_MESSAGE_MEMBERS
from proxy_core.dialects.shared.json_members import members_beyond

_MESSAGE = frozenset({"role", "content", "clear_at"}) | REFUSED_MESSAGE_MEMBERS
_BLOCKS = {
    "text": frozenset({"type", "text", "citations", "cache_control"}),
    "image": frozenset({"type", "source", "cache_control"}),
    "document": frozenset({"type", "source", "title", "context", "citations", "cache_control"}),
    "search_result": frozenset(
        {"type", "source", "title", "content", "citations", "cache_control"}
    ),
    "tool_use": frozenset({"type", "id", "name", "input", "cache_control"}),
    "tool_result": frozenset({"type", "tool_use_id", "content", "is_error", "cache_control"}),
}
"""Members that are parsed; refused ones are named apart."""


def left_out_members(messages: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield each such member with its value: ``messages[].content[].image.transformations``."""
    for message in messages:
        if not isinstance(message, dict):
            continue
        if not message.keys() <= _MESSAGE:
            yield from members_beyond(message, _MESSAGE, "messages[]")
        content = message.get("content")
        if isinstance(content, list) and not all(map(_is_plain, content)):
            yield from _of_blocks(content, "messages[].content[]")


def _is_plain(block: object) -> bool:
    """Whether a block has its known members alone, and no blocks of its own."""
    if not isinstance(block, dict):
        return False
    kind = block.get("type")
    known = _BLOCKS.get(kind) if isinstance(kind, str) else None
    return (
        known is not None and block.keys() <= known and not isinstance(block.get("content"), list)
    )


def _of_blocks(blocks: object, place: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(blocks, list):
        return
    for block in blocks:
        kind = block.get("type") if isinstance(block, dict) else None
        known = _BLOCKS.get(kind) if isinstance(kind, str) else None
        if known is None:
            continue
        yield from members_beyond(block, known, f"{place}.{kind}")
        if kind == "tool_result":
            yield from _of_blocks(block.get("content"), f"{place}.{kind}.content[]")
