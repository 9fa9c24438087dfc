"""State that OpenAI keeps between calls and Copilot does not.

Over HTTP there is nothing to resolve such a reference with. A WebSocket connection remembers its own
responses (``socket_session``) and puts their items in front before the request goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from proxy_core.dialects.members import decode_raw, wrong_type
from proxy_core.errors import BadRequest

_raw_lists = msgspec.json.Decoder(list[msgspec.Raw])


def refuse_stored_state(body: Mapping[str, Any]) -> None:
    """Raises BadRequest for a request that leans on something stored earlier."""
    previous = decode_raw(body, "previous_response_id")
    if previous is not None:
        raise previous_response_not_found(previous)
    if decode_raw(body, "conversation") is not None:
        raise BadRequest(
            "Conversations are not stored: GitHub Copilot keeps nothing between requests. "
            "Send the whole conversation in 'input'.",
            code="conversation_not_found",
            param="conversation",
        )
    if decode_raw(body, "prompt") is not None:
        raise BadRequest(
            "Stored prompts are not available through GitHub Copilot. Send the prompt's text in "
            "'instructions' or 'input'.",
            code="prompt_not_found",
            param="prompt",
        )


def previous_response_not_found(previous: object) -> BadRequest:
    return BadRequest(
        f"Previous response with id '{previous}' not found: GitHub Copilot stores no responses. "
        "Send the earlier items in 'input' instead of 'previous_response_id'.",
        code="previous_response_not_found",
        param="previous_response_id",
    )


def item_not_found(item_id: str | None, index: int) -> BadRequest:
    return BadRequest(
        f"Item with id '{item_id}' not found: GitHub Copilot stores no items. Send the item itself "
        "in its place (clients do so with 'store': false).",
        code="item_not_found",
        param=f"input[{index}]",
    )


def with_stored_items(body: Mapping[str, Any], items: Iterable[Any]) -> dict[str, Any]:
    """Return the body with remembered ``items`` in front of its own and no reference left.

    Items may be decoded objects or ``msgspec.Raw``; so may the body's ``input``.
    """
    own = _own_items(body.get("input"))
    resolved = {name: value for name, value in body.items() if name != "previous_response_id"}
    resolved["input"] = [*items, *own]
    return resolved


def _own_items(value: object) -> list[Any]:
    if isinstance(value, msgspec.Raw):
        if bytes(value)[:1] == b"[":
            return _raw_lists.decode(value)
        value = msgspec.json.decode(value)
    if isinstance(value, str):
        return [{"type": "message", "role": "user", "content": value}]
    if value is not None and not isinstance(value, list):
        wrong_type("input", "a string or an array", value)
    return value or []
