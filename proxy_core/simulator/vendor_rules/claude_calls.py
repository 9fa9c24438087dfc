"""Anthropic's rules for ids and order of tool calls, the same on Messages and on chat."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

LONGEST_ID = 64
PATTERN = "^[a-zA-Z0-9_-]+$"
NO_TOOLS = "Requests which include `tool_use` or `tool_result` blocks must define tools"
PREFILL = (
    "This model does not support assistant message prefill. The conversation must end with a user "
    "message."
)
_ID = re.compile(r"[a-zA-Z0-9_-]+")


def problem_of_id(path: str, given: Any) -> str | None:
    """The complaint about one id, with ``path`` before it; None when it is fine."""
    if not isinstance(given, str):
        return f"{path}: Input should be a valid string"
    if not _ID.fullmatch(given):
        return f"{path}: String should match pattern '{PATTERN}'"
    if len(given) > LONGEST_ID:
        return f"{path}: String should have at most {LONGEST_ID} characters"
    return None


def problem_of_repeats(
    calls: Iterable[tuple[str, str]], results: Iterable[tuple[str, str]]
) -> str | None:
    """``calls`` and ``results`` are (path of the block, id), in order."""
    seen: set[str] = set()
    for path, call_id in calls:
        if call_id in seen:
            return f"{path}: `tool_use` ids must be unique"
        seen.add(call_id)
    answered: set[str] = set()
    for path, call_id in results:
        if call_id in answered:
            return (
                f"{path}: each tool_use must have a single result. Found multiple `tool_result` blocks "
                f"with id: {call_id}"
            )
        answered.add(call_id)
    return None
