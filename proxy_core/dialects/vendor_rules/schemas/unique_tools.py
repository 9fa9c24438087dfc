"""Offers each tool once: clients with several MCP servers declare the same one twice.

“tools: Tool names must be unique.” (Anthropic), “Duplicate function declaration found: …” (Google).
OpenAI's models accept it.
"""

from __future__ import annotations

from typing import Any

from proxy_core.dialects.vendor_rules.outgoing import OutgoingBody, Rule


def unique_tools(body: OutgoingBody) -> None:
    """Keep the first tool of each name."""
    tools = body.items("tools")
    seen: set[str] = set()
    kept: list[Any] = []
    for tool in tools:
        name = _name(tool)
        if name is None or name not in seen:
            kept.append(tool)
        if name is not None:
            seen.add(name)
    if len(kept) < len(tools):
        body.write("tools", kept)
        body.drop("tools[] (declared twice)")


def _name(tool: object) -> str | None:
    if not isinstance(tool, dict):
        return None
    function = tool.get("function")
    name = function.get("name") if isinstance(function, dict) else tool.get("name")
    return name if isinstance(name, str) else None


UNIQUE_TOOLS = Rule("each tool once", unique_tools, when_refused=True)
