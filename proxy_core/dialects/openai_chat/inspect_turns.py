"""Whether the tool calls of a chat request that is passed through pair up with their results.

Most do; only ids are decoded for this check. If they do not pair up, the request is parsed and
repaired before it is sent.
"""

from __future__ import annotations

import msgspec


class _Call(msgspec.Struct):
    id: str = ""


class _Message(msgspec.Struct):
    role: str = ""
    tool_calls: list[_Call] | None = None
    tool_call_id: str | None = None


_decoder = msgspec.json.Decoder(list[_Message])


def tool_calls_are_paired(messages: bytes) -> bool:
    """True if every call is directly followed by its result and every result has its call.

    A body that cannot be read is left to upstream.
    """
    if b'"tool' not in messages:
        return True
    try:
        conversation = _decoder.decode(messages)
    except msgspec.DecodeError:
        return True
    waiting: set[str] = set()
    seen: set[str] = set()
    for message in conversation:
        if message.role == "tool":
            if message.tool_call_id not in waiting:
                return False
            waiting.discard(message.tool_call_id)
            continue
        if waiting:
            return False
        if message.role == "assistant" and message.tool_calls:
            waiting = {call.id for call in message.tool_calls}
            if len(waiting) < len(message.tool_calls) or waiting & seen:
                return False
            seen |= waiting
    return not waiting
