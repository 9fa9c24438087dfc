"""Renders tools and tool choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from proxy_core.canonical.model import Model
from proxy_core.canonical.request import (
    DialectName,
    ServerTool,
    Tool,
    ToolChoice,
    ToolChoiceKind,
    ToolKind,
)
from proxy_core.dialects.openai_responses import schema
from proxy_core.dialects.shared.tool_names import wire_name
from proxy_core.errors import BadRequest

_NO_PARAMETERS: dict[str, Any] = {"type": "object", "properties": {}}


def render_tools(tools: Iterable[Tool | ServerTool], *, with_extra: bool) -> list[dict[str, Any]]:
    """Return the tools; those of one namespace are grouped at its first one's position.

    ``with_extra`` restores members specific to this dialect: false for a request parsed from
    another one.
    """
    rendered: list[dict[str, Any]] = []
    namespaces: dict[str, list[dict[str, Any]]] = {}
    for tool in tools:
        if isinstance(tool, ServerTool):
            rendered.append(_render_server_tool(tool))
        elif with_extra and tool.is_found:
            continue  # The search's result contains it, and upstream reads it there.
        elif tool.native is not None and tool.native.dialect is DialectName.OPENAI_RESPONSES:
            rendered.append(msgspec.json.decode(tool.native.data))
        elif tool.namespace is None:
            rendered.append(_render_tool(tool, with_extra=with_extra))
        elif tool.namespace in namespaces:
            namespaces[tool.namespace].append(_render_tool(tool, with_extra=with_extra))
        else:
            members = namespaces[tool.namespace] = [_render_tool(tool, with_extra=with_extra)]
            rendered.append(
                {
                    "type": "namespace",
                    "name": tool.namespace,
                    "description": namespace_description(tool),
                    "tools": members,
                }
            )
    return rendered


def namespace_description(tool: Tool) -> str:
    """Return the description of the tool's namespace: upstream refuses an empty one."""
    return tool.namespace_description or f"Tools of {tool.namespace}."


def _render_tool(tool: Tool, *, with_extra: bool) -> dict[str, Any]:
    rendered: dict[str, Any] = {"type": tool.kind.value, "name": wire_name(tool.name)}
    if tool.description is not None:
        rendered["description"] = tool.description
    if tool.kind is ToolKind.CUSTOM:
        grammar = _grammar(tool)
        if grammar is not None:
            rendered["format"] = {"type": "grammar", **grammar}
    else:
        rendered["parameters"] = _NO_PARAMETERS if tool.parameters is None else tool.parameters
        # Absent means strict in this API, and a schema not written for it would be refused.
        rendered["strict"] = bool(tool.strict)
    if with_extra:
        rendered.update(tool.extra)
    return rendered


def _grammar(tool: Tool) -> Mapping[str, Any] | None:
    """Return ``{syntax, definition}``: chat nests the two one level deeper."""
    if tool.grammar is None or "definition" in tool.grammar:
        return tool.grammar
    return tool.grammar.get("grammar")


def _render_server_tool(tool: ServerTool) -> dict[str, Any]:
    item: dict[str, Any] = msgspec.json.decode(tool.item.data)
    if tool.item.dialect is DialectName.OPENAI_RESPONSES:
        return item
    rendered: dict[str, Any] = {"type": "web_search"}
    if item.get("allowed_domains"):
        rendered["filters"] = {"allowed_domains": item["allowed_domains"]}
    if item.get("user_location"):
        rendered["user_location"] = item["user_location"]
    return rendered


def usable_tools(
    tools: Iterable[Tool | ServerTool], choice: ToolChoice | None, model: Model
) -> tuple[list[Tool | ServerTool], list[str]]:
    """Return the tools this model supports, and the names of those removed.

    Raises: BadRequest: the client forces a removed tool, or there is no other.
    """
    usable: list[Tool | ServerTool] = []
    dropped = []
    missing = ""
    forced = choice.names if choice is not None and choice.kind is ToolChoiceKind.TOOL else ()
    for position, tool in enumerate(tools):
        if isinstance(tool, Tool) or _can_run(tool, model):
            usable.append(tool)
            continue
        if tool.kind in forced:
            raise tool_missing(tool.kind, model, "tool_choice")
        dropped.append(f"tools[{position}] ({tool.kind})")
        missing = tool.kind
    if dropped and not usable:
        raise tool_missing(missing, model, "tools")
    return usable, dropped


def tool_missing(kind: str, model: Model, param: str) -> BadRequest:
    """Return the error for a required tool that is not supported: it is forced, or the only one."""
    return BadRequest(
        f"The tool '{kind}' is not available with the model '{model.id}' on GitHub Copilot.",
        code="unsupported_value",
        param=param,
    )


def _can_run(tool: ServerTool, model: Model) -> bool:
    if tool.item.dialect is DialectName.OPENAI_RESPONSES:
        return schema.runs_tool(model, tool.kind)
    return tool.kind == "web_search" and model.supports.web_search


def render_tool_choice(choice: ToolChoice, tools: Iterable[Tool | ServerTool]) -> object:
    types = {}
    for tool in tools:
        if isinstance(tool, ServerTool):
            types[tool.kind] = _render_server_tool(tool)["type"]
        else:
            types[tool.name] = tool.native.kind if tool.native is not None else tool.kind.value
    if choice.kind is ToolChoiceKind.TOOL:
        return _render_named(choice.names[0], types)
    if choice.kind is ToolChoiceKind.ALLOWED:
        return {
            "type": "allowed_tools",
            "mode": "required" if choice.required else "auto",
            "tools": [_render_named(name, types) for name in choice.names],
        }
    return choice.kind.value


def _render_named(name: str, types: Mapping[str, str]) -> dict[str, str]:
    kind = types.get(name, "function")
    if kind in ("function", "custom"):
        return {"type": kind, "name": wire_name(name)}
    return {"type": kind}
