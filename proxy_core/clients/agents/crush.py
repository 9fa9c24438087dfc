"""Crush."""

from __future__ import annotations

from proxy_core.clients.connection import SMALL, Connection
from proxy_core.clients.editing.document import Setting
from proxy_core.clients.editing.formats import Format
from proxy_core.clients.location import Location
from proxy_core.clients.offered_models import PROVIDER, context_of, output_of
from proxy_core.clients.tool import (
    CHAT_MODELS,
    MAIN_ROLE,
    SMALL_ROLE,
    Command,
    FileChange,
    FilePart,
    Step,
    Tool,
    ToolKind,
    Wire,
)


def configure(connection: Connection, location: Location) -> tuple[FileChange, ...]:
    folder = location.config / "crush"
    if location.platform == "win32":
        folder = location.folder("LOCALAPPDATA", location.home / "AppData" / "Local") / "crush"
    provider = {
        "name": PROVIDER,
        "type": "openai-compat",
        "base_url": connection.openai_url,
        "api_key": connection.key,
        "models": [
            {
                "id": each.id,
                "name": each.name,
                "context_window": context_of(each),
                "default_max_tokens": output_of(each),
                "supports_attachments": each.supports.vision,
            }
            for each in connection.offered()
        ],
    }
    settings = (
        Setting(("providers", PROVIDER), provider),
        Setting(("models", "large"), {"provider": PROVIDER, "model": connection.model}),
        Setting(("models", "small"), {"provider": PROVIDER, "model": connection.model_for(SMALL)}),
    )
    address = ("providers", PROVIDER, "base_url")
    return (FileChange(folder / "crush.json", Format.JSON, settings, address),)


CRUSH = Tool(
    app_id="crush",
    name="Crush",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("crush",),
    seen_as=("Crush",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            "Add this provider to its settings",
            FilePart(
                "~/.config/crush/crush.json",
                "{\n"
                '  "providers": {\n'
                '    "g-copilot-proxy": {\n'
                '      "type": "openai-compat",\n'
                '      "base_url": $openai_url,\n'
                '      "api_key": $key,\n'
                '      "models": [{ "id": $model, "name": $model }]\n'
                "    }\n"
                "  }\n"
                "}\n",
                "{\n"
                '  "models": {\n'
                '    "large": { "provider": "g-copilot-proxy", "model": $model },\n'
                '    "small": { "provider": "g-copilot-proxy", "model": $small_model }\n'
                "  },\n"
                '  "providers": {\n'
                '    "g-copilot-proxy": {\n'
                '      "type": "openai-compat",\n'
                '      "base_url": $openai_url,\n'
                '      "api_key": $key,\n'
                '      "models": [\n'
                '        { "id": $model, "name": $model },\n'
                '        { "id": $small_model, "name": $small_model }\n'
                "      ]\n"
                "    }\n"
                "  }\n"
                "}\n",
            ),
        ),
        Step("Start it and choose the model", Command(("crush",))),
    ),
    configure=configure,
    roles=(MAIN_ROLE, SMALL_ROLE),
    marks=(".config/crush",),
)
