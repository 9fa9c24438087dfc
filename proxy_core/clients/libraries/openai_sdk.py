"""OpenAI SDK."""

from __future__ import annotations

from proxy_core.clients.shell_file import variables_of
from proxy_core.clients.tool import (
    CHAT_MODELS,
    NEW_TERMINAL,
    SET_VARIABLES,
    Environment,
    Field,
    Step,
    Tool,
    ToolKind,
    Wire,
)

_VARIABLES = Environment((("OPENAI_BASE_URL", "$openai_url"), ("OPENAI_API_KEY", "$key")))

OPENAI_SDK = Tool(
    app_id="openai-sdk",
    name="OpenAI SDK",
    kind=ToolKind.LIBRARY,
    wire=Wire.OPENAI_CHAT,
    seen_as=("OpenAI SDK (Python)", "OpenAI SDK (JS)", "OpenAI Agents"),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(SET_VARIABLES, _VARIABLES),
        Step("Name a model of your plan in your code", Field("model", "$model")),
    ),
    configure=variables_of("openai-sdk", _VARIABLES),
    roles=(),
    afterwards=NEW_TERMINAL,
)
