"""Zed."""

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
    Field,
    FileChange,
    FilePart,
    Step,
    Tool,
    ToolKind,
    Wire,
)


def configure(connection: Connection, location: Location) -> tuple[FileChange, ...]:
    folder = location.application_data if location.platform == "win32" else location.config
    file = folder / ("Zed" if location.platform == "win32" else "zed") / "settings.json"
    provider = {
        "api_url": connection.openai_url,
        "available_models": [
            {
                "name": each.id,
                "display_name": each.name,
                "max_tokens": context_of(each),
                "max_output_tokens": output_of(each),
            }
            for each in connection.offered()
        ],
    }
    path = ("language_models", "openai_compatible", PROVIDER)
    settings = (
        Setting(path, provider),
        Setting(("agent", "default_model", "provider"), PROVIDER),
        Setting(("agent", "default_model", "model"), connection.model),
        *(
            Setting(("agent", feature, part), value)
            for feature in ("thread_summary_model", "commit_message_model")
            for part, value in (("provider", PROVIDER), ("model", connection.model_for(SMALL)))
        ),
    )
    return (FileChange(file, Format.JSON, settings, (*path, "api_url")),)


ZED = Tool(
    app_id="zed",
    name="Zed",
    kind=ToolKind.EDITOR,
    wire=Wire.OPENAI_CHAT,
    programs=("zed", "zeditor"),
    seen_as=("Zed",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            "Add this to Zed's settings (command palette: “zed: open settings”)",
            FilePart(
                "settings.json",
                '"language_models": {\n'
                '  "openai_compatible": {\n'
                '    "Copilot": {\n'
                '      "api_url": $openai_url,\n'
                '      "available_models": [\n'
                '        { "name": $model, "max_tokens": 128000 }\n'
                "      ]\n"
                "    }\n"
                "  }\n"
                "}\n",
                '"agent": {\n'
                '  "thread_summary_model": { "provider": "Copilot", "model": $small_model },\n'
                '  "commit_message_model": { "provider": "Copilot", "model": $small_model }\n'
                "},\n"
                '"language_models": {\n'
                '  "openai_compatible": {\n'
                '    "Copilot": {\n'
                '      "api_url": $openai_url,\n'
                '      "available_models": [\n'
                '        { "name": $model, "max_tokens": 128000 },\n'
                '        { "name": $small_model, "max_tokens": 128000 }\n'
                "      ]\n"
                "    }\n"
                "  }\n"
                "}\n",
            ),
        ),
        Step(
            "Open the agent panel's settings and type the key there",
            Field("Copilot, API key", "$key"),
        ),
    ),
    configure=configure,
    roles=(MAIN_ROLE, SMALL_ROLE),
    key_by_hand=True,
    afterwards="Type the local key into the settings of Zed's agent panel; `g-copilot-proxy key` prints "
    "it.",
    marks=(".config/zed/settings.json",),
)
