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
        blocks = message.content if isinstance(message.content, list) else ()
        if not waiting and len(blocks) == 1 and blocks[0].type == "text":
            continue
        results: list[str] = []
        calls: list[str] = []
        has_begun = False
        for block in blocks:
            kind = block.type
            if kind == "tool_result":
                if has_begun:
                    return False
                results.append(block.tool_use_id or "")
                continue
            has_begun = True
            if kind == "tool_use":
                calls.append(block.id or "")
            elif calls and kind == "text":
                # Refused too (copilot-protocol.md 7.3); rendering puts the text in front.
                return False
        if (results or waiting) and (len(results) != len(waiting) or set(results) != waiting):
            return False
        waiting = set(calls)
        if len(waiting) < len(calls) or waiting & seen:
            return False
        seen |= waiting
    return not waiting
