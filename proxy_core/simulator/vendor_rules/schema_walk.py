"""A JSON Schema taken apart: every schema inside it with its path, references, value types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str, ...]

_HOLDING_SCHEMAS = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")
_LISTING_SCHEMAS = ("anyOf", "oneOf", "allOf", "prefixItems")
_BEING_SCHEMAS = ("items", "additionalProperties", "not", "if", "then", "else", "contains")
_PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
_DEPTH = 64


def schemas_in(
    schema: Any, path: Path = (), depth: int = _DEPTH
) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """``schema`` itself and every schema inside it, outermost first. Booleans are no schemas here."""
    if not isinstance(schema, Mapping) or depth == 0:
        return
    yield path, schema
    for name in _HOLDING_SCHEMAS:
        held = schema.get(name)
        if isinstance(held, Mapping):
            for key, inner in held.items():
                yield from schemas_in(inner, (*path, name, str(key)), depth - 1)
    for name in _LISTING_SCHEMAS:
        held = schema.get(name)
        if isinstance(held, list):
            for index, inner in enumerate(held):
                yield from schemas_in(inner, (*path, name, str(index)), depth - 1)
    for name in _BEING_SCHEMAS:
        yield from schemas_in(schema.get(name), (*path, name), depth - 1)


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types a schema names; empty when it names none."""
    kind = schema.get("type")
    if kind is None:
        return ()
    return tuple(map(str, kind)) if isinstance(kind, list) else (str(kind),)


def resolves(root: Mapping[str, Any], reference: Any) -> bool:
    """Whether a local reference leads to something inside ``root``."""
    if reference == "#":
        return True
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return False
    found: Any = root
    for step in reference[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or name not in found:
            return False
        found = found[name]
    return True


def refers_to_itself(root: Mapping[str, Any]) -> bool:
    """Whether following local references from ``root`` comes back to where it began."""

    def follows(schema: Any, open_references: tuple[str, ...]) -> bool:
        for _, inner in schemas_in(schema):
            reference = inner.get("$ref")
            if not isinstance(reference, str):
                continue
            if reference == "#" or reference in open_references:
                return True
            if resolves(root, reference) and follows(
                _target(root, reference), (*open_references, reference)
            ):
                return True
        return False

    body = {name: held for name, held in root.items() if name not in ("$defs", "definitions")}
    return follows(body, ())


def _target(root: Mapping[str, Any], reference: str) -> Any:
    found: Any = root
    for step in reference[2:].split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def is_of_type(value: Any, kind: str) -> bool:
    """Whether a JSON value is of the schema type ``kind``; a boolean is no number."""
    expected = _PYTHON_TYPES.get(kind, ())
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, expected)


def misfit_of_enum(schema: Mapping[str, Any]) -> tuple[Any] | None:
    """The first value of ``enum`` that is of none of the schema's types, in a tuple; else None."""
    kinds = types_of(schema)
    values = schema.get("enum")
    if not kinds or not isinstance(values, list):
        return None
    return next(
        ((value,) for value in values if not any(is_of_type(value, kind) for kind in kinds)), None
    )
