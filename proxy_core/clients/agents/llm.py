"""llm."""

from __future__ import annotations

from proxy_core.clients.connection import Connection
from proxy_core.clients.editing.document import Named, Setting
from proxy_core.clients.editing.formats import Format
from proxy_core.clients.location import Location
from proxy_core.clients.offered_models import PROVIDER
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
    folder = location.application_data / "io.datasette.llm"
    folder = location.folder("LLM_USER_PATH", folder)
    entries = [
        {
            "model_id": PROVIDER if each.id == connection.model else f"{PROVIDER}/{each.id}",
            "model_name": each.id,
            "api_base": connection.openai_url,
            "api_key_name": PROVIDER,
            "supports_tools": True,
            "supports_schema": True,
            "vision": each.supports.vision,
        }
        for each in connection.offered()
    ]
    models = tuple(Setting((Named("model_id", str(each["model_id"])),), each) for each in entries)
    first = (Named("model_id", PROVIDER), "api_base")
    return (
        FileChange(folder / "extra-openai-models.yaml", Format.YAML_LIST, models, first),
        FileChange(folder / "keys.json", Format.JSON, (Setting((PROVIDER,), connection.key),), ()),
    )


LLM = Tool(
    app_id="llm",
    name="llm",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("llm",),
    seen_as=("llm",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            "Keep the key; it asks for it",
            # Without a name of its own in the file below, llm would send another key.
            Command(("llm", "keys", "set", "g-copilot-proxy")),
        ),
        Step(
            "Add this model to the file in the folder that `llm logs path` names",
            FilePart(
                "extra-openai-models.yaml",
                "- model_id: g-copilot-proxy\n"
                "  model_name: $model\n"
                "  api_base: $openai_url\n"
                "  api_key_name: g-copilot-proxy\n",
            ),
        ),
        Step("Ask it something", Command(("llm", "-m", "g-copilot-proxy", "Hello"))),
    ),
    configure=configure,
    afterwards='Ask it something: llm -m g-copilot-proxy "Hello".',
)
