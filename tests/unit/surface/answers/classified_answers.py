"""What becomes of all that an answer may hold, for a client of each dialect, and why."""

from __future__ import annotations

from tests.unit.surface.ledger_line import Classified
from tests.unit.surface.measure import Fate

PASSED, TRANSLATED, TOLD, NEEDLESS = Fate.PASSED, Fate.TRANSLATED, Fate.TOLD, Fate.NEEDLESS

ANSWERS = (
    Classified(
        "messages block",
        (
            "server_tool_use web_search_tool_result web_fetch_tool_result advisor_tool_result "
            "code_execution_tool_result bash_code_execution_tool_result "
            "text_editor_code_execution_tool_result tool_search_tool_result mcp_tool_use "
            "mcp_tool_result container_upload compaction fallback mcp_tool_listing"
        ),
        PASSED,
        TOLD,
        TOLD,
        "the vendor's own; the record of the request names it",
    ),
    Classified(
        "messages block",
        ("text thinking redacted_thinking tool_use"),
        PASSED,
        TRANSLATED,
        TRANSLATED,
        "every dialect says it; proofs travel in an envelope",
    ),
    Classified(
        "messages delta",
        ("citations_delta compaction_delta"),
        PASSED,
        TOLD,
        TOLD,
        "went with its block, or cites what only Anthropic can prove",
    ),
    Classified(
        "messages delta",
        ("text_delta input_json_delta thinking_delta signature_delta"),
        PASSED,
        TRANSLATED,
        TRANSLATED,
        "every dialect says it",
    ),
    Classified(
        "messages event",
        (
            "message_start message_delta message_stop content_block_start content_block_delta "
            "content_block_stop"
        ),
        PASSED,
        TRANSLATED,
        TRANSLATED,
        "the frame of a stream, in the client's own events",
    ),
    Classified(
        "responses item",
        (
            "file_search_call function_call_output web_search_call computer_call "
            "computer_call_output program program_output tool_search_call tool_search_output "
            "additional_tools compaction image_generation_call code_interpreter_call "
            "local_shell_call local_shell_call_output shell_call shell_call_output "
            "apply_patch_call apply_patch_call_output mcp_call mcp_list_tools "
            "mcp_approval_request mcp_approval_response custom_tool_call_output"
        ),
        TOLD,
        TOLD,
        PASSED,
        "the vendor's own; the record of the request names it",
    ),
    Classified(
        "responses item",
        ("message function_call reasoning custom_tool_call"),
        TRANSLATED,
        TRANSLATED,
        PASSED,
        "every dialect says it",
    ),
    Classified(
        "responses part",
        ("output_text refusal"),
        TRANSLATED,
        TRANSLATED,
        PASSED,
        "every dialect says it",
    ),
    Classified(
        "responses event",
        (
            "response.code_interpreter_call_code.{delta,done} "
            "response.code_interpreter_call.{completed,in_progress,interpreting} "
            "response.file_search_call.{completed,in_progress,searching} "
            "response.shell_call_command.{added,delta,done} "
            "response.shell_call_output_content.{delta,done} "
            "response.reasoning_summary_part.{added,done} "
            "response.reasoning_summary_text.done response.reasoning_text.done "
            "response.web_search_call.{completed,in_progress,searching} "
            "response.image_generation_call.{completed,generating,in_progress} "
            "response.image_generation_call.partial_image "
            "response.mcp_call_arguments.{delta,done} "
            "response.mcp_call.{completed,failed,in_progress} "
            "response.mcp_list_tools.{completed,failed,in_progress} "
            "response.output_text.annotation.added"
        ),
        NEEDLESS,
        NEEDLESS,
        PASSED,
        "progress of an item whose last event says it whole",
    ),
    Classified(
        "responses event",
        (
            "response.audio.{delta,done} response.audio.transcript.{delta,done} "
            "response.compaction.compacting"
        ),
        TOLD,
        TOLD,
        PASSED,
        "no form elsewhere; the record of the request names it",
    ),
    Classified(
        "responses event",
        (
            "response.{completed,created,in_progress,failed,incomplete,queued} "
            "response.content_part.{added,done} response.function_call_arguments.{delta,done} "
            "response.output_item.{added,done} response.reasoning_summary_text.delta "
            "response.reasoning_text.delta response.refusal.{delta,done} "
            "response.output_text.{delta,done} response.custom_tool_call_input.{delta,done}"
        ),
        TRANSLATED,
        TRANSLATED,
        PASSED,
        "every dialect says it",
    ),
    Classified(
        "responses event",
        ("error"),
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "an error in the client's words",
    ),
    Classified(
        "messages member",
        (
            "input_transformations input_transformations.{path,reason,type} "
            "usage.{cache_creation,fallback_credit,inference_geo,iterations} "
            "usage.{server_tool_use,service_tier,speed} "
            "usage.cache_creation.{ephemeral_1h_input_tokens,ephemeral_5m_input_tokens} "
            "usage.fallback_credit.status "
            "usage.iterations.{cache_creation,cache_creation_input_tokens} "
            "usage.iterations.{cache_read_input_tokens,input_tokens,model,output_tokens} "
            "usage.iterations.type "
            "usage.server_tool_use.{web_fetch_requests,web_search_requests}"
        ),
        PASSED,
        NEEDLESS,
        NEEDLESS,
        "how it was counted or served, which other dialects do not say",
    ),
    Classified(
        "messages member",
        (
            "container context_management diagnostics stop_details "
            "container.{expires_at,id,skills} container.skills.{skill_id,type,version} "
            "context_management.applied_edits "
            "context_management.applied_edits.{cleared_input_tokens,cleared_tool_uses} "
            "context_management.applied_edits.{type,cleared_thinking_turns} "
            "diagnostics.cache_miss_reason "
            "diagnostics.cache_miss_reason.{cache_missed_input_tokens,type} "
            "stop_details.{category,explanation,fallback_credit_token} "
            "stop_details.{fallback_has_prefill_claim,recommended_model,type}"
        ),
        PASSED,
        TOLD,
        TOLD,
        "the vendor's own; the record of the request names it",
    ),
    Classified(
        "messages member",
        (
            "stop_reason "
            "usage.{cache_creation_input_tokens,cache_read_input_tokens,input_tokens} "
            "usage.{output_tokens,output_tokens_details} "
            "usage.output_tokens_details.thinking_tokens"
        ),
        PASSED,
        TRANSLATED,
        TRANSLATED,
        "every dialect says it",
    ),
    Classified(
        "messages member",
        ("id model role stop_sequence type usage"),
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "stated by the proxy, or counted in the client's form",
    ),
    Classified(
        "chat member",
        (
            "service_tier system_fingerprint "
            "usage.{completion_tokens_details,prompt_tokens_details} "
            "usage.completion_tokens_details.{accepted_prediction_tokens,audio_tokens} "
            "usage.completion_tokens_details.{rejected_prediction_tokens,text_tokens} "
            "usage.prompt_tokens_details.{audio_tokens,image_tokens,text_tokens}"
        ),
        NEEDLESS,
        PASSED,
        NEEDLESS,
        "how it was counted or served, which other dialects do not say",
    ),
    Classified(
        "chat member",
        ("choices.logprobs choices.logprobs.content"),
        NEEDLESS,
        PASSED,
        TRANSLATED,
        "no Messages client can ask for probabilities",
    ),
    Classified(
        "chat member",
        (
            "metadata moderation moderation.{input,output} "
            "moderation.input.{model,results,type,code,message} "
            "moderation.output.{model,results,type,code,message}"
        ),
        TOLD,
        PASSED,
        TOLD,
        "no form elsewhere; the record of the request names it",
    ),
    Classified(
        "chat member",
        ("choices.message.annotations"),
        TOLD,
        PASSED,
        TRANSLATED,
        "a web page; Messages' citations carry proofs",
    ),
    Classified(
        "chat member",
        ("choices.logprobs.refusal choices.message.audio"),
        TOLD,
        TOLD,
        TOLD,
        "no client of Copilot is given sound, nor probabilities of a refusal",
    ),
    Classified(
        "chat member",
        (
            "choices.{finish_reason,message} choices.message.{content,refusal} "
            "usage.{completion_tokens,prompt_tokens} "
            "usage.completion_tokens_details.reasoning_tokens "
            "usage.prompt_tokens_details.{cache_write_tokens,cached_tokens}"
        ),
        TRANSLATED,
        PASSED,
        TRANSLATED,
        "every dialect says it",
    ),
    Classified(
        "chat member",
        (
            "choices created id model object usage choices.index "
            "choices.message.{function_call,role,tool_calls} usage.total_tokens"
        ),
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "stated by the proxy, or said in the client's form",
    ),
    Classified(
        "chat chunk",
        (
            "obfuscation service_tier system_fingerprint "
            "usage.{completion_tokens_details,prompt_tokens_details} "
            "usage.completion_tokens_details.{accepted_prediction_tokens,audio_tokens} "
            "usage.completion_tokens_details.{rejected_prediction_tokens,text_tokens} "
            "usage.prompt_tokens_details.{audio_tokens,image_tokens,text_tokens}"
        ),
        NEEDLESS,
        PASSED,
        NEEDLESS,
        "how it was counted or served, which other dialects do not say",
    ),
    Classified(
        "chat chunk",
        ("choices.logprobs choices.logprobs.content"),
        NEEDLESS,
        PASSED,
        TRANSLATED,
        "no Messages client can ask for probabilities",
    ),
    Classified(
        "chat chunk",
        (
            "choices.delta choices.delta.audio choices.logprobs.refusal moderation "
            "moderation.{input,output} moderation.input.{model,results,type,code,message} "
            "moderation.output.{model,results,type,code,message}"
        ),
        TOLD,
        PASSED,
        TOLD,
        "no form elsewhere; the record of the request names it",
    ),
    Classified(
        "chat chunk",
        (
            "choices usage choices.delta.{content,function_call,refusal,tool_calls} "
            "choices.finish_reason usage.{completion_tokens,prompt_tokens} "
            "usage.completion_tokens_details.reasoning_tokens "
            "usage.prompt_tokens_details.{cache_write_tokens,cached_tokens}"
        ),
        TRANSLATED,
        PASSED,
        TRANSLATED,
        "every dialect says it",
    ),
    Classified(
        "chat chunk",
        ("choices.delta.role choices.index created id model object usage.total_tokens"),
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "stated by the proxy, or said in the client's form",
    ),
    Classified(
        "responses member",
        (
            "background completed_at input_transformations instructions max_output_tokens "
            "max_tool_calls metadata parallel_tool_calls previous_response_id "
            "prompt_cache_key prompt_cache_retention reasoning safety_identifier service_tier "
            "temperature text tool_choice top_logprobs top_p truncation user "
            "input_transformations.{action,id,reason,type} "
            "usage.input_tokens_details.cache_write_tokens_details"
        ),
        NEEDLESS,
        NEEDLESS,
        PASSED,
        "repeats the request, or how it was counted or served",
    ),
    Classified(
        "responses member",
        (
            "access_programs conversation image moderation prompt prompt_cache_diagnostics "
            "prompt_cache_options tool_usage access_programs.cyber conversation.id "
            "image.context_compression moderation.{input,output} "
            "moderation.input.{categories,category_applied_input_types,category_scores} "
            "moderation.input.{flagged,model,type,code,message} "
            "moderation.output.{categories,category_applied_input_types,category_scores} "
            "moderation.output.{flagged,model,type,code,message} "
            "prompt_cache_diagnostics.{cache_missed_tokens,comparison_reusable_tokens} "
            "prompt_cache_diagnostics.{reason,type} "
            "prompt_cache_options.{comparison_response_id,mode,ttl} "
            "tool_usage.{image_gen,web_search} "
            "tool_usage.image_gen.{cached_tokens,cached_tokens_details,input_tokens} "
            "tool_usage.image_gen.{input_tokens_details,output_tokens} "
            "tool_usage.image_gen.{output_tokens_details,total_tokens} "
            "tool_usage.web_search.num_requests"
        ),
        TOLD,
        TOLD,
        PASSED,
        "no form elsewhere; the record of the request names it",
    ),
    Classified(
        "responses member",
        (
            "usage.{input_tokens,input_tokens_details,output_tokens} "
            "usage.output_tokens_details "
            "usage.input_tokens_details.{cache_write_tokens,cached_tokens} "
            "usage.output_tokens_details.reasoning_tokens"
        ),
        TRANSLATED,
        TRANSLATED,
        PASSED,
        "every dialect says it",
    ),
    Classified(
        "responses member",
        (
            "created_at error id incomplete_details model object status tools usage "
            "error.{code,message,misalignment,param,type} "
            "error.misalignment.{detailed_explanation,error_type,review_target,steer} "
            "incomplete_details.reason usage.total_tokens"
        ),
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "stated by the proxy, or an error in the client's words",
    ),
)
