"""Goose."""

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

GOOSE = Tool(
    app_id="goose",
    name="Goose",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("goose",),
    seen_as=("goose",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            SET_VARIABLES,
            Environment(
                (
                    ("GOOSE_PROVIDER", "openai"),
                    ("GOOSE_MODEL", "$model"),
                    # The host alone: Goose adds v1/chat/completions.
                    ("OPENAI_HOST", "$base_url"),
                    ("OPENAI_API_KEY", "$key"),
                )
            ),
        ),
        Step(START, Command(("goose", "session"))),
    ),
    caution="Its key lies in the system's keychain or in a variable, so nothing is written for it.",
)
