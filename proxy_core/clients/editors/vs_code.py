"""Visual Studio Code's own chat, with a custom endpoint."""

from __future__ import annotations

from proxy_core.clients.tool import CHAT_MODELS, Field, FilePart, Step, Tool, ToolKind, Wire

VS_CODE = Tool(
    app_id="vs-code",
    name="VS Code",
    kind=ToolKind.EDITOR,
    wire=Wire.OPENAI_CHAT,
    programs=("code", "code-insiders"),
    seen_as=("VS Code",),
    caution="From version 1.122 on. Its keys lie in its own secret store, so nothing is written for it.",
    preferred_models=CHAT_MODELS,
    steps=(
        Step("Open the command palette and run “Chat: Manage Language Models”, then Add"),
        Step("Choose the provider", Field("Provider", "Custom Endpoint")),
        Step("Type a name for the group", Field("Group name", "g-copilot-proxy")),
        Step("Type the key", Field("API key", "$key")),
        Step("Choose the API", Field("API type", "chat-completions")),
        Step(
            "Put this into the list of models of the file that opens",
            FilePart(
                "chatLanguageModels.json",
                "{\n"
                '  "id": $model,\n'
                '  "name": $model,\n'
                '  "url": $openai_url,\n'
                '  "toolCalling": true,\n'
                '  "vision": true,\n'
                '  "maxInputTokens": 128000,\n'
                '  "maxOutputTokens": 16000\n'
                "}\n",
            ),
        ),
    ),
)
