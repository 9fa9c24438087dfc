"""Examples that say something where the smallest one of the types says nothing, or a default.

An empty object or a default that leaves no trace upstream would look like a loss. What stands around an
item (the call before its result) is here too.
"""

from __future__ import annotations

from typing import Any

SCHEMA = {"type": "object", "properties": {"where": {"type": "string"}}, "required": ["where"]}
_FUNCTION = {"name": "seek", "description": "Seeks.", "parameters": SCHEMA}
_CHAT_CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
_CALL = {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"}
_USE = {"type": "tool_use", "id": "call_1", "name": "look", "input": {}}
_PNG = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_PDF = "data:application/pdf;base64,JVBERi0xLjQK"

EXAMPLES: dict[tuple[str, str], Any] = {
    ("messages parameter", "metadata"): {"user_id": "somebody"},
    ("messages parameter", "output_config"): {"effort": "low"},
    ("messages parameter", "thinking"): {"type": "enabled", "budget_tokens": 2000},
    ("messages parameter", "model"): "claude-sonnet-4.6",
    ("messages parameter", "tool_choice"): {"type": "any"},
    ("messages tool", "custom"): {"type": "custom", "name": "seek", "input_schema": SCHEMA},
    ("messages block", "tool_use"): _USE,
    ("messages block", "tool_result"): {
        "type": "tool_result",
        "tool_use_id": "call_1",
        "content": "Seen.",
    },
    ("chat parameter", "messages"): [{"role": "user", "content": "Another"}],
    ("chat parameter", "n"): 2,
    ("chat parameter", "parallel_tool_calls"): False,
    ("chat parameter", "reasoning_effort"): "low",
    ("chat parameter", "response_format"): {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": SCHEMA},
    },
    ("chat parameter", "stream_options"): {"include_usage": True, "include_obfuscation": True},
    ("chat parameter", "tools"): [{"type": "function", "function": _FUNCTION}],
    ("chat role", "assistant"): {"role": "assistant", "content": "Hello yourself"},
    ("chat role", "tool"): {"role": "tool", "tool_call_id": "call_1", "content": "Seen."},
    ("chat role", "function"): {"role": "function", "name": "look", "content": "Seen."},
    ("chat part", "file"): {"type": "file", "file": {"filename": "a.pdf", "file_data": _PDF}},
    ("chat tool", "function"): {"type": "function", "function": _FUNCTION},
    ("responses parameter", "parallel_tool_calls"): False,
    ("responses parameter", "reasoning"): {"effort": "low"},
    ("responses parameter", "text"): {"verbosity": "low"},
    ("responses parameter", "tools"): [{"type": "function", **_FUNCTION, "strict": False}],
    ("responses tool", "function"): {"type": "function", **_FUNCTION, "strict": False},
    ("responses item", "function_call"): _CALL,
    ("responses item", "function_call_output"): {
        "type": "function_call_output",
        "call_id": "call_1",
        "output": "Seen.",
    },
    ("responses part", "input_image"): {
        "type": "input_image",
        "detail": "auto",
        "image_url": _PNG,
    },
    ("responses part", "input_file"): {
        "type": "input_file",
        "filename": "a.pdf",
        "file_data": _PDF,
    },
}
_GRAMMAR = {"syntax": "lark", "definition": "start: WORD"}
_PROGRAM = {"type": "program", "caller_id": "prg_1"}
_CUSTOM_CALL = {"type": "custom_tool_call", "call_id": "call_1", "name": "look", "input": "Here."}
_SHELL = {"type": "shell_call", "call_id": "call_1", "action": {"commands": ["ls"]}}
_LOCAL_SHELL = {
    "type": "local_shell_call",
    "id": "lsh_1",
    "call_id": "call_1",
    "status": "completed",
    "action": {"type": "exec", "command": ["ls"], "env": {}},
}
_PATCH = {
    "type": "apply_patch_call",
    "call_id": "call_1",
    "status": "completed",
    "operation": {"type": "create_file", "path": "a", "diff": "+a"},
}
_SEARCH = {
    "type": "tool_search_call",
    "call_id": "call_1",
    "execution": "client",
    "arguments": {"query": "rooms"},
}
_OUTPUTS: dict[str, dict[str, Any]] = {
    "custom_tool_call": {"type": "custom_tool_call_output", "output": "Seen."},
    "shell_call": {
        "type": "shell_call_output",
        "output": [{"stdout": "a", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}],
    },
    "local_shell_call": {"type": "local_shell_call_output", "id": "lsho_1", "output": "a"},
    "apply_patch_call": {"type": "apply_patch_call_output", "status": "completed", "output": "a"},
    "tool_search_call": {"type": "tool_search_output", "execution": "client", "tools": []},
}
_PAIRS = {
    str(call["type"]): (call, {**_OUTPUTS[str(call["type"])], "call_id": "call_1"})
    for call in (_CUSTOM_CALL, _SHELL, _LOCAL_SHELL, _PATCH, _SEARCH)
}
_SAID = {"type": "message", "role": "assistant", "content": "Hello yourself"}
EXAMPLES |= {
    ("messages block member", "tool_use.caller"): {
        "type": "code_execution_20250825",
        "tool_id": "srvtoolu_1",
    },
    ("messages parameter member", "thinking.display"): "omitted",
    ("chat part member", "image_url.image_url.detail"): "low",
    ("chat tool member", "custom.custom.format"): {"type": "grammar", "grammar": _GRAMMAR},
    ("responses tool member", "custom.format"): {"type": "grammar", **_GRAMMAR},
    ("responses tool member", "shell.allowed_callers"): ["programmatic"],
    ("responses tool member", "apply_patch.allowed_callers"): ["programmatic"],
    ("responses item", "message"): _SAID,
    ("responses item member", "file_search_call.results"): [{"filename": "a", "text": "Found."}],
    ("responses item member", "function_call.id"): "fc_1",
    ("responses item member", "custom_tool_call.id"): "ctc_1",
    ("responses item member", "function_call_output.call_id"): "call_1",
    ("responses parameter member", "reasoning.effort"): "low",
    ("responses parameter member", "reasoning.summary"): "detailed",
    ("responses parameter member", "reasoning.generate_summary"): "detailed",
    ("responses parameter member", "text.format"): {
        "type": "json_schema",
        "name": "answer",
        "schema": SCHEMA,
    },
}
_LOOK = {"type": "function", "name": "look"}
EXAMPLES |= {
    ("messages role", "system"): {"role": "system", "content": "Be kind."},
    ("messages thinking", "enabled"): {"type": "enabled", "budget_tokens": 2000},
    ("messages choice", "tool"): {"type": "tool", "name": "look"},
    ("chat choice", "function"): {"type": "function", "function": {"name": "look"}},
    ("chat choice", "custom"): {"type": "custom", "custom": {"name": "look"}},
    ("chat choice", "allowed_tools"): {
        "type": "allowed_tools",
        "allowed_tools": {
            "mode": "required",
            "tools": [{"type": "function", "function": {"name": "look"}}],
        },
    },
    ("chat format", "json_schema"): {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": SCHEMA},
    },
    ("responses choice", "function"): _LOOK,
    ("responses choice", "allowed_tools"): {
        "type": "allowed_tools",
        "mode": "required",
        "tools": [_LOOK],
    },
}
for _kind, (_call, _output) in _PAIRS.items():
    EXAMPLES["responses item", _kind] = _call
    EXAMPLES["responses item", _output["type"]] = _output
for _kind in ("function_call", "function_call_output", "custom_tool_call"):
    EXAMPLES["responses item member", f"{_kind}.caller"] = _PROGRAM
for _kind in ("custom_tool_call_output", "shell_call", "shell_call_output"):
    EXAMPLES["responses item member", f"{_kind}.caller"] = _PROGRAM
for _kind in ("apply_patch_call", "apply_patch_call_output"):
    EXAMPLES["responses item member", f"{_kind}.caller"] = _PROGRAM
_JSON_SCHEMA = {"name": "answer", "schema": SCHEMA}
BASE_OF: dict[tuple[str, str], Any] = {
    ("messages parameter", "thinking"): {"type": "enabled", "budget_tokens": 2000},
    ("chat parameter", "response_format"): {"type": "json_schema", "json_schema": _JSON_SCHEMA},
    ("responses parameter", "text"): {"format": {"type": "json_schema", **_JSON_SCHEMA}},
    ("chat part member", "file.file.file_id"): {"type": "file", "file": {}},
    ("responses part member", "input_image.file_id"): {"type": "input_image", "detail": "auto"},
    ("responses part member", "input_file.file_id"): {"type": "input_file"},
    ("responses part member", "input_file.file_url"): {"type": "input_file"},
}
"""What a member is added to where the kind's own example has another in its place."""
BEFORE: dict[tuple[str, str], Any] = {
    ("messages block", "tool_result"): {"role": "assistant", "content": [_USE]},
    ("chat role", "tool"): {"role": "assistant", "content": None, "tool_calls": [_CHAT_CALL]},
    ("chat role", "function"): {
        "role": "assistant",
        "content": None,
        "function_call": {"name": "look", "arguments": "{}"},
    },
    ("responses item", "function_call_output"): _CALL,
}
BEFORE |= {("responses item", str(out["type"])): call for call, out in _PAIRS.values()}
"""The turn that must come before it."""
AFTER: dict[tuple[str, str], Any] = {
    ("messages block", "tool_use"): {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": "call_1", "content": "Seen."}],
    },
    ("responses item", "function_call"): {
        "type": "function_call_output",
        "call_id": "call_1",
        "output": "Seen.",
    },
}
AFTER |= {("responses item", kind): out for kind, (_, out) in _PAIRS.items()}
_RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "Seen."}
EXAMPLES["chat role member", "assistant.tool_calls"] = [_CHAT_CALL]
EXAMPLES["chat role member", "assistant.function_call"] = {"name": "look", "arguments": "{}"}
AFTER["chat role member", "assistant.tool_calls"] = _RESULT
AFTER["chat role member", "assistant.function_call"] = {
    "role": "function",
    "name": "look",
    "content": "Seen.",
}
"""The turn that must come after it; else the person speaks again."""
