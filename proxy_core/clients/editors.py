"""Editors and their extensions."""

from __future__ import annotations

from proxy_core.clients.agents import CHAT_MODELS
from proxy_core.clients.tool import Field, FilePart, Step, Tool, ToolKind, Wire

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

CLINE = Tool(
    app_id="cline",
    name="Cline",
    kind=ToolKind.EDITOR,
    wire=Wire.OPENAI_CHAT,
    extension="saoudrizwan.claude-dev",
    programs=("cline",),
    seen_as=("Cline",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step("Open Cline's settings", Field("API Provider", "OpenAI Compatible")),
        Step("Type the address", Field("Base URL", "$openai_url")),
        Step("Type the key", Field("OpenAI Compatible API Key", "$key")),
        Step("Type the model", Field("Model ID", "$model")),
    ),
)

ROO_CODE = Tool(
    app_id="roo-code",
    name="Roo Code",
    kind=ToolKind.EDITOR,
    wire=Wire.OPENAI_CHAT,
    extension="rooveterinaryinc.roo-cline",
    seen_as=("Roo Code",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step("Open Roo Code's settings", Field("API Provider", "OpenAI Compatible")),
        Step("Type the address", Field("Base URL", "$openai_url")),
        Step("Type the key", Field("API Key", "$key")),
        Step("Type the model", Field("Model", "$model")),
    ),
)

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

CURSOR = Tool(
    app_id="cursor",
    name="Cursor",
    kind=ToolKind.EDITOR,
    wire=Wire.OPENAI_CHAT,
    programs=("cursor",),
    seen_as=("Cursor",),
    refusal="Cursor's own servers send its requests, and they cannot reach an address on this computer.",
)

EDITORS = (CONTINUE, CLINE, ROO_CODE, ZED, CURSOR)
