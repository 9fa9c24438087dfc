"""Parses markup that may be a leaked call incrementally, each character once. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from proxy_core.dialects.leaked_tool_calls.offered_tools import OfferedTool, OfferedTools

# The vendor's prefix is concatenated, so that this source does not contain the marker.
_PREFIXES = ("", "ant" + "ml:")
_TAG = re.compile(
    r"<(/?)(?:"
    + _PREFIXES[1]
    + r')?(invoke|function_calls|parameter)(?:\s+name="([^"<>\n]*)")?\s*>'
)
_LONGEST_TAG = 300
_VALUE_ENDS = tuple(f"</{prefix}parameter>" for prefix in _PREFIXES)
_LONGEST_VALUE_END = max(map(len, _VALUE_ENDS))
OPENINGS = tuple(
    f"<{prefix}{name}" for prefix in _PREFIXES for name in ("invoke name=", "function_calls>")
)
"""How a leaked call can begin."""
_HEADS = tuple(
    f"<{slash}{prefix}{name}"
    for slash in ("", "/")
    for prefix in _PREFIXES
    for name in ("invoke", "function_calls", "parameter")
)


@dataclass(frozen=True, slots=True)
class LeakedCall:
    name: str
    arguments: str
    """A JSON object."""


class Candidate:
    """One run of markup, from its first ``<`` on."""

    def __init__(self, tools: OfferedTools) -> None:
        self._tools = tools
        self._rest = ""
        """Unparsed rest: part of a tag, or the end of a value."""
        self._tool: OfferedTool | None = None
        self._name = ""
        self._parameter: str | None = None
        self._value: list[str] = []
        self._arguments: dict[str, Any] = {}
        self._wrapped = False
        self.calls: list[LeakedCall] = []

    @property
    def is_complete(self) -> bool:
        """Whether the text so far is one or more complete calls and nothing else."""
        return bool(self.calls) and self._tool is None and not self._rest

    def feed(self, text: str) -> bool:
        """Return whether the text so far can still consist only of calls."""
        self._rest += text
        while self._rest:
            if self._parameter is not None:
                if not self._read_value():
                    return True
                if not self._close_parameter():
                    return False
                continue
            self._rest = self._rest.lstrip()
            if not self._rest:
                break
            end = self._rest.find(">")
            if end < 0:
                return self._may_be_tag()
            tag = _TAG.fullmatch(self._rest, 0, end + 1)
            if tag is None or not self._take(tag):
                return False
            self._rest = self._rest[end + 1 :]
        return True

    def _may_be_tag(self) -> bool:
        rest = self._rest
        if len(rest) > _LONGEST_TAG:
            return False
        return any(head.startswith(rest) or rest.startswith(head) for head in _HEADS)

    def _take(self, tag: re.Match[str]) -> bool:
        closes, kind, name = bool(tag[1]), tag[2], tag[3]
        if closes and name is not None:
            return False
        if self._tool is None:
            if kind == "function_calls" and not closes:
                if self._wrapped or self.calls:
                    return False
                self._wrapped = True
                return name is None
            if closes:
                return bool(self.calls) and kind != "parameter"
            return kind == "invoke" and name is not None and self._open(name)
        if kind == "parameter" and not closes:
            if name is None or name not in self._tool.parameters or name in self._arguments:
                return False
            self._parameter = name
            return True
        return kind == "invoke" and closes and self._close_call(self._tool)

    def _open(self, name: str) -> bool:
        self._tool = self._tools.find(name)
        self._name, self._arguments = name, {}
        return self._tool is not None

    def _read_value(self) -> bool:
        """Return whether the value's closing tag was found; the rest stays unread."""
        rest = self._rest
        ends = [(at, tag) for tag in _VALUE_ENDS if (at := rest.find(tag)) >= 0]
        if not ends:
            cut = max(0, len(rest) - _LONGEST_VALUE_END)
            self._value.append(rest[:cut])
            self._rest = rest[cut:]
            return False
        at, tag = min(ends)
        self._value.append(rest[:at])
        self._rest = rest[at + len(tag) :]
        return True

    def _close_parameter(self) -> bool:
        assert self._tool is not None
        assert self._parameter is not None
        name, text = self._parameter, "".join(self._value)
        self._parameter, self._value = None, []
        try:
            self._arguments[name] = typed_value(text, self._tool.parameters[name])
        except ValueError:
            return False
        return True

    def _close_call(self, tool: OfferedTool) -> bool:
        if not tool.required <= self._arguments.keys():
            return False
        self.calls.append(LeakedCall(self._name, msgspec.json.encode(self._arguments).decode()))
        self._tool = None
        return True


_JSON_TYPES = {
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


def typed_value(text: str, schema: Any) -> Any:
    """Return a parameter's value: a string if the schema allows one, else parsed as JSON.

    Raises ValueError if the schema's type does not match.
    """
    wanted = _types(schema)
    if "string" in wanted and len(wanted) == 1:
        return text
    try:
        value = msgspec.json.decode(text.strip())
    except (msgspec.DecodeError, RecursionError):
        if not wanted or "string" in wanted:
            return text
        raise ValueError(text) from None
    if not wanted:
        return value
    if any(_is_of(value, each) for each in wanted):
        return value
    if "string" in wanted:
        return text
    raise ValueError(text)


def _is_of(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return kind in _JSON_TYPES and isinstance(value, _JSON_TYPES[kind])  # type: ignore[arg-type]


def _types(schema: Any) -> frozenset[str]:
    """Return the types a schema names at its top; empty if it names none."""
    if not isinstance(schema, dict):
        return frozenset()
    named = schema.get("type")
    if isinstance(named, str):
        return frozenset({named})
    if isinstance(named, list):
        return frozenset(each for each in named if isinstance(each, str))
    if isinstance(schema.get("enum"), list) and all(isinstance(e, str) for e in schema["enum"]):
        return frozenset({"string"})
    found: set[str] = set()
    for member in ("anyOf", "oneOf"):
        options = schema.get(member)
        for each in options if isinstance(options, list) else ():
            types = _types(each)
            if not types:
                return frozenset()
            found |= types
    return frozenset(found)
