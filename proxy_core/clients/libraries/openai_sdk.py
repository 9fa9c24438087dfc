"""OpenAI SDK."""

from __future__ import annotations

from proxy_core.clients.connection import Connection
from proxy_core.clients.location import Location
from proxy_core.clients.shell_file import shell_variables
from proxy_core.clients.tool import (
    CHAT_MODELS,
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
    variables = (("OPENAI_BASE_URL", connection.openai_url), ("OPENAI_API_KEY", connection.key))
    return shell_variables("openai-sdk", variables, location)


OPENAI_SDK = Tool(
    app_id="openai-sdk",
    name="OpenAI SDK",
    kind=ToolKind.LIBRARY,
    wire=Wire.OPENAI_CHAT,
    seen_as=("OpenAI SDK (Python)", "OpenAI SDK (JS)", "OpenAI Agents"),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            SET_VARIABLES,
            Environment((("OPENAI_BASE_URL", "$openai_url"), ("OPENAI_API_KEY", "$key"))),
        ),
        Step("Name a model of your plan in your code", Field("model", "$model")),
    ),
    configure=configure,
    roles=(),
    afterwards=NEW_TERMINAL,
)
