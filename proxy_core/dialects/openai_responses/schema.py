"""What the Responses dialect allows and what Copilot's ``/responses`` refuses, as data.

The dialect follows OpenAI's published description; the refusals follow copilot-protocol.md 6.2
(live probes of several clients). A new refusal is one more entry here.
"""

from __future__ import annotations

from proxy_core.canonical.model import Model
from proxy_core.copilot_facts.efforts import clamp_effort
from proxy_core.copilot_facts.limits import ITEM_ID_LENGTH
from proxy_core.copilot_facts.members import REFUSED_RESPONSES_TOOLS

ROLES = ("user", "assistant", "system", "developer")
PHASES = ("commentary", "final_answer")
VERBOSITIES = ("low", "medium", "high")
SUMMARIES = ("auto", "concise", "detailed", "none")
TEXT_FORMATS = ("text", "json_object", "json_schema")
PART_TYPES = ("input_text", "input_image", "input_file", "output_text", "refusal")
CALL_TYPES = ("function_call", "custom_tool_call")
CALL_OUTPUT_TYPES = ("function_call_output", "custom_tool_call_output")

PARSED_MEMBERS = frozenset(
    {
        "input",
        "instructions",
        "max_output_tokens",
        "model",
        "parallel_tool_calls",
        "reasoning",
        "stream",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "user",
    }
)
"""Top-level members the canonical request has a place for; the rest goes to ``Request.extra``."""

ENCRYPTED_REASONING = "reasoning.encrypted_content"
"""The ``include`` entry without which a stateless conversation loses its reasoning."""

LOGPROBS = "message.output_text.logprobs"

KIND_ENCRYPTED_CONTENT = "encrypted_content"
"""``Opaque.kind`` of a reasoning item's proof. Its ``extra`` may hold the item's other members."""

KIND_TOOL = "tool"
"""``Opaque.kind`` of a tool the vendor runs, as the request declared it."""

CLIENT_BOOKKEEPING = ("client_metadata",)
"""What a client tells its own vendor about its installation and window (Codex): not for others."""

ITEM_BOOKKEEPING = ("internal_chat_message_metadata_passthrough",)
"""The same within items; Codex adds it to every item for its built-in provider."""

REFUSED_TOOLS = REFUSED_RESPONSES_TOOLS

WEB_SEARCH = "web_search"
"""Run by some models only (``Supports.web_search``), under a handful of names that begin like this;
a refused one spoils the whole request."""

MAX_ITEM_ID_LENGTH = ITEM_ID_LENGTH.value

ITEM_ID_PREFIXES = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "custom_tool_call": "ctc",
}
"""What the id of a replayed item must begin with, where upstream checks it."""

IMAGE_DETAILS: dict[str, str | None] = {"auto": None, "original": "high"}
"""Details upstream refuses (caozhiyuan/copilot-api#362), and what says the same to it (None: leave
the member out)."""

ITEM_TYPES = frozenset(
    {
        "additional_tools",
        "apply_patch_call",
        "apply_patch_call_output",
        "code_interpreter_call",
        "compaction",
        "compaction_trigger",
        "computer_call",
        "computer_call_output",
        "configuration_update",
        "custom_tool_call",
        "custom_tool_call_output",
        "file_search_call",
        "function_call",
        "function_call_output",
        "image_generation_call",
        "item_reference",
        "local_shell_call",
        "local_shell_call_output",
        "mcp_approval_request",
        "mcp_approval_response",
        "mcp_call",
        "mcp_list_tools",
        "message",
        "program",
        "program_output",
        "reasoning",
        "shell_call",
        "shell_call_output",
        "tool_search_call",
        "tool_search_output",
        "web_search_call",
        # Codex's own, in sessions it resumes (its ``ResponseItem``).
        "compaction_summary",
        "context_compaction",
        "ghost_snapshot",
    }
)
"""Types of input items in OpenAI's description (``InputItem``). A request that is translated may hold no
other: what nobody knows cannot be told to a model. Passed through, upstream is the judge."""

WRITTEN_ANEW = (
    "input[].message.",
    "input[].function_call.",
    "input[].function_call_output.",
    "input[].custom_tool_call.",
    "input[].custom_tool_call_output.",
    "input[].content[].",
    "input[].output[].",
    "text.",
)
"""Beginnings of the paths of what a parsed request is rendered from, member by member."""

USER_SIDE_ITEMS = ("mcp_approval_response", "compaction_trigger")
"""Items the client says, beside every ``..._output``; all other items are the assistant's."""

CARRIED_FROM_CHAT = ("metadata", "prompt_cache_key", "prompt_cache_retention", "safety_identifier")
"""Members that mean the same in both OpenAI dialects."""


def fit_effort(effort: str, model: Model) -> str:
    """Return the effort the model lists that comes nearest.

    Where it lists none, or none we know, upstream is the judge, but for ``minimal``: that word is
    known to be refused everywhere.
    """
    fitted = clamp_effort(effort, model.supports.reasoning_efforts)
    return fitted or ("low" if effort == "minimal" else effort)


def is_replayable_id(item_type: str, item_id: str) -> bool:
    """True for an id that upstream takes back: short enough and with its type's prefix."""
    prefix = ITEM_ID_PREFIXES.get(item_type, "")
    return len(item_id) <= MAX_ITEM_ID_LENGTH and item_id.startswith(prefix)


def runs_tool(model: Model, tool_type: str) -> bool:
    """False for a vendor's tool that this model is known to refuse."""
    if tool_type.startswith(WEB_SEARCH):
        return model.supports.web_search
    return tool_type not in REFUSED_TOOLS
