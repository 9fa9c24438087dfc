"""Roo Code."""

from __future__ import annotations

from proxy_core.clients.tool import CHAT_MODELS, Field, Step, Tool, ToolKind, Wire

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
