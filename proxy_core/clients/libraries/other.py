"""Another tool."""

from __future__ import annotations

from proxy_core.clients.tool import CHAT_MODELS, Command, Field, Step, Tool, ToolKind, Wire

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
