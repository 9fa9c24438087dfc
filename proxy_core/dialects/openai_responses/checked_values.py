"""Reads members of a decoded body and says what is wrong with them in OpenAI's own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from proxy_core.errors import BadRequest

_TYPE_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),
    (int, "an integer"),
    (float, "a decimal"),
    (str, "a string"),
    (list, "an array"),
    (dict, "an object"),
)


def type_name(value: object) -> str:
    for kind, name in _TYPE_NAMES:
        if isinstance(value, kind):
            return name
    return "null"


def wrong_type(param: str, expected: str, value: object) -> BadRequest:
    return BadRequest(
        f"Invalid type for '{param}': expected {expected}, but got {type_name(value)} instead.",
        code="invalid_type",
        param=param,
    )


def missing(param: str) -> BadRequest:
    return BadRequest(
        f"Missing required parameter: '{param}'.", code="missing_required_parameter", param=param
    )


def wrong_value(param: str, value: str, supported: Iterable[str]) -> BadRequest:
    listed = ", ".join(f"'{each}'" for each in supported)
    return BadRequest(
        f"Invalid value: '{value}'. Supported values are: {listed}.",
        code="invalid_value",
        param=param,
    )


def out_of_range(param: str, bound: str, value: object) -> BadRequest:
    return BadRequest(
        f"Invalid '{param}': {bound}, but got {value} instead.", code="invalid_value", param=param
    )


def text(value: object, param: str) -> str:
    if not isinstance(value, str):
        raise wrong_type(param, "a string", value)
    return value


def array(value: object, param: str) -> list[Any]:
    if not isinstance(value, list):
        raise wrong_type(param, "an array", value)
    return value


def table(value: object, param: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong_type(param, "an object", value)
    return value


def required_text(members: Mapping[str, Any], name: str, path: str) -> str:
    """Return a string member that must be there; ``path`` is the object's own place, or empty."""
    param = f"{path}.{name}" if path else name
    if members.get(name) is None:
        raise missing(param)
    return text(members[name], param)


def optional_text(members: Mapping[str, Any], name: str, path: str = "") -> str | None:
    value = members.get(name)
    return None if value is None else text(value, f"{path}.{name}" if path else name)


def optional_table(members: Mapping[str, Any], name: str, path: str = "") -> dict[str, Any] | None:
    value = members.get(name)
    return None if value is None else table(value, f"{path}.{name}" if path else name)


def optional_flag(members: Mapping[str, Any], name: str, path: str = "") -> bool | None:
    value = members.get(name)
    if value is not None and not isinstance(value, bool):
        raise wrong_type(f"{path}.{name}" if path else name, "a boolean", value)
    return value


def optional_whole(
    members: Mapping[str, Any], name: str, *, least: int | None = None, most: int | None = None
) -> int | None:
    value = members.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(name, "an integer", value)
    _check_range(name, value, least, most, "integer")
    return value


def optional_number(
    members: Mapping[str, Any], name: str, *, least: float, most: float
) -> float | None:
    value = members.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong_type(name, "a decimal", value)
    _check_range(name, value, least, most, "decimal")
    return value


def _check_range(
    name: str, value: float, least: float | None, most: float | None, kind: str
) -> None:
    if least is not None and value < least:
        raise out_of_range(name, f"{kind} below minimum value. Expected a value >= {least}", value)
    if most is not None and value > most:
        raise out_of_range(name, f"{kind} above maximum value. Expected a value <= {most}", value)
