"""Parses ``tools`` and ``toolConfig``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from proxy_core.canonical.request import Opaque, ServerTool, Tool, ToolChoice, ToolChoiceKind
from proxy_core.dialects.gemini.fields import fields, listed, optional_fields, optional_listed
from proxy_core.dialects.gemini.parse_schema import json_schema
from proxy_core.dialects.gemini.schema import KNOWN_DECLARATION
from proxy_core.dialects.gemini.signatures import GEMINI
from proxy_core.dialects.shared.json_members import (
    as_text,
    join,
    optional_list,
    optional_object,
    optional_text,
    refuse,
    required_text,
)

_FUNCTIONS = "functionDeclarations"
_MODES = {
    "MODE_UNSPECIFIED": ToolChoiceKind.AUTO,
    "AUTO": ToolChoiceKind.AUTO,
    "VALIDATED": ToolChoiceKind.AUTO,
    "ANY": ToolChoiceKind.REQUIRED,
    "NONE": ToolChoiceKind.NONE,
}


def parse_tools(body: Mapping[str, Any]) -> tuple[Tool | ServerTool, ...]:
    """Return the declared functions, and Google's own tools (``googleSearch``) as they are."""
    tools: list[Tool | ServerTool] = []
    for position, item in enumerate(optional_listed(body, "tools", "")):
        path = f"tools[{position}]"
        for name, value in fields(item, path).items():
            if name == _FUNCTIONS:
                where = join(path, name)
                declared = listed(value or [], where)
                tools += [_function(each, f"{where}[{n}]") for n, each in enumerate(declared)]
            elif value is not None:
                text = msgspec.json.encode({name: value}).decode()
                tools.append(ServerTool(name, Opaque(GEMINI, "tool", text)))
    return tuple(tools)


def _function(item: Any, path: str) -> Tool:
    declaration = fields(item, path)
    as_json = optional_object(declaration, "parametersJsonSchema", path)
    stated = optional_object(declaration, "parameters", path)
    return Tool(
        required_text(declaration, "name", path),
        optional_text(declaration, "description", path),
        as_json if as_json is not None else stated and json_schema(stated),
        extra={
            f"{_FUNCTIONS}[].{name}": value
            for name, value in declaration.items()
            if name not in KNOWN_DECLARATION and value is not None
        },
    )


def parse_tool_choice(body: Mapping[str, Any]) -> ToolChoice | None:
    path = "toolConfig"
    config = optional_fields(body, path, path)
    where = join(path, "functionCallingConfig")
    calling = optional_fields(config, "functionCallingConfig", where)
    mode = optional_text(calling, "mode", where)
    allowed = optional_list(calling, "allowedFunctionNames", where) or ()
    names = tuple(
        as_text(each, f"{where}.allowedFunctionNames[{n}]") for n, each in enumerate(allowed)
    )
    if mode is None:
        return None
    kind = _MODES.get(mode.upper())
    if kind is None:
        refuse(join(where, "mode"), f"must be one of {', '.join(_MODES)}, got {mode!r}")
    if not names or kind is ToolChoiceKind.NONE:
        return ToolChoice(kind)
    is_required = kind is ToolChoiceKind.REQUIRED
    if is_required and len(names) == 1:
        return ToolChoice(ToolChoiceKind.TOOL, names)
    return ToolChoice(ToolChoiceKind.ALLOWED, names, required=is_required)
