"""Typed access to a decoded JSON body; a wrong type is reported with its path.

Every function raises BadRequest with ``param`` set to the path (``messages[0].content``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import msgspec

from proxy_core.dialects.conversation_outline import Outline
from proxy_core.errors import BadRequest

_JSON_TYPES = (
    (bool, "a boolean"),
    (str, "a string"),
    (int, "an integer"),
    (float, "a number"),
    (list, "an array"),
    (dict, "an object"),
    (type(None), "null"),
)

_BRACKET = ord("[")
_LOCK_BYTES = 2_000_000
"""An array that is decoded item by item: at once, other threads would wait for the interpreter's lock
for 3 ms and more."""
_raw_items = msgspec.json.Decoder(list[msgspec.Raw]).decode


def refuse(param: str, reason: str) -> NoReturn:
    raise BadRequest(f"{param}: {reason}", param=param)


def join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def type_name(value: object) -> str:
    return next((name for kind, name in _JSON_TYPES if isinstance(value, kind)), "something else")


def wrong_type(param: str, expected: str, value: object) -> NoReturn:
    refuse(param, f"expected {expected}, got {type_name(value)}")


def as_object(value: object, param: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        wrong_type(param, "an object", value)
    return value


def as_list(value: object, param: str) -> list[Any]:
    if not isinstance(value, list):
        wrong_type(param, "an array", value)
    return value


def as_text(value: object, param: str) -> str:
    if not isinstance(value, str):
        wrong_type(param, "a string", value)
    return value


def required_text(body: Mapping[str, Any], name: str, path: str = "") -> str:
    value = body.get(name)
    if isinstance(value, str):  # first: a long conversation asks several times for each message
        return value
    if name not in body:
        refuse(join(path, name), "this member is required")
    wrong_type(join(path, name), "a string", value)


def required_list(body: Mapping[str, Any], name: str, path: str = "") -> list[Any]:
    if name not in body:
        refuse(join(path, name), "this member is required")
    return as_list(body[name], join(path, name))


def optional_text(body: Mapping[str, Any], name: str, path: str = "") -> str | None:
    value = body.get(name)
    if value is None or isinstance(value, str):
        return value
    wrong_type(join(path, name), "a string", value)


def optional_object(body: Mapping[str, Any], name: str, path: str = "") -> dict[str, Any] | None:
    value = body.get(name)
    return None if value is None else as_object(value, join(path, name))


def optional_list(body: Mapping[str, Any], name: str, path: str = "") -> list[Any] | None:
    value = body.get(name)
    return None if value is None else as_list(value, join(path, name))


def optional_bool(body: Mapping[str, Any], name: str, path: str = "") -> bool | None:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        wrong_type(join(path, name), "a boolean", value)
    return value


def optional_int(
    body: Mapping[str, Any], name: str, path: str = "", minimum: int | None = None
) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        wrong_type(join(path, name), "an integer", value)
    if minimum is not None and value < minimum:
        refuse(join(path, name), f"must be at least {minimum}, got {value}")
    return value


def optional_number(
    body: Mapping[str, Any],
    name: str,
    path: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        wrong_type(join(path, name), "a number", value)
    if minimum is not None and value < minimum:
        refuse(join(path, name), f"must be at least {minimum}, got {value}")
    if maximum is not None and value > maximum:
        refuse(join(path, name), f"must be at most {maximum}, got {value}")
    return value


def one_of(value: str, allowed: tuple[str, ...], param: str) -> str:
    if value not in allowed:
        refuse(param, f"must be one of {', '.join(allowed)}, got {value!r}")
    return value


def decode_raw(body: Mapping[str, Any], name: str) -> Any:
    """Decode one top-level member of a body whose values are ``msgspec.Raw``; None if absent.

    Values that are decoded already are returned as they are.
    """
    value = body.get(name)
    if not isinstance(value, msgspec.Raw):
        return value
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError as error:
        raise BadRequest(f"{name}: not valid JSON: {error}", param=name) from error


def decode_object(text: str | bytes) -> dict[str, Any]:
    """Return the members of an object in JSON; none for anything else."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def with_missing(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``ours`` with the members that only ``theirs`` has, also inside of objects."""
    completed = dict(ours)
    for name, value in theirs.items():
        own = completed.get(name)
        if name not in completed:
            completed[name] = value
        elif isinstance(own, dict) and isinstance(value, dict):
            completed[name] = with_missing(own, value)
    return completed


