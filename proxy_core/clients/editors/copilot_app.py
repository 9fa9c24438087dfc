"""The GitHub Copilot app."""

from __future__ import annotations

from proxy_core.clients.tool import CHAT_MODELS, Field, Step, Tool, ToolKind, Wire

COPILOT_APP = Tool(
    app_id="copilot-app",
    name="Copilot app",
    kind=ToolKind.EDITOR,
    wire=Wire.OPENAI_CHAT,
    seen_as=("Copilot app",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step("Open Settings, Model Providers, Add Provider", Field("Type", "OpenAI-compatible")),
        Step("Type the address", Field("Base URL", "$openai_url")),
        Step("Type the key", Field("API key", "$key")),
        Step("Type the model, if it asks for one", Field("Model", "$model")),
    ),
)
