"""The request members that a response object echoes, and their defaults.

OpenAI's response objects echo the whole request, in every event that contains one; the required
members are those of OpenAI's description and of the Open Responses specification
(``ResponseResource``). Copilot repeats only some of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from proxy_core.dialects.shared.json_members import decode_raw

DEFAULTS: dict[str, Any] = {
    "object": "response",
    "background": False,
    "completed_at": None,
    "error": None,
    "frequency_penalty": 0.0,
    "incomplete_details": None,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "output": [],
    "parallel_tool_calls": True,
    "presence_penalty": 0.0,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": "default",
    "store": False,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "usage": None,
}
"""Members of every response object, with their defaults.

``store`` and ``service_tier`` are not echoed: nothing is stored here, and there is one service
tier.
"""

_REPEATED = (
    "frequency_penalty",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "parallel_tool_calls",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
)
ECHOED = frozenset(DEFAULTS) | frozenset(_REPEATED)
"""Members that an answer repeats or fills in."""
_FUNCTION = {"description": None, "parameters": None, "strict": False}
_JSON_SCHEMA = {"description": None, "strict": False}


def echoed_members(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of ``body`` to echo; its values may be ``msgspec.Raw``.

    Members that the request omitted or set to null are not included.
    """
    echoed: dict[str, Any] = {}
    for name in _REPEATED:
        value = decode_raw(body, name)
        if value is None:
            continue
        complete = _COMPLETED.get(name)
        echoed[name] = value if complete is None else complete(value)
    return echoed


def missing_members(response: Mapping[str, Any], echoed: Mapping[str, Any]) -> dict[str, Any]:
    """Return members that ``response`` lacks, or leaves empty although the request set them.

    ``response`` holds decoded values or raw JSON. Upstream's own values are kept.
    """
    missing = {
        name: echoed.get(name, default)
        for name, default in DEFAULTS.items()
        if name not in response
    }
    missing.update(
        (name, value)
        for name, value in echoed.items()
        if name not in missing and _says_nothing(response.get(name)) and not _says_nothing(value)
    )
    return missing


def _says_nothing(value: Any) -> bool:
    if isinstance(value, (bool, int, float, str)):
        return False
    if isinstance(value, (dict, list)) or value is None:
        return not value
    return bytes(value) in (b"null", b"[]", b"{}")


def _complete_reasoning(stated: Any) -> Any:
    return {"effort": None, "summary": None, **stated} if isinstance(stated, dict) else stated


def _complete_text(stated: Any) -> Any:
    if not isinstance(stated, dict):
        return stated
    form = stated.get("format") or {"type": "text"}
    if isinstance(form, dict) and form.get("type") == "json_schema":
        form = {**_JSON_SCHEMA, **form}
    return {**stated, "format": form}


def _complete_tools(stated: Any) -> Any:
    return [_complete_tool(each) for each in stated] if isinstance(stated, list) else stated


def _complete_tool(tool: Any) -> Any:
    if not isinstance(tool, dict):
        return tool
    if tool.get("type") == "function":
        return {**_FUNCTION, **tool}
    if tool.get("type") == "namespace":
        return {**tool, "tools": _complete_tools(tool.get("tools"))}
    return tool


_COMPLETED: dict[str, Callable[[Any], Any]] = {
    "reasoning": _complete_reasoning,
    "text": _complete_text,
    "tools": _complete_tools,
}
"""Members whose parts OpenAI's types require in a response but not in a request."""
