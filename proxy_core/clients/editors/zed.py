"""Zed."""

from __future__ import annotations

from proxy_core.clients.tool import CHAT_MODELS, Field, FilePart, Step, Tool, ToolKind, Wire

ZED = Tool(
    app_id="zed",
    name="Zed",
    kind=ToolKind.EDITOR,
    wire=Wire.OPENAI_CHAT,
    programs=("zed", "zeditor"),
    seen_as=("Zed",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            "Add this to Zed's settings (command palette: “zed: open settings”)",
            FilePart(
                "settings.json",
                '"language_models": {\n'
                '  "openai_compatible": {\n'
                '    "Copilot": {\n'
                '      "api_url": $openai_url,\n'
                '      "available_models": [\n'
                '        { "name": $model, "max_tokens": 128000 }\n'
                "      ]\n"
                "    }\n"
                "  }\n"
                "}\n",
            ),
        ),
        Step(
            "Open the agent panel's settings and type the key there",
            Field("Copilot, API key", "$key"),
        ),
    ),
)
