"""pi."""

from __future__ import annotations

from proxy_core.clients.connection import Connection
from proxy_core.clients.editing.document import Setting
from proxy_core.clients.editing.formats import Format
from proxy_core.clients.location import Location
from proxy_core.clients.offered_models import PROVIDER, context_of, output_of
from proxy_core.clients.tool import (
    CHAT_MODELS,
    Command,
    FileChange,
    FilePart,
    Step,
    Tool,
    ToolKind,
    Wire,
)


def configure(connection: Connection, location: Location) -> tuple[FileChange, ...]:
    folder = location.folder("PI_CODING_AGENT_DIR", location.home / ".pi" / "agent")
    provider = {
        "baseUrl": connection.openai_url,
        "api": "openai-completions",
        "apiKey": connection.key,
        "models": [
            {
                "id": each.id,
                "name": each.name,
                "input": ["text", "image"] if each.supports.vision else ["text"],
                "reasoning": bool(each.supports.reasoning_efforts),
                "contextWindow": context_of(each),
                "maxTokens": output_of(each),
            }
            for each in connection.offered()
        ],
    }
    models = FileChange(
        folder / "models.json",
        Format.JSON,
        (Setting(("providers", PROVIDER), provider),),
        ("providers", PROVIDER, "baseUrl"),
    )
    chosen = (
        Setting(("defaultProvider",), PROVIDER),
        Setting(("defaultModel",), connection.model),
    )
    return models, FileChange(folder / "settings.json", Format.JSON, chosen, ())


PI = Tool(
    app_id="pi",
    name="pi",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("pi",),
    seen_as=("pi",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            "Add this provider to its models",
            FilePart(
                "~/.pi/agent/models.json",
                "{\n"
                '  "providers": {\n'
                '    "g-copilot-proxy": {\n'
                '      "baseUrl": $openai_url,\n'
                '      "api": "openai-completions",\n'
                '      "apiKey": $key,\n'
                '      "models": [{ "id": $model }]\n'
                "    }\n"
                "  }\n"
                "}\n",
            ),
        ),
        Step(
            "Start it with this model",
            Command(("pi", "--provider", "g-copilot-proxy", "--model", "$model")),
        ),
    ),
    configure=configure,
    marks=(".pi/agent",),
)
