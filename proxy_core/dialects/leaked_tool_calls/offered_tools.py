"""The tools a request offers, by the names sent upstream. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

_decode = msgspec.json.Decoder(list[dict[str, Any]]).decode


@dataclass(frozen=True, slots=True)
class OfferedTool:
    """``parameters`` holds the schema of each declared parameter."""

    parameters: Mapping[str, Any]
    required: frozenset[str]


class OfferedTools:
    """Decodes the tools of a body once, on the first lookup: most responses contain nothing that
    looks like a call.
    """

    def __init__(self, tools: object) -> None:
        """``tools`` is the member of the body as sent upstream, decoded or ``msgspec.Raw``."""
        self._declared = tools
        self._tools: dict[str, OfferedTool] | None = None

    def find(self, name: str) -> OfferedTool | None:
        """Return the function of exactly this name; None for the vendor's own tools."""
        if self._tools is None:
            self._tools = _read(self._declared)
            self._declared = None
        return self._tools.get(name)


def _read(declared: object) -> dict[str, OfferedTool]:
    if not isinstance(declared, msgspec.Raw):
        declared = msgspec.Raw(msgspec.json.encode(declared))
    try:
        tools = _decode(declared)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    found: dict[str, OfferedTool] = {}
    for tool in tools:
        function = tool.get("function")
        declaration = function if isinstance(function, dict) else tool
        schema = declaration.get("input_schema", declaration.get("parameters"))
        name = declaration.get("name")
        if not isinstance(name, str) or not isinstance(schema, dict):
            continue
        properties, required = schema.get("properties"), schema.get("required")
        found[name] = OfferedTool(
            properties if isinstance(properties, dict) else {},
            frozenset(each for each in required if isinstance(each, str))
            if isinstance(required, list)
            else frozenset(),
        )
    return found
