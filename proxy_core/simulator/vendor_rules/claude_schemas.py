"""The schemas Anthropic takes for tools, and the smaller set for structured output and strict tools."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import members
from proxy_core.simulator.vendor_rules.schema_walk import (
    refers_to_itself,
    resolves,
    schemas_in,
    types_of,
)

_PROPERTY_KEY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_UNIONS = ("oneOf", "allOf", "anyOf")
_BOUNDS = ("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf")
_LENGTHS = ("maxLength", "minLength")
_ARRAYS = ("contains", "maxContains", "maxItems", "minContains", "uniqueItems")
_OBJECTS = ("maxProperties", "minProperties", "patternProperties", "propertyNames")
# Anthropic's structured-output page lists these.
_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
)
INVALID = (
    "JSON schema is invalid. It must match JSON Schema draft 2020-12 "
    "(https://json-schema.org/draft/2020-12)."
)


def problem_of_tool(index: int, schema: Any, *, strict: bool) -> str | None:
    """The validator's sentence about a tool's ``input_schema``, path first; None when it is fine."""
    return next(_of_tool(index, members(schema), strict=strict), None)


def _of_tool(index: int, schema: Mapping[str, Any], *, strict: bool) -> Iterator[str]:
    place = f"tools.{index}.custom.input_schema"
    if "$schema" in schema:
        yield f"{place}.$schema: Extra inputs are not permitted"
    if any(name in schema for name in _UNIONS):
        yield f"{place}: input_schema does not support oneOf, allOf, or anyOf at the top level"
    for name in members(schema.get("properties")):
        if not _PROPERTY_KEY.fullmatch(str(name)):
            yield f"{place}.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{{1,64}}$'"
    if any(
        "$ref" in inner and not resolves(schema, inner["$ref"]) for _, inner in schemas_in(schema)
    ):
        yield f"{place}: {INVALID}"
    if strict and (problem := problem_of_format(schema)) is not None:
        yield f"tools.{index}.custom: {problem}"


def problem_of_format(schema: Any) -> str | None:
    """What is wrong with a schema whose answers Anthropic is to guarantee; None when nothing is."""
    return next(_of_format(members(schema)), None)


def _of_format(root: Mapping[str, Any]) -> Iterator[str]:
    if refers_to_itself(root):
        yield "Recursive schemas are not supported"
    for _, schema in schemas_in(root):
        if "oneOf" in schema:
            yield "Schema type 'oneOf' is not supported"
        if "not" in schema or "if" in schema:
            yield f"Schema type '{'not' if 'not' in schema else 'if'}' is not supported"
        if "$ref" in schema and not resolves(root, schema["$ref"]):
            yield f"External schema references are not supported: '{schema['$ref']}'"
        if any(isinstance(value, Mapping | list) for value in schema.get("enum") or ()):
            yield "Complex types within enums are not supported"
        for kind in types_of(schema):
            yield from _of_type(kind, schema)


def _of_type(kind: str, schema: Mapping[str, Any]) -> Iterator[str]:
    if kind == "object":
        if schema.get("additionalProperties") is not False:
            yield "For 'object' type, 'additionalProperties' must be explicitly set to false"
        yield from _unsupported(kind, schema, _OBJECTS)
    elif kind in ("integer", "number"):
        yield from _unsupported(kind, schema, _BOUNDS)
    elif kind == "string":
        yield from _unsupported(kind, schema, _LENGTHS)
        if schema.get("format") is not None and schema["format"] not in _FORMATS:
            yield f"For 'string' type, format '{schema['format']}' is not supported"
    elif kind == "array":
        if schema.get("minItems") not in (None, 0, 1):
            yield "For 'array' type, 'minItems' values other than 0 or 1 are not supported"
        yield from _unsupported(kind, schema, _ARRAYS)


def _unsupported(kind: str, schema: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    found = [name for name in names if name in schema]
    if len(found) == 1:
        yield f"For '{kind}' type, property '{found[0]}' is not supported"
    elif found:
        yield f"For '{kind}' type, properties {', '.join(found)} are not supported"
