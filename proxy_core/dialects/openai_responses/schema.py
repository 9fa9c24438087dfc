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
"""Top-level members that the canonical request models; the rest goes to ``Request.extra``."""

ENCRYPTED_REASONING = "reasoning.encrypted_content"
"""The ``include`` entry without which a stateless conversation loses its reasoning."""

LOGPROBS = "message.output_text.logprobs"

KIND_ENCRYPTED_CONTENT = "encrypted_content"
"""``Opaque.kind`` of a reasoning item's encrypted content; ``extra`` may hold the item's other
members.
"""

KIND_TOOL = "tool"
"""``Opaque.kind`` of a tool the vendor runs, as the request declared it."""

CLIENT_BOOKKEEPING = ("client_metadata",)
"""Members about the client's installation and window (Codex), meant only for its own vendor."""

ITEM_BOOKKEEPING = ("internal_chat_message_metadata_passthrough",)
"""The same within items; Codex adds it to every item for its built-in provider."""

REFUSED_TOOLS = REFUSED_RESPONSES_TOOLS

WEB_SEARCH = "web_search"
"""Run by some models only (``Supports.web_search``), under several names with this prefix; an
unsupported one fails the whole request.
"""

MAX_ITEM_ID_LENGTH = ITEM_ID_LENGTH.value

ITEM_ID_PREFIXES = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "custom_tool_call": "ctc",
}
"""Required prefixes of replayed items' ids, where upstream checks them."""

IMAGE_DETAILS: dict[str, str | None] = {"auto": None, "original": "high"}
"""Details upstream refuses (caozhiyuan/copilot-api#362), and their equivalents (None: omit the
member).
"""

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
"""Types of input items in OpenAI's description (``InputItem``).

A translated request may contain no other: an unknown item cannot be expressed. Passed through,
upstream decides.
"""

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

PROGRESS_EVENTS = (
    "response.content_part.added",
    "response.reasoning_summary_part.",
    "response.reasoning_summary_text.done",
    "response.reasoning_text.done",
    "response.code_interpreter_call",
    "response.computer_call.",
    "response.file_search_call.",
    "response.image_generation_call.",
    "response.mcp_",
    "response.shell_call",
    "response.apply_patch_call",
    "response.web_search_call.",
    "keepalive",
)
"""Beginnings of the types of events that only announce what the item's last event says whole."""

USER_SIDE_ITEMS = ("mcp_approval_response", "compaction_trigger")
"""Items of the client's, besides every ``..._output``; all others are the assistant's."""

CARRIED_FROM_CHAT = ("metadata", "prompt_cache_key", "prompt_cache_retention", "safety_identifier")
"""Members that mean the same in both OpenAI dialects."""


def fit_effort(effort: str, model: Model) -> str:
    """Return the nearest effort that the model lists.

    If it lists none, or none we know, upstream decides, except for ``minimal``, which is known to
    be refused everywhere.
    """
    fitted = clamp_effort(effort, model.supports.reasoning_efforts)
    return fitted or ("low" if effort == "minimal" else effort)


def is_replayable_id(item_type: str, item_id: str) -> bool:
    """True for an id that upstream accepts on replay: short enough and with its type's prefix."""
    prefix = ITEM_ID_PREFIXES.get(item_type, "")
    return len(item_id) <= MAX_ITEM_ID_LENGTH and item_id.startswith(prefix)


def runs_tool(model: Model, tool_type: str) -> bool:
    """False for a vendor's tool that this model is known to refuse."""
    if tool_type.startswith(WEB_SEARCH):
        return model.supports.web_search
    return tool_type not in REFUSED_TOOLS
