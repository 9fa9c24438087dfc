"""The limits and enumerations of ``/chat/completions`` that we check ourselves."""

from __future__ import annotations

from proxy_core.canonical.events import StopReason
from proxy_core.copilot_facts import limits

MAX_STOP_SEQUENCES = limits.STOP_SEQUENCES.value
MAX_TOOLS = limits.MOST_TOOLS.value

VERBOSITIES = ("low", "medium", "high")
IMAGE_DETAILS = ("low", "high")
"""Upstream refuses ``auto`` and ``original`` (caozhiyuan/copilot-api#362); omitting it is equivalent."""
OTHER_DETAILS: dict[str, str | None] = {"auto": None, "original": "high"}
"""Details upstream refuses, and what says the same to it (None: leave the member out)."""

KNOWN_MEMBERS = frozenset(
    {
        "model",
        "messages",
        "stream",
        "stream_options",
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "top_p",
        "stop",
        "seed",
        "n",
        "frequency_penalty",
        "presence_penalty",
        "logprobs",
        "top_logprobs",
        "verbosity",
        "parallel_tool_calls",
        "tools",
        "tool_choice",
        "functions",
        "function_call",
        "reasoning_effort",
        "response_format",
        "user",
        # Not OpenAI's, but sent by clients of servers that support it; Anthropic's equivalent.
        "top_k",
    }
)
"""Top-level members that the canonical request models; the rest goes to ``Request.extra``."""

STOP_REASONS = {
    "stop": StopReason.STOP,
    "length": StopReason.LENGTH,
    "tool_calls": StopReason.TOOL_USE,
    "function_call": StopReason.TOOL_USE,
    "content_filter": StopReason.CONTENT_FILTER,
}

FINISH_REASONS = {
    StopReason.STOP: "stop",
    StopReason.STOP_SEQUENCE: "stop",
    StopReason.PAUSE: "stop",
    StopReason.LENGTH: "length",
    StopReason.TOOL_USE: "tool_calls",
    StopReason.CONTENT_FILTER: "content_filter",
    StopReason.REFUSAL: "content_filter",
}
