"""``/chat/completions``: its messages and tools in the library's words. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.upstream.backends.pi_ai.context.members import (
    Content,
    all_said,
    has_only,
    ids_in,
    image_block,
    is_text,
    text_block,
)
from proxy_core.upstream.backends.pi_ai.context.raws import Raws
from proxy_core.upstream.backends.pi_ai.context.turns import Side, Turn

INSTRUCTIONS = ("system", "developer")


def instruction(message: Any) -> tuple[str, str] | None:
    """Return role and text of a leading instruction that the library can say, else None."""
    if not has_only(message, ("role", "content")) or message["role"] not in INSTRUCTIONS:
        return None
    text = message["content"]
    return (message["role"], text) if is_text(text) else None


def turn_of(raw: str, message: Any, raws: Raws) -> Turn:
    role = message.get("role") if isinstance(message, dict) else None
    if role == "assistant":
        calls = ids_in(message.get("tool_calls"), "id")
        return Turn(Side.ASSISTANT, raw, _assistant(message, raws), calls=calls)
    if role == "tool" and isinstance(message.get("tool_call_id"), str):
        call_id = message["tool_call_id"]
        is_said = has_only(message, ("role", "content", "tool_call_id"))
        said = is_said and isinstance(message["content"], str) and message["content"] != ""
        content = [(call_id, [text_block(message["content"])], False)] if said else None
        return Turn(Side.RESULT, raw, content, results=(call_id,))
    return Turn(Side.USER, raw, _user(message) if role == "user" else None)


def _user(message: dict[str, Any]) -> str | Content | None:
    if not has_only(message, ("role", "content")):
        return None
    content = message["content"]
    if isinstance(content, list):
        return all_said(_part(each) for each in content)
    return content if is_text(content) else None


def _part(part: Any) -> dict[str, Any] | None:
    if has_only(part, ("type", "text")) and part["type"] == "text" and is_text(part["text"]):
        return text_block(part["text"])
    if has_only(part, ("type", "image_url")) and has_only(part["image_url"], ("url",)):
        return image_block(part["image_url"]["url"])
    return None


def _assistant(message: dict[str, Any], raws: Raws) -> Content | None:
    if not has_only(message, ("role", "content"), ("tool_calls",)):
        return None
    content, calls = message["content"], message.get("tool_calls")
    if calls is None:
        return [text_block(content)] if is_text(content) else None
    said = all_said(_call(each, raws) for each in calls) if isinstance(calls, list) else None
    if said is None or not (content is None or is_text(content)):
        return None
    return said if content is None else [text_block(content), *said]


def _call(call: Any, raws: Raws) -> dict[str, Any] | None:
    if not has_only(call, ("id", "type", "function")) or call["type"] != "function":
        return None
    function = call["function"]
    if not has_only(function, ("name", "arguments")) or not isinstance(function["arguments"], str):
        return None
    arguments = raws.value(msgspec.json.encode(function["arguments"]).decode())
    return {
        "type": "toolCall",
        "id": call["id"],
        "name": function["name"],
        "arguments": arguments,
    }


def tool_of(tool: Any) -> dict[str, Any] | None:
    """Return the library's tool; None if it would not be written as it stands."""
    if not has_only(tool, ("type", "function")) or tool["type"] != "function":
        return None
    function = tool["function"]
    return function if has_only(function, ("name", "description", "parameters")) else None
