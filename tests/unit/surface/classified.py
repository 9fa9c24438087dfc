"""What becomes of each name of the vendors' surface, and why. Checked against the product by the test.

``messages``, ``chat`` and ``responses`` are the dialects upstream may speak; the client's own among
them is the way a request passes through, the others are translations. Measured with a Claude model.
"""

from __future__ import annotations

from tests.unit.surface.classified_kinds import KINDS_CLASSIFIED
from tests.unit.surface.classified_messages import MESSAGES_MEMBERS
from tests.unit.surface.classified_openai import OPENAI_MEMBERS
from tests.unit.surface.ledger_line import Classified
from tests.unit.surface.measure import Fate

PASSED, TRANSLATED, TOLD, REFUSED = Fate.PASSED, Fate.TRANSLATED, Fate.TOLD, Fate.REFUSED


CLASSIFIED = (
    Classified(
        "messages parameter",
        (
            "billing_policy compaction container context_management diagnostics "
            "fallback_credit_token mcp_servers service_tier speed stop_sequences thread "
            "user_profile_id workspace_id"
        ),
        PASSED,
        TOLD,
        TOLD,
        "the vendor's own; other dialects have no member for it",
    ),
    Classified(
        "messages parameter",
        "max_tokens metadata",
        PASSED,
        TRANSLATED,
        TOLD,
        "Responses of Claude's models takes no such member",
    ),
    Classified(
        "messages parameter",
        "messages output_config system thinking tool_choice tools",
        PASSED,
        TRANSLATED,
        TRANSLATED,
        "every dialect says it",
    ),
    Classified(
        "messages parameter",
        "betas cache_control fallbacks inference_geo",
        TOLD,
        TOLD,
        TOLD,
        "Copilot refuses it (protocol notes 7.1)",
    ),
    Classified(
        "messages parameter",
        "model stream",
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "the proxy's own work: it routes by the model and answers as asked",
    ),
    Classified(
        "messages block",
        (
            "advisor_tool_result bash_code_execution_tool_result code_execution_tool_result "
            "compaction container_upload fallback mcp_tool_listing mcp_tool_result "
            "mcp_tool_use redacted_thinking server_tool_use "
            "text_editor_code_execution_tool_result thinking tool_addition tool_removal "
            "tool_search_tool_result web_fetch_tool_result web_search_tool_result"
        ),
        PASSED,
        TOLD,
        TOLD,
        "bound to the issuer's model or to the vendor's own servers",
    ),
    Classified("messages block", "document", PASSED, TOLD, TRANSLATED, "chat takes no documents"),
    Classified(
        "messages block",
        "image search_result text tool_result tool_use",
        PASSED,
        TRANSLATED,
        TRANSLATED,
        "every dialect says it",
    ),
    Classified(
        "messages tool",
        (
            "bash_20241022 bash_20250124 browser_toolset_20260801 computer_20241022 "
            "computer_20250124 computer_20251124 computer_toolset_20260801 memory_20250818 "
            "text_editor_20241022 text_editor_20250124 text_editor_20250429 "
            "text_editor_20250728 tool_search_tool_bm25 tool_search_tool_bm25_20251119 "
            "tool_search_tool_regex tool_search_tool_regex_20251119"
        ),
        PASSED,
        TOLD,
        TOLD,
        "trained into Claude's models; others would not know how to call it",
    ),
    Classified("messages tool", "custom", PASSED, TRANSLATED, TRANSLATED, "a function everywhere"),
    Classified(
        "messages tool",
        (
            "advisor_20260301 code_execution_20250522 code_execution_20250825 "
            "code_execution_20260120 code_execution_20260521 mcp_toolset web_fetch_20250910 "
            "web_fetch_20260209 web_fetch_20260309 web_fetch_20260318 web_search_20250305 "
            "web_search_20260209 web_search_20260318"
        ),
        TOLD,
        TOLD,
        TOLD,
        "run by the vendor's servers, which Copilot has not (protocol notes 7.1)",
    ),
    Classified(
        "chat parameter",
        "n",
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "as many calls, whose answers become one",
    ),
    Classified(
        "chat parameter",
        (
            "audio frequency_penalty logit_bias modalities moderation prediction "
            "presence_penalty prompt_cache_options seed service_tier store stream_options "
            "web_search_options"
        ),
        TOLD,
        PASSED,
        TOLD,
        "only chat has it",
    ),
    Classified(
        "chat parameter",
        "metadata prompt_cache_key prompt_cache_retention safety_identifier verbosity",
        TOLD,
        PASSED,
        TRANSLATED,
        "Messages has no member for it",
    ),
    Classified(
        "chat parameter",
        "logprobs top_logprobs",
        TOLD,
        TOLD,
        TRANSLATED,
        "Claude's models give no probabilities; Responses has them",
    ),
    Classified(
        "chat parameter",
        "max_completion_tokens max_tokens stop temperature top_p",
        TRANSLATED,
        PASSED,
        TOLD,
        "Responses of a reasoning model refuses it",
    ),
    Classified(
        "chat parameter",
        ("parallel_tool_calls reasoning_effort tool_choice tools user"),
        TRANSLATED,
        PASSED,
        TRANSLATED,
        "every dialect says it",
    ),
    Classified(
        "chat parameter",
        "function_call functions messages model response_format stream",
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "said in the vendor's form, or the proxy's own work (model, stream)",
    ),
    Classified(
        "chat role",
        "assistant function system tool user",
        TRANSLATED,
        PASSED,
        TRANSLATED,
        "every dialect has a form for it",
    ),
    Classified(
        "chat role",
        "developer",
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "every dialect has a form for it; cache marks are added for Claude",
    ),
    Classified("chat part", "input_audio", TOLD, TOLD, TOLD, "no model of Copilot hears"),
    Classified(
        "chat part", "image_url text", TRANSLATED, PASSED, TRANSLATED, "every dialect says it"
    ),
    Classified("chat part", "file", TRANSLATED, TOLD, TRANSLATED, "chat takes no documents"),
    Classified(
        "chat tool",
        "function",
        TRANSLATED,
        PASSED,
        TRANSLATED,
        "a function everywhere",
    ),
    Classified(
        "chat tool",
        "custom",
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "a function with one text; a grammar is described in words",
    ),
    Classified(
        "responses parameter",
        "conversation previous_response_id prompt",
        REFUSED,
        REFUSED,
        REFUSED,
        "would need state that Copilot does not store",
    ),
    Classified(
        "responses parameter",
        (
            "access_programs context_management image max_tool_calls metadata moderation "
            "prompt_cache_key prompt_cache_options prompt_cache_retention safety_identifier "
            "stream_options top_logprobs truncation"
        ),
        TOLD,
        TOLD,
        PASSED,
        "only Responses has it",
    ),
    Classified(
        "responses parameter",
        "background service_tier store",
        TOLD,
        TOLD,
        TOLD,
        "Copilot refuses it (protocol notes 6.2) or answers without it",
    ),
    Classified(
        "responses parameter",
        "include",
        TOLD,
        TOLD,
        TRANSLATED,
        "encrypted reasoning is always asked for beside it",
    ),
    Classified(
        "responses parameter", "text", TRANSLATED, TRANSLATED, PASSED, "every dialect says a form"
    ),
    Classified(
        "responses parameter",
        "input instructions parallel_tool_calls reasoning tool_choice tools user",
        TRANSLATED,
        TRANSLATED,
        PASSED,
        "every dialect says it",
    ),
    Classified(
        "responses parameter",
        "max_output_tokens temperature top_p",
        TRANSLATED,
        TRANSLATED,
        TOLD,
        "Responses of a reasoning model refuses it (protocol notes 6.2)",
    ),
    Classified(
        "responses parameter",
        "model stream",
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "the proxy's own work: it routes by the model and answers as asked",
    ),
    Classified(
        "responses item",
        "item_reference",
        REFUSED,
        REFUSED,
        REFUSED,
        "refers to an item that nobody stored",
    ),
    Classified(
        "responses item",
        (
            "additional_tools compaction compaction_trigger computer_call "
            "computer_call_output configuration_update image_generation_call "
            "mcp_approval_request mcp_list_tools program web_search_call"
        ),
        TOLD,
        TOLD,
        PASSED,
        "the vendor's own, or half of a pair that stands alone",
    ),
    Classified(
        "responses item",
        "reasoning",
        TOLD,
        TOLD,
        TOLD,
        "its reasoning is without the encrypted form that could return",
    ),
    Classified(
        "responses item",
        (
            "apply_patch_call apply_patch_call_output code_interpreter_call custom_tool_call "
            "custom_tool_call_output file_search_call function_call function_call_output "
            "local_shell_call local_shell_call_output mcp_approval_response mcp_call message "
            "program_output shell_call shell_call_output tool_search_call tool_search_output"
        ),
        TRANSLATED,
        TRANSLATED,
        PASSED,
        "said in the other dialect's form or, where it has none, in words",
    ),
    Classified("responses part", "input_file", TRANSLATED, TOLD, PASSED, "chat takes no documents"),
    Classified(
        "responses part", "input_text", TRANSLATED, TRANSLATED, PASSED, "every dialect says it"
    ),
    Classified(
        "responses part",
        "input_image",
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "details that Copilot refuses are left to its default",
    ),
    Classified(
        "responses tool",
        (
            "computer computer_use_preview file_search image_generation mcp "
            "programmatic_tool_calling"
        ),
        TOLD,
        TOLD,
        PASSED,
        "run by the vendor's servers",
    ),
    Classified(
        "responses tool",
        (
            "code_interpreter web_search web_search_2025_08_26 web_search_preview "
            "web_search_preview_2025_03_11"
        ),
        TOLD,
        TOLD,
        TOLD,
        "Copilot does not run it; the proxy searches by another model where it can",
    ),
    Classified(
        "responses tool",
        "apply_patch custom function local_shell namespace shell tool_search",
        TRANSLATED,
        TRANSLATED,
        PASSED,
        "a function everywhere",
    ),
)

