"""Which golden case shows which kind of content, for every source dialect.

Every case has outputs for all dialects; those that only clients speak have requests of their own.
``proof`` stands in the case's input; without it the case shows something else than the table says.
"""

from __future__ import annotations

from typing import NamedTuple

from proxy_core.canonical.request import DialectName

CHAT = DialectName.OPENAI_CHAT
MESSAGES = DialectName.ANTHROPIC_MESSAGES
RESPONSES = DialectName.OPENAI_RESPONSES
GEMINI = DialectName.GEMINI
OLLAMA = DialectName.OLLAMA


class Shown(NamedTuple):
    case: str
    proof: str


REQUESTS: dict[str, dict[DialectName, Shown]] = {
    "plain text": {
        CHAT: Shown("plain", '"Grüße! 🌲"'),
        MESSAGES: Shown("plain", '"Grüße! 🌲"'),
        RESPONSES: Shown("easy_input", '"input":"'),
        GEMINI: Shown("plain", '"text":"Grüße! 🌲"'),
        OLLAMA: Shown("plain", '"content":"Grüße! 🌲"'),
    },
    "instructions anywhere": {
        CHAT: Shown("instructions_anywhere", '{"role":"system","content":"Last."}'),
        MESSAGES: Shown("claude_code", '{"role":"system","content":"Tools changed."}'),
        RESPONSES: Shown("instructions_anywhere", '{"role":"system","content":"Last."}'),
        OLLAMA: Shown("plain", '{"role":"system","content":"Last."}'),
    },
    "image": {
        CHAT: Shown("pictures_and_files", '"type":"image_url"'),
        MESSAGES: Shown("pictures", '"type":"image"'),
        RESPONSES: Shown("files", '"type":"input_image"'),
        GEMINI: Shown("pictures_and_files", '"mimeType":"image/png"'),
        OLLAMA: Shown("pictures", '"images":["'),
    },
    "document": {
        CHAT: Shown("pictures_and_files", '"type":"file"'),
        MESSAGES: Shown("documents", '"type":"document"'),
        RESPONSES: Shown("files", '"type":"input_file"'),
        GEMINI: Shown("pictures_and_files", '"mimeType":"application/pdf"'),
    },
    "tools": {
        CHAT: Shown("agent_turn", '"tools":[{"type":"function"'),
        MESSAGES: Shown("claude_code", '"input_schema"'),
        RESPONSES: Shown("codex_turn", '"tools":[{"type":"function"'),
        GEMINI: Shown("agent_turn", '"functionDeclarations":[{'),
        OLLAMA: Shown("agent_turn", '"tools":[{"type":"function"'),
    },
    "custom tools": {
        CHAT: Shown("many_results", '"type":"custom"'),
        RESPONSES: Shown("many_results", '"type":"custom"'),
    },
    "parallel calls": {
        CHAT: Shown("many_results", '"id":"call_3"'),
        MESSAGES: Shown("many_results", '"id":"toolu_3"'),
        RESPONSES: Shown("many_results", '"call_id":"call_3"'),
        GEMINI: Shown("agent_turn", '{"functionCall":{"name":"write"'),
        OLLAMA: Shown("agent_turn", '{"function":{"name":"write"'),
    },
    "tool result with an image": {
        CHAT: Shown("many_results", '"content":[{"type":"image_url"'),
        MESSAGES: Shown("many_results", '{"type":"image"'),
        RESPONSES: Shown("many_results", '{"type":"input_image"'),
        GEMINI: Shown("pictures_and_files", '"functionResponse":{"name":"screenshot"'),
        OLLAMA: Shown("pictures", '{"role":"tool","tool_name":"screenshot"'),
    },
    "tool result that is an error": {
        CHAT: Shown("many_results", '"Error: does not apply"'),
        MESSAGES: Shown("many_results", '"is_error":true'),
        RESPONSES: Shown("many_results", '"Error: does not apply"'),
        GEMINI: Shown("agent_turn", '"response":{"error":"no such file"}'),
    },
    "own thinking with opaque data": {
        CHAT: Shown("own_thinking", '"reasoning_opaque"'),
        MESSAGES: Shown("own_thinking", '"redacted_thinking"'),
        RESPONSES: Shown("own_reasoning", '"encrypted_content":"ENC+/=="'),
        GEMINI: Shown("googles_signatures", '"thoughtSignature":"CtQB'),
    },
    "foreign thinking with opaque data": {
        CHAT: Shown("claudes_thinking", "g-copilot-proxy.1."),
        MESSAGES: Shown("foreign_thinking", "g-copilot-proxy.1."),
        RESPONSES: Shown("claudes_thinking", "g-copilot-proxy.1."),
        GEMINI: Shown("claudes_thinking", '"thoughtSignature":"Zy1jb3BpbG90'),
    },
    "JSON schema": {
        CHAT: Shown("json_schema", '"type":"json_schema"'),
        MESSAGES: Shown("budget", '"type":"json_schema"'),
        RESPONSES: Shown("structured", '"type":"json_schema"'),
        GEMINI: Shown("json_schema", '"responseSchema":{'),
        OLLAMA: Shown("json_schema", '"format":{"type":"object"'),
    },
}

