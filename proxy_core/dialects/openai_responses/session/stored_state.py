"""State that OpenAI keeps between calls and Copilot does not.

Over HTTP a response's id cannot be resolved. A WebSocket connection remembers its own responses
(``websocket_session``) and prepends their items to the request. Single items are stored for clients
that rely on storage, and replace references to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from proxy_core.dialects.shared.json_members import decode_raw, wrong_type
from proxy_core.errors import BadRequest

_REFERENCE = b'"item_reference"'
_BARE_ID = re.compile(rb'\{\s*"id"\s*:\s*"[^"]{1,1000}"\s*\}')
"""A reference may omit its type."""
_LONGEST_REFERENCE = 1200
"""Bytes: an id and a type; Copilot's ids have 408 characters."""


class _Reference(msgspec.Struct):
    type: str | None = None
    id: str | None = None
    role: str | None = None


_references = msgspec.json.Decoder(_Reference)
_raw_lists = msgspec.json.Decoder(list[msgspec.Raw])


def refuse_stored_state(body: Mapping[str, Any]) -> None:
    """Raises BadRequest for a request that depends on state stored earlier."""
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


def item_not_found(item_id: object) -> BadRequest:
    """Return OpenAI's error for an unresolved reference, with advice."""
    return BadRequest(
        f"Item with id '{item_id}' not found. Items are kept for a while only, and not at all when "
        "`store` is set to false. Send the item itself in its place, or remove it from your input.",
        code="item_not_found",
        param="input",
    )


def wants_storage(body: Mapping[str, Any]) -> bool:
    """Whether the client may refer to this answer's items: absent means true to the API."""
    return decode_raw(body, "store") is not False


def with_items_for_references(
    body: Mapping[str, Any], find: Callable[[str], bytes | None]
) -> Mapping[str, Any]:
    """Return the body with every reference replaced by the item that ``find`` knows by its id.

    ``input`` must be raw JSON. A reference that ``find`` does not know stays and is refused later.
    """
    raw = body.get("input")
    if not isinstance(raw, msgspec.Raw):
        return body
    data = bytes(raw)
    if data[:1] != b"[" or not _may_refer(data):
        return body
    resolved: list[msgspec.Raw] = []
    for item in _raw_lists.decode(data):
        item_id = _referred_id(item)
        found = None if item_id is None else find(item_id)
        resolved.append(item if found is None else msgspec.Raw(found))
    return {**body, "input": msgspec.Raw(msgspec.json.encode(resolved))}


def _may_refer(data: bytes) -> bool:
    """Whether an item may be a reference. Words first: they are found ten times as fast as patterns."""
    return _REFERENCE in data or (b'"id"' in data and _BARE_ID.search(data) is not None)


def _referred_id(item: msgspec.Raw) -> str | None:
    """Return the id a reference names; None for any other item. A reference may omit its type."""
    if len(bytes(item)) > _LONGEST_REFERENCE:
        return None
    try:
        members = _references.decode(item)
    except msgspec.DecodeError:
        return None
    return members.id if members.type in (None, "item_reference") and not members.role else None


def with_stored_items(body: Mapping[str, Any], items: Iterable[Any]) -> dict[str, Any]:
    """Return the body with remembered ``items`` before its own and without references.

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
