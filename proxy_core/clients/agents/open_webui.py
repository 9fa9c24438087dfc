"""Open WebUI."""

from __future__ import annotations

from proxy_core.clients.tool import (
    CHAT_MODELS,
    MAIN_ROLE,
    SMALL_ROLE,
    Field,
    Step,
    Tool,
    ToolKind,
    Wire,
)

OPEN_WEBUI = Tool(
    app_id="open-webui",
    name="Open WebUI",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("open-webui",),
    seen_as=("Open WebUI",),
    caution="In a container, 127.0.0.1 is the container: use host.docker.internal, and let other "
    "computers connect in the settings.",
    preferred_models=CHAT_MODELS,
    roles=(MAIN_ROLE, SMALL_ROLE),
    steps=(
        Step("Open Admin Panel, Settings, Connections, and add an OpenAI connection"),
        Step("Type the address", Field("URL", "$openai_url")),
        Step("Type the key", Field("Key", "$key")),
        Step("Choose the model in a new chat", Field("Model", "$model")),
        Step(
            "Open Admin Panel, Settings, Interface, for the model of titles and tags",
            Field("External Task Model", "$small_model"),
        ),
    ),
)
