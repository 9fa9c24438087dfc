"""The few facts routing needs, read from a body that is otherwise left undecoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from proxy_core.dialects.interface import RequestFacts
from proxy_core.dialects.members import as_text, decode_raw, refuse, wrong_type
from proxy_core.errors import BadRequest

_IMAGE_WORDS = (b'"input_image"', b'"computer_screenshot"')
_IMAGE_TYPES = ("input_image", "computer_screenshot")


class _ItemHead(msgspec.Struct):
    type: str | None = None
    role: str | None = None


_raw_lists = msgspec.json.Decoder(list[msgspec.Raw])
_item_heads = msgspec.json.Decoder(_ItemHead)


def inspect_request(body: Mapping[str, Any]) -> RequestFacts:
    """Read a body whose top-level values are ``msgspec.Raw``.

    A person spoke last when the last item is a user's message (the rule of Copilot's own editor);
    what a tool answered, and a request for compaction, is the agent's loop.

    Raises:
        BadRequest: ``model`` or ``input`` is missing or of the wrong type.
    """
    last, has_images = _inspect_input(body)
    return RequestFacts(
        model=_model(body),
        stream=_stream(body),
        is_user_turn=last is not None and last.role == "user" and last.type in (None, "message"),
        has_images=has_images,
        must_translate=last is not None and last.type == "compaction_trigger",
    )


def _model(body: Mapping[str, Any]) -> str:
    if "model" not in body:
        refuse("model", "this member is required")
    return as_text(decode_raw(body, "model"), "model")


def _stream(body: Mapping[str, Any]) -> bool:
    stream = decode_raw(body, "stream")
    if stream is not None and not isinstance(stream, bool):
        wrong_type("stream", "a boolean", stream)
    return bool(stream)


def _inspect_input(body: Mapping[str, Any]) -> tuple[_ItemHead | None, bool]:
    raw = body.get("input")
    data = b"null" if raw is None else bytes(raw)
    if data == b"null":
        refuse("input", "this member is required")
    if data.lstrip()[:1] == b'"':
        return _ItemHead("message", "user"), False
    if data.lstrip()[:1] != b"[":
        wrong_type("input", "a string or an array", msgspec.json.decode(data))
    items = _raw_lists.decode(data)
    if not items:
        return None, False
    try:
        last = _item_heads.decode(items[-1])
    except msgspec.ValidationError as error:
        place = f"input[{len(items) - 1}]"
        raise BadRequest(f"{place}: {error}", param=place) from error
    # The words also occur as ordinary texts: only a real decode tells, and only then is it paid.
    suspects = any(word in data for word in _IMAGE_WORDS)
    return last, suspects and _holds_image(msgspec.json.decode(data))


def _holds_image(value: object) -> bool:
    if isinstance(value, list):
        return any(_holds_image(each) for each in value)
    if isinstance(value, dict):
        if value.get("type") in _IMAGE_TYPES:
            return True
        return any(_holds_image(value.get(name)) for name in ("content", "output"))
    return False
