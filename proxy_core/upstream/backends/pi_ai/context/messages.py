"""``/v1/messages``: its messages and tools in the library's words. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.upstream.backends.pi_ai.context.members import (
    Content,
    all_said,
    has_only,
    ids_in,
    is_text,
    text_block,
)
from proxy_core.upstream.backends.pi_ai.context.raws import Raws
from proxy_core.upstream.backends.pi_ai.context.turns import Side, Turn


def turn_of(raw: str, message: Any, raws: Raws) -> Turn:
    role = message.get("role") if isinstance(message, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    blocks = (
        [each for each in content if isinstance(each, dict)] if isinstance(content, list) else []
    )
    is_plain = has_only(message, ("role", "content"))
    if role == "assistant":
        calls = ids_in([each for each in blocks if each.get("type") == "tool_use"], "id")
        said = _assistant(content, raws) if is_plain else None
        return Turn(Side.ASSISTANT, raw, said, calls=calls)
    results = [each for each in blocks if each.get("type") == "tool_result"]
    if role == "user" and results:
        ids = tuple(str(each.get("tool_use_id")) for each in results)
        is_said = is_plain and len(results) == len(content or ())
        said_results = [_result(each) for each in results] if is_said else [None]
        content = None if None in said_results else said_results
        return Turn(Side.RESULT, raw, content, results=ids)
    return Turn(Side.USER, raw, _user(content) if is_plain and role == "user" else None)


def _user(content: Any) -> str | Content | None:
    if isinstance(content, list):
        return all_said(_block(each) for each in content)
    return content if is_text(content) else None


def _block(block: Any) -> dict[str, Any] | None:
    if has_only(block, ("type", "text")) and block["type"] == "text" and is_text(block["text"]):
        return text_block(block["text"])
    if has_only(block, ("type", "source")) and block["type"] == "image":
        source = block["source"]
        if has_only(source, ("type", "media_type", "data")) and source["type"] == "base64":
            return {"type": "image", "mimeType": source["media_type"], "data": source["data"]}
    return None


def _assistant(content: Any, raws: Raws) -> Content | None:
    if isinstance(content, list):
        return all_said(_assistant_block(each, raws) for each in content)
    return [text_block(content)] if is_text(content) else None


def _assistant_block(block: Any, raws: Raws) -> dict[str, Any] | None:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind == "thinking" and has_only(block, ("type", "thinking", "signature")):
        if not is_text(block["thinking"]) or not is_text(block["signature"]):
            return None  # the library leaves it out, or makes it text
        return {
            "type": "thinking",
            "thinking": block["thinking"],
            "thinkingSignature": block["signature"],
        }
    if kind == "redacted_thinking" and has_only(block, ("type", "data")):
        return {
            "type": "thinking",
            "thinking": "",
            "thinkingSignature": block["data"],
            "redacted": True,
        }
    if kind == "tool_use" and has_only(block, ("type", "id", "name", "input")):
        arguments = raws.value(msgspec.json.encode(block["input"]).decode())
        return {
            "type": "toolCall",
            "id": block["id"],
            "name": block["name"],
            "arguments": arguments,
        }
    return _block(block) if kind == "text" else None


def _result(block: dict[str, Any]) -> tuple[str, Content, bool] | None:
    if not has_only(block, ("type", "tool_use_id", "content"), ("is_error",)):
        return None
    is_error = block.get("is_error", False)
    content = block["content"]
    if isinstance(content, str) and content and isinstance(is_error, bool):
        return block["tool_use_id"], [text_block(content)], is_error
    said = all_said(_block(each) for each in content) if isinstance(content, list) else None
    if said is None or not isinstance(is_error, bool):
        return None
    texts = sum(each["type"] == "text" for each in said)
    has_images = texts < len(said)
    # Several texts without an image would be joined; an image without a text gets one.
    if texts != 1 and not (has_images and texts):
        return None
    return block["tool_use_id"], said, is_error


def tool_of(tool: Any) -> dict[str, Any] | None:
    """Return the library's tool; None if it would not be written as it stands."""
    if not has_only(tool, ("name", "description", "input_schema")):
        return None
    schema = tool["input_schema"]
    if not has_only(schema, ("type", "properties", "required")) or schema["type"] != "object":
        return None  # the library keeps no other member of a schema
    return {
        "name": tool["name"],
        "description": tool["description"],
        "parameters": schema,
    }
