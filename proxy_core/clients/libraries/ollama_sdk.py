"""Ollama's SDK, and programs that ask an Ollama server."""

from __future__ import annotations

from proxy_core.clients.shell_file import variables_of
from proxy_core.clients.tool import (
    CHAT_MODELS,
    NEW_TERMINAL,
    OLLAMA_SETTING,
    SET_VARIABLES,
    Environment,
    Field,
    Step,
    Tool,
    ToolKind,
    Wire,
)

_VARIABLES = Environment((("OLLAMA_HOST", "$base_url"), ("OLLAMA_API_KEY", "$key")))

OLLAMA_SDK = Tool(
    app_id="ollama-sdk",
    name="Ollama SDK",
    kind=ToolKind.LIBRARY,
    wire=Wire.OLLAMA,
    preferred_models=CHAT_MODELS,
    steps=(
        Step(SET_VARIABLES, _VARIABLES),
        Step("Name a model of your plan in your code", Field("model", "$model")),
    ),
    caution="It speaks only Ollama's API: switch that on in the settings.",
    configure=variables_of("ollama-sdk", _VARIABLES),
    roles=(),
    afterwards=NEW_TERMINAL,
    setting=OLLAMA_SETTING,
)
