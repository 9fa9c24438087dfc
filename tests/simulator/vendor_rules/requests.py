"""Bodies as small as a rule allows, for tests that send them raw."""

from __future__ import annotations

import base64
from typing import Any

JPEG = base64.b64encode(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01").decode()
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01").decode()
OBJECT: dict[str, Any] = {"type": "object", "properties": {"place": {"type": "string"}}}


def user(content: Any = "hello") -> dict[str, Any]:
    return {"role": "user", "content": content}


def assistant(content: Any = "hi") -> dict[str, Any]:
    return {"role": "assistant", "content": content}


def properties(**inner: Any) -> dict[str, Any]:
    """An object schema with these properties, open."""
    return {"type": "object", "properties": inner}


def closed(**inner: Any) -> dict[str, Any]:
    """An object schema as strict structured output wants it."""
    return {
        "type": "object",
        "properties": inner,
        "required": list(inner),
        "additionalProperties": False,
    }


def chat_tool(parameters: Any = OBJECT, name: str = "look", **more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": parameters, **more}}


def responses_tool(parameters: Any = OBJECT, name: str = "look", **more: Any) -> dict[str, Any]:
    return {"type": "function", "name": name, "parameters": parameters, **more}


def claude_tool(schema: Any = OBJECT, name: str = "look", **more: Any) -> dict[str, Any]:
    return {"name": name, "input_schema": schema, **more}


def chat_call(call_id: str, arguments: Any = "{}") -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": "look", "arguments": arguments}}


def chat_history(*call_ids: str) -> list[dict[str, Any]]:
    """A question, calls, their results."""
    return [
        user(),
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [chat_call(each) for each in call_ids],
        },
        *({"role": "tool", "tool_call_id": each, "content": "sunny"} for each in call_ids),
    ]


def claude_history(*call_ids: str, results: tuple[str, ...] | None = None) -> list[dict[str, Any]]:
    return [
        user(),
        assistant(
            [{"type": "tool_use", "id": each, "name": "look", "input": {}} for each in call_ids]
        ),
        user(
            [
                {"type": "tool_result", "tool_use_id": each, "content": "sunny"}
                for each in (call_ids if results is None else results)
            ]
        ),
    ]


def responses_history(call_id: str, output: Any = "sunny", **more: Any) -> list[dict[str, Any]]:
    return [
        user(),
        {"type": "function_call", "call_id": call_id, "name": "look", "arguments": "{}", **more},
        {"type": "function_call_output", "call_id": call_id, "output": output},
    ]


def picture(media_type: str, data: str) -> dict[str, Any]:
    """A chat image part."""
    return {"type": "image_url", "image_url": {"url": f"data:{media_type};base64,{data}"}}


def claude_picture(media_type: str, data: str) -> dict[str, Any]:
    source = {"type": "base64", "media_type": media_type, "data": data}
    return {"type": "image", "source": source}


def schema_format(schema: Any, **more: Any) -> dict[str, Any]:
    """A chat ``response_format`` for ``schema``."""
    return {"type": "json_schema", "json_schema": {"name": "person", "schema": schema, **more}}
