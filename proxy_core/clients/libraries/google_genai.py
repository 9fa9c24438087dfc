"""Google's Gen AI SDK."""

from __future__ import annotations

from proxy_core.clients.shell_file import variables_of
from proxy_core.clients.tool import (
    GEMINI_MODELS,
    GEMINI_SETTING,
    NEW_TERMINAL,
    SET_VARIABLES,
    Environment,
    Field,
    Step,
    Tool,
    ToolKind,
    Wire,
)

_VARIABLES = Environment(
    (("GOOGLE_GEMINI_BASE_URL", "$base_url"), ("GEMINI_API_KEY", "$key")),
)

GOOGLE_GENAI = Tool(
    app_id="google-genai",
    name="Google Gen AI SDK",
    kind=ToolKind.LIBRARY,
    wire=Wire.GEMINI,
    preferred_models=GEMINI_MODELS,
    steps=(
        Step(SET_VARIABLES, _VARIABLES),
        Step("Name a model of your plan in your code", Field("model", "$model")),
    ),
    caution="It speaks only Google's API: switch that on in the settings.",
    configure=variables_of("google-genai", _VARIABLES),
    overruled_by=("GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI"),
    roles=(),
    afterwards=NEW_TERMINAL,
    setting=GEMINI_SETTING,
)
