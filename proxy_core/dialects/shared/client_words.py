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
        "tool_schema": "tools[].function.parameters",
    },
    DialectName.OPENAI_RESPONSES: {
        "reasoning": "reasoning.effort",
        "thinking_part": "reasoning",
        "response_format": "text.format",
        "verbosity": "text.verbosity",
        "system": "instructions",
        "messages": "input",
        "tool_schema": "tools[].parameters",
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
        "tool_schema": "tools[].input_schema",
    },
    DialectName.OLLAMA: {
        "max_output_tokens": "options.num_predict",
        "reasoning": "think",
        "thinking_part": "thinking",
        "stop": "options.stop",
        "response_format": "format",
        "system": "messages[0]",
        "temperature": "options.temperature",
        "top_p": "options.top_p",
        "top_k": "options.top_k",
        "seed": "options.seed",
        "frequency_penalty": "options.frequency_penalty",
        "presence_penalty": "options.presence_penalty",
        "tool_schema": "tools[].function.parameters",
    },
    DialectName.GEMINI: {
        "max_output_tokens": "generationConfig.maxOutputTokens",
        "reasoning": "generationConfig.thinkingConfig",
        "effort": "generationConfig.thinkingConfig.thinkingLevel",
        "thinking_part": "parts[].thoughtSignature",
        "stop": "generationConfig.stopSequences",
        "response_format": "generationConfig.responseSchema",
        "system": "systemInstruction",
        "messages": "contents",
        "temperature": "generationConfig.temperature",
        "top_p": "generationConfig.topP",
        "top_k": "generationConfig.topK",
        "seed": "generationConfig.seed",
        "frequency_penalty": "generationConfig.frequencyPenalty",
        "presence_penalty": "generationConfig.presencePenalty",
        "tool_choice": "toolConfig",
        "tool_schema": "tools[].functionDeclarations[].parameters",
    },
}


def client_field_name(dialect: DialectName, member: str) -> str:
    """Return the dialect's own name of a canonical ``member``; most are the same everywhere."""
    words = _WORDS[dialect]
    if member == "effort" and member not in words:
        member = "reasoning"
    return words.get(member, member)
