"""Finds the client's names of tools that were sent without their namespaces, for the response's calls.

Read from the client's raw body: a passed-through request is not parsed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from proxy_core.canonical.request import Tool, ToolKind
from proxy_core.dialects.shared.json_members import decode_raw
from proxy_core.dialects.shared.raw_body import raw_bytes
from proxy_core.dialects.shared.tool_names import ToolNames

_BRINGERS = ("additional_tools", "tool_search_output")
"""Types of items that add tools."""


def client_tool_names(body: Mapping[str, Any] | None) -> ToolNames:
    """Return the names of all tools ``body`` offers, if any of them is in a namespace."""
    if body is None or not any(
        b'"namespace"' in raw_bytes(body, name) for name in ("tools", "input")
    ):
        return ToolNames()
    return ToolNames(_tools(body))


def _tools(body: Mapping[str, Any]) -> Iterable[Tool]:
    yield from _listed(decode_raw(body, "tools"))
    if not any(b'"%b"' % each.encode() in raw_bytes(body, "input") for each in _BRINGERS):
        return
    items = decode_raw(body, "input")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and item.get("type") in _BRINGERS:
            yield from _listed(item.get("tools"))


def _listed(tools: object, namespace: str | None = None) -> Iterable[Tool]:
    for tool in tools if isinstance(tools, list) else ():
        name = tool.get("name") if isinstance(tool, dict) else None
        if not isinstance(name, str):
            continue
        if tool.get("type") == "namespace":
            yield from _listed(tool.get("tools"), name)
        else:
            kind = ToolKind.CUSTOM if tool.get("type") == "custom" else ToolKind.FUNCTION
            yield Tool(name, kind=kind, namespace=namespace)
