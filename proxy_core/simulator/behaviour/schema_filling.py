"""Invents JSON values that fit a JSON Schema, from what the prompt offers.

Used for the arguments of tool calls and for structured answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Hint: TypeAlias = Callable[[str, Mapping[str, Any]], Any]

_FORMATS = {
    "date": "2026-11-21",
    "date-time": "2026-11-21T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "octocat@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com/",
}
# Deep enough for any tool, shallow enough to end in a schema that refers to itself.
_DEPTH = 12


def fill(
    schema: Mapping[str, Any], hint: Hint, *, fallback: str = "value", optional: bool = False
) -> Any:
    """A value that fits ``schema``.

    ``hint(name, schema)`` may propose the value of a property (None: no proposal). Optional properties
    are filled only when ``optional`` is set or the hint has a value for them. A string nobody has a
    proposal for becomes ``fallback``.
    """
    return _Filler(schema, hint, fallback, optional).value("", schema, _DEPTH)


def is_nullable(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type")
    if isinstance(kind, list):
        return "null" in kind
    return any(
        isinstance(each, Mapping) and each.get("type") == "null"
        for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
    )


class _Filler:
    def __init__(self, root: Mapping[str, Any], hint: Hint, fallback: str, optional: bool) -> None:
        self._root = root
        self._hint = hint
        self._fallback = fallback
        self._optional = optional

    def value(self, name: str, schema: Any, depth: int) -> Any:
        if not isinstance(schema, Mapping):
            return self._hint(name, {}) or self._fallback
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if options := schema.get("enum"):
            proposal = self._hint(name, schema)
            return proposal if proposal in options else options[0]
        for union in ("anyOf", "oneOf"):
            if schema.get(union):
                return self._of_union(name, schema, union, depth)
        kind = _kind(schema)
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(name, schema, depth)
        proposal = self._hint(name, schema)
        if kind in ("integer", "number"):
            return _number(schema, kind, proposal)
        if kind == "boolean":
            return proposal if isinstance(proposal, bool) else bool(schema.get("default", False))
        return None if kind == "null" else _string(schema, proposal, self._fallback)

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """``schema`` with its reference followed and its ``allOf`` parts merged in."""
        for _ in range(_DEPTH):
            reference = schema.get("$ref")
            if not isinstance(reference, str):
                break
            target: Any = self._root
            for step in reference.removeprefix("#").strip("/").split("/"):
                key = step.replace("~1", "/").replace("~0", "~")
                target = target.get(key, {}) if isinstance(target, Mapping) and key else target
            schema = {**{k: v for k, v in schema.items() if k != "$ref"}, **dict(target)}
        merged = dict(schema)
        for part in merged.pop("allOf", ()):
            part = self._resolved(part)
            merged |= {
                **part,
                "properties": {**merged.get("properties", {}), **part.get("properties", {})},
                "required": [*merged.get("required", ()), *part.get("required", ())],
            }
        return merged

    def _of_union(self, name: str, schema: Mapping[str, Any], union: str, depth: int) -> Any:
        branches = [self._resolved(each) for each in schema[union] if isinstance(each, Mapping)]
        real = [each for each in branches if each.get("type") != "null"] or branches
        if not real:
            return None
        shared = {k: v for k, v in schema.items() if k != union}
        return self.value(name, {**shared, **real[0]}, depth)

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        required = list(schema.get("required") or ())
        filled: dict[str, Any] = {}
        for name, inner in (schema.get("properties") or {}).items():
            inner = inner if isinstance(inner, Mapping) else {}
            proposed = self._optional or self._hint(name, inner) is not None
            if name in required and is_nullable(inner) and (not proposed or depth <= 0):
                filled[name] = None
            elif name in required or (proposed and depth > 0 and not self._is_nested(inner)):
                filled[name] = self.value(name, inner, depth - 1) if depth > -_DEPTH else None
        for name in required:
            if name not in filled:
                filled[name] = self._hint(name, {}) or self._fallback
        return filled

    def _is_nested(self, schema: Mapping[str, Any]) -> bool:
        """An optional property that leads back to itself would never end."""
        return "$ref" in schema or "$ref" in (schema.get("items") or {})

    def _array(self, name: str, schema: Mapping[str, Any], depth: int) -> list[Any]:
        proposal = self._hint(name, schema)
        if isinstance(proposal, list):
            return proposal
        count = max(int(schema.get("minItems", 0)), 1 if depth > 0 else 0)
        items = schema.get("items", {})
        return [self.value(name, items, depth - 1) for _ in range(count)]


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return next((each for each in kind if each != "null"), "null")
    if isinstance(kind, str):
        return kind
    if "properties" in schema:
        return "object"
    return "array" if "items" in schema else "string"


def _number(schema: Mapping[str, Any], kind: str, proposal: Any) -> int | float:
    if isinstance(proposal, int | float) and not isinstance(proposal, bool):
        return proposal
    if isinstance(schema.get("default"), int | float):
        default: int | float = schema["default"]
        return default
    value: int | float = 1
    if "minimum" in schema:
        value = max(value, schema["minimum"])
    if isinstance(schema.get("exclusiveMinimum"), int | float):
        value = max(value, schema["exclusiveMinimum"] + 1)
    if "maximum" in schema:
        value = min(value, schema["maximum"])
    if isinstance(schema.get("exclusiveMaximum"), int | float):
        value = min(value, schema["exclusiveMaximum"] - 1)
    if step := schema.get("multipleOf"):
        value = -(-value // step) * step
    return int(value) if kind == "integer" else value


def _string(schema: Mapping[str, Any], proposal: Any, fallback: str) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    text = proposal if isinstance(proposal, str) else schema.get("default")
    if not isinstance(text, str):
        text = fallback
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not _matches(pattern, text):
        text = _matching(pattern) or text
    text = text.ljust(int(schema.get("minLength", 0)), ".")
    return text[: int(schema["maxLength"])] if "maxLength" in schema else text


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return True


def _matching(pattern: str) -> str | None:
    """A short text that fits, tried from a list: enough for identifiers, codes and dates."""
    tries: tuple[str, ...] = (
        "a",
        "A",
        "0",
        "1",
        "aa",
        "AA",
        "AAA",
        "abc",
        "123",
        "1234",
        "12345",
        "a1",
        "A-1",
    )
    tries += ("2026-11-21", "12:00", "#aabbcc", "1.0.0", "a_b", "a-b", "https://example.com/")
    return next((text for text in tries if _matches(pattern, text)), None)
