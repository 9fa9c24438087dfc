"""What a chat conversation says that the canonical one has no place for, by the client's names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from proxy_core.dialects.shared.json_members import members_beyond

_MARKS = frozenset({"cache_control", "copilot_cache_control", "prompt_cache_breakpoint"})
_EVERY = frozenset({"role", "content"}) | _MARKS
_MESSAGES = {
    "system": _EVERY,
    "developer": _EVERY,
    "user": _EVERY | {"name"},
    "assistant": _EVERY
    | {"name", "refusal", "audio", "tool_calls", "function_call"}
    | {"reasoning_text", "reasoning_content", "reasoning", "cot_summary", "reasoning_opaque"}
    # The same thinking once more, under other servers' names.
    | {"reasoning_details", "thinking_blocks", "annotations", "provider_specific_fields"},
    "tool": _EVERY | {"tool_call_id", "name"},
    "function": _EVERY | {"name"},
}
_PARTS = {
    "text": frozenset({"type", "text"}) | _MARKS,
    "image_url": frozenset({"type", "image_url"}) | _MARKS,
    "file": frozenset({"type", "file"}) | _MARKS,
}
_MARK = frozenset({"mode"})
_TOOL = frozenset({"type", "function", "custom"}) | _MARKS
_CUSTOM = frozenset({"name", "description", "format"})


def left_out_members(messages: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield each such member with its value: ``messages[].system.name``."""
    for message in messages:
        role = message.get("role") if isinstance(message, dict) else None
        known = _MESSAGES.get(role) if isinstance(role, str) else None
        if known is None:
            continue
        yield from members_beyond(message, known, f"messages[].{role}")
        content = message.get("content")
        for part in content if isinstance(content, list) else ():
            kind = part.get("type") if isinstance(part, dict) else None
            if isinstance(kind, str) and kind in _PARTS:
                place = f"messages[].content[].{kind}"
                yield from members_beyond(part, _PARTS[kind], place)
                mark = part.get("prompt_cache_breakpoint")
                if isinstance(mark, dict):
                    yield from members_beyond(mark, _MARK, f"{place}.prompt_cache_breakpoint")


def left_out_of_tools(tools: object) -> Iterator[tuple[str, Any]]:
    """Yield what tools say beside their definition."""
    for tool in tools if isinstance(tools, list) else ():
        if not isinstance(tool, dict) or tool.get("type") not in ("function", "custom"):
            continue
        yield from members_beyond(tool, _TOOL, "tools[]")
        custom = tool.get("custom")
        if isinstance(custom, dict):
            yield from members_beyond(custom, _CUSTOM, "tools[].custom")
