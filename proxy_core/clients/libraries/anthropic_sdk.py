"""Anthropic SDK."""

from __future__ import annotations

from proxy_core.clients.shell_file import variables_of
from proxy_core.clients.tool import (
    CLAUDE_MODELS,
    NEW_TERMINAL,
    SET_VARIABLES,
    Environment,
    Field,
    Step,
    Tool,
    ToolKind,
    Wire,
)

_VARIABLES = Environment((("ANTHROPIC_BASE_URL", "$base_url"), ("ANTHROPIC_API_KEY", "$key")))

ANTHROPIC_SDK = Tool(
    app_id="anthropic-sdk",
    name="Anthropic SDK",
    kind=ToolKind.LIBRARY,
    wire=Wire.ANTHROPIC_MESSAGES,
    seen_as=("Anthropic SDK (Python)", "Anthropic SDK (JS)"),
    preferred_models=CLAUDE_MODELS,
    steps=(
        Step(SET_VARIABLES, _VARIABLES),
        Step("Name a model of your plan in your code", Field("model", "$model")),
    ),
    configure=variables_of("anthropic-sdk", _VARIABLES),
    roles=(),
    afterwards=NEW_TERMINAL,
)
