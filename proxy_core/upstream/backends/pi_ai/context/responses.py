"""``/responses``: its items and tools in the library's words. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.upstream.backends.pi_ai.context.members import (
    Content,
    all_said,
    has_only,
    image_block,
    is_text,
    text_block,
)
from proxy_core.upstream.backends.pi_ai.context.raws import Raws
from proxy_core.upstream.backends.pi_ai.context.turns import Side, Turn

LONGEST_ID = 64
PHASES = (None, "commentary", "final_answer")


def instruction(item: Any) -> tuple[str, str] | None:
    """Return role and text of a leading instruction that the library can say, else None."""
    if not has_only(item, ("role", "content"), ("type",)):
        return None
    if item["role"] not in ("system", "developer") or item.get("type", "message") != "message":
        return None
    return (item["role"], item["content"]) if is_text(item["content"]) else None


def turn_of(raw: str, item: Any, raws: Raws) -> Turn:
    members = item if isinstance(item, dict) else {}
    kind = members.get("type", "message")
    call_id = members.get("call_id")
    if kind == "message":
        if members.get("role") == "assistant":
            return Turn(Side.ASSISTANT, raw, _assistant(members))
        return Turn(Side.USER, raw, _user(members) if members.get("role") == "user" else None)
    if kind == "reasoning":
        signature = {"type": "thinking", "thinking": "", "thinkingSignature": raw}
        return Turn(Side.ASSISTANT, raw, [signature])
    if kind == "function_call":
        said = _call(members, raws)
        calls = () if said is None else (members["call_id"],)
        return Turn(Side.ASSISTANT, raw, said, calls=calls)
    if isinstance(kind, str) and kind.endswith("_output") and isinstance(call_id, str):
        said_result = _result(members) if kind == "function_call_output" else None
        return Turn(Side.RESULT, raw, said_result, results=(call_id,))
    side = Side.ASSISTANT if isinstance(kind, str) and kind.endswith("_call") else Side.USER
    return Turn(side, raw)


def _user(item: dict[str, Any]) -> str | Content | None:
    if not has_only(item, ("role", "content"), ("type",)):
        return None
    content = item["content"]
    if isinstance(content, list):
        return all_said(_part(each) for each in content)
    return content if is_text(content) else None


def _part(part: Any) -> dict[str, Any] | None:
    if has_only(part, ("type", "text")) and part["type"] == "input_text" and is_text(part["text"]):
        return text_block(part["text"])
    if has_only(part, ("type", "image_url"), ("detail",)) and part["type"] == "input_image":
        return image_block(part["image_url"]) if part.get("detail", "auto") == "auto" else None
    return None


def _assistant(item: dict[str, Any]) -> Content | None:
    if not has_only(item, ("type", "role", "content", "id", "status"), ("phase",)):
        return None
    item_id, phase, content = item["id"], item.get("phase"), item["content"]
    if item["status"] != "completed" or phase not in PHASES or not isinstance(item_id, str):
        return None
    if not isinstance(content, list) or len(content) != 1 or not 0 < len(item_id) <= LONGEST_ID:
        return None
    part = content[0]
    if not has_only(part, ("type", "text", "annotations")) or part["type"] != "output_text":
        return None
    if part["annotations"] or not isinstance(part["text"], str):
        return None
    signature = {"v": 1, "id": item_id, **({"phase": phase} if phase else {})}
    return [{**text_block(part["text"]), "textSignature": msgspec.json.encode(signature).decode()}]


def _call(item: dict[str, Any], raws: Raws) -> Content | None:
    if not has_only(item, ("type", "call_id", "name", "arguments"), ("id",)):
        return None
    call_id, item_id, arguments = item["call_id"], item.get("id"), item["arguments"]
    if not isinstance(call_id, str) or "|" in call_id or not isinstance(arguments, str):
        return None
    if "id" in item and (not isinstance(item_id, str) or not item_id.startswith("fc_")):
        return None  # the library leaves out any other id
    return [
        {
            "type": "toolCall",
            "id": call_id if item_id is None else f"{call_id}|{item_id}",
            "name": item["name"],
            "arguments": raws.value(msgspec.json.encode(arguments).decode()),
        }
    ]


def _result(item: dict[str, Any]) -> list[tuple[str, Content, bool]] | None:
    if not has_only(item, ("type", "call_id", "output")) or "|" in item["call_id"]:
        return None
    output = item["output"]
    if not isinstance(output, str) or not output:
        return None
    return [(item["call_id"], [text_block(output)], False)]


def tool_of(tool: Any) -> dict[str, Any] | None:
    """Return the library's tool; None if it would not be written as it stands."""
    if not has_only(tool, ("type", "name", "description", "parameters", "strict")):
        return None
    if tool["type"] != "function" or tool["strict"] is not False:
        return None
    return {name: tool[name] for name in ("name", "description", "parameters")}
