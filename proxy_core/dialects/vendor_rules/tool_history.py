"""Adds tool definitions to a conversation that used tools but declares none.

Clients do this when they ask for a summary or a title. Claude refuses it: “Requests which have
`tool_use` or `tool_result` blocks in messages must define tools” (Anthropic), “The toolConfig field
must be defined when using toolUse and toolResult content blocks” (Bedrock). The definitions are
made from the calls, and none of them may be called: the client offered no tool.
"""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint
from proxy_core.dialects.vendor_rules.outgoing import OutgoingBody, Rule

DESCRIPTION = "A tool that was used earlier in this conversation."


def tools_from_history(body: OutgoingBody) -> None:
    is_chat = body.target.endpoint is Endpoint.CHAT_COMPLETIONS
    if body.read("tools"):
        return
    arguments: dict[str, dict[str, None]] = {}
    for message in body.items("messages"):
        for name, given in _chat_calls(message) if is_chat else _claude_calls(message):
            arguments.setdefault(name, {}).update(dict.fromkeys(given))
    if not arguments:
        return
    schemas = {
        name: {"type": "object", "properties": {key: {} for key in given}}
        for name, given in arguments.items()
    }
    if is_chat:
        body.write(
            "tools",
            [
                {
                    "type": "function",
                    "function": {"name": name, "description": DESCRIPTION, "parameters": schema},
                }
                for name, schema in schemas.items()
            ],
        )
        body.write("tool_choice", "none")
        return
    body.write(
        "tools",
        [
            {"name": name, "description": DESCRIPTION, "input_schema": schema}
            for name, schema in schemas.items()
        ],
    )
    body.write("tool_choice", {"type": "none"})


def _claude_calls(message: object) -> list[tuple[str, dict[str, Any]]]:
    content = message.get("content") if isinstance(message, dict) else None
    blocks = content if isinstance(content, list) else []
    found = []
    for block in blocks:
        if isinstance(block, dict) and block.get("type") == "tool_use":
            name, given = block.get("name"), block.get("input")
            if isinstance(name, str):
                found.append((name, given if isinstance(given, dict) else {}))
    return found


def _chat_calls(message: object) -> list[tuple[str, dict[str, Any]]]:
    calls = message.get("tool_calls") if isinstance(message, dict) else None
    found = []
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            found.append((function["name"], _object(function.get("arguments"))))
    return found


def _object(arguments: object) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(arguments) if isinstance(arguments, str) else arguments
    except msgspec.DecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _has_calls_alone(body: OutgoingBody) -> bool:
    stated = body.text("tools")
    offers = body.read("tools") if stated is None else stated.strip() not in (b"[]", b"null")
    return not offers and body.holds("messages", b'"tool_use"', b'"tool_calls"')


TOOL_HISTORY = Rule("tools of the history", tools_from_history, _has_calls_alone)