def members_beside(stated: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``stated`` says and ``known`` has no member for, also inside of objects."""
    beside: dict[str, Any] = {}
    for name, value in stated.items():
        if name not in known and value is not None:
            beside[name] = value
        elif isinstance(value, dict) and isinstance(known.get(name), dict):
            inner = members_beside(value, known[name])
            beside |= {name: inner} if inner else {}
    return beside


def decode_fully(members: dict[str, Any]) -> dict[str, Any]:
    """Return ``members`` with every value decoded. Raises BadRequest."""
    try:
        return {name: _decode_value(value) for name, value in members.items()}
    except msgspec.DecodeError as error:
        raise BadRequest(f"The body is not valid JSON: {error}.") from error
    except RecursionError as error:
        raise BadRequest("The body is nested too deeply.") from error


def _decode_value(value: object) -> Any:
    if not isinstance(value, msgspec.Raw):
        return value
    view = memoryview(value)
    if view.nbytes < _LOCK_BYTES or view[0] != _BRACKET:
        return msgspec.json.decode(value)
    return [msgspec.json.decode(each) for each in _raw_items(value)]


def encode_array(items: Sequence[Any]) -> bytes:
    """Return an array in JSON, encoded item by item: a long one at once would hold the lock for long."""
    parts = [msgspec.json.encode(each) for each in items]
    if not parts:
        return b"[]"
    parts[0] = b"[" + parts[0]
    parts[-1] += b"]"
    return b",".join(parts)


def edit_items_as_spelled(
    body: Mapping[str, Any],
    name: str,
    outline: Outline,
    may_need: Callable[[bytes], bool],
    edit: Callable[[Any], Any | None],
) -> list[Any]:
    """Return an array's items, each edited if ``may_need`` says so of its outline, else in its bytes.

    ``edit`` gets a decoded item, which it may alter, and returns what to send; None leaves it out. What
    needs nothing stays as it came: caches go by the bytes of what was said before.

    Raises BadRequest for what is no JSON.
    """
    value = body[name]
    text = value if isinstance(value, msgspec.Raw) else msgspec.json.encode(value)
    items: list[Any] = []
    try:
        for item, shape in zip(_raw_items(text), outline.items(), strict=True):
            if not may_need(shape):
                items.append(item)
            elif (edited := edit(msgspec.json.decode(item))) is not None:
                items.append(edited)
    except msgspec.DecodeError as error:
        raise BadRequest(f"{name}: not valid JSON: {error}", param=name) from error
    return items


def spelled_as_before(original: Any, decoded: Sequence[Any], edited: Sequence[Any]) -> list[Any]:
    """Return ``edited`` with every object that nobody replaced in the very bytes it came in.

    A prompt that was said before is said again byte for byte, which is what caches go by. ``original``
    is the array as ``msgspec.Raw``, or a list some of whose items are; ``decoded`` is what it was
    decoded to, ``edited`` what became of that.
    """
    items = _raw_items(original) if isinstance(original, msgspec.Raw) else original
    raw = {
        id(new): old
        for new, old in zip(decoded, items, strict=True)
        if isinstance(old, msgspec.Raw) and isinstance(new, dict)
    }
    return [raw.get(id(each), each) for each in edited]


def members_beyond(
    holder: Mapping[str, Any], known: frozenset[str], place: str
) -> Iterator[tuple[str, Any]]:
    """Yield what ``holder`` says beyond ``known``, each by its path below ``place``.

    What is absent, off or empty says nothing; neither does a member with the value that it has where
    nobody states it (``_UNSTATED``).
    """
    if holder.keys() <= known:
        return
    for name, value in holder.items():
        if name not in known and value and value not in _UNSTATED.get(name, ()):
            yield f"{place}.{name}", value


_UNSTATED: Mapping[str, tuple[Any, ...]] = {
    "status": ("completed",),
    "caller": ({"type": "direct"},),
    "allowed_callers": (["direct"],),
}
"""Values that mean the same as no member at all, in each dialect that has the member."""
