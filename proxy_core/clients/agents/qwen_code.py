"""Qwen Code."""

from __future__ import annotations

from proxy_core.clients.connection import Connection
from proxy_core.clients.editing.document import Named, Setting
from proxy_core.clients.editing.formats import Format
from proxy_core.clients.location import Location
from proxy_core.clients.offered_models import PROVIDER, context_of
from proxy_core.clients.tool import (
    CHAT_MODELS,
    SET_VARIABLES,
    Command,
    Environment,
    FileChange,
    Step,
    Tool,
    ToolKind,
    Wire,
)

KEY_NAME = "G_COPILOT_PROXY_QWEN_KEY"


def configure(connection: Connection, location: Location) -> tuple[FileChange, ...]:
    entries = [
        {
            "id": each.id,
            "name": f"{each.name} ({PROVIDER})",
            "baseUrl": connection.openai_url,
            "envKey": KEY_NAME,
            "generationConfig": {"contextWindowSize": context_of(each)},
        }
        for each in connection.offered()
    ]
    providers = ("modelProviders", "openai")
    settings = (
        *(Setting((*providers, Named("name", str(each["name"]))), each) for each in entries),
        Setting(("env", KEY_NAME), connection.key),
        Setting(("security", "auth", "selectedType"), "openai"),
        Setting(("model", "name"), connection.model),
        Setting(("model", "baseUrl"), connection.openai_url),
    )
    file = location.home / ".qwen" / "settings.json"
    return (FileChange(file, Format.JSON, settings, ("model", "baseUrl")),)


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
    configure=configure,
)
