"""Describes to a person which values a setting allows, from its declaration."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import inspect


def describe_allowed(declared: Any) -> str:
    """Return, say, ``a whole number from 0 to 65535`` for a declared type."""
    kind = inspect.type_info(declared)
    examples: list[str] = []
    if isinstance(kind, inspect.Metadata):
        examples = (kind.extra_json_schema or {}).get("examples", [])
        kind = kind.type
    if isinstance(kind, inspect.UnionType):
        # Only ``X | None`` is declared; TOML has no null, so None is an omitted line.
        (kind,) = (each for each in kind.types if not isinstance(each, inspect.NoneType))
        kind = kind.type if isinstance(kind, inspect.Metadata) else kind
    match kind:
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType(ge=low, le=high):
            return f"a whole number{_bounds(low, high)}"
        case inspect.FloatType(ge=low, le=high):
            return f"a number{_bounds(low, high)}"
        case inspect.StrType():
            such_as = f" such as {' or '.join(_quoted(each) for each in examples)}"
            return f"a text in quotes{such_as if examples else ''}"
        case inspect.EnumType(cls=enum):
            return f"one of {', '.join(_quoted(each.value) for each in enum)}"
        case inspect.VarTupleType():
            return "a list of texts in quotes"
        case inspect.DictType():
            return f"a table of names and texts{f' such as {examples[0]}' if examples else ''}"
    raise AssertionError(f"a setting of type {kind} needs words")


def _bounds(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return f" from {low:.12g} to {high:.12g}"


def _quoted(text: str) -> str:
    return f'"{text}"'


def describe_value(value: Any) -> str:
    """Return the value in a form close to TOML's."""
    plain = msgspec.to_builtins(value, enc_hook=str)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, str):
        return _quoted(plain)
    if isinstance(plain, (list, tuple)):
        return f"[{', '.join(describe_value(each) for each in plain)}]"
    if isinstance(plain, dict):
        return "a table"
    return str(plain)