LEDGER = (*CLASSIFIED, *KINDS_CLASSIFIED, *MESSAGES_MEMBERS, *OPENAI_MEMBERS)
"""All lines of what a request may say."""

BETAS = [
    "computer-use-2024-10-22",
    "computer-use-2025-01-24",
    "output-128k-2025-02-19",
    "mcp-client-2025-04-04",
    "mcp-client-2025-11-20",
    "dev-full-thinking-2025-05-14",
    "interleaved-thinking-2025-05-14",
    "code-execution-2025-05-22",
    "context-1m-2025-08-07",
    "context-management-2025-06-27",
    "model-context-window-exceeded-2025-08-26",
    "fast-mode-2026-02-01",
    "output-300k-2026-03-24",
    "user-profiles-2026-03-24",
    "user-profiles-2026-08-18",
    "user-profiles-2026-09-04",
    "advisor-tool-2026-03-01",
    "managed-agents-2026-04-01",
    "dreaming-2026-04-21",
    "thinking-token-count-2026-05-13",
    "server-side-fallback-2026-06-01",
    "server-side-fallback-2026-07-01",
    "fallback-credit-2026-06-01",
    "fallback-credit-2026-07-01",
    "agent-memory-2026-07-22",
    "mid-conversation-tool-changes-2026-07-01",
    "compact-2026-01-12",
    "computer-use-2025-11-24",
    "mcp-tunnels-2026-06-22",
    "structured-outputs-2025-11-13",
    "task-budgets-2026-03-13",
    "thinking-display-updates-2026-08-18",
    "mid-conversation-output-config-2026-07-01",
    "thinking-binding-controls-2026-08-01",
    "mid-conversation-system-clear-at-2026-08-21",
    "compact-2026-09-04",
    "inline-tools-2026-09-15",
    "mcp-client-2026-09-15",
    "ce-plugins-2026-09-01",
    "spend-limit-reads-2026-09-26",
    "telemetry-destinations-2026-08-11",
    "webhooks-2026-10-07",
    "admin-user-sign-out-2026-10-08",
    "message-threads-2026-08-12",
    "analytics-usage-cost-2026-08-24",
    "experimental-claude-tag-2026-10-21",
    "message-batches-2024-09-24",
    "prompt-caching-2024-07-31",
    "pdfs-2024-09-25",
    "token-counting-2024-11-01",
    "token-efficient-tools-2025-02-19",
    "files-api-2025-04-14",
    "extended-cache-ttl-2025-04-11",
    "skills-2025-10-02",
    "cache-diagnosis-2026-04-07",
    "ce-user-management-2026-07-13",
    "ce-claude-code-managed-settings-2026-10-06",
    "user-profiles-billing-2026-10-01",
]
"""Values of ``anthropic-beta`` that somebody looked at: all go on upstream but those that are refused
(``copilot_facts.betas``), which are told."""
