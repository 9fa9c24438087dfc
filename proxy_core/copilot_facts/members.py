"""Members of a request: which upstream refuses, which may be omitted, which must be sent.

Sources: copilot-protocol.md 5.1, 6.2, 7.1 and 7.3 (probes of several clients).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.copilot_facts.certainty import Certainty


class AppliesTo(StrEnum):
    EVERY_MODEL = "every_model"
    REASONING = "reasoning"
    REASONING_BUT_CODEX = "reasoning_but_codex"


@dataclass(frozen=True, slots=True)
class RefusedMember:
    """A top-level member that every source saw refused; always removed, except by ``forward``."""

    endpoint: Endpoint
    member: str
    source: str
    certainty: Certainty = Certainty.CONFIRMED
    applies_to: AppliesTo = AppliesTo.EVERY_MODEL

    def applies(self, model: Model) -> bool:
        if self.applies_to is AppliesTo.EVERY_MODEL:
            return True
        if not is_reasoning_model(model):
            return False
        return self.applies_to is AppliesTo.REASONING or "codex" not in model.id


REFUSED_MEMBERS = (
    RefusedMember(Endpoint.RESPONSES, "service_tier", "copilot-protocol.md 6.2"),
    RefusedMember(Endpoint.RESPONSES, "background", "copilot-protocol.md 6.2"),
    RefusedMember(
        Endpoint.RESPONSES, "temperature", "copilot-protocol.md 6.2", applies_to=AppliesTo.REASONING
    ),
    RefusedMember(
        Endpoint.RESPONSES,
        "top_p",
        "copilot-protocol.md 6.2: the codex models take it",
        Certainty.ONE_PROBE,
        AppliesTo.REASONING_BUT_CODEX,
    ),
    RefusedMember(Endpoint.MESSAGES, "cache_control", "copilot-protocol.md 7.1"),
    RefusedMember(Endpoint.MESSAGES, "inference_geo", "copilot-protocol.md 7.1"),
    RefusedMember(Endpoint.MESSAGES, "fallbacks", "copilot-protocol.md 7.1"),
    RefusedMember(
        Endpoint.MESSAGES, "betas", "the SDKs' argument, meant for the header", Certainty.ONE_SOURCE
    ),
)

REFUSED_TOOL_MEMBERS = frozenset({"eager_input_streaming"})
"""In Messages tools since April 2026, also under ``custom`` (copilot-protocol.md 7.3; confirmed)."""
REFUSED_MESSAGE_MEMBERS = frozenset({"output_config"})
"""In Messages turns: per-turn control, whose beta upstream does not take (clients.md; one source)."""
CACHE_CONTROL_MEMBERS = frozenset({"type", "ttl"})
"""Anything else in a ``cache_control`` of Messages is refused (caozhiyuan/copilot-api#143)."""
REFUSED_SERVER_TOOLS = ("web_fetch", "code_execution", "mcp_toolset", "advisor")
"""Messages tools of the vendor that no model here runs (copilot-protocol.md 7.1; confirmed)."""
REFUSED_RESPONSES_TOOLS = ("code_interpreter",)
"""Responses tools of the vendor that Copilot does not run (copilot-protocol.md 6.2; one probe)."""

STRICT_CHAT_MEMBERS = ("temperature", "max_tokens")
"""Seen answered with 403 on chat by one investigation, accepted by others: disputed."""

ENFORCED_LOCALLY = frozenset(
    {"max_tokens", "max_completion_tokens", "max_output_tokens", "stop", "stop_sequences"}
)
"""Limits the proxy enforces itself where they cannot be sent."""

OUTPUT_LIMIT_MEMBERS: Mapping[Endpoint, tuple[str, ...]] = MappingProxyType(
    {
        Endpoint.CHAT_COMPLETIONS: ("max_tokens", "max_completion_tokens"),
        Endpoint.RESPONSES: ("max_output_tokens",),
        Endpoint.MESSAGES: ("max_tokens",),
    }
)

ESSENTIAL_MEMBERS = frozenset(
    {"model", "messages", "input", "instructions", "system", "tools", "prompt", "stream"}
    | {"previous_response_id", "conversation", "tool_choice", "response_format", "n"}
    | {"output_format", "safeguards"}
)
"""Members that define the request or the form of its response; never removed for a refusal.

``safeguards``: Claude Code wants it passed through, or a 400 that names it (its gateway protocol)."""
REQUIRED_MEMBERS: Mapping[Endpoint, frozenset[str]] = MappingProxyType(
    {Endpoint.MESSAGES: frozenset({"max_tokens"})}
)
STRUCTURAL_MEMBERS = frozenset(
    {"arguments", "call_id", "content", "data", "function", "id", "image_url", "input"}
    | {"input_schema", "name", "output", "parameters", "role", "source", "text", "thinking"}
    | {"tool_call_id", "tool_calls", "tool_use_id", "type", "url", "format", "schema"}
)
"""Members inside a message, tool or block that carry its meaning."""

OPTIONAL_MEMBERS: Mapping[Endpoint, tuple[str, ...]] = MappingProxyType(
    {
        Endpoint.CHAT_COMPLETIONS: (
            *("max_completion_tokens", "n", "stop", "seed", "frequency_penalty"),
            *("presence_penalty", "logit_bias", "logprobs", "top_logprobs", "user", "metadata"),
            *("service_tier", "store", "parallel_tool_calls", "verbosity", "prompt_cache_key"),
            *("safety_identifier", "reasoning_effort"),
        ),
        Endpoint.RESPONSES: (
            *("temperature", "top_p", "max_output_tokens", "metadata", "user", "service_tier"),
            *("truncation", "prompt_cache_key", "safety_identifier", "top_logprobs"),
        ),
        Endpoint.MESSAGES: (
            *("temperature", "top_p", "top_k", "stop_sequences", "metadata", "service_tier"),
        ),
        Endpoint.EMBEDDINGS: ("dimensions", "encoding_format", "user"),
    }
)
"""Members that a 403 without a reason may refer to."""


_REFUSED_AT: Mapping[Endpoint, tuple[RefusedMember, ...]] = MappingProxyType(
    {
        endpoint: tuple(each for each in REFUSED_MEMBERS if each.endpoint is endpoint)
        for endpoint in Endpoint
    }
)


def is_reasoning_model(model: Model) -> bool:
    return bool(model.supports.reasoning_efforts) or model.supports.thinking


def refused_members(endpoint: Endpoint, model: Model) -> tuple[str, ...]:
    """Return the top-level members that ``model`` is known to refuse at ``endpoint``."""
    return tuple([each.member for each in _REFUSED_AT.get(endpoint, ()) if each.applies(model)])


def may_be_left_out(path: tuple[str, ...], endpoint: Endpoint) -> bool:
    """Whether the member at ``path`` may be removed where upstream refuses it."""
    if not path:
        return False
    if len(path) == 1:
        required = REQUIRED_MEMBERS.get(endpoint, frozenset())
        return path[0] not in ESSENTIAL_MEMBERS and path[0] not in required
    return path[-1] not in STRUCTURAL_MEMBERS
