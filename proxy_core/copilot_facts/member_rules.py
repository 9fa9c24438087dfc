"""What the vendors' APIs allow as the value of a member: type, range, words (OpenAI's and Anthropic's
published descriptions, confirmed). A value outside is the client's mistake, whatever the model.

Lower bounds of output limits are lenient: connection tests ask for 0 to 8 (copilot-protocol.md 13).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from proxy_core.canonical.model import Endpoint
from proxy_core.copilot_facts.efforts import EFFORTS
from proxy_core.copilot_facts.limits import LEAST_THINKING_BUDGET


class ValueType(StrEnum):
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    STRING = "string"
    ARRAY = "array"
    OBJECT = "object"
    STRING_OR_ARRAY = "string or array"


@dataclass(frozen=True, slots=True)
class MemberRule:
    """``path`` is dotted. ``least`` and ``most`` are inclusive; ``words`` are all that is allowed."""

    path: str
    type: ValueType
    least: float | None = None
    most: float | None = None
    words: tuple[str, ...] = ()
    required: bool = False


_N, _I, _B = ValueType.NUMBER, ValueType.INTEGER, ValueType.BOOLEAN
_S, _O, _A = ValueType.STRING, ValueType.OBJECT, ValueType.ARRAY
_VERBOSITIES = ("low", "medium", "high")

BETWEEN_TOOLS = "between_tools"
"""In Anthropic's SDK 2.11, for models whose documents are not published yet."""
THINKING_TYPES = ("enabled", "adaptive", "disabled", BETWEEN_TOOLS)

MEMBER_RULES: Mapping[Endpoint, tuple[MemberRule, ...]] = MappingProxyType(
    {
        Endpoint.CHAT_COMPLETIONS: (
            MemberRule("temperature", _N, 0, 2),
            MemberRule("top_p", _N, 0, 1),
            MemberRule("frequency_penalty", _N, -2, 2),
            MemberRule("presence_penalty", _N, -2, 2),
            MemberRule("max_tokens", _I, 0),
            MemberRule("max_completion_tokens", _I, 0),
            MemberRule("n", _I, 1, 128),
            MemberRule("seed", _I),
            MemberRule("logprobs", _B),
            MemberRule("top_logprobs", _I, 0, 20),
            MemberRule("stop", ValueType.STRING_OR_ARRAY),
            MemberRule("parallel_tool_calls", _B),
            MemberRule("store", _B),
            MemberRule("user", _S),
            MemberRule("reasoning_effort", _S, words=EFFORTS),
            MemberRule("verbosity", _S, words=_VERBOSITIES),
            MemberRule("response_format", _O),
            MemberRule("logit_bias", _O),
            MemberRule("metadata", _O),
        ),
        Endpoint.RESPONSES: (
            MemberRule("temperature", _N, 0, 2),
            MemberRule("top_p", _N, 0, 1),
            MemberRule("max_output_tokens", _I, 0),
            MemberRule("max_tool_calls", _I, 0),
            MemberRule("top_logprobs", _I, 0, 20),
            MemberRule("parallel_tool_calls", _B),
            MemberRule("store", _B),
            MemberRule("background", _B),
            MemberRule("user", _S),
            MemberRule("instructions", _S),
            MemberRule("truncation", _S, words=("auto", "disabled")),
            MemberRule("include", _A),
            MemberRule("metadata", _O),
            MemberRule("reasoning", _O),
            MemberRule("reasoning.effort", _S, words=EFFORTS),
            MemberRule("text", _O),
            MemberRule("text.verbosity", _S, words=_VERBOSITIES),
            MemberRule("text.format", _O),
        ),
        Endpoint.MESSAGES: (
            MemberRule("max_tokens", _I, 0, required=True),
            MemberRule("temperature", _N, 0, 1),
            MemberRule("top_p", _N, 0, 1),
            MemberRule("top_k", _I, 0),
            MemberRule("stop_sequences", _A),
            MemberRule("metadata", _O),
            MemberRule("thinking", _O),
            MemberRule("thinking.type", _S, words=THINKING_TYPES),
            MemberRule("thinking.budget_tokens", _I, LEAST_THINKING_BUDGET.value),
            MemberRule("output_config", _O),
            MemberRule("output_config.effort", _S, words=EFFORTS),
            MemberRule("output_config.format", _O),
        ),
    }
)

FORMAT_TYPES: Mapping[Endpoint, tuple[str, ...]] = MappingProxyType(
    {
        Endpoint.CHAT_COMPLETIONS: ("text", "json_object", "json_schema"),
        Endpoint.RESPONSES: ("text", "json_object", "json_schema"),
        Endpoint.MESSAGES: ("json_schema",),
    }
)
"""The forms of an answer that may be asked for."""

CONTENT_BLOCKS = frozenset(
    {"text", "image", "document", "search_result", "thinking", "redacted_thinking", "tool_use"}
    | {
        "tool_result",
        "server_tool_use",
        "mcp_tool_use",
        "mcp_tool_listing",
        "container_upload",
        "compaction",
    }
    | {"tool_reference", "fallback", "tool_addition", "tool_removal"}
)
"""Blocks of a Messages turn, besides every ``..._result``."""


def is_content_block(kind: str) -> bool:
    return kind in CONTENT_BLOCKS or kind.endswith("_result")
