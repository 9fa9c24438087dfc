"""Continue."""

from __future__ import annotations

from proxy_core.clients.tool import CHAT_MODELS, FilePart, Step, Tool, ToolKind, Wire

CONTINUE = Tool(
    app_id="continue",
    name="Continue",
    kind=ToolKind.EDITOR,
    wire=Wire.OPENAI_CHAT,
    extension="continue.continue",
    seen_as=("Continue",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            "Make this its settings; where the file exists, add only the entry below “models:”",
            FilePart(
                "~/.continue/config.yaml",
                "name: Local\n"
                "version: 1.0.0\n"
                "schema: v1\n"
                "models:\n"
                "  - name: Copilot\n"
                "    provider: openai\n"
                "    model: $model\n"
                "    apiBase: $openai_url\n"
                "    apiKey: $key\n"
                "    roles: [chat, edit, apply]\n",
            ),
        ),
        Step("Choose “Copilot” in Continue's list of models"),
    ),
)
