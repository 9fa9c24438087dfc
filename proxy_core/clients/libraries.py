"""The user's own code, and any tool that is not listed."""

from __future__ import annotations

from proxy_core.clients.agents import CHAT_MODELS, CLAUDE_MODELS, SET_VARIABLES
from proxy_core.clients.tool import Command, Environment, Field, Step, Tool, ToolKind, Wire

OPENAI_SDK = Tool(
    app_id="openai-sdk",
    name="OpenAI SDK",
    kind=ToolKind.LIBRARY,
    wire=Wire.OPENAI_CHAT,
    seen_as=("OpenAI SDK (Python)", "OpenAI SDK (JS)", "OpenAI Agents"),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            SET_VARIABLES,
            Environment((("OPENAI_BASE_URL", "$openai_url"), ("OPENAI_API_KEY", "$key"))),
        ),
        Step("Name a model of your plan in your code", Field("model", "$model")),
    ),
)

ANTHROPIC_SDK = Tool(
    app_id="anthropic-sdk",
    name="Anthropic SDK",
    kind=ToolKind.LIBRARY,
    wire=Wire.ANTHROPIC_MESSAGES,
    seen_as=("Anthropic SDK (Python)", "Anthropic SDK (JS)"),
    preferred_models=CLAUDE_MODELS,
    steps=(
        Step(
            SET_VARIABLES,
            Environment((("ANTHROPIC_BASE_URL", "$base_url"), ("ANTHROPIC_API_KEY", "$key"))),
        ),
        Step("Name a model of your plan in your code", Field("model", "$model")),
    ),
)

OTHER = Tool(
    app_id="other",
    name="Another tool",
    kind=ToolKind.LIBRARY,
    wire=Wire.OPENAI_CHAT,
    preferred_models=CHAT_MODELS,
    steps=(
        Step("Type this where it asks for an OpenAI address", Field("Base URL", "$openai_url")),
        Step("Or this where it asks for an Anthropic address", Field("Base URL", "$base_url")),
        Step("Type the key", Field("API key", "$key")),
        Step("Type a model of your plan", Field("Model", "$model")),
        Step(
            "Or look from the command line whether it answers",
            Command(
                (
                    "curl",
                    "$openai_url/chat/completions",
                    "-H",
                    "Authorization: Bearer $key",
                    "-H",
                    "Content-Type: application/json",
                    "-d",
                    '{"model": "$model", "messages": [{"role": "user", "content": "Hello"}]}',
                )
            ),
        ),
    ),
)

LIBRARIES = (OPENAI_SDK, ANTHROPIC_SDK, OTHER)
