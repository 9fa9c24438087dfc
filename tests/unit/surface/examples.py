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
"""The turn that must come after it; else the person speaks again."""
