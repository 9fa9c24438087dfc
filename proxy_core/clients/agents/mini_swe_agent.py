"""mini-swe-agent."""

from __future__ import annotations

from proxy_core.clients.connection import Connection
from proxy_core.clients.editing.document import Setting
from proxy_core.clients.editing.formats import Format
from proxy_core.clients.location import Location
from proxy_core.clients.tool import (
    CHAT_MODELS,
    SET_VARIABLES,
    START,
    Command,
    Environment,
    FileChange,
    Step,
    Tool,
    ToolKind,
    Wire,
)

_OWNER = "mini-swe-agent"


def configure(connection: Connection, location: Location) -> tuple[FileChange, ...]:
    """Its settings are variables in a file of its own; the last of one name counts."""
    folder = location.application_data / _OWNER
    folder = location.folder("MSWEA_GLOBAL_CONFIG_DIR", folder)
    variables = {
        "MSWEA_CONFIGURED": "true",
        "MSWEA_MODEL_NAME": f"openai/{connection.model}",
        "OPENAI_API_BASE": connection.openai_url,
        "OPENAI_API_KEY": connection.key,
        # LiteLLM has no price for a name it does not know, and then stops.
        "MSWEA_COST_TRACKING": "ignore_errors",
    }
    lines = "\n".join(f"{name}='{value}'" for name, value in variables.items())
    return (FileChange(folder / ".env", Format.LINES, (Setting((_OWNER,), lines),), ()),)


MINI_SWE_AGENT = Tool(
    app_id="mini-swe-agent",
    name="mini-swe-agent",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("mini",),
    seen_as=("mini-swe-agent", "LiteLLM"),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            SET_VARIABLES,
            Environment(
                (
                    ("OPENAI_API_BASE", "$openai_url"),
                    ("OPENAI_API_KEY", "$key"),
                    ("MSWEA_COST_TRACKING", "ignore_errors"),
                )
            ),
        ),
        Step(START, Command(("mini", "-m", "openai/$model"))),
    ),
    configure=configure,
)
