"""Describes to a person which values a setting allows, from its declaration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import inspect

from proxy_core.errors import translatable


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
            return translatable("true or false")
        case inspect.IntType(ge=low, le=high):
            return describe_number(low, high, is_whole=True)
        case inspect.FloatType(ge=low, le=high):
            return describe_number(low, high, is_whole=False)
        case inspect.StrType():
            if not examples:
                return translatable("a text in quotes")
            return translatable("a text in quotes such as {examples}", examples=_either(examples))
        case inspect.EnumType(cls=enum):
            choices = ", ".join(_quoted(each.value) for each in enum)
            return translatable("one of {choices}", choices=choices)
        case inspect.VarTupleType():
            return translatable("a list of texts in quotes")
        case inspect.DictType():
            if not examples:
                return translatable("a table of names and texts")
            return translatable("a table of names and texts such as {example}", example=examples[0])
    raise AssertionError(f"a setting of type {kind} needs words")


def _either(examples: Sequence[str]) -> str:
    """``"a" or "b" or "c"``."""
    first, *others = (_quoted(each) for each in examples)
    for other in others:
        first = translatable("{texts} or {last}", texts=first, last=other)
    return first


def describe_number(low: float | None, high: float | None, *, is_whole: bool) -> str:
    if low is None or high is None:
        return translatable("a whole number") if is_whole else translatable("a number")
    bounds = {"low": f"{low:.12g}", "high": f"{high:.12g}"}
    if is_whole:
        return translatable("a whole number from {low} to {high}", **bounds)
    return translatable("a number from {low} to {high}", **bounds)


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
        return translatable("a table")
    return str(plain)
