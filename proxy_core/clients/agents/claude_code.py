"""Claude Code."""

from __future__ import annotations

from proxy_core.clients.tool import (
    CLAUDE_MODELS,
    SET_VARIABLES,
    START,
    Command,
    Environment,
    Step,
    Tool,
    ToolKind,
    Wire,
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
                )
            ),
        ),
        Step(START, Command(("claude",))),
    ),
    caution="If ANTHROPIC_API_KEY is set too, remove it: it would be used instead.",
)
