"""JetBrains AI Assistant, in every IDE of JetBrains."""

from __future__ import annotations

from proxy_core.clients.tool import CHAT_MODELS, Field, Step, Tool, ToolKind, Wire

JETBRAINS_AI = Tool(
    app_id="jetbrains-ai",
    name="JetBrains AI",
    kind=ToolKind.EDITOR,
    wire=Wire.OPENAI_CHAT,
    programs=("idea", "pycharm", "webstorm", "goland", "rider", "clion", "phpstorm", "rubymine"),
    seen_as=("JetBrains AI",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            "Open Settings, Tools, AI Assistant, Models & API Keys, Third-party AI providers",
            Field("Provider", "OpenAI-compatible"),
        ),
        Step("Type the address", Field("URL", "$openai_url")),
        Step("Type the key", Field("API Key", "$key")),
        Step("Type the model, if it asks for one", Field("Model", "$model")),
    ),
)
