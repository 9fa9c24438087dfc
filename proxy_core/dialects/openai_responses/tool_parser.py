"""Tools and tool choice of a request."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.conversation import (
    DialectName,
    Opaque,
    ServerTool,
    Tool,
    ToolChoice,
    ToolChoiceKind,
    ToolKind,
)
from proxy_core.dialects.openai_responses import schema
from proxy_core.dialects.openai_responses.checked_values import (
    array,
    missing,
    optional_flag,
    optional_table,
    optional_text,
    required_text,
    table,
    wrong_type,
    wrong_value,
)

NAMESPACE_DESCRIPTION = "namespace_description"
"""Key in ``Tool.extra`` that carries the description of the tool's namespace."""

_FUNCTION_MEMBERS = {"type", "name", "description", "parameters", "strict"}
_CUSTOM_MEMBERS = {"type", "name", "description", "format"}
_FORMATS = ("text", "grammar")
_CHOICES = ("none", "auto", "required")
_MODES = ("auto", "required")


def parse_tools(value: object, path: str = "tools") -> list[Tool | ServerTool]:
    """Return the tools; those of a namespace stand beside the others and name it."""
    if value is None:
        return []
    tools: list[Tool | ServerTool] = []
    for i, each in enumerate(array(value, path)):
        where = f"{path}[{i}]"
        tool = table(each, where)
        if required_text(tool, "type", where) == "namespace":
            tools.extend(_parse_namespace(tool, where))
        else:
            tools.append(_parse_tool(tool, where))
    return tools


def _parse_namespace(namespace: dict[str, Any], path: str) -> list[Tool]:
    name = required_text(namespace, "name", path)
    description = optional_text(namespace, "description", path)
    if namespace.get("tools") is None:
        raise missing(f"{path}.tools")
    tools = []
    for i, each in enumerate(array(namespace["tools"], f"{path}.tools")):
        where = f"{path}.tools[{i}]"
        tool = _parse_tool(table(each, where), where, name, description)
        if isinstance(tool, ServerTool):
            raise wrong_value(f"{where}.type", tool.kind, ("function", "custom"))
        tools.append(tool)
    return tools


def _parse_tool(
    tool: dict[str, Any],
    path: str,
    namespace: str | None = None,
    namespace_description: str | None = None,
) -> Tool | ServerTool:
    kind = required_text(tool, "type", path)
    if kind == "function":
        return Tool(
            name=required_text(tool, "name", path),
            description=optional_text(tool, "description", path),
            parameters=optional_table(tool, "parameters", path),
            strict=optional_flag(tool, "strict", path),
            namespace=namespace,
            extra=_extra(tool, _FUNCTION_MEMBERS, namespace_description),
        )
    if kind == "custom":
        return Tool(
            name=required_text(tool, "name", path),
            description=optional_text(tool, "description", path),
            kind=ToolKind.CUSTOM,
            grammar=_parse_format(tool, path),
            namespace=namespace,
            extra=_extra(tool, _CUSTOM_MEMBERS, namespace_description),
        )
    data = msgspec.json.encode(tool).decode()
    return ServerTool(
        tool_family(kind), Opaque(DialectName.OPENAI_RESPONSES, schema.KIND_TOOL, data)
    )


def tool_family(tool_type: str) -> str:
    """Return a hosted tool's type without its date (``web_search_preview_2025_03_11``)."""
    family, _, date = tool_type.partition("_20")
    return family if date else tool_type


def _parse_format(tool: dict[str, Any], path: str) -> dict[str, Any] | None:
    """Return the grammar as ``{syntax, definition}``, or None for free text."""
    stated = optional_table(tool, "format", path)
    if stated is None:
        return None
    where = f"{path}.format"
    kind = required_text(stated, "type", where)
    if kind == "text":
        return None
    if kind != "grammar":
        raise wrong_value(f"{where}.type", kind, _FORMATS)
    return {
        "syntax": required_text(stated, "syntax", where),
        "definition": required_text(stated, "definition", where),
    }


def _extra(
    tool: dict[str, Any], known: set[str], namespace_description: str | None
) -> dict[str, Any]:
    extra = {name: value for name, value in tool.items() if name not in known}
    if namespace_description is not None:
        extra[NAMESPACE_DESCRIPTION] = namespace_description
    return extra


def parse_tool_choice(value: object) -> ToolChoice | None:
    """Return the choice. A hosted tool is named by its family, as ``ServerTool.kind`` is."""
    if value is None:
        return None
    if isinstance(value, str):
        if value not in _CHOICES:
            raise wrong_value("tool_choice", value, _CHOICES)
        return ToolChoice(ToolChoiceKind(value))
    if not isinstance(value, dict):
        raise wrong_type("tool_choice", "a string or an object", value)
    kind = required_text(value, "type", "tool_choice")
    if kind == "allowed_tools":
        return _parse_allowed_tools(value)
    if kind in ("function", "custom"):
        name = required_text(value, "name", "tool_choice")
        return ToolChoice(ToolChoiceKind.TOOL, (name,))
    return ToolChoice(ToolChoiceKind.TOOL, (tool_family(kind),))


def _parse_allowed_tools(value: dict[str, Any]) -> ToolChoice:
    mode = required_text(value, "mode", "tool_choice")
    if mode not in _MODES:
        raise wrong_value("tool_choice.mode", mode, _MODES)
    if value.get("tools") is None:
        raise missing("tool_choice.tools")
    names = []
    for i, each in enumerate(array(value["tools"], "tool_choice.tools")):
        where = f"tool_choice.tools[{i}]"
        tool = table(each, where)
        kind = required_text(tool, "type", where)
        if kind in ("function", "custom"):
            names.append(required_text(tool, "name", where))
        else:
            names.append(tool_family(kind))
    return ToolChoice(ToolChoiceKind.ALLOWED, tuple(names), required=mode == "required")


def is_plain_choice(value: object) -> bool:
    """True when :class:`ToolChoice` says all there is to ``value``.

    False for what only this dialect can point at: an MCP server, a hosted tool among allowed ones.
    """
    if not isinstance(value, dict):
        return True
    if value.get("type") == "allowed_tools":
        tools = value.get("tools")
        return isinstance(tools, list) and all(
            isinstance(each, dict) and set(each) == {"type", "name"} for each in tools
        )
    return value.get("type") in ("function", "custom") and set(value) == {"type", "name"}
