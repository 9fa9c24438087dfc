"""Qwen Code."""

from __future__ import annotations

from proxy_core.clients.tool import (
    CHAT_MODELS,
    SET_VARIABLES,
    Command,
    Environment,
    Step,
    Tool,
    ToolKind,
    Wire,
)

QWEN_CODE = Tool(
    app_id="qwen-code",
    name="Qwen Code",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("qwen",),
    seen_as=("Qwen Code",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            SET_VARIABLES,
            Environment(
                (
                    ("OPENAI_BASE_URL", "$openai_url"),
                    ("OPENAI_API_KEY", "$key"),
                    ("OPENAI_MODEL", "$model"),
                )
            ),
        ),
        Step("Start it and choose OpenAI as the way to sign in", Command(("qwen",))),
    ),
)
