"""The part of JSON Schema that Google's function declarations support.

Copilot only returns ``Bad Request`` about it (github/copilot-cli#4155), so the sentences here are
for the simulator's own log and tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import members
from proxy_core.simulator.vendor_rules.schema_walk import Path, misfit_of_enum, schemas_in, types_of

_KNOWN = frozenset(
    {
        "type",
        "format",
        "title",
        "description",
        "nullable",
        "enum",
        "items",
        "maxItems",
        "minItems",
        "properties",
        "required",
        "minProperties",
        "maxProperties",
        "minLength",
        "maxLength",
        "pattern",
        "example",
        "anyOf",
        "propertyOrdering",
        "default",
        "minimum",
        "maximum",
    }
)


def problem_of_declaration(schema: Any) -> str | None:
    """What Google would say about a function's parameters or a response schema; None for nothing."""
    return next(
        (
            problem
            for path, inner in schemas_in(members(schema))
            for problem in _of_one(path, inner)
        ),
        None,
    )


def _of_one(path: Path, schema: Mapping[str, Any]) -> Iterator[str]:
    where = ".".join(("parameters", *path))
    for name in schema:
        if name not in _KNOWN:
            yield f"Unknown name \"{name}\" at '{where}': Cannot find field."
    if isinstance(schema.get("type"), list):
        yield f"'{where}.type': Proto field is not repeating, cannot start list."
    kinds = types_of(schema)
    if "null" in kinds:
        yield f"'{where}.type': Invalid value (TYPE_NULL)"
    if "array" in kinds and "items" not in schema:
        yield f"{where}.items: missing field."
    if "anyOf" in schema and not path:
        yield f"{where}: anyOf is not supported at the top."
    if "enum" in schema and kinds and kinds != ("string",):
        yield f"{where}.enum: only allowed for STRING type"
    if misfit_of_enum(schema) is not None:
        yield f"Invalid value at '{where}.enum' (TYPE_STRING)"
    properties = members(schema.get("properties"))
    for name in schema.get("required") or ():
        if name not in properties:
            yield f"{where}.required: property is not defined: {name}"
