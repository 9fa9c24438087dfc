"""aider."""

from __future__ import annotations

from proxy_core.clients.tool import (
    CHAT_MODELS,
    SET_VARIABLES,
    START,
    Command,
    Environment,
    Step,
    Tool,
    ToolKind,
    Wire,
)

AIDER = Tool(
    app_id="aider",
    name="aider",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("aider",),
    # It uses LiteLLM, so its requests are identified as LiteLLM's.
    seen_as=("aider", "LiteLLM"),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            SET_VARIABLES,
            Environment((("OPENAI_API_BASE", "$openai_url"), ("OPENAI_API_KEY", "$key"))),
        ),
        Step(START, Command(("aider", "--model", "openai/$model"))),
    ),
)
