"""The client's names of members that a renderer may drop, for the dropped notes."""

from __future__ import annotations

from proxy_core.canonical.request import DialectName

_WORDS = {
    DialectName.OPENAI_CHAT: {
        "max_output_tokens": "max_tokens",
        "reasoning": "reasoning_effort",
        "thinking_part": "reasoning_content",
        "stop": "stop",
        "user": "user",
        "response_format": "response_format",
        "system": "messages[0]",
    },
    DialectName.OPENAI_RESPONSES: {
        "reasoning": "reasoning.effort",
        "thinking_part": "reasoning",
        "response_format": "text.format",
        "verbosity": "text.verbosity",
        "system": "instructions",
        "messages": "input",
    },
    DialectName.ANTHROPIC_MESSAGES: {
        "max_output_tokens": "max_tokens",
        "reasoning": "thinking",
        "effort": "output_config.effort",
        "thinking_part": "thinking",
        "stop": "stop_sequences",
        "user": "metadata.user_id",
        "response_format": "output_config.format",
        "parallel_tool_calls": "tool_choice.disable_parallel_tool_use",
    },
}


def client_field_name(dialect: DialectName, member: str) -> str:
    """Return the dialect's own name of a canonical ``member``; most are the same everywhere."""
    words = _WORDS[dialect]
    if member == "effort" and member not in words:
        member = "reasoning"
    return words.get(member, member)
