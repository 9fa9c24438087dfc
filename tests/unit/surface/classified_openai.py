"""What becomes of the optional members of OpenAI's requests, and why; read like ``classified.py``."""

from __future__ import annotations

from tests.unit.surface.ledger_line import Classified
from tests.unit.surface.measure import Fate

PASSED, TRANSLATED, TOLD, REFUSED = Fate.PASSED, Fate.TRANSLATED, Fate.TOLD, Fate.REFUSED
NEEDLESS = Fate.NEEDLESS

OPENAI_MEMBERS = (
    Classified(
        "chat role member",
        ("{developer,system,user}.name assistant.{audio,name}"),
        TOLD,
        PASSED,
        TOLD,
        "other dialects have no member for it",
    ),
    Classified(
        "chat role member",
        ("assistant.{content,function_call,refusal,tool_calls}"),
        TRANSLATED,
        PASSED,
        TRANSLATED,
        "every dialect has a form for it",
    ),
    Classified(
        "chat part member",
        ("image_url.image_url.detail"),
        TOLD,
        PASSED,
        TRANSLATED,
        "Messages has no details",
    ),
    Classified(
        "chat part member",
        ("{file,image_url,text}.prompt_cache_breakpoint.ttl input_audio.prompt_cache_breakpoint"),
        TOLD,
        TOLD,
        TOLD,
        "the lifetime is the target's own, or it went with its part",
    ),
    Classified(
        "chat part member",
        ("file.file.file_id"),
        TOLD,
        TOLD,
        TRANSLATED,
        "names a file in OpenAI's store",
    ),
    Classified(
        "chat part member",
        ("file.prompt_cache_breakpoint"),
        TRANSLATED,
        TOLD,
        TOLD,
        "a document's cache mark: chat takes no documents, Responses caches by itself",
    ),
    Classified(
        "chat part member",
        ("file.file.file_data"),
        TRANSLATED,
        TOLD,
        TRANSLATED,
        "chat takes no documents",
    ),
    Classified(
        "chat part member",
        ("{image_url,text}.prompt_cache_breakpoint"),
        TRANSLATED,
        TRANSLATED,
        TOLD,
        "Claude's cache mark; Responses caches by itself",
    ),
    Classified(
        "chat part member",
        ("file.file.filename"),
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "every dialect says it",
    ),
    Classified(
        "chat format member",
        ("json_schema.{json_schema.description,json_schema.strict}"),
        TRANSLATED,
        PASSED,
        TRANSLATED,
        "in the schema's description; Claude's form is always strict",
    ),
    Classified(
        "chat format member",
        ("json_schema.json_schema.schema"),
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "in the subset that the vendor enforces",
    ),
    Classified(
        "chat tool member",
        ("function.{function.description,function.strict} custom.custom.description"),
        TRANSLATED,
        PASSED,
        TRANSLATED,
        "every dialect says it",
    ),
    Classified(
        "chat tool member",
        "custom.custom.format",
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "a grammar is described in words",
    ),
    Classified(
        "chat tool member",
        ("function.function.parameters"),
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "in the subset that the vendor takes",
    ),
    Classified(
        "responses item member",
        (
            "{apply_patch_call,apply_patch_call_output}.id "
            "{custom_tool_call,custom_tool_call_output,function_call}.id "
            "{mcp_approval_response,shell_call}.id "
            "{shell_call_output,tool_search_call,tool_search_output}.id "
            "function_call_output.{id,name,namespace}"
        ),
        NEEDLESS,
        NEEDLESS,
        PASSED,
        "an id in the store of the API that made it, or what the call says already",
    ),
    Classified(
        "responses item member",
        (
            "message.{phase,status} computer_call.actions "
            "computer_call_output.{acknowledged_safety_checks,id,status} "
            "function_call.{async,caller,status} function_call_output.{caller,status} "
            "{tool_search_call,tool_search_output}.{call_id,execution,status} "
            "{additional_tools,compaction,compaction_trigger}.id "
            "configuration_update.{id,reasoning,text} "
            "image_generation_call.{action,background,error} "
            "image_generation_call.{output_format,quality,size,svg_usage} "
            "local_shell_call_output.status "
            "shell_call.{caller,environment,environment.skills,status} "
            "shell_call_output.{caller,max_output_length,status} "
            "{apply_patch_call,apply_patch_call_output,custom_tool_call_output}.caller "
            "mcp_list_tools.error mcp_call.{approval_request_id,status} "
            "custom_tool_call.{async,caller}"
        ),
        TOLD,
        TOLD,
        PASSED,
        "other dialects have no member for it, or it went with its item",
    ),
    Classified(
        "responses item member",
        ("reasoning.{content,encrypted_content,status}"),
        TOLD,
        TOLD,
        TOLD,
        "went with its reasoning, which is no other model's",
    ),
    Classified(
        "responses item member",
        (
            "file_search_call.results computer_call.action "
            "{custom_tool_call,function_call}.namespace function_call_output.call_id "
            "image_generation_call.revised_prompt "
            "local_shell_call.{action.timeout_ms,action.user,action.working_directory} "
            "shell_call.{action.max_output_length,action.timeout_ms} "
            "apply_patch_call_output.output mcp_approval_response.reason "
            "mcp_call.{error,output}"
        ),
        TRANSLATED,
        TRANSLATED,
        PASSED,
        "said in the other dialect's form or in words",
    ),
    Classified(
        "responses part member",
        (
            "input_text.prompt_cache_breakpoint.ttl "
            "input_image.{file_id,prompt_cache_breakpoint.ttl} "
            "input_file.{detail,file_id,prompt_cache_breakpoint.ttl}"
        ),
        TOLD,
        TOLD,
        PASSED,
        "other dialects have no member for it, or names a file in OpenAI's store",
    ),
    Classified(
        "responses part member",
        ("input_file.{file_data,file_url,prompt_cache_breakpoint}"),
        TRANSLATED,
        TOLD,
        PASSED,
        "chat takes no documents",
    ),
    Classified(
        "responses part member",
        (
            "input_text.prompt_cache_breakpoint "
            "input_image.{image_url,prompt_cache_breakpoint} input_file.filename"
        ),
        TRANSLATED,
        TRANSLATED,
        PASSED,
        "every dialect says it; a breakpoint is Claude's cache mark",
    ),
    Classified(
        "responses choice member",
        ("mcp.name"),
        REFUSED,
        REFUSED,
        PASSED,
        "forces a tool that OpenAI runs",
    ),
    Classified(
        "responses format member",
        ("json_schema.{description,strict}"),
        TRANSLATED,
        TRANSLATED,
        PASSED,
        "in the schema's description; Claude's form is always strict",
    ),
    Classified(
        "responses tool member",
        (
            "function.{allowed_callers,async,defer_loading,output_schema} "
            "file_search.{filters,max_num_results,ranking_options} "
            "mcp.{allowed_callers,allowed_tools,authorization,connector_id,defer_loading} "
            "mcp.{headers,require_approval,server_description,server_url,tunnel_id} "
            "image_generation.{action,background,complexity} "
            "image_generation.{frame_count,frame_duration_ms} "
            "image_generation.{input_fidelity,input_image_mask} "
            "image_generation.{model,moderation,output_compression,output_format} "
            "image_generation.{partial_images,quality,size,svg} "
            "shell.{allowed_callers,environment,environment.file_ids} "
            "shell.{environment.memory_limit,environment.network_policy} "
            "shell.{environment.network_policy.domain_secrets,environment.skills} "
            "custom.{allowed_callers,async,defer_loading} tool_search.execution "
            "apply_patch.allowed_callers"
        ),
        TOLD,
        TOLD,
        PASSED,
        "other dialects have no member for it, or it went with its tool",
    ),
    Classified(
        "responses tool member",
        (
            "web_search.{external_web_access,filters,search_context_size,user_location} "
            "web_search_2025_08_26.{external_web_access,filters} "
            "web_search_2025_08_26.{search_context_size,user_location} "
            "code_interpreter.allowed_callers "
            "web_search_preview.{search_content_types,search_context_size,user_location} "
            "web_search_preview_2025_03_11.search_content_types "
            "web_search_preview_2025_03_11.{search_context_size,user_location}"
        ),
        TOLD,
        TOLD,
        TOLD,
        "went with its tool, which Copilot does not run",
    ),
    Classified(
        "responses tool member",
        ("function.description custom.{description,format} tool_search.{description,parameters}"),
        TRANSLATED,
        TRANSLATED,
        PASSED,
        "every dialect says it; a grammar is told in words",
    ),
    Classified(
        "chat parameter member",
        (
            "moderation.policy prompt_cache_options.{mode,ttl} "
            "stream_options.include_obfuscation "
            "web_search_options.{search_context_size,user_location}"
        ),
        TOLD,
        PASSED,
        TOLD,
        "only chat has it",
    ),
    Classified(
        "chat parameter member",
        ("response_format.{json_schema.description,json_schema.strict}"),
        TRANSLATED,
        PASSED,
        TRANSLATED,
        "in the schema's description; Claude's form is always strict",
    ),
    Classified(
        "chat parameter member",
        ("response_format.json_schema.schema stream_options.include_usage"),
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "in the vendor's form, or the proxy's own work (usage)",
    ),
    Classified(
        "responses parameter member",
        ("prompt.{variables,version}"),
        REFUSED,
        REFUSED,
        REFUSED,
        "stored prompts need state that Copilot does not store",
    ),
    Classified(
        "responses parameter member",
        (
            "access_programs.cyber image.context_compression moderation.policy "
            "prompt_cache_options.{comparison_response_id,mode,prewarm,ttl} "
            "reasoning.{context,mode} stream_options.include_obfuscation tool_choice.name"
        ),
        TOLD,
        TOLD,
        PASSED,
        "only Responses has it",
    ),
    Classified(
        "responses parameter member",
        ("text.verbosity"),
        TOLD,
        TRANSLATED,
        PASSED,
        "Messages has no verbosity",
    ),
    Classified(
        "responses parameter member",
        ("reasoning.{generate_summary,summary}"),
        TRANSLATED,
        TOLD,
        PASSED,
        "chat shows what thinking there is",
    ),
    Classified(
        "responses parameter member",
        ("reasoning.effort text.{format.description,format.strict}"),
        TRANSLATED,
        TRANSLATED,
        PASSED,
        "every dialect says it",
    ),
    Classified(
        "responses parameter member",
        ("text.format"),
        TRANSLATED,
        TRANSLATED,
        TRANSLATED,
        "in the subset that the vendor enforces",
    ),
)
