"""The members and enumerations of ``generateContent``, as data (Google's v1beta reference)."""

from __future__ import annotations

from proxy_core.canonical.events import StopReason

KNOWN_MEMBERS = frozenset(
    {"model", "stream", "contents", "systemInstruction", "tools", "toolConfig", "generationConfig"}
)
"""Top-level members that are read; ``model`` and ``stream`` come from the path. The rest is named as
dropped."""

KNOWN_CONFIG = frozenset(
    {
        "maxOutputTokens",
        "temperature",
        "topP",
        "topK",
        "stopSequences",
        "seed",
        "candidateCount",
        "frequencyPenalty",
        "presencePenalty",
        "responseMimeType",
        "responseSchema",
        "responseJsonSchema",
        "thinkingConfig",
    }
)
KNOWN_THINKING = frozenset({"thinkingBudget", "thinkingLevel", "includeThoughts"})
KNOWN_CONTENT = frozenset({"role", "parts"})
KNOWN_PART = frozenset(
    {
        "text",
        "thought",
        "thoughtSignature",
        "inlineData",
        "fileData",
        "functionCall",
        "functionResponse",
    }
)
KNOWN_DECLARATION = frozenset({"name", "description", "parameters", "parametersJsonSchema"})

NATIVE_PARTS = ("executableCode", "codeExecutionResult", "toolCall", "toolResponse")
"""Parts of Google's own server tools."""

ROLES = ("user", "model", "function")
"""``function`` is the role that results had before they became the user's."""

DYNAMIC_BUDGET = -1
"""The value of ``thinkingBudget`` that leaves it to the model."""

FINISH_REASONS = {
    StopReason.STOP: "STOP",
    StopReason.STOP_SEQUENCE: "STOP",
    StopReason.PAUSE: "STOP",
    StopReason.TOOL_USE: "STOP",
    StopReason.LENGTH: "MAX_TOKENS",
    StopReason.CONTENT_FILTER: "SAFETY",
    StopReason.REFUSAL: "SAFETY",
}
"""Google has no reason for a call, and one for everything it would not say."""
