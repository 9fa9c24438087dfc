"""Agents in the terminal: tried with the versions of ``tests/agents`` where they are listed there."""

from __future__ import annotations

from proxy_core.clients.tool import Command, Environment, FilePart, Step, Tool, ToolKind, Wire

SET_VARIABLES = "Set these variables in your shell"
START = "Start it in the same shell"
CHAT_MODELS = ("gpt-4.1", "gpt-5-mini", "gpt-")
CLAUDE_MODELS = ("claude-sonnet-4.6", "claude-sonnet", "claude-")
RESPONSES_MODELS = ("gpt-5.3-codex", "gpt-5", "gpt-")

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
            # AUTH_TOKEN and not API_KEY: with the latter it asks whether to use a key it does not know.
            Environment(
                (
                    ("ANTHROPIC_BASE_URL", "$base_url"),
                    ("ANTHROPIC_AUTH_TOKEN", "$key"),
                    ("ANTHROPIC_MODEL", "$model"),
                    # Without it titles and summaries run on the main model, at its price.
                    ("ANTHROPIC_DEFAULT_HAIKU_MODEL", "$small_model"),
                    # It then says which requests no person asked (proxy_core.routing.initiator).
                    ("CLAUDE_CODE_GATEWAY_HINT_HEADERS", "1"),
                )
            ),
        ),
        Step(START, Command(("claude",))),
    ),
    caution="If ANTHROPIC_API_KEY is set too, remove it: it would be used instead.",
)

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
                'wire_api = "responses"\n',
            ),
        ),
        Step(
            "Set the key in your shell; the file only names it",
            Environment((("G_COPILOT_PROXY_CLIENT_KEY", "$key"),)),
        ),
        Step(START, Command(("codex",))),
    ),
)

AIDER = Tool(
    app_id="aider",
    name="aider",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("aider",),
    # It sends through LiteLLM, and its requests look like it.
    seen_as=("aider", "LiteLLM"),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            SET_VARIABLES,
            Environment((("OPENAI_API_BASE", "$openai_url"), ("OPENAI_API_KEY", "$key"))),
        ),
        Step(START, Command(("aider", "--model", "openai/$model"))),
    ),
)

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
            ),
        ),
        Step("Start it with this model", Command(("opencode", "-m", "g-copilot-proxy/$model"))),
    ),
)

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
)

QWEN_CODE = Tool(
    app_id="qwen-code",
    name="Qwen Code",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("qwen",),
    seen_as=("Qwen Code",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            SET_VARIABLES,
            Environment(
                (
                    ("OPENAI_BASE_URL", "$openai_url"),
                    ("OPENAI_API_KEY", "$key"),
                    ("OPENAI_MODEL", "$model"),
                )
            ),
        ),
        Step("Start it and choose OpenAI as the way to sign in", Command(("qwen",))),
    ),
)

GOOSE = Tool(
    app_id="goose",
    name="Goose",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("goose",),
    seen_as=("goose",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            SET_VARIABLES,
            Environment(
                (
                    ("GOOSE_PROVIDER", "openai"),
                    ("GOOSE_MODEL", "$model"),
                    # The host alone: Goose adds v1/chat/completions.
                    ("OPENAI_HOST", "$base_url"),
                    ("OPENAI_API_KEY", "$key"),
                )
            ),
        ),
        Step(START, Command(("goose", "session"))),
    ),
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
)

GEMINI_CLI = Tool(
    app_id="gemini-cli",
    name="Gemini CLI",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("gemini",),
    seen_as=("Gemini CLI",),
    refusal="It speaks only Google's own API, which the proxy does not offer.",
)

AGENTS = (
    CLAUDE_CODE,
    CODEX,
    AIDER,
    OPENCODE,
    COPILOT_CLI,
    QWEN_CODE,
    GOOSE,
    LLM,
    GEMINI_CLI,
)
