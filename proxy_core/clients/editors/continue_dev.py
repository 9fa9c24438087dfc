"""Continue."""

from __future__ import annotations

from proxy_core.canonical.model import Model
from proxy_core.clients.connection import SMALL, Connection
from proxy_core.clients.editing.document import Named, Setting
from proxy_core.clients.editing.formats import Format
from proxy_core.clients.location import Location
from proxy_core.clients.offered_models import context_of, output_of
from proxy_core.clients.tool import (
    CHAT_MODELS,
    MAIN_ROLE,
    SMALL_ROLE,
    FileChange,
    FilePart,
    Step,
    Tool,
    ToolKind,
    Wire,
)

NAME = "Copilot"


def configure(connection: Connection, location: Location) -> tuple[FileChange, ...]:
    known = {each.id: each for each in connection.listed}

    def entry(name: str, model: str, roles: list[str]) -> Setting:
        value: dict[str, object] = {
            "name": name,
            "provider": "openai",
            "model": model,
            "apiBase": connection.openai_url,
            "apiKey": connection.key,
            "roles": roles,
        }
        if (listed := known.get(model)) is not None:
            value["defaultCompletionOptions"] = _lengths(listed)
            value["capabilities"] = _capabilities(listed)
        return Setting(("models", Named("name", name)), value)

    folder = location.folder("CONTINUE_GLOBAL_DIR", location.home / ".continue")
    file = folder / "config.yaml"
    if not file.exists() and (folder / "config.json").exists():
        return ()  # the older form: beside a config.yaml it would not be read at all
    head = {"name": "Local", "version": "1.0.0", "schema": "v1"}
    settings = [
        *(Setting((name,), value, only_if_absent=True) for name, value in head.items()),
        entry(NAME, connection.model, ["chat", "edit", "apply"]),
        entry(f"{NAME} (small)", connection.model_for(SMALL), ["chat", "summarize"]),
    ]
    address = ("models", Named("name", NAME), "apiBase")
    return (FileChange(file, Format.YAML, tuple(settings), address),)


def _lengths(model: Model) -> dict[str, int]:
    """It compacts by the first, and refuses settings by which an answer may fill it."""
    prompt = context_of(model)
    return {"contextLength": prompt, "maxTokens": min(output_of(model), prompt // 2)}


def _capabilities(model: Model) -> list[str]:
    """It guesses them by the name of a model, and knows few names."""
    able = {"tool_use": model.supports.tool_calls, "image_input": model.supports.vision}
    return [name for name, is_able in able.items() if is_able]


CONTINUE = Tool(
    app_id="continue",
    name="Continue",
    kind=ToolKind.EDITOR,
    wire=Wire.OPENAI_CHAT,
    extension="continue.continue",
    seen_as=("Continue",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            "Make this its settings; where the file exists, add only the entry below “models:”",
            FilePart(
                "~/.continue/config.yaml",
                "name: Local\n"
                "version: 1.0.0\n"
                "schema: v1\n"
                "models:\n"
                "  - name: Copilot\n"
                "    provider: openai\n"
                "    model: $model\n"
                "    apiBase: $openai_url\n"
                "    apiKey: $key\n"
                "    roles: [chat, edit, apply]\n",
                "name: Local\n"
                "version: 1.0.0\n"
                "schema: v1\n"
                "models:\n"
                "  - name: Copilot\n"
                "    provider: openai\n"
                "    model: $model\n"
                "    apiBase: $openai_url\n"
                "    apiKey: $key\n"
                "    roles: [chat, edit, apply]\n"
                "  - name: Copilot (small)\n"
                "    provider: openai\n"
                "    model: $small_model\n"
                "    apiBase: $openai_url\n"
                "    apiKey: $key\n"
                "    roles: [chat, summarize]\n",
            ),
        ),
        Step("Choose “Copilot” in Continue's list of models"),
    ),
    caution="Where config.yaml exists, Continue no longer reads an older config.json.",
    configure=configure,
    roles=(MAIN_ROLE, SMALL_ROLE),
    marks=(".continue/config.yaml",),
    programs=("cn",),
    afterwards="Choose “Copilot” in Continue's list of models.",
)
