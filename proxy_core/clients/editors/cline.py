"""Cline."""

from __future__ import annotations

from proxy_core.clients.tool import CHAT_MODELS, Field, Step, Tool, ToolKind, Wire

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
