"""Claude Code."""

from __future__ import annotations

from proxy_core.clients.connection import SMALL, SUBAGENT, Connection
from proxy_core.clients.editing.document import ABSENT, Setting
from proxy_core.clients.editing.formats import Format
from proxy_core.clients.location import Location
from proxy_core.clients.offered_models import context_of
from proxy_core.clients.tool import (
    CLAUDE_MODELS,
    MAIN_ROLE,
    SET_VARIABLES,
    SMALL_ROLE,
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

_OTHER_ROADS = (
    *("ANTHROPIC_API_KEY", "ANTHROPIC_CUSTOM_HEADERS"),
    *("ANTHROPIC_MODEL", "ANTHROPIC_SMALL_FAST_MODEL", "CLAUDE_CODE_SUBAGENT_MODEL"),
    *("ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL"),
    "CLAUDE_CODE_MAX_CONTEXT_TOKENS",
    *("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY"),
)
"""What would lead it elsewhere, or to a model that only another gateway has, set beside ours."""


def configure(connection: Connection, location: Location) -> tuple[FileChange, ...]:
    folder = location.folder("CLAUDE_CONFIG_DIR", location.home / ".claude")
    variables: dict[str, object] = {
        "ANTHROPIC_BASE_URL": connection.base_url,
        "ANTHROPIC_AUTH_TOKEN": connection.key,
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": connection.model_for(SMALL),
        "CLAUDE_CODE_GATEWAY_HINT_HEADERS": "1",
        **dict.fromkeys(_OTHER_ROADS, ABSENT),
    }
    if SUBAGENT in connection.models:
        variables["CLAUDE_CODE_SUBAGENT_MODEL"] = connection.model_for(SUBAGENT)
    for each in connection.listed:
        # Of a model that is not Anthropic's it believes that its window has a million tokens.
        if each.id == connection.model and not each.id.startswith("claude"):
            variables["CLAUDE_CODE_MAX_CONTEXT_TOKENS"] = str(context_of(each))
    settings = [Setting(("model",), connection.model), Setting(("apiKeyHelper",), ABSENT)]
    settings += [Setting(("env", name), value) for name, value in variables.items()]
    return (
        FileChange(
            folder / "settings.json", Format.JSON, tuple(settings), ("env", "ANTHROPIC_BASE_URL")
        ),
    )


CLAUDE_CODE = Tool(
    app_id="claude-code",
    name="Claude Code",
    kind=ToolKind.AGENT,
    wire=Wire.ANTHROPIC_MESSAGES,
    programs=("claude",),
    seen_as=("Claude Code",),
    preferred_models=CLAUDE_MODELS,
    steps=(
        Step(
            SET_VARIABLES,
            # AUTH_TOKEN, because API_KEY makes it ask whether to use an unknown key.
            Environment(
                (
                    ("ANTHROPIC_BASE_URL", "$base_url"),
                    ("ANTHROPIC_AUTH_TOKEN", "$key"),
                    ("ANTHROPIC_MODEL", "$model"),
                    # Without it titles and summaries run on the main model, at its price.
                    ("ANTHROPIC_DEFAULT_HAIKU_MODEL", "$small_model"),
                    # It then marks requests that no person made (proxy_core.routing.initiator).
                    ("CLAUDE_CODE_GATEWAY_HINT_HEADERS", "1"),
                ),
                # Of a model that is not Anthropic's it believes that its window has a million tokens.
                if_window_known=(("CLAUDE_CODE_MAX_CONTEXT_TOKENS", "$window"),),
            ),
        ),
        Step(START, Command(("claude",))),
    ),
    caution="If ANTHROPIC_API_KEY is set too, remove it: it would be used instead.",
    configure=configure,
    overruled_by=_OTHER_ROADS,
    roles=(MAIN_ROLE, SMALL_ROLE, Role(SUBAGENT, "Subagents")),
    marks=(".claude/settings.json",),
)
