"""The schemas OpenAI takes for functions and for structured output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import items, members
from proxy_core.simulator.http.refusal import Refusal, invalid_body
from proxy_core.simulator.vendor_rules.schema_walk import (
    Path,
    misfit_of_enum,
    resolves,
    schemas_in,
    types_of,
)

_NOT_AT_THE_TOP = ("oneOf", "anyOf", "allOf", "enum", "not")
_NOT_IN_STRICT = (
    "allOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "patternProperties",
    "propertyNames",
)


def check_function(name: Any, parameters: Any, *, strict: bool) -> None:
    """Raise for a function's parameters. None means a function without parameters."""
    if parameters is None:
        return
    _check(f"function '{name}'", members(parameters), strict=strict, is_function=True)


def check_response_format(name: Any, schema: Any, *, strict: bool) -> None:
    """Raise for the schema of structured output."""
    _check(f"response_format '{name}'", members(schema), strict=strict, is_function=False)


def _check(place: str, schema: Mapping[str, Any], *, strict: bool, is_function: bool) -> None:
    problem = next(_problems(schema, strict=strict, is_function=is_function), None)
    if problem is not None:
        raise refusal(place, problem)


def refusal(place: str, problem: str) -> Refusal:
    return invalid_body(f"Invalid schema for {place}: {problem}")


def _problems(schema: Mapping[str, Any], *, strict: bool, is_function: bool) -> Iterator[str]:
    if schema.get("type") != "object":
        yield (
            "schema must be a JSON Schema of 'type: \"object\"', got 'type: "
            f'"{schema.get("type")}"\'.'
        )
    if any(name in schema for name in _NOT_AT_THE_TOP):
        yield (
            "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the "
            "top level."
        )
    if is_function and not isinstance(schema.get("properties"), Mapping):
        yield "In context=(), object schema missing properties."
    for path, inner in schemas_in(schema):
        yield from _of_one(schema, path, inner)
        if strict:
            yield from _of_one_strict(path, inner)


def _of_one(root: Mapping[str, Any], path: Path, schema: Mapping[str, Any]) -> Iterator[str]:
    if "array" in types_of(schema) and "items" not in schema and "prefixItems" not in schema:
        where = path
        if isinstance(schema["type"], list):
            where = (*path, "type", str(schema["type"].index("array")))
        yield f"In context={context(where)}, array schema missing items."
    if (misfit := misfit_of_enum(schema)) is not None:
        shown = {name: schema[name] for name in ("type", "enum")}
        yield (
            f"In context={context(path)}, enum value {misfit[0]} does not validate against {shown}."
        )
    if "$ref" in schema and not resolves(root, schema["$ref"]):
        yield (
            f"In context={context(path)}, reference to component '{schema['$ref']}' which was not "
            "found in the schema."
        )


def _of_one_strict(path: Path, schema: Mapping[str, Any]) -> Iterator[str]:
    for name in _NOT_IN_STRICT:
        if name in schema:
            yield f"In context={context(path)}, '{name}' is not permitted."
    if "object" not in types_of(schema):
        return
    if schema.get("additionalProperties") is not False:
        yield (
            f"In context={context(path)}, 'additionalProperties' is required to be supplied and to be "
            "false."
        )
    required = items(schema.get("required"))
    missing = [name for name in members(schema.get("properties")) if name not in required]
    if missing:
        yield (
            f"In context={context(path)}, 'required' is required to be supplied and to be an array "
            f"including every key in properties. Missing '{missing[0]}'."
        )


def context(path: Path) -> str:
    """A path as OpenAI's validator prints it: a Python tuple."""
    return str(path)
