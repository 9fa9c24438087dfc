"""What becomes of the optional members of a Messages request, and why; read like ``classified.py``."""

from __future__ import annotations

from tests.unit.surface.ledger_line import Classified
from tests.unit.surface.measure import Fate

PASSED, TRANSLATED, TOLD, REFUSED = Fate.PASSED, Fate.TRANSLATED, Fate.TOLD, Fate.REFUSED

MESSAGES_MEMBERS = (
    Classified(
        "messages block member",
        (
            "text.{cache_control.ttl,citations} "
            "image.{cache_control.ttl,transformations,transformations.oversized_image} "
            "document.{cache_control,cache_control.ttl,citations,citations.enabled,context} "
            "search_result.{cache_control.ttl,citations,citations.enabled} "
            "tool_use.{cache_control.ttl,caller,toolset_name} "
            "tool_result.{cache_control.ttl,toolset_name} "
            "server_tool_use.{cache_control,caller} "
            "{web_fetch_tool_result,web_search_tool_result}.{cache_control,caller} "
            "{advisor_tool_result,bash_code_execution_tool_result}.cache_control "
            "{code_execution_tool_result,container_upload}.cache_control "
            "{mcp_tool_use,text_editor_code_execution_tool_result}.cache_control "
            "{tool_addition,tool_removal,tool_search_tool_result}.cache_control "
            "mcp_tool_result.{cache_control,content,is_error} "
            "compaction.{cache_control,content,encrypted_content,signature,tool_changes} "
            "fallback.trigger"
        ),
        PASSED,
        TOLD,
        TOLD,
        "other dialects have no member for it, or it went with its block",
    ),
    Classified(
        "messages block member",
        ("{image,search_result,text,tool_result,tool_use}.cache_control"),
        PASSED,
        TRANSLATED,
        TOLD,
        "a mark on the message; Responses caches by itself",
    ),
    Classified(
        "messages block member",
        ("document.title tool_result.{content,is_error}"),
        PASSED,
        TRANSLATED,
        TRANSLATED,
        "every dialect says it",
    ),
    Classified(
        "messages role member",
        ("system.{output_config,output_config.effort}"),
        TOLD,
        TOLD,
        TOLD,
        "Copilot refuses it (protocol notes 7.1)",
    ),
    Classified(
        "messages role member",
        ("system.{clear_at,content}"),
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "told in the user's turn until it is cleared",
    ),
    Classified(
        "messages choice member",
        ("{any,auto,tool}.disable_parallel_tool_use"),
        PASSED,
        TRANSLATED,
        TRANSLATED,
        "every dialect says it",
    ),
    Classified(
        "messages thinking member",
        ("{adaptive,enabled}.{block_binding,block_binding.prefix_mismatch_behavior}"),
        PASSED,
        TOLD,
        TOLD,
        "about Claude's signatures",
    ),
    Classified(
        "messages thinking member",
        ("{adaptive,enabled}.display"),
        PASSED,
        TOLD,
        TRANSLATED,
        "chat shows what thinking there is",
    ),
    Classified(
        "messages tool member",
        (
            "custom.{allowed_callers,cache_control} "
            "custom.{cache_control.ttl,defer_loading,input_examples} "
            "bash_20241022.{allowed_callers,cache_control} "
            "bash_20241022.{defer_loading,input_examples,strict} "
            "bash_20250124.{allowed_callers,cache_control} "
            "bash_20250124.{defer_loading,input_examples,strict} "
            "memory_20250818.{allowed_callers,cache_control} "
            "memory_20250818.{defer_loading,input_examples,strict} "
            "text_editor_20241022.{allowed_callers,cache_control} "
            "text_editor_20241022.{defer_loading,input_examples,strict} "
            "text_editor_20250124.{allowed_callers,cache_control} "
            "text_editor_20250124.{defer_loading,input_examples,strict} "
            "text_editor_20250429.{allowed_callers,cache_control} "
            "text_editor_20250429.{defer_loading,input_examples,strict} "
            "{browser_toolset_20260801,computer_toolset_20260801}.{cache_control,configs} "
            "computer_20241022.{allowed_callers,cache_control,defer_loading} "
            "computer_20241022.{display_number,input_examples,strict} "
            "computer_20250124.{allowed_callers,cache_control,defer_loading} "
            "computer_20250124.{display_number,input_examples,strict} "
            "computer_20251124.{allowed_callers,cache_control,defer_loading} "
            "computer_20251124.{display_number,enable_zoom,input_examples,strict} "
            "text_editor_20250728.{allowed_callers,cache_control,defer_loading} "
            "text_editor_20250728.{input_examples,max_characters,strict} "
            "tool_search_tool_bm25.{allowed_callers,cache_control,defer_loading,strict} "
            "tool_search_tool_bm25_20251119.{allowed_callers,cache_control} "
            "tool_search_tool_bm25_20251119.{defer_loading,strict} "
            "tool_search_tool_regex.{allowed_callers,cache_control,defer_loading,strict} "
            "tool_search_tool_regex_20251119.{allowed_callers,cache_control} "
            "tool_search_tool_regex_20251119.{defer_loading,strict}"
        ),
        PASSED,
        TOLD,
        TOLD,
        "other dialects have no member for it, or it went with its tool",
    ),
    Classified(
        "messages tool member",
        ("custom.{description,input_schema.properties,input_schema.required,strict}"),
        PASSED,
        TRANSLATED,
        TRANSLATED,
        "a function everywhere",
    ),
    Classified(
        "messages tool member",
        (
            "custom.eager_input_streaming "
            "code_execution_20250522.{allowed_callers,cache_control,defer_loading,strict} "
            "code_execution_20250825.{allowed_callers,cache_control,defer_loading,strict} "
            "code_execution_20260120.{allowed_callers,cache_control,defer_loading,strict} "
            "code_execution_20260521.{allowed_callers,cache_control,defer_loading,strict} "
            "web_search_20250305.{allowed_callers,allowed_domains} "
            "web_search_20250305.{blocked_domains,cache_control} "
            "web_search_20250305.{defer_loading,max_uses,strict,user_location} "
            "web_search_20260209.{allowed_callers,allowed_domains} "
            "web_search_20260209.{blocked_domains,cache_control} "
            "web_search_20260209.{defer_loading,max_uses,strict,user_location} "
            "web_fetch_20250910.{allowed_callers,allowed_domains} "
            "web_fetch_20250910.{blocked_domains,cache_control,citations} "
            "web_fetch_20250910.{defer_loading,max_content_tokens} "
            "web_fetch_20250910.{max_uses,strict,url_sources} "
            "web_fetch_20260209.{allowed_callers,allowed_domains} "
            "web_fetch_20260209.{blocked_domains,cache_control,citations} "
            "web_fetch_20260209.{defer_loading,max_content_tokens} "
            "web_fetch_20260209.{max_uses,strict,url_sources} "
            "web_fetch_20260309.{allowed_callers,allowed_domains} "
            "web_fetch_20260309.{blocked_domains,cache_control,citations} "
            "web_fetch_20260309.{defer_loading,max_content_tokens,max_uses} "
            "web_fetch_20260309.{strict,url_sources,use_cache} "
            "web_search_20260318.{allowed_callers,allowed_domains} "
            "web_search_20260318.{blocked_domains,cache_control} "
            "web_search_20260318.{defer_loading,max_uses} "
            "web_search_20260318.{response_inclusion,strict,user_location} "
            "web_fetch_20260318.{allowed_callers,allowed_domains,blocked_domains} "
            "web_fetch_20260318.{cache_control,citations,defer_loading} "
            "web_fetch_20260318.{max_content_tokens,max_uses,response_inclusion} "
            "web_fetch_20260318.{strict,url_sources,use_cache} "
            "advisor_20260301.{allowed_callers,cache_control,caching} "
            "advisor_20260301.{defer_loading,max_tokens,max_uses,strict} "
            "mcp_toolset.{cache_control,configs,default_config,tools}"
        ),
        TOLD,
        TOLD,
        TOLD,
        "Copilot refuses it, or it went with its tool",
    ),
    Classified(
        "messages parameter member",
        (
            "billing_policy.bill_to compaction.instructions container.{id,skills} "
            "context_management.edits diagnostics.previous_message_id "
            "fallback_credit_token.mode output_config.{task_budget,task_budget.remaining} "
            "thinking.{block_binding,block_binding.prefix_mismatch_behavior}"
        ),
        PASSED,
        TOLD,
        TOLD,
        "the vendor's own",
    ),
    Classified(
        "messages parameter member",
        ("thinking.display"),
        PASSED,
        TOLD,
        TRANSLATED,
        "chat shows what thinking there is",
    ),
    Classified(
        "messages parameter member",
        ("metadata.user_id"),
        PASSED,
        TRANSLATED,
        TOLD,
        "chat's user, unless it is personal data; Claude's Responses take none",
    ),
    Classified(
        "messages parameter member",
        ("output_config.effort tool_choice.disable_parallel_tool_use"),
        PASSED,
        TRANSLATED,
        TRANSLATED,
        "every dialect says it",
    ),
    Classified(
        "messages parameter member",
        ("cache_control.ttl"),
        TOLD,
        TOLD,
        TOLD,
        "Copilot refuses it (protocol notes 7.1)",
    ),
    Classified(
        "messages parameter member",
        ("output_config.format"),
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "in the subset that the vendor enforces",
    ),
)
