"""``cache_control`` marks of a rendered body: not too many, and some where the client could set none.

A prompt cache hit costs a tenth of the tokens it saves, so an agent whose dialect has no marks pays
ten times for its growing conversation unless the marks are set for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from proxy_core.dialects.anthropic_messages.schema import MAX_CACHE_MARKS

EPHEMERAL = {"type": "ephemeral"}
_UNMARKABLE = ("thinking", "redacted_thinking")


def limit_cache_marks(body: dict[str, Any]) -> bool:
    """Keep the first mark, which guards the instructions, and the last ones, which move.

    Returns whether any had to go.
    """
    marked = [block for block in _blocks(body) if "cache_control" in block]
    for block in marked[1 : len(marked) - MAX_CACHE_MARKS + 1]:
        del block["cache_control"]
    return len(marked) > MAX_CACHE_MARKS


def add_cache_marks(body: dict[str, Any]) -> None:
    """Mark the instructions and the last two user turns of an agent's conversation.

    Nothing is marked in a single question without tools: writing the cache costs a quarter more than
    reading the prompt, and nobody would come back for it.
    """
    if any("cache_control" in block for block in _blocks(body)):
        return
    messages = body["messages"]
    if len(messages) < 2 and not body.get("tools"):
        return
    for part in ("tools", "system"):
        if body.get(part):
            body[part][-1]["cache_control"] = EPHEMERAL
    user_turns = [message for message in messages if message["role"] == "user"]
    for message in user_turns[-2:]:
        message["content"][-1]["cache_control"] = EPHEMERAL


def _blocks(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Everything a mark may stand on, in the order the prompt is cached."""
    yield from body.get("tools", ())
    yield from body.get("system", ())
    for message in body["messages"]:
        for block in message["content"]:
            if block["type"] not in _UNMARKABLE:
                yield block
