"""The vendors' SDK types as judges: every member they list as required, and none they do not list.

The SDKs themselves take anything, so that they outlive new members; a server has no such excuse.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

import pydantic


@cache
def _adapter(listed: Any) -> pydantic.TypeAdapter[Any]:
    return pydantic.TypeAdapter(listed)


def check_typed(
    listed: Any, value: Any, *, beyond: Collection[str] = (), strict: bool = True
) -> Any:
    """Check ``value`` (decoded JSON) against a type of an SDK and return it as that type.

    ``beyond`` are members that may stand anywhere although the type lacks them. ``strict`` also
    refuses values that would have to be converted.
    """
    try:
        typed = _adapter(listed).validate_python(value, strict=strict)
    except pydantic.ValidationError as error:
        raise AssertionError("\n".join(_to_the_point(error))) from None
    _no_unknown_members(typed, frozenset(beyond), type(typed).__name__)
    return typed


def _to_the_point(error: pydantic.ValidationError) -> list[str]:
    """Of a union of many types only those that the value itself names."""
    details = error.errors()
    others = {each["loc"][0] for each in details if each["type"] == "literal_error" and each["loc"]}
    named = [each for each in details if each["loc"] and each["loc"][0] not in others]
    return [f"{each['loc']}: {each['msg']}" for each in named or details[:10]]


def _no_unknown_members(value: Any, beyond: frozenset[str], path: str) -> None:
    if isinstance(value, pydantic.BaseModel):
        unknown = set(value.model_extra or {}) - beyond
        assert not unknown, f"{path}: unknown members {sorted(unknown)}"
        for name in type(value).model_fields:
            _no_unknown_members(getattr(value, name), beyond, f"{path}.{name}")
    elif isinstance(value, list):
        for position, each in enumerate(value):
            _no_unknown_members(each, beyond, f"{path}[{position}]")
