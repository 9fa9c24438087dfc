"""Whether the calls of a Responses request that is passed through pair up with their outputs.

Most do; only types and ids are decoded for this check. If they do not pair up, the request is
parsed and repaired before it is sent.
"""

from __future__ import annotations

import msgspec

from proxy_core.dialects.openai_responses.schema import CALL_OUTPUT_TYPES, CALL_TYPES


class _Item(msgspec.Struct):
    type: str = ""
    call_id: str | None = None


_decoder = msgspec.json.Decoder(list[_Item])


def tool_calls_are_paired(items: bytes) -> bool:
    """True if every call has one output somewhere after it, and every output its call.

    A body that cannot be read is left to upstream.
    """
    if b'"call_id"' not in items:
        return True
    try:
        conversation = _decoder.decode(items)
    except msgspec.DecodeError:
        return True
    waiting: set[str | None] = set()
    seen: set[str | None] = set()
    for item in conversation:
        if item.type in CALL_TYPES:
            if item.call_id in seen:
                return False
            seen.add(item.call_id)
            waiting.add(item.call_id)
        elif item.type in CALL_OUTPUT_TYPES:
            if item.call_id not in waiting:
                return False
            waiting.discard(item.call_id)
    return not waiting
