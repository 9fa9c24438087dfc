"""Whether something is a JSON Schema at all, as far as the simulator has to fill it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TYPES = {"string", "number", "integer", "boolean", "object", "array", "null"}
_UNIONS = ("anyOf", "oneOf", "allOf")
_SIZES = ("minItems", "maxItems", "minLength", "maxLength")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_DEPTH = 64
# Nobody means it, and an answer would have to be that long.
_LARGEST_MINIMUM = 100_000


def problem_of(schema: Any, depth: int = _DEPTH) -> str | None:
    """What is wrong with ``schema``, in the validator's manner; None when nothing is."""
    if isinstance(schema, bool):
        return None
    if not isinstance(schema, Mapping):
        return f"{schema!r:.80} is not of type 'object', 'boolean'"
    if depth == 0:
        return "schema is nested too deeply"
    return _of_plain_members(schema) or _of_inner_schemas(schema, depth)


def _of_plain_members(schema: Mapping[str, Any]) -> str | None:
    kind = schema.get("type", [])
    if not all(isinstance(each, str) and each in _TYPES for each in _listed(kind)):
        return f"{kind!r:.80} is not valid under any of the given schemas"
    required = schema.get("required", [])
    if not isinstance(required, list) or not all(isinstance(each, str) for each in required):
        return f"{required!r:.80} is not of type 'array'"
    if not isinstance(schema.get("$ref", ""), str):
        return f"{schema['$ref']!r:.80} is not of type 'string'"
    if not isinstance(schema.get("enum", [1]), list) or schema.get("enum") == []:
        return f"{schema['enum']!r:.80} is not a valid enumeration"
    for name in _SIZES:
        value = schema.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            return f"{value!r:.80} is not a valid {name}"
        if name.startswith("min") and value > _LARGEST_MINIMUM:
            return f"{value!r:.80} is not a valid {name}"
    for name in _BOUNDS:
        value = schema.get(name, 1)
        if not isinstance(value, int | float) or (name == "multipleOf" and value <= 0):
            return f"{value!r:.80} is not a valid {name}"
    # ECMAScript knows patterns Python does not, so their inside is nobody's business here.
    if not isinstance(schema.get("pattern", ""), str):
        return f"{schema['pattern']!r:.80} is not of type 'string'"
    return None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _of_inner_schemas(schema: Mapping[str, Any], depth: int) -> str | None:
    inner: list[Any] = []
    for name in ("properties", "$defs", "definitions"):
        held = schema.get(name, {})
        if not isinstance(held, Mapping):
            return f"{held!r:.80} is not of type 'object'"
        inner += held.values()
    for name in _UNIONS:
        held = schema.get(name, [])
        if not isinstance(held, list) or (name in schema and not held):
            return f"{held!r:.80} is not a non-empty array"
        inner += held
    if "items" in schema:
        inner.append(schema["items"])
    return next((problem for each in inner if (problem := problem_of(each, depth - 1))), None)
