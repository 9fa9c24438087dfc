"""The limits, enumerations and known refusals of ``/v1/messages`` that we check ourselves."""

from __future__ import annotations

import re

from proxy_core.canonical.events import StopReason
from proxy_core.canonical.model import Model
from proxy_core.copilot_facts.members import REFUSED_SERVER_TOOLS
from proxy_core.dialects.web_search import WEB_SEARCH

DEFAULT_MAX_TOKENS = 16_384
"""Used if the client's dialect has no required limit and the model's own is unknown."""

KNOWN_MEMBERS = frozenset(
    {
        "model",
        "messages",
        "system",
        "stream",
        "max_tokens",
        "temperature",
        "top_p",
        "top_k",
        "stop_sequences",
        "tools",
        "tool_choice",
        "thinking",
        "output_config",
        "output_format",
        "metadata",
    }
)
"""Top-level members that the canonical request models; the rest goes to ``Request.extra``."""

FOREIGN_SIGNATURE = "gAAAA"
"""Beginning of encrypted reasoning of ``/responses``; clients with one history for all models
replay it as a signature (router-for-me/CLIProxyAPI#3052).
"""

BILLING_LINE = re.compile(r"\s*x-anthropic-billing-header:[^\n]*\s*")
"""The whole first system block of Claude Code.

It is for Anthropic's billing and meaningless to other vendors' models. For Claude it stays, made
constant (``usage.prompt_cache.stable_prefix``).
"""

THINKING_DISPLAYS = ("summarized", "omitted")
"""``updates`` needs a beta that upstream does not accept."""

STOP_REASONS = {
    "end_turn": StopReason.STOP,
    "max_tokens": StopReason.LENGTH,
    "model_context_window_exceeded": StopReason.LENGTH,
    "stop_sequence": StopReason.STOP_SEQUENCE,
    "tool_use": StopReason.TOOL_USE,
    "pause_turn": StopReason.PAUSE,
    "refusal": StopReason.REFUSAL,
}

WIRE_STOP_REASONS = {
    StopReason.STOP: "end_turn",
    StopReason.LENGTH: "max_tokens",
    StopReason.STOP_SEQUENCE: "stop_sequence",
    StopReason.TOOL_USE: "tool_use",
    StopReason.PAUSE: "pause_turn",
    StopReason.REFUSAL: "refusal",
    StopReason.CONTENT_FILTER: "refusal",
}


def runs_tool(model: Model, tool_type: str) -> bool:
    """False for a vendor's tool that this model is known to refuse."""
    if tool_type.startswith(WEB_SEARCH):
        return model.supports.web_search
    return not tool_type.startswith(REFUSED_SERVER_TOOLS)


THINKING_MEMBERS = frozenset({"type", "budget_tokens", "display"})
"""Members of ``thinking`` that are fitted to the model; others go on to Claude as they are."""
