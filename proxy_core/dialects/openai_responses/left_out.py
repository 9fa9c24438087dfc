"""What input items say that the canonical conversation has no place for, by the client's names.

Ids of items are not among it: they name an item to the API that stores it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from proxy_core.dialects.openai_responses.schema import ITEM_BOOKKEEPING
from proxy_core.dialects.shared.json_members import members_beyond

_EVERY = frozenset({"type", "id"}) | frozenset(ITEM_BOOKKEEPING)
_CALL = _EVERY | {"call_id", "name", "namespace"}
_OUTPUT = _EVERY | {"call_id", "output", "name", "namespace"}
_ITEMS = {
    "message": _EVERY | {"role", "content", "phase"},
    "function_call": _CALL | {"arguments"},
    "custom_tool_call": _CALL | {"input"},
    "function_call_output": _OUTPUT,
    "custom_tool_call_output": _OUTPUT,
    # Sent as text or as a function's call; the text is written by ``tools.vendor_items``.
    "mcp_call": _EVERY | {"server_label", "name", "arguments", "output", "error"},
    "mcp_approval_response": _EVERY | {"approval_request_id", "approve", "reason"},
    "code_interpreter_call": _EVERY | {"code", "outputs", "container_id"},
    "file_search_call": _EVERY | {"queries", "results"},
    "image_generation_call": _EVERY | {"revised_prompt"},
    "program_output": _EVERY | {"call_id", "output", "result"},
    "shell_call": _EVERY | {"call_id", "action"},
    "shell_call_output": _EVERY | {"call_id", "output"},
    "local_shell_call": _EVERY | {"call_id", "action"},
    "local_shell_call_output": _EVERY | {"call_id", "output"},
    "apply_patch_call": _EVERY | {"call_id", "operation"},
    "apply_patch_call_output": _EVERY | {"call_id", "output", "status"},
    "tool_search_call": _EVERY | {"call_id", "execution", "arguments"},
    "tool_search_output": _EVERY | {"call_id", "execution", "tools"},
}
_PARTS = {
    "input_text": frozenset({"type", "text", "prompt_cache_breakpoint"}),
    "output_text": frozenset({"type", "text", "annotations", "logprobs"}),
    "input_image": frozenset({"type", "image_url", "file_id", "detail", "prompt_cache_breakpoint"}),
    "input_file": frozenset(
        {"type", "file_data", "file_url", "file_id", "filename", "prompt_cache_breakpoint"}
    ),
}


_MARK = frozenset({"mode"})
_TOOLS = {
    "shell": frozenset({"type", "environment"}),
    "local_shell": frozenset({"type"}),
    "apply_patch": frozenset({"type"}),
    "tool_search": frozenset({"type", "description", "parameters", "execution"}),
}
"""Tools that are functions for other vendors' models; others are named by their ``extra``."""


def left_out_of_tools(tools: object) -> Iterator[tuple[str, Any]]:
    """Yield what a tool says that its stand-in cannot: ``tools[].shell.environment.skills``."""
    for tool in tools if isinstance(tools, list) else ():
        kind = tool.get("type") if isinstance(tool, dict) else None
        if not isinstance(kind, str) or kind not in _TOOLS:
            continue
        yield from members_beyond(tool, _TOOLS[kind], f"tools[].{kind}")
        environment = tool.get("environment")
        if isinstance(environment, dict):
            place = f"tools[].{kind}.environment"
            yield from members_beyond(environment, frozenset({"type"}), place)


def left_out_members(items: object) -> Iterator[tuple[str, Any]]:
    """Yield each such member with its value: ``input[].function_call.async``."""
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield from _of_item(item)


def _of_item(item: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    kind = item.get("type", "message" if "role" in item else None)
    known = _ITEMS.get(kind) if isinstance(kind, str) else None
    if known is not None:
        yield from members_beyond(item, known, f"input[].{kind}")
    for name in ("content", "output"):
        parts = item.get(name)
        for part in parts if isinstance(parts, list) else ():
            kind = part.get("type") if isinstance(part, dict) else None
            if isinstance(kind, str) and kind in _PARTS:
                place = f"input[].{name}[].{kind}"
                yield from members_beyond(part, _PARTS[kind], place)
                mark = part.get("prompt_cache_breakpoint")
                if isinstance(mark, dict):
                    yield from members_beyond(mark, _MARK, f"{place}.prompt_cache_breakpoint")
