"""Tools and tool choice of a request."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.canonical.request import (
    DialectName,
    Opaque,
    ServerTool,
    Tool,
    ToolChoice,
    ToolChoiceKind,
    ToolKind,
)
from proxy_core.dialects.openai_responses import schema
from proxy_core.dialects.openai_responses.tools import client_tools
from proxy_core.dialects.shared.json_members import (
    as_list,
    as_object,
    one_of,
    optional_bool,
    optional_object,
    optional_text,
    required_list,
    required_text,
    wrong_type,
)

_FUNCTION_MEMBERS = {"type", "name", "description", "parameters", "strict"}
_CUSTOM_MEMBERS = {"type", "name", "description", "format"}
_CHOICES = ("none", "auto", "required")


def parse_tools(value: object, path: str = "tools") -> list[Tool | ServerTool]:
    """Return the tools; those of a namespace are flattened and name it."""
    if value is None:
        return []
    tools: list[Tool | ServerTool] = []
    for i, each in enumerate(as_list(value, path)):
        where = f"{path}[{i}]"
        tool = as_object(each, where)
        if required_text(tool, "type", where) == "namespace":
            tools.extend(_parse_namespace(tool, where))
        else:
            tools.append(_parse_tool(tool, where))
    return tools


def _parse_namespace(namespace: dict[str, Any], path: str) -> list[Tool]:
    name = required_text(namespace, "name", path)
    description = optional_text(namespace, "description", path)
    tools = []
    for i, each in enumerate(required_list(namespace, "tools", path)):
        where = f"{path}.tools[{i}]"
        tool = as_object(each, where)
        one_of(required_text(tool, "type", where), ("function", "custom"), f"{where}.type")
        tools.append(_parse_own_tool(tool, where, name, description))
    return tools


def _parse_tool(tool: dict[str, Any], path: str) -> Tool | ServerTool:
    kind = required_text(tool, "type", path)
    if kind in ("function", "custom"):
        return _parse_own_tool(tool, path)
    known = client_tools.parse_tool(tool)
    if known is not None:
        return known
    data = msgspec.json.encode(tool).decode()
    return ServerTool(
        tool_family(kind), Opaque(DialectName.OPENAI_RESPONSES, schema.KIND_TOOL, data)
    )


def _parse_own_tool(
    tool: dict[str, Any],
    path: str,
    namespace: str | None = None,
    namespace_description: str | None = None,
) -> Tool:
    is_custom = tool["type"] == "custom"
    known = _CUSTOM_MEMBERS if is_custom else _FUNCTION_MEMBERS
    return Tool(
        name=required_text(tool, "name", path),
        description=optional_text(tool, "description", path),
        parameters=None if is_custom else optional_object(tool, "parameters", path),
        kind=ToolKind.CUSTOM if is_custom else ToolKind.FUNCTION,
        strict=None if is_custom else optional_bool(tool, "strict", path),
        grammar=_parse_format(tool, path) if is_custom else None,
        namespace=namespace,
        extra={name: value for name, value in tool.items() if name not in known},
        namespace_description=namespace_description,
    )


def tool_family(tool_type: str) -> str:
    """Return a hosted tool's type without its date (``web_search_preview_2025_03_11``)."""
    family, _, date = tool_type.partition("_20")
    return family if date else tool_type


def _parse_format(tool: dict[str, Any], path: str) -> dict[str, Any] | None:
    """Return the grammar as ``{syntax, definition}``, or None for free text."""
    stated = optional_object(tool, "format", path)
    if stated is None:
        return None
    where = f"{path}.format"
    kind = one_of(required_text(stated, "type", where), ("text", "grammar"), f"{where}.type")
    if kind == "text":
        return None
    return {
        "syntax": required_text(stated, "syntax", where),
        "definition": required_text(stated, "definition", where),
    }


def parse_tool_choice(value: object) -> ToolChoice | None:
    """Return the choice. A hosted tool is named by its family, as ``ServerTool.kind`` is."""
    if value is None:
        return None
    if isinstance(value, str):
        return ToolChoice(ToolChoiceKind(one_of(value, _CHOICES, "tool_choice")))
    if not isinstance(value, dict):
        wrong_type("tool_choice", "a string or an object", value)
    if required_text(value, "type", "tool_choice") == "allowed_tools":
        return _parse_allowed_tools(value)
    return ToolChoice(ToolChoiceKind.TOOL, (_parse_named(value, "tool_choice"),))


def _parse_allowed_tools(value: dict[str, Any]) -> ToolChoice:
    mode = required_text(value, "mode", "tool_choice")
    one_of(mode, ("auto", "required"), "tool_choice.mode")
    names = []
    for i, each in enumerate(required_list(value, "tools", "tool_choice")):
        where = f"tool_choice.tools[{i}]"
        names.append(_parse_named(as_object(each, where), where))
    return ToolChoice(ToolChoiceKind.ALLOWED, tuple(names), required=mode == "required")


def _parse_named(value: dict[str, Any], path: str) -> str:
    kind = required_text(value, "type", path)
    if kind in ("function", "custom"):
        return required_text(value, "name", path)
    return tool_family(kind)


def is_plain_choice(value: object) -> bool:
    """True if :class:`ToolChoice` expresses ``value`` completely.

    False for references specific to this dialect: an MCP server, a hosted tool among allowed ones.
    """
    if not isinstance(value, dict):
        return True
    if value.get("type") == "allowed_tools":
        tools = value.get("tools")
        return isinstance(tools, list) and all(
            isinstance(each, dict) and set(each) == {"type", "name"} for each in tools
        )
    if value.get("type") in client_tools.OFFERED:
        return set(value) == {"type"}
    return value.get("type") in ("function", "custom") and set(value) == {"type", "name"}
