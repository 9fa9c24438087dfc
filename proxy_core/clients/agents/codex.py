"""Codex."""

from __future__ import annotations

from proxy_core.clients.connection import Connection
from proxy_core.clients.editing.document import ABSENT, Setting
from proxy_core.clients.editing.formats import Format
from proxy_core.clients.location import Location
from proxy_core.clients.offered_models import PROVIDER
from proxy_core.clients.tool import (
    RESPONSES_MODELS,
    START,
    Command,
    Environment,
    FileChange,
    FilePart,
    Step,
    Tool,
    ToolKind,
    Wire,
)


def configure(connection: Connection, location: Location) -> tuple[FileChange, ...]:
    folder = location.folder("CODEX_HOME", location.home / ".codex")
    provider = {
        "name": PROVIDER,
        "base_url": connection.openai_url,
        "wire_api": "responses",
        "experimental_bearer_token": connection.key,
        # Where it finds the live list for its picker; older versions pass over both lines.
        "model_catalog_url": f"{connection.openai_url}/models",
    }
    settings = (
        Setting(("profile",), ABSENT),  # it would name another model
        Setting(("model",), connection.model),
        Setting(("model_provider",), PROVIDER),
        Setting(("model_providers", PROVIDER), provider),
        Setting(("features", "api_key_model_discovery"), True),
    )
    address = ("model_providers", PROVIDER, "base_url")
    return (FileChange(folder / "config.toml", Format.TOML, settings, address),)


CODEX = Tool(
    app_id="codex",
    name="Codex",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_RESPONSES,
    programs=("codex",),
    seen_as=("Codex",),
    preferred_models=RESPONSES_MODELS,
    steps=(
        Step(
            "Add this to its settings; the first two lines belong at the top of the file",
            FilePart(
                "~/.codex/config.toml",
                "model = $model\n"
                'model_provider = "g-copilot-proxy"\n'
                "\n"
                "[model_providers.g-copilot-proxy]\n"
                'name = "g-copilot-proxy"\n'
                "base_url = $openai_url\n"
                'env_key = "G_COPILOT_PROXY_CLIENT_KEY"\n'
                'wire_api = "responses"\n'
                # Where it finds the live list for its picker; older versions pass over both lines.
                "model_catalog_url = $catalog_url\n"
                "\n"
                "[features]\n"
                "api_key_model_discovery = true\n",
            ),
        ),
        Step(
            "Set the key in your shell; the file only names it",
            Environment((("G_COPILOT_PROXY_CLIENT_KEY", "$key"),)),
        ),
        Step(START, Command(("codex",))),
    ),
    configure=configure,
    marks=(".codex/config.toml",),
)
