"""Google's ``Schema`` (a subset of OpenAPI 3.0, types in capitals) as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proxy_core.dialects.gemini.fields import named

_INNER = ("items", "additionalProperties")
_LISTS = ("anyOf", "prefixItems")
_TABLES = ("properties", "defs")
_COUNTS = ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")
"""64-bit numbers, which Google's JSON writes as texts."""
_NAMES = {"defs": "$defs", "ref": "$ref", "example": "examples"}
_LEFT_OUT = ("nullable", "propertyOrdering")
"""What becomes part of other members."""


def json_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema that says the same.

    ``propertyOrdering`` becomes the order of ``properties``, in which models write them. Members of
    JSON Schema that Google does not have stay as they are, so a schema of either kind may come in.
    """
    stated = named(schema)
    result: dict[str, Any] = {}
    for name, value in stated.items():
        if name not in _LEFT_OUT:
            result[_NAMES.get(name, name)] = _value(name, value, stated)
    if stated.get("nullable") is True:
        _allow_null(result)
    return result


def _value(name: str, value: Any, stated: Mapping[str, Any]) -> Any:
    if name == "type":
        return _types(value)
    if name == "ref" and isinstance(value, str):
        return value.replace("#/defs/", "#/$defs/")
    if name in _INNER and isinstance(value, dict):
        return json_schema(value)
    if name in _LISTS and isinstance(value, list):
        return [json_schema(each) if isinstance(each, dict) else each for each in value]
    if name in _TABLES and isinstance(value, dict):
        inner = {
            key: json_schema(each) if isinstance(each, dict) else each
            for key, each in value.items()
        }
        return _ordered(inner, stated.get("propertyOrdering")) if name == "properties" else inner
    if name in _COUNTS and isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return [value] if name == "example" else value


def _types(value: Any) -> Any:
    if isinstance(value, list):
        return [_types(each) for each in value]
    return value.lower() if isinstance(value, str) else value


def _ordered(properties: dict[str, Any], order: Any) -> dict[str, Any]:
    first = [each for each in order if each in properties] if _are_names(order) else []
    return {name: properties[name] for name in dict.fromkeys((*first, *properties))}


def _are_names(order: Any) -> bool:
    return isinstance(order, list) and all(isinstance(each, str) for each in order)


def _allow_null(schema: dict[str, Any]) -> None:
    kind = schema.get("type")
    if isinstance(kind, str):
        schema["type"] = [kind, "null"]
    elif isinstance(schema.get("anyOf"), list):
        schema["anyOf"] = [*schema["anyOf"], {"type": "null"}]
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
