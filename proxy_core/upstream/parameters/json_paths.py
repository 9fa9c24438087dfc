"""Removes one member from a JSON value that may be partly undecoded. Pure.

Large parts of a passed-through body stay ``msgspec.Raw``; only the containers along the path are
decoded, their other members stay as received.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

Path = tuple[str, ...]
ANY_INDEX = "*"

_SEGMENT = re.compile(r"[^.\[\]]+")
_RAW_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_RAW_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])


def parse_path(text: str) -> Path:
    """``tools.0.custom.x`` and ``input[3].id`` as segments."""
    return tuple(_SEGMENT.findall(text))


def any_index(path: Path) -> Path:
    """The same path for every element of each list."""
    return tuple(ANY_INDEX if segment.isdigit() else segment for segment in path)


def remove_path(value: Any, path: Path) -> tuple[Any, bool]:
    """Return ``value`` without the member at ``path``, and whether there was one.

    A validator's path may contain a segment that is not a member but the tag that selected a
    variant (``tools.0.custom.…``, ``cache_control.ephemeral.…``): such a segment is skipped. The
    given value is never changed in place.
    """
    segment, rest = path[0], path[1:]
    container = open_container(value)
    if isinstance(container, dict):
        if segment not in container:
            return remove_path(value, rest) if rest else (value, False)
        if not rest:
            return {name: each for name, each in container.items() if name != segment}, True
        child, removed = remove_path(container[segment], rest)
        return ({**container, segment: child}, True) if removed else (value, False)
    if isinstance(container, list) and rest:
        return _remove_from_list(value, container, segment, rest)
    return value, False


def _remove_from_list(
    value: Any, container: list[Any], segment: str, rest: Path
) -> tuple[Any, bool]:
    changed = list(container)
    any_removed = False
    for index, each in enumerate(container):
        if segment in (ANY_INDEX, str(index)):
            changed[index], removed = remove_path(each, rest)
            any_removed = any_removed or removed
    return (changed, True) if any_removed else (value, False)


def open_container(value: Any) -> Any:
    """Return a dict or list with its members undecoded, or the value itself."""
    if not isinstance(value, msgspec.Raw):
        return value
    start = bytes(value).lstrip()[:1]
    if start == b"{":
        return _RAW_OBJECT.decode(value)
    if start == b"[":
        return _RAW_ARRAY.decode(value)
    return msgspec.json.decode(value)
