"""The members and enumerations of Ollama's API, as data (its ``docs/api.md`` and Python SDK's types)."""

from __future__ import annotations

from proxy_core.canonical.events import StopReason

API_VERSION = "0.12.11"
"""The release whose API is served; clients ask for it and refuse releases that lack what they use."""

LATEST = ":latest"
"""The tag of a model that has no other; every name in Ollama has one."""

ROLES = ("system", "user", "assistant", "tool")
KNOWN_CHAT = frozenset(
    {
        "model",
        "messages",
        "stream",
        "tools",
        "think",
        "format",
        "options",
        "logprobs",
        "top_logprobs",
    }
)
KNOWN_GENERATE = frozenset(
    {
        "model",
        "prompt",
        "system",
        "images",
        "suffix",
        "stream",
        "think",
        "format",
        "options",
        "logprobs",
        "top_logprobs",
    }
)
KNOWN_OPTIONS = frozenset(
    {
        "num_predict",
        "temperature",
        "top_p",
        "top_k",
        "stop",
        "seed",
        "frequency_penalty",
        "presence_penalty",
    }
)
"""Options that are read; those of the runner (``num_ctx``, ``num_gpu``, ...) are named as dropped."""
KNOWN_MESSAGE = frozenset(
    {
        "role",
        "content",
        "thinking",
        "images",
        "tool_calls",
        "tool_name",
        "name",
        "tool_call_id",
    }
)

DONE_REASONS = {
    StopReason.STOP: "stop",
    StopReason.STOP_SEQUENCE: "stop",
    StopReason.PAUSE: "stop",
    StopReason.TOOL_USE: "stop",
    StopReason.LENGTH: "length",
    StopReason.CONTENT_FILTER: "content_filter",
    StopReason.REFUSAL: "content_filter",
}
"""Ollama has no reason for a filtered answer; OpenAI's word says what a normal end would not."""
