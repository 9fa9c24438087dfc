"""Small questions about decoded JSON, shared by the three endpoints. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Content = list[dict[str, Any]]


def has_only(value: Any, required: Iterable[str], optional: Iterable[str] = ()) -> bool:
    """Whether ``value`` is an object with all of ``required`` and nothing beyond ``optional``."""
    if not isinstance(value, dict):
        return False
    needed = set(required)
    return needed <= value.keys() and value.keys() <= needed | set(optional)


def ids_in(values: Any, name: str) -> tuple[str, ...]:
    """Return the texts that are member ``name`` of the objects in a list; a client may send anything."""
    objects = (
        (each for each in values if isinstance(each, dict)) if isinstance(values, list) else ()
    )
    return tuple(each[name] for each in objects if isinstance(each.get(name), str))


def is_text(value: Any) -> bool:
    """Whether ``value`` is a text that the library does not leave out as blank."""
    return isinstance(value, str) and bool(value.strip())


def text_block(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def image_block(data_url: Any) -> dict[str, Any] | None:
    """Return the library's image of a data URL; None for any other address."""
    if not isinstance(data_url, str) or not data_url.startswith("data:"):
        return None
    head, separator, data = data_url.removeprefix("data:").partition(";base64,")
    if not separator or not head or ";" in head or "," in head:
        return None
    return {"type": "image", "mimeType": head, "data": data}


def all_said(blocks: Iterable[dict[str, Any] | None]) -> Content | None:
    """Return the blocks; None if one of them cannot be said, or if there are none."""
    found = list(blocks)
    said = [each for each in found if each is not None]
    return said if said and len(said) == len(found) else None
