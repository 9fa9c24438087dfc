"""Converts OpenAI's client-run tools to functions for other vendors' models.

Codex's shells, ``apply_patch``, ``tool_search`` and the computer have their own types of tools,
calls and outputs. Other models get functions; their calls are converted back to the client's items.
Shapes follow OpenAI's description (``LocalShellToolCall``, ``FunctionShellCallItemParam``,
``ApplyPatchToolCallItemParam``, ``ToolSearchCallItemParam``, ``ComputerToolCall``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from proxy_core.canonical.request import (
    DialectName,
    ImagePart,
    Opaque,
    Part,
    TextPart,
    Tool,
    ToolCallPart,
    ToolResultMessage,
)
from proxy_core.dialects.shared.data_url import parse_data_url
from proxy_core.dialects.shared.tool_names import issued_call_id

_TEXTS = {"type": "array", "items": {"type": "string"}}
_TEXT = {"type": "string"}


@dataclass(frozen=True, slots=True)
class ClientTool:
    """``kind`` is the tool's type, ``<kind>_call`` and ``<kind>_call_output`` its items'.

    ``member`` is the call's member that corresponds to a function's arguments; ``parameters`` is
    their schema; ``fixed`` are further constant members.
    """

    kind: str
    member: str
    description: str
    parameters: dict[str, Any]
    fixed: Mapping[str, Any]
    prefix: str
    """Prefix of its calls' ids."""


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}


_TOOLS = (
    ClientTool(
        "local_shell",
        "action",
        "Runs a command on the user's computer and returns its output.",
        _object(
            ["command"],
            command=_TEXTS | {"description": "The program and its arguments."},
            working_directory=_TEXT,
            timeout_ms={"type": "integer"},
        ),
        {"type": "exec", "env": {}},
        "lsh_",
    ),
    ClientTool(
        "shell",
        "action",
        "Runs shell commands on the user's computer and returns their output.",
        _object(["commands"], commands=_TEXTS, timeout_ms={"type": "integer"}),
        {},
        "sh_",
    ),
    ClientTool(
        "apply_patch",
        "operation",
        "Creates, updates or deletes one file.",
        _object(
            ["type", "path"],
            type={"type": "string", "enum": ["create_file", "update_file", "delete_file"]},
            path=_TEXT,
            diff=_TEXT
            | {"description": "The change as a V4A diff; for a new file every line begins with +."},
        ),
        {},
        "apc_",
    ),
    ClientTool(
        "tool_search",
        "arguments",
        "Finds more tools by what they do.",
        _object(["query"], query=_TEXT),
        {},
        "tsc_",
    ),
    ClientTool("computer", "action", "Acts on the screen.", _object([]), {}, "cu_"),
)
_BY_KIND = {tool.kind: tool for tool in _TOOLS}
_BY_CALL = {f"{tool.kind}_call": tool for tool in _TOOLS}
_OUTPUTS = {f"{tool.kind}_call_output": tool for tool in _TOOLS} | {
    "tool_search_output": _BY_KIND["tool_search"]
}
OFFERED = frozenset({"local_shell", "shell", "apply_patch", "tool_search"})
"""Those offered to other vendors' models; only OpenAI's models can use the computer."""


def parse_tool(tool: dict[str, Any]) -> Tool | None:
    """Return a declared tool as a function for other models; None for any other tool."""
    known = _BY_KIND.get(str(tool.get("type")))
    if known is None or known.kind not in OFFERED or not _is_clients(tool):
        return None
    description, parameters = tool.get("description"), tool.get("parameters")
    return Tool(
        name=known.kind,
        description=description if isinstance(description, str) else known.description,
        parameters=parameters if isinstance(parameters, dict) else known.parameters,
        native=_opaque(tool, known.kind),
    )


def parse_call(item: dict[str, Any], kind: str) -> ToolCallPart | None:
    """Return such a call as a function call; None for other items and calls without output."""
    known, call_id = _BY_CALL.get(kind), _call_id(item)
    if known is None or call_id is None or not _is_clients(item):
        return None
    stated = item.get(known.member)
    arguments = stated if isinstance(stated, dict) else {}
    variable = {name: each for name, each in arguments.items() if known.fixed.get(name) != each}
    text = msgspec.json.encode(variable).decode()
    return ToolCallPart(call_id, known.kind, text, native=_opaque(item, kind))


