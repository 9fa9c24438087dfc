"""opencode."""

from __future__ import annotations

from collections.abc import Mapping

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

_PICTURES: Mapping[bool, Mapping[str, object]] = {
    False: {},
    # Without both it tells the model that the picture cannot be read.
    True: {"attachment": True, "modalities": {"input": ["text", "image"], "output": ["text"]}},
}


def configure(connection: Connection, location: Location) -> tuple[FileChange, ...]:
    folder = location.config / "opencode"
    # It reads all three; where one is, that one is the user's.
    names = ("opencode.jsonc", "opencode.json", "config.json")
    file = next((folder / name for name in names if (folder / name).exists()), None)
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": PROVIDER,
        "options": {"baseURL": connection.openai_url, "apiKey": connection.key},
        "models": {
            each.id: {
                "name": each.name,
                "limit": {"context": context_of(each), "output": output_of(each)},
                **_PICTURES[each.supports.vision],
            }
            for each in connection.offered()
        },
    }
    settings = (
        Setting(("model",), f"{PROVIDER}/{connection.model}"),
        Setting(("small_model",), f"{PROVIDER}/{connection.model_for(SMALL)}"),
        Setting(("provider", PROVIDER), provider),
    )
    address = ("provider", PROVIDER, "options", "baseURL")
    return (FileChange(file or folder / "opencode.json", Format.JSON, settings, address),)


OPENCODE = Tool(
    app_id="opencode",
    name="opencode",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("opencode",),
    seen_as=("opencode", "AI SDK"),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            "Add this provider to its settings",
            FilePart(
                "~/.config/opencode/opencode.json",
                "{\n"
                '  "provider": {\n'
                '    "g-copilot-proxy": {\n'
                '      "npm": "@ai-sdk/openai-compatible",\n'
                '      "options": { "baseURL": $openai_url, "apiKey": $key },\n'
                '      "models": { $model: { "name": $model } }\n'
                "    }\n"
                "  }\n"
                "}\n",
                "{\n"
                '  "small_model": $provider_small_model,\n'
                '  "provider": {\n'
                '    "g-copilot-proxy": {\n'
                '      "npm": "@ai-sdk/openai-compatible",\n'
                '      "options": { "baseURL": $openai_url, "apiKey": $key },\n'
                '      "models": {\n'
                '        $model: { "name": $model },\n'
                '        $small_model: { "name": $small_model }\n'
                "      }\n"
                "    }\n"
                "  }\n"
                "}\n",
            ),
        ),
        Step("Start it with this model", Command(("opencode", "-m", "g-copilot-proxy/$model"))),
    ),
    configure=configure,
    overruled_by=("OPENCODE_CONFIG", "OPENCODE_CONFIG_CONTENT"),
    roles=(MAIN_ROLE, SMALL_ROLE),
)
