"""Copilot CLI."""

from __future__ import annotations

from proxy_core.canonical.model import Endpoint
from proxy_core.clients.connection import Connection
from proxy_core.clients.location import Location
from proxy_core.clients.shell_file import shell_variables
from proxy_core.clients.tool import (
    CHAT_MODELS,
    NEW_TERMINAL,
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


def configure(connection: Connection, location: Location) -> tuple[FileChange, ...]:
    """It has no settings file for another provider: only variables.

    It speaks all three APIs; the one the model itself has needs no translation.
    """
    model = next((each for each in connection.listed if each.id == connection.model), None)
    provider, wire, url = "openai", "completions", connection.openai_url
    if model is not None and model.answers_at(Endpoint.MESSAGES):
        provider, url = "anthropic", connection.base_url
    elif model is not None and not model.answers_at(Endpoint.CHAT_COMPLETIONS):
        wire = "responses"
    variables = (
        ("COPILOT_PROVIDER_BASE_URL", url),
        ("COPILOT_PROVIDER_TYPE", provider),
        ("COPILOT_PROVIDER_API_KEY", connection.key),
        ("COPILOT_PROVIDER_WIRE_API", wire),
        ("COPILOT_MODEL", connection.model),
    )
    return shell_variables("copilot-cli", variables, location)


COPILOT_CLI = Tool(
    app_id="copilot-cli",
    name="Copilot CLI",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("copilot",),
    seen_as=("Copilot CLI",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            SET_VARIABLES,
            Environment(
                (
                    ("COPILOT_PROVIDER_BASE_URL", "$openai_url"),
                    ("COPILOT_PROVIDER_TYPE", "openai"),
                    ("COPILOT_PROVIDER_API_KEY", "$key"),
                    ("COPILOT_PROVIDER_WIRE_API", "completions"),
                    ("COPILOT_MODEL", "$model"),
                )
            ),
        ),
        Step(START, Command(("copilot",))),
    ),
    caution="It can also sign in to GitHub by itself; through the proxy you see what it costs.",
    configure=configure,
    afterwards=NEW_TERMINAL,
)
