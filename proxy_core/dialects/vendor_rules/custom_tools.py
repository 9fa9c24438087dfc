"""Custom tools on chat, where upstream supports functions only.

Copilot refused them in January 2026 and, by one source, supports them for some models later; a function
with one text is understood by every model. The answer's calls are converted back when the stream is
written for the client (``openai_chat/write_stream.py``), so such a request is always translated.
"""

from __future__ import annotations

from typing import Any

from proxy_core.canonical.request import Tool, ToolKind
from proxy_core.dialects.shared.tool_names import (
    FREE_TEXT_SCHEMA,
    free_text_description,
    wrap_free_text,
)
from proxy_core.dialects.vendor_rules.outgoing import OutgoingBody, Rule, edit_items

_CUSTOM = "custom"
_CUSTOM_BYTES = b'"custom"'


def chat_custom_tools(body: OutgoingBody) -> None:
    """Convert custom tools, the choice of one, and earlier calls to functions with one text."""
    tools = body.items("tools")
    edited = edit_items(tools, _function)
    if edited is not tools:
        body.write("tools", edited)
    choice = body.read("tool_choice")
    if isinstance(choice, dict) and (plain := _choice(choice)) is not choice:
        body.write("tool_choice", plain)
    if not body.holds("messages", _CUSTOM_BYTES):
        return
    messages = body.items("messages")
    said = edit_items(messages, _message)
    if said is not messages:
        body.write("messages", said)


def _function(tool: dict[str, Any]) -> dict[str, Any]:
    custom = _inner(tool)
    if custom is None:
        return tool
    described = free_text_description(
        Tool(
            str(custom.get("name", "")),
            custom.get("description"),
            kind=ToolKind.CUSTOM,
            grammar=custom.get("format"),
        )
    )
    function: dict[str, Any] = {"name": custom.get("name")}
    if described is not None:
        function["description"] = described
    function["parameters"] = FREE_TEXT_SCHEMA
    rest = {name: value for name, value in tool.items() if name not in ("type", _CUSTOM)}
    return {"type": "function", "function": function, **rest}


def _choice(choice: dict[str, Any]) -> dict[str, Any]:
    """A choice of one tool, or a list of allowed ones."""
    custom = _inner(choice)
    if custom is not None:
        return {"type": "function", "function": {"name": custom.get("name")}}
    allowed = choice.get("allowed_tools")
    if not isinstance(allowed, dict) or not isinstance(listed := allowed.get("tools"), list):
        return choice
    edited = edit_items(listed, _choice)
    return choice if edited is listed else {**choice, "allowed_tools": {**allowed, "tools": edited}}


def _message(message: dict[str, Any]) -> dict[str, Any]:
    calls = message.get("tool_calls")
    if not isinstance(calls, list):
        return message
    edited = edit_items(calls, _call)
    return message if edited is calls else {**message, "tool_calls": edited}


def _call(call: dict[str, Any]) -> dict[str, Any]:
    custom = _inner(call)
    if custom is None:
        return call
    text = custom.get("input")
    arguments = wrap_free_text(text if isinstance(text, str) else "")
    rest = {name: value for name, value in call.items() if name not in ("type", _CUSTOM)}
    return {
        **rest,
        "type": "function",
        "function": {"name": custom.get("name"), "arguments": arguments},
    }


def _inner(holder: dict[str, Any]) -> dict[str, Any] | None:
    """What a custom tool, choice or call holds; None for any other."""
    inner = holder.get(_CUSTOM)
    return inner if holder.get("type") == _CUSTOM and isinstance(inner, dict) else None


CHAT_CUSTOM_TOOLS = Rule(
    "custom tools",
    chat_custom_tools,
    lambda body: (
        body.holds("messages", _CUSTOM_BYTES)
        or body.holds("tools", _CUSTOM_BYTES)
        or body.holds("tool_choice", _CUSTOM_BYTES)
    ),
)
