"""Restricts enforced schemas to the subset a vendor can compile into a grammar.

Pure. Everything outside is moved into descriptions, so that the model still sees it (as Anthropic's
own SDKs do: ``anthropic.lib._parse._transform``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from proxy_core.dialects.vendor_rules.schemas.json_schemas import (
    Schema,
    any_node,
    edit_every,
    is_circular,
    type_names,
)
from proxy_core.dialects.vendor_rules.schemas.schema_repairs import object_at_the_top, well_formed


@dataclass(frozen=True, slots=True)
class EnforcedSubset:
    """``keywords`` are the allowed keywords, ``formats`` the allowed values of ``format``."""

    keywords: frozenset[str]
    formats: frozenset[str]
    all_required: bool
    """Every property must be required; an optional one becomes nullable."""


_STRUCTURE = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "anyOf", "$ref", "$defs"}
    | {"definitions", "enum", "const", "description", "title"}
)
_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
)

CLAUDE = EnforcedSubset(_STRUCTURE | {"allOf"}, _FORMATS | {"uri"}, all_required=False)
"""Anthropic's “structured outputs”: no bounds, lengths, patterns; ``minItems`` of 0 and 1 only. “For
'object' type, 'additionalProperties' must be explicitly set to false” (veryfront/veryfront-code#3918);
“For 'integer' type, property 'minimum' is not supported” (agentjido/req_llm#302)."""

OPENAI = EnforcedSubset(
    _STRUCTURE
    | {"pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    | {"minItems", "maxItems", "minLength", "maxLength"},
    _FORMATS,
    all_required=True,
)
"""OpenAI's strict mode: “'additionalProperties' is required to be supplied and to be false”,
“'required' is required to be supplied and to be an array including every key in properties”, and no
``default``."""


_MOST_PASSES = 8


def cannot_enforce(schema: Schema) -> bool:
    """Whether it cannot be compiled into a grammar: it is recursive, or has an object with
    arbitrary members.
    """
    return is_circular(schema) or has_open_object(schema)


def has_open_object(schema: Schema) -> bool:
    return any_node(schema, _is_open_object)


def _is_open_object(node: Schema) -> bool:
    if "object" not in type_names(node) or "properties" in node:
        return False
    if any(word in node for word in ("anyOf", "oneOf", "allOf", "$ref")):
        return False
    return node.get("additionalProperties") is not False


def every_property_is_required(schema: Schema) -> bool:
    return not any_node(schema, _has_optional)


def _has_optional(node: Schema) -> bool:
    properties = node.get("properties")
    required = node.get("required")
    known = set(required) if isinstance(required, list) else set()
    return isinstance(properties, dict) and bool(properties.keys() - known)


def restrict(schema: Schema, subset: EnforcedSubset) -> Schema:
    """Return the schema in the subset; itself if it already is.

    Repeated until stable, because one change can require another (an added type decides what an
    ``enum`` may contain): a restricted schema must not change again, or the cached prompt would be
    invalidated.
    """
    for _ in range(_MOST_PASSES):
        top = object_at_the_top(schema)
        tidy = well_formed(top, needs_items=False)
        restricted: Schema = edit_every(tidy, lambda node: _restrict(node, subset))
        if restricted is schema or restricted == schema:
            break
        schema = restricted
    return schema


def _restrict(node: Schema, subset: EnforcedSubset) -> Schema:
    fitted = node
    if "oneOf" in fitted:
        fitted = {("anyOf" if name == "oneOf" else name): value for name, value in fitted.items()}
    reference = fitted.get("$ref")
    if (
        isinstance(reference, str)
        and len(fitted) > 1
        and not fitted.keys() & {"$defs", "definitions"}
    ):
        return {"$ref": reference}  # no other keyword is allowed next to it
    if "type" not in fitted and "properties" in fitted:
        fitted = {**fitted, "type": "object"}
    if "object" in type_names(fitted):
        fitted = _closed(fitted, subset)
    fitted = _without_outsiders(fitted, subset)
    return _with_one_type(fitted) if not subset.all_required else fitted


def _closed(node: Schema, subset: EnforcedSubset) -> Schema:
    closed = node
    if node.get("additionalProperties") is not False:
        closed = {**closed, "additionalProperties": False}
    properties = node.get("properties")
    if not subset.all_required or not isinstance(properties, dict):
        return closed
    required = node.get("required")
    known = required if isinstance(required, list) else []
    optional = [name for name in properties if name not in known]
    if not optional and isinstance(required, list):
        return closed
    fitted = {
        name: _nullable(value) if name in optional else value for name, value in properties.items()
    }
    return {**closed, "properties": fitted, "required": list(properties)}


def _nullable(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    names = type_names(schema)
    if "null" in names:
        return schema
    if names and "enum" not in schema and "const" not in schema:
        return {**schema, "type": [*names, "null"]}
    branches = schema.get("anyOf")
    if isinstance(branches, list):
        has_null = any(isinstance(b, dict) and type_names(b) == ["null"] for b in branches)
        return schema if has_null else {**schema, "anyOf": [*branches, {"type": "null"}]}
    return {"anyOf": [schema, {"type": "null"}]}


def _without_outsiders(node: Schema, subset: EnforcedSubset) -> Schema:
    """Move every keyword outside the subset into the description."""
    outside = [name for name in node if not _may_stay(name, node[name], subset)]
    if not outside:
        return node
    keywords = {name: value for name, value in node.items() if name not in outside}
    constraints = [
        f"{name}: {_json(node[name])}" for name in outside if name not in ("$schema", "$id")
    ]
    if constraints:
        words = "{" + ", ".join(constraints) + "}"
        stated = keywords.get("description")
        keywords["description"] = f"{stated}\n\n{words}" if isinstance(stated, str) else words
    return keywords


def _may_stay(name: str, value: object, subset: EnforcedSubset) -> bool:
    if name == "format":
        return value in subset.formats
    if name == "minItems" and "minItems" not in subset.keywords:
        return value in (0, 1)
    return name in subset.keywords


def _with_one_type(node: Schema) -> Schema:
    """Replace a list of types by a union (Anthropic's grammar has no other form)."""
    names = type_names(node)
    if not isinstance(node.get("type"), list):
        return node
    if len(names) == 1:
        return {**node, "type": names[0]}
    shared: Schema = {k: node[k] for k in ("description", "title") if k in node}
    rest = {k: v for k, v in node.items() if k not in ("type", "description", "title")}
    branches = [
        {"type": name, **({} if name == "null" else _words_for(name, rest))} for name in names
    ]
    return {**shared, "anyOf": branches}


_WORDS_FOR = {
    "object": ("properties", "required", "additionalProperties"),
    "array": ("items", "minItems"),
    "string": ("format", "enum", "const"),
}


def _words_for(name: str, rest: Schema) -> Schema:
    words = _WORDS_FOR.get(name, ("enum", "const"))
    return {word: rest[word] for word in words if word in rest}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
