"""Gemini CLI."""

from __future__ import annotations

from proxy_core.clients.connection import Connection
from proxy_core.clients.editing.document import Setting
from proxy_core.clients.editing.formats import Format
from proxy_core.clients.location import Location
from proxy_core.clients.shell_file import variables_of
from proxy_core.clients.tool import (
    GEMINI_MODELS,
    GEMINI_SETTING,
    NEW_TERMINAL,
    SET_VARIABLES,
    Command,
    Environment,
    FileChange,
    Step,
    Tool,
    ToolKind,
    Wire,
)

_VARIABLES = Environment(
    (
        ("GOOGLE_GEMINI_BASE_URL", "$base_url"),
        ("GEMINI_API_KEY", "$key"),
        ("GEMINI_MODEL", "$model"),
    )
)


def configure(connection: Connection, location: Location) -> tuple[FileChange, ...]:
    """Variables of the shell: its own ``.env`` counts only in folders that the user trusts.

    With an address alone it asks for a way to sign in, so that is written beside them.
    """
    variables = variables_of("gemini-cli", _VARIABLES)(connection, location)
    if not variables:
        return ()
    way_in = Setting(("security", "auth", "selectedType"), "gemini-api-key")
    file = location.home / ".gemini" / "settings.json"
    return (*variables, FileChange(file, Format.JSON, (way_in,), ()))


GEMINI_CLI = Tool(
    app_id="gemini-cli",
    name="Gemini CLI",
    kind=ToolKind.AGENT,
    wire=Wire.GEMINI,
    programs=("gemini",),
    seen_as=("Gemini CLI",),
    preferred_models=GEMINI_MODELS,
    steps=(
        Step(SET_VARIABLES, _VARIABLES),
        Step("Start it in the same shell and choose the Gemini API key", Command(("gemini",))),
    ),
    caution="It speaks only Google's API: switch that on in the settings.",
    configure=configure,
    overruled_by=("GOOGLE_GENAI_USE_VERTEXAI",),
    afterwards=NEW_TERMINAL,
    setting=GEMINI_SETTING,
    marks=(".gemini",),
)
