"""Cline."""

from __future__ import annotations

from proxy_core.clients.connection import Connection
from proxy_core.clients.editing.document import Setting
from proxy_core.clients.editing.formats import Format
from proxy_core.clients.location import Location
from proxy_core.clients.tool import CHAT_MODELS, Field, FileChange, Step, Tool, ToolKind, Wire

PROVIDER_ID = "openai-compatible"


def configure(connection: Connection, location: Location) -> tuple[FileChange, ...]:
    """The command's own file; the extension keeps its settings inside the editor."""
    folder = location.home / ".cline" / "data" / "settings"
    provider = {
        "settings": {
            "provider": PROVIDER_ID,
            "apiKey": connection.key,
            "model": connection.model,
            "baseUrl": connection.openai_url,
        },
        "updatedAt": "2026-01-01T00:00:00.000Z",
        "tokenSource": "manual",
    }
    settings = (
        Setting(("version",), 1, only_if_absent=True),
        Setting(("lastUsedProvider",), PROVIDER_ID),
        Setting(("modes",), {}, only_if_absent=True),
        Setting(("providers", PROVIDER_ID), provider),
    )
    address = ("providers", PROVIDER_ID, "settings", "baseUrl")
    return (FileChange(folder / "providers.json", Format.JSON, settings, address),)


CLINE = Tool(
    app_id="cline",
    name="Cline",
    kind=ToolKind.EDITOR,
    wire=Wire.OPENAI_CHAT,
    extension="saoudrizwan.claude-dev",
    programs=("cline",),
    seen_as=("Cline",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step("Open Cline's settings", Field("API Provider", "OpenAI Compatible")),
        Step("Type the address", Field("Base URL", "$openai_url")),
        Step("Type the key", Field("OpenAI Compatible API Key", "$key")),
        Step("Type the model", Field("Model ID", "$model")),
    ),
    configure=configure,
    afterwards="The extension in the editor is set by hand; the steps say how.",
)
