"""Codex."""

from __future__ import annotations

from proxy_core.clients.tool import (
    RESPONSES_MODELS,
    START,
    Command,
    Environment,
    FilePart,
    Step,
    Tool,
    ToolKind,
    Wire,
)

CODEX = Tool(
    app_id="codex",
    name="Codex",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_RESPONSES,
    programs=("codex",),
    seen_as=("Codex",),
    preferred_models=RESPONSES_MODELS,
    steps=(
        Step(
            "Add this to its settings; the first two lines belong at the top of the file",
            FilePart(
                "~/.codex/config.toml",
                "model = $model\n"
                'model_provider = "g-copilot-proxy"\n'
                "\n"
                "[model_providers.g-copilot-proxy]\n"
                'name = "g-copilot-proxy"\n'
                "base_url = $openai_url\n"
                'env_key = "G_COPILOT_PROXY_CLIENT_KEY"\n'
                'wire_api = "responses"\n',
            ),
        ),
        Step(
            "Set the key in your shell; the file only names it",
            Environment((("G_COPILOT_PROXY_CLIENT_KEY", "$key"),)),
        ),
        Step(START, Command(("codex",))),
    ),
)
