"""aider."""

from __future__ import annotations

from proxy_core.clients.connection import EDITOR, SMALL, Connection
from proxy_core.clients.editing.document import Setting
from proxy_core.clients.editing.formats import Format
from proxy_core.clients.location import Location
from proxy_core.clients.tool import (
    CHAT_MODELS,
    MAIN_ROLE,
    SET_VARIABLES,
    START,
    Command,
    Environment,
    FileChange,
    Role,
    Step,
    Tool,
    ToolKind,
    Wire,
)


def configure(connection: Connection, location: Location) -> tuple[FileChange, ...]:
    models = {
        "model": connection.model,
        "weak-model": connection.model_for(SMALL),
        "editor-model": connection.model_for(EDITOR),
    }
    settings = (
        Setting(("openai-api-base",), connection.openai_url),
        Setting(("openai-api-key",), connection.key),
        *(Setting((name,), f"openai/{model}") for name, model in models.items()),
    )
    file = location.home / ".aider.conf.yml"
    return (FileChange(file, Format.YAML, settings, ("openai-api-base",)),)


AIDER = Tool(
    app_id="aider",
    name="aider",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("aider",),
    # It uses LiteLLM, so its requests are identified as LiteLLM's.
    seen_as=("aider", "LiteLLM"),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            SET_VARIABLES,
            Environment((("OPENAI_API_BASE", "$openai_url"), ("OPENAI_API_KEY", "$key"))),
        ),
        Step(
            START,
            # Without it commit messages and summaries run on the main model, at its price.
            Command(("aider", "--model", "openai/$model", "--weak-model", "openai/$small_model")),
        ),
    ),
    configure=configure,
    overruled_by=(
        *("AIDER_MODEL", "AIDER_WEAK_MODEL", "AIDER_EDITOR_MODEL"),
        *("AIDER_OPENAI_API_BASE", "AIDER_OPENAI_API_KEY"),
    ),
    roles=(MAIN_ROLE, Role(SMALL, "Commit messages", small=True), Role(EDITOR, "Edits")),
)
