"""Reduces a schema to the subset of OpenAPI 3.0 that Gemini behind Copilot accepts.

Pure. Refusals are a bare 400 without details, so everything not known to be accepted is removed
and, if the model needs it, added to the description. Unions are removed: Vertex accepts ``anyOf``
only alone, and not within ``items`` (sbroenne/mcp-server-excel#672).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from proxy_core.dialects.vendor_rules.schemas.json_schemas import (
    DEEPEST,
    Schema,
    inline_references,
    json_type,
    merge_objects,
    type_names,
)
from proxy_core.dialects.vendor_rules.schemas.schema_repairs import well_formed

TYPES = ("string", "number", "integer", "boolean", "array", "object")
_BOUNDS = ("minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength")
_ALLOWED_KEYWORDS = (*_BOUNDS, "pattern")
_DESCRIBED_KEYWORDS = ("default", "format", "multipleOf", "uniqueItems", "examples")
ANY_VALUE = "Any JSON value."


def subset(schema: Schema) -> Schema:
    """Return the schema in the subset, with references written out (cycles to a bounded depth)."""
    return _fit(inline_references(well_formed(schema, needs_items=False)), 0)


def _fit(node: Any, depth: int) -> Schema:
    if not isinstance(node, dict) or depth > DEEPEST:
        return {"type": "string", "description": ANY_VALUE}
    node, nullable = _without_unions(node, depth)
    names = type_names(node)
    nullable = nullable or "null" in names or node.get("nullable") is True
    kind, others = _one_type(node, [name for name in names if name in TYPES])
    fitted: Schema = {"type": kind}
    constraints: list[str] = []
    if others:
        constraints.append(f"or: {', '.join(others)}")
    if isinstance(node.get("description"), str):
        fitted["description"] = node["description"]
    _add_literals(fitted, node, constraints)
    for name in _ALLOWED_KEYWORDS:
        if _is_for(name, kind) and _is_of_its_type(name, node.get(name)):
            fitted[name] = node[name]
    _add_exclusive_bounds(fitted, node, constraints)
    if kind == "object":
        _add_properties(fitted, node, depth)
    if kind == "array":
        items = node.get("items")
        fitted["items"] = _fit(items, depth + 1) if isinstance(items, dict) else {"type": "string"}
    constraints += [f"{name}: {_json(node[name])}" for name in _DESCRIBED_KEYWORDS if name in node]
    if nullable:
        fitted["nullable"] = True
    if constraints:
        words = f"({'; '.join(constraints)})"
        stated = fitted.get("description")
        fitted["description"] = f"{stated} {words}" if stated else words
    return fitted


def _without_unions(node: Schema, depth: int) -> tuple[Schema, bool]:
    """Merge alternatives into one schema; also return whether null was among them."""
    nullable = False
    for word in ("allOf", "anyOf", "oneOf"):
        branches = node.get(word)
        node = {name: value for name, value in node.items() if name != word}
        if not isinstance(branches, list) or depth > DEEPEST:
            continue
        opened: list[Schema] = []
        for each in branches:
            if isinstance(each, dict):
                inner, inner_null = _without_unions(each, depth + 1)
                nullable = nullable or inner_null
                opened.append(inner)
        non_null = [each for each in opened if type_names(each) != ["null"]]
        nullable = nullable or len(non_null) < len(opened)
        node = _together(node, non_null, every=word == "allOf")
    return node, nullable


def _together(node: Schema, branches: list[Schema], *, every: bool) -> Schema:
    if not branches:
        return node
    if all("properties" in each or "object" in type_names(each) for each in branches) or (
        every and "properties" in node
    ):
        return merge_objects(node, branches, every=every)
    if every:
        merged: Schema = {}
        for each in branches:
            merged |= each
        return {**merged, **node}
    first = branches[0]
    literals = [value for each in branches for value in _literals(each)]
    types = dict.fromkeys(name for each in branches for name in type_names(each))
    if len(types) > 1:
        first = {**first, "type": list(types)}
    if literals and all(_literals(each) for each in branches):
        first = {**{k: v for k, v in first.items() if k != "const"}, "enum": _unique(literals)}
    return {**first, **node}


def _unique(values: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def _literals(schema: Schema) -> list[Any]:
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return values if isinstance(values, list) else []


def _one_type(node: Schema, names: list[str]) -> tuple[str, list[str]]:
    """Return the one type the subset allows, and the others."""
    if names:
        # A string can represent any value; a number only numbers.
        first = "string" if "string" in names and len(names) > 1 else names[0]
        return first, [name for name in names if name != first]
    if "properties" in node:
        return "object", []
    if "items" in node:
        return "array", []
    literals = [value for value in _literals(node) if value is not None]
    kinds = {json_type(value) for value in literals}
    if len(kinds) == 1 and (kind := kinds.pop()) in TYPES:
        return kind, []
    return "string", []


def _add_literals(fitted: Schema, node: Schema, constraints: list[str]) -> None:
    """Add enumerated strings; other values go into the description."""
    values = _literals(node)
    listed = [value for value in values if isinstance(value, str) and value]
    if fitted["type"] == "string" and listed:
        fitted["enum"] = _unique(listed)
        if None in values:
            fitted["nullable"] = True
    elif values:
        constraints.append(f"one of: {', '.join(_json(value) for value in values)}")


def _add_exclusive_bounds(fitted: Schema, node: Schema, constraints: list[str]) -> None:
    for exclusive, bound, step in (
        ("exclusiveMinimum", "minimum", 1),
        ("exclusiveMaximum", "maximum", -1),
    ):
        value = node.get(exclusive)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        if fitted["type"] == "integer" and isinstance(value, int):
            fitted.setdefault(bound, value + step)
        elif fitted["type"] == "number":
            fitted.setdefault(bound, value)
            constraints.append(f"{'more' if step > 0 else 'less'} than {_json(value)}")


def _add_properties(fitted: Schema, node: Schema, depth: int) -> None:
    properties = node.get("properties")
    if not isinstance(properties, dict):
        return
    fitted["properties"] = {name: _fit(value, depth + 1) for name, value in properties.items()}
    required = node.get("required")
    if isinstance(required, list):
        known = [name for name in required if isinstance(name, str) and name in properties]
        if known:
            fitted["required"] = _unique(known)


def _is_for(name: str, kind: str) -> bool:
    if name in ("minimum", "maximum"):
        return kind in ("integer", "number")
    if name in ("minItems", "maxItems"):
        return kind == "array"
    return kind == "string"


def _is_of_its_type(name: str, value: object) -> bool:
    if name == "pattern":
        return isinstance(value, str)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
