"""opencode."""

from __future__ import annotations

from proxy_core.clients.tool import CHAT_MODELS, Command, FilePart, Step, Tool, ToolKind, Wire

OPENCODE = Tool(
    app_id="opencode",
    name="opencode",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("opencode",),
    seen_as=("opencode", "AI SDK"),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            "Add this provider to its settings",
            FilePart(
                "~/.config/opencode/opencode.json",
                "{\n"
                '  "provider": {\n'
                '    "g-copilot-proxy": {\n'
                '      "npm": "@ai-sdk/openai-compatible",\n'
                '      "options": { "baseURL": $openai_url, "apiKey": $key },\n'
                '      "models": { $model: { "name": $model } }\n'
                "    }\n"
                "  }\n"
                "}\n",
            ),
        ),
        Step("Start it with this model", Command(("opencode", "-m", "g-copilot-proxy/$model"))),
    ),
)
