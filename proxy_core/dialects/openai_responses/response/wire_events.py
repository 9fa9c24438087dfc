"""An event of a Responses stream, as far as it is read."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.dialects.openai_responses.response.wire import WireError, WireResponse


class WireEvent(msgspec.Struct):
    """The members of all events that are read; hosted tools use some of them for other values."""

    type: str = ""
    output_index: int = 0
    content_index: int = 0
    summary_index: int = 0
    delta: object = None
    text: object = None
    arguments: object = None
    input: object = None
    refusal: object = None
    logprobs: list[Any] | None = None
    annotation: dict[str, Any] | None = None
    part: dict[str, Any] | None = None
    item: msgspec.Raw = msgspec.Raw()
    response: WireResponse | None = None
    error: WireError | None = None
    code: str | int | None = None
    message: str | None = None
    param: str | None = None
    copilot_usage: msgspec.Raw = msgspec.Raw()


class WireItemHead(msgspec.Struct):
    type: str = ""
    call_id: str | None = None
    name: str | None = None
    namespace: str | None = None
    phase: str | None = None


events = msgspec.json.Decoder(WireEvent)
item_heads = msgspec.json.Decoder(WireItemHead)


def text_of(value: object) -> str:
    """Return a member's text; hosted tools send objects in place of texts."""
    return value if isinstance(value, str) else ""


def part_texts(members: dict[str, Any], name: str) -> list[str]:
    parts = members.get(name)
    if not isinstance(parts, list):
        return []
    return [text_of(part.get("text")) for part in parts if isinstance(part, dict)]