STREAMS: dict[str, dict[DialectName, Shown]] = {
    "plain text": {
        CHAT: Shown("gpt_text", "grün 🌲"),
        MESSAGES: Shown("plain_text", "🌲!"),
        RESPONSES: Shown("stable_ids", '"type":"response.output_text.delta"'),
    },
    "tool call": {
        CHAT: Shown("claude_tools", '"tool_calls"'),
        MESSAGES: Shown("thinking_text_tool", '"type":"tool_use"'),
        RESPONSES: Shown("rotating_ids", '"type":"function_call"'),
    },
    "custom tool call": {
        RESPONSES: Shown("function_and_custom_calls", '"type":"custom_tool_call"'),
    },
    "parallel calls": {
        CHAT: Shown("interleaved_calls", '"index":1'),
        MESSAGES: Shown("parallel_calls", '"type":"tool_use"'),
        RESPONSES: Shown("overlapping_calls", '"output_index":1'),
    },
    "thinking with opaque data": {
        CHAT: Shown("gemini_reasoning", '"reasoning_opaque"'),
        MESSAGES: Shown("redacted_thinking", '"type":"redacted_thinking"'),
        RESPONSES: Shown("rotating_ids", '"encrypted_content":"'),
    },
    "normal end": {
        CHAT: Shown("gpt_text", '"finish_reason":"stop"'),
        MESSAGES: Shown("plain_text", '"stop_reason":"end_turn"'),
        RESPONSES: Shown("stable_ids", '"type":"response.completed"'),
    },
    "stop sequence": {
        MESSAGES: Shown("stop_sequence", '"stop_reason":"stop_sequence"'),
    },
    "token limit in a text": {
        CHAT: Shown("length", '"finish_reason":"length"'),
        MESSAGES: Shown("length", '"stop_reason":"max_tokens"'),
        RESPONSES: Shown("incomplete_length", '"reason":"max_output_tokens"'),
    },
    "token limit in a call": {
        CHAT: Shown("cut_off_in_a_call", '"finish_reason":"length"'),
        MESSAGES: Shown("cut_off_in_a_call", '"stop_reason":"max_tokens"'),
    },
    "content filter": {
        CHAT: Shown("content_filter", '"finish_reason":"content_filter"'),
        MESSAGES: Shown("refusal", '"stop_reason":"refusal"'),
        RESPONSES: Shown("incomplete_content_filter", '"reason":"content_filter"'),
    },
    "refusal in words": {
        CHAT: Shown("refusal_with_logprobs", '"refusal":"'),
        MESSAGES: Shown("refused_after_some_words", '"stop_reason":"refusal"'),
        RESPONSES: Shown("refusal", '"type":"response.refusal.delta"'),
    },
    "usage with cache": {
        CHAT: Shown("length", '"cached_tokens":1920'),
        MESSAGES: Shown("length", '"cache_read_input_tokens":4096'),
        RESPONSES: Shown("incomplete_length", '"cached_tokens":1024'),
    },
    "usage with thinking": {
        CHAT: Shown("length", '"reasoning_tokens":640'),
        MESSAGES: Shown("thinking_text_tool", '"thinking_tokens":18'),
        RESPONSES: Shown("incomplete_length", '"reasoning_tokens":64'),
    },
    "JSON that fits a schema": {
        CHAT: Shown("structured_answer", "fcnchen"),
        MESSAGES: Shown("structured_answer", "fcnchen"),
        RESPONSES: Shown("structured_answer", "fcnchen"),
    },
    "error midway": {
        CHAT: Shown("error_midway", '"error":'),
        MESSAGES: Shown("error_midway", '"type":"error"'),
        RESPONSES: Shown("failed", '"type":"response.failed"'),
    },
    "early end": {
        CHAT: Shown("breaks_off", '"content":"'),
        MESSAGES: Shown("breaks_off", '"type":"message_start"'),
        RESPONSES: Shown("breaks_off", '"type":"response.created"'),
    },
}
UNSAYABLE = {
    ("request", "instructions anywhere", GEMINI),
    ("request", "document", OLLAMA),
    ("request", "custom tools", GEMINI),
    ("request", "custom tools", OLLAMA),
    ("request", "tool result that is an error", OLLAMA),
    ("request", "own thinking with opaque data", OLLAMA),
    ("request", "foreign thinking with opaque data", OLLAMA),
    ("request", "custom tools", MESSAGES),
    ("stream", "custom tool call", CHAT),
    ("stream", "custom tool call", MESSAGES),
    ("stream", "stop sequence", CHAT),
    ("stream", "stop sequence", RESPONSES),
    ("stream", "token limit in a call", RESPONSES),
}
"""What no client or upstream of the dialect can say, or ever said where anyone saw it."""
