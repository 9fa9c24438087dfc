"""Whether the tool calls of a Messages request that is passed through pair up with their results.

Most do; only types and ids are decoded for this check. If they do not pair up, the request is
parsed and repaired before it is sent.
"""

from __future__ import annotations

import msgspec


class _Block(msgspec.Struct):
    type: str = ""
    id: str | None = None
    tool_use_id: str | None = None


class _Message(msgspec.Struct):
    role: str = ""
    content: list[_Block] | str | None = None


_messages = msgspec.json.Decoder(list[_Message])


def tool_calls_are_paired(messages: bytes) -> bool:
    """True if every ``tool_use`` has its result at the start of the next message, and every result
    its call. A body that cannot be read is left to upstream.
    """
    if b'"tool_' not in messages:
        return True
    try:
        return _are_settled(_messages.decode(messages))
    except msgspec.DecodeError:
        return True


def _are_settled(conversation: list[_Message]) -> bool:
    waiting: set[str] = set()
    seen: set[str] = set()
    for message in conversation:
        blocks = message.content if isinstance(message.content, list) else []
        results = [block.tool_use_id or "" for block in blocks if block.type == "tool_result"]
        leading = _leading_results(blocks)
        if len(leading) < len(results) or set(leading) != waiting or len(leading) != len(waiting):
            return False
        waiting = set()
        calls = [block.id or "" for block in blocks if block.type == "tool_use"]
        if calls:
            waiting = set(calls)
            if len(waiting) < len(calls) or waiting & seen or _text_follows_a_call(blocks):
                return False
            seen |= waiting
    return not waiting


def _text_follows_a_call(blocks: list[_Block]) -> bool:
    """Refused too (copilot-protocol.md 7.3); rendering puts the text in front."""
    kinds = [block.type for block in blocks]
    return "text" in kinds[kinds.index("tool_use") :]


def _leading_results(blocks: list[_Block]) -> list[str]:
    found: list[str] = []
    for block in blocks:
        if block.type != "tool_result":
            break
        found.append(block.tool_use_id or "")
    return found
