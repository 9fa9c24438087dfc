"""Anthropic SDK."""

from __future__ import annotations

from proxy_core.clients.connection import Connection
from proxy_core.clients.location import Location
from proxy_core.clients.shell_file import shell_variables
from proxy_core.clients.tool import (
    CLAUDE_MODELS,
    NEW_TERMINAL,
    SET_VARIABLES,
    Environment,
    Field,
    FileChange,
    Step,
    Tool,
    ToolKind,
    Wire,
)


def configure(connection: Connection, location: Location) -> tuple[FileChange, ...]:
    variables = (("ANTHROPIC_BASE_URL", connection.base_url), ("ANTHROPIC_API_KEY", connection.key))
    return shell_variables("anthropic-sdk", variables, location)


ANTHROPIC_SDK = Tool(
    app_id="anthropic-sdk",
    name="Anthropic SDK",
    kind=ToolKind.LIBRARY,
    wire=Wire.ANTHROPIC_MESSAGES,
    seen_as=("Anthropic SDK (Python)", "Anthropic SDK (JS)"),
    preferred_models=CLAUDE_MODELS,
    steps=(
        Step(
            SET_VARIABLES,
            Environment((("ANTHROPIC_BASE_URL", "$base_url"), ("ANTHROPIC_API_KEY", "$key"))),
        ),
        Step("Name a model of your plan in your code", Field("model", "$model")),
    ),
    configure=configure,
    roles=(),
    afterwards=NEW_TERMINAL,
)
