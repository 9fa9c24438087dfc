"""What the Responses dialect allows and what Copilot's ``/responses`` refuses, as data.

The dialect follows OpenAI's published description; the refusals follow section 6.2 of the protocol
notes (live probes of several clients). A new refusal is one more entry here.
"""

from __future__ import annotations

from collections.abc import Sequence

from proxy_core.model import Model

ENCRYPTED_REASONING = "reasoning.encrypted_content"
"""The ``include`` entry without which a stateless conversation loses its reasoning."""

LOGPROBS = "message.output_text.logprobs"

KIND_ENCRYPTED_CONTENT = "encrypted_content"
"""``Opaque.kind`` of a reasoning item's proof. Its ``extra`` may hold the item's other members."""

KIND_TOOL = "tool"
"""``Opaque.kind`` of a tool the vendor runs, as the request declared it."""

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""Weakest first."""

BUDGET_EFFORTS = ((2_048, "low"), (8_192, "medium"))
"""Anthropic's ``budget_tokens`` up to the first figure is the second word; more is ``high``.

Never beyond: Claude Code asks for 31999 tokens in every ordinary turn.
"""

MIN_OUTPUT_TOKENS = 16
"""Copilot enforces the published minimum; connection tests ask for less."""

ALWAYS_REFUSED = ("service_tier", "background")
"""Refused whatever their value is."""

REFUSED_BY_REASONING_MODELS = ("temperature", "top_p")
"""Their mere presence is a 400 there."""

CLIENT_BOOKKEEPING = ("client_metadata",)
"""What a client tells its own vendor about its installation and window (Codex): not for others."""

ITEM_BOOKKEEPING = ("internal_chat_message_metadata_passthrough",)
"""The same within items; Codex adds it to every item for its built-in provider."""

REFUSED_TOOLS = ("code_interpreter",)
"""Tools of the vendor that Copilot does not run."""

WEB_SEARCH_TOOLS = (
    "web_search",
    "web_search_2025_08_26",
    "web_search_preview",
    "web_search_preview_2025_03_11",
)
"""Run by some models only (``Supports.web_search``); a refused one spoils the whole request."""

MAX_ITEM_ID_LENGTH = 64

ITEM_ID_PREFIXES = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "custom_tool_call": "ctc",
}
"""What the id of a replayed item must begin with, where upstream checks it."""

IMAGE_DETAILS: dict[str, str | None] = {"auto": None, "original": "high"}
"""Details Copilot does not take, and what it takes in their place (None: leave the member out)."""

USER_SIDE_ITEMS = ("mcp_approval_response", "compaction_trigger")
"""Items the client says, beside every ``..._output``; all other items are the assistant's."""

CARRIED_FROM_CHAT = ("metadata", "prompt_cache_key", "prompt_cache_retention", "safety_identifier")
"""Members that mean the same in both OpenAI dialects."""


def is_reasoning_model(model: Model) -> bool:
    return bool(model.supports.reasoning_efforts) or model.supports.thinking


def refuses_sampling(model: Model, member: str) -> bool:
    """True when the model refuses ``temperature`` or ``top_p``.

    ``top_p`` is accepted by the codex models (probes of July 2026).
    """
    if member not in REFUSED_BY_REASONING_MODELS or not is_reasoning_model(model):
        return False
    return not (member == "top_p" and "codex" in model.id)


def clamp_effort(effort: str, supported: Sequence[str]) -> str:
    """Return the supported effort nearest to ``effort``, the weaker of two equally near ones.

    A word outside the known scale, or an unknown list, is left for upstream to judge; only
    ``minimal`` is known to be refused by every model.
    """
    if effort not in EFFORTS or effort in supported:
        return effort
    known = [each for each in supported if each in EFFORTS]
    if not known:
        return "low" if effort == "minimal" else effort
    rank = EFFORTS.index(effort)
    return min(known, key=lambda each: (abs(EFFORTS.index(each) - rank), EFFORTS.index(each)))


def is_replayable_id(item_type: str, item_id: str) -> bool:
    """True for an id that upstream takes back: short enough and with its type's prefix."""
    prefix = ITEM_ID_PREFIXES.get(item_type, "")
    return len(item_id) <= MAX_ITEM_ID_LENGTH and item_id.startswith(prefix)


def runs_tool(model: Model, tool_type: str) -> bool:
    """False for a vendor's tool that this model is known to refuse."""
    if tool_type in WEB_SEARCH_TOOLS:
        return model.supports.web_search
    return tool_type not in REFUSED_TOOLS