def parse_output(item: dict[str, Any], kind: str) -> ToolResultMessage | None:
    """Return such an output as a function's result; None as for ``parse_call``."""
    known, call_id = _OUTPUTS.get(kind), _call_id(item)
    if known is None or call_id is None or not _is_clients(item):
        return None
    content = _found_tools(item) if known.kind == "tool_search" else _output(item)
    return ToolResultMessage(
        call_id,
        content,
        is_error=item.get("status") == "failed",
        tool_name=known.kind,
        native=_opaque(item, kind),
    )


def found_tools(item: Mapping[str, Any], kind: str) -> object:
    """Return the tools that an item added to the conversation, or None."""
    return item.get("tools") if kind == "tool_search_output" else None


def call_item(native: Opaque, call_id: str, arguments: str, item_id: str) -> dict[str, Any]:
    """Return the client's item for a call of the function that represents ``native``."""
    known = _BY_KIND[native.kind]
    try:
        stated = msgspec.json.decode(arguments or "{}")
    except msgspec.DecodeError:
        stated = {"input": arguments}
    stated = {**known.fixed, **stated} if isinstance(stated, dict) else stated
    item = {
        "type": f"{known.kind}_call",
        "id": item_id,
        "call_id": call_id,
        "status": "completed",
        known.member: stated,
    }
    return item | {"execution": "client"} if known.kind == "tool_search" else item


def item_id_prefix(native: Opaque) -> str:
    return _BY_KIND[native.kind].prefix


def _is_clients(value: Mapping[str, Any]) -> bool:
    """False for tools OpenAI runs itself: its own search, a shell in its container."""
    environment = value.get("environment")
    kind = environment.get("type") if isinstance(environment, dict) else None
    return value.get("execution") != "server" and kind in (None, "local")


def _call_id(item: Mapping[str, Any]) -> str | None:
    """``local_shell_call_output`` names its call by ``id`` in OpenAI's description."""
    is_local_shell = str(item.get("type")).startswith("local_shell_call")
    for name in ("call_id", "id") if is_local_shell else ("call_id",):
        value = item.get(name)
        if isinstance(value, str) and value:
            return issued_call_id(value)
    return None


def _output(item: Mapping[str, Any]) -> tuple[Part, ...]:
    output = item.get("output")
    if isinstance(output, str):
        return (TextPart(output),)
    if isinstance(output, list):
        return (TextPart("\n".join(_command_output(each) for each in output)),)
    if isinstance(output, dict) and isinstance(url := output.get("image_url"), str):
        inline = parse_data_url(url)
        return (ImagePart(*inline) if inline is not None else ImagePart(url=url),)
    if output is not None:
        return (TextPart(msgspec.json.encode(output).decode()),)
    return (TextPart(str(item.get("status") or "completed")),)


def _command_output(piece: object) -> str:
    """Return the output of one command of a shell call, and its failure, if any."""
    if not isinstance(piece, dict):
        return str(piece)
    lines = [str(piece[name]) for name in ("stdout", "stderr", "text") if piece.get(name)]
    outcome = piece.get("outcome")
    if isinstance(outcome, dict) and outcome.get("type") == "timeout":
        lines.append("[timed out]")
    elif isinstance(outcome, dict) and outcome.get("exit_code"):
        lines.append(f"[exit code {outcome['exit_code']}]")
    return "\n".join(lines)


def _found_tools(item: Mapping[str, Any]) -> tuple[Part, ...]:
    tools = item.get("tools")
    names = [
        str(tool.get("name"))
        for tool in (tools if isinstance(tools, list) else ())
        if isinstance(tool, dict)
    ]
    if not names:
        return (TextPart("No tools were found."),)
    return (TextPart(f"These tools are available now: {', '.join(names)}."),)


def _opaque(value: Mapping[str, Any], kind: str) -> Opaque:
    return Opaque(DialectName.OPENAI_RESPONSES, kind, msgspec.json.encode(value).decode())
