"""The agents: how each is got, how it runs unattended, and what it has no way to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from proxy_core.clients.offered_models import PROVIDER
from tests.agents.connected.tool import ConnectedTool, Scene, Turn
from tests.agents.declared import AGENTS

READ_FILE = "def read_file(path: str) -> str:\n    'Read a file.'\n    return open(path).read()\n"
AIDER_FLAGS = "--no-git --yes-always --no-check-update --no-show-model-warnings --no-pretty"
AIDER_FLAGS += " --no-analytics --no-show-release-notes --no-detect-urls --restore-chat-history"
CLAUDE, CHAT, CODEX = "claude-sonnet-4.6", "gpt-4.1", "gpt-5.3-codex"
SMALL_WINDOW = "mai-code-1.1-flash"
"""Translated for a chat client, and soon full."""
RESERVED = 90_000
"""Tokens, of windows of 128,000: a person may want room, and a session is compacted sooner."""
COMPACT_NOW = "-c model_auto_compact_token_limit=1000"
ONE_TASK = "a run is one task"
NO_SESSION = {Scene.SWITCH: ONE_TASK, Scene.RESTART: ONE_TASK, Scene.COMPACTION: ONE_TASK}


def claude_code(turn: Turn) -> list[str]:
    if turn.compacts:
        return ["--continue", "-p", "/compact"]
    past = ["--continue"] if turn.resumes else []
    return [*past, "-p", turn.prompt, "--allowedTools", "Bash Read"]


def codex(turn: Turn) -> list[str]:
    flags = ["--skip-git-repo-check", "-s", "danger-full-access"]
    if turn.compacts:
        flags += COMPACT_NOW.split()
    picture = [f"--image={turn.image}"] if turn.image else []
    past = ["resume", "--last"] if turn.resumes else []
    return ["exec", *flags, *past, *picture, turn.prompt or "Say hello."]


def copilot_cli(turn: Turn) -> list[str]:
    # A session keeps its model, whatever the settings say by then.
    past = ["--continue", "--model", turn.model] if turn.resumes else []
    picture = ["--attachment", str(turn.image)] if turn.image else []
    words = "/compact" if turn.compacts else turn.prompt
    return [*past, "-p", words, *picture, "--allow-all-tools", "--allow-all-paths"]


def opencode(turn: Turn) -> list[str]:
    # A session keeps its model, whatever the settings say by then.
    past = ["--continue", "-m", f"{PROVIDER}/{turn.model}"] if turn.resumes else []
    picture = ["-f", str(turn.image)] if turn.image else []
    return ["run", *past, turn.prompt, *picture]


def aider(turn: Turn) -> list[str]:
    return [str(turn.note), "--message", turn.prompt, *AIDER_FLAGS.split()]


def qwen_code(turn: Turn) -> list[str]:
    past = ["--continue"] if turn.resumes else []
    picture = f" @{turn.image}" if turn.image else ""
    words = "/compress" if turn.compacts else turn.prompt
    return [*past, "--approval-mode", "yolo", words + picture]


def pi(turn: Turn) -> list[str]:
    # A session keeps its model, whatever the settings say by then.
    model = ["--provider", PROVIDER, "--model", turn.model]
    past = ["--continue", *model] if turn.resumes else []
    picture = [f"@{turn.image}"] if turn.image else []
    return [*past, "-p", *picture, turn.prompt]


def cline(turn: Turn) -> list[str]:
    return ["--auto-approve", "true", turn.prompt]


def continue_cli(turn: Turn) -> list[str]:
    past = ["--resume"] if turn.resumes else []
    return ["-p", "--auto", *past, turn.prompt]


def gemini_cli(turn: Turn) -> list[str]:
    past = ["--resume", "latest"] if turn.resumes else []
    picture = f" @{turn.image}" if turn.image else ""
    return [*past, "-m", turn.model, "--yolo", "--skip-trust", "-p", turn.prompt + picture]


def mini_swe_agent(turn: Turn) -> list[str]:
    return ["--yolo", "--exit-immediately", "--task", turn.prompt]


def llm(turn: Turn) -> list[str]:
    past = ["--continue"] if turn.resumes else []
    picture = ["-a", str(turn.image)] if turn.image else []
    return ["-m", "g-copilot-proxy", *past, *picture, "--functions", READ_FILE, turn.prompt]


def _agent(
    app_id: str,
    package: str,
    version: str,
    program: str,
    arguments: Callable[[Turn], list[str]],
    models: tuple[str, ...] = (CHAT, CODEX),
    **more: object,
) -> ConnectedTool:
    return ConnectedTool(app_id, package, version, program, models, arguments, **more)  # type: ignore[arg-type]


AGENT_TOOLS: Mapping[str, ConnectedTool] = {
    tool.key: tool
    for tool in (
        _agent(
            "claude-code",
            "@anthropic-ai/claude-code",
            AGENTS["claude-code"].version,
            "claude",
            claude_code,
            (CLAUDE, CHAT),
            existing={
                ".claude/settings.json": '{\r\n\t"env": {"EDITOR": "nvim"},\r\n'
                '\t"model": "opus"\r\n}\r\n'
            },
            environment={
                "DISABLE_TELEMETRY": "1",
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            },
            reads_pictures=True,
            lacks="comments in its settings; other vendors' models in its picker",
        ),
        _agent(
            "codex",
            "@openai/codex",
            AGENTS["codex"].version,
            "codex",
            codex,
            (CODEX, CLAUDE),
            existing={
                ".codex/config.toml": '# mine\nmodel = "o3"\n\n[tui]\nnotifications = true # yes\n'
            },
        ),
        _agent(
            "copilot-cli",
            "@github/copilot",
            AGENTS["copilot-cli-completions"].version,
            "copilot",
            copilot_cli,
            (CHAT, CODEX, CLAUDE),
            existing={".bashrc": "alias ll='ls -l'\n# no line end"},
            environment={"COPILOT_OFFLINE": "true"},
            shell=True,
            lacks="a settings file for providers: variables only",
        ),
        _agent(
            "opencode",
            "opencode-ai",
            AGENTS["opencode-completions"].version,
            "opencode",
            opencode,
            (CHAT, SMALL_WINDOW),
            existing={
                ".config/opencode/opencode.jsonc": '{\n  // mine\n  "theme": "opencode",\n'
                f'  "compaction": {{"reserved": {RESERVED}}},\n}}\n'
            },
            environment={
                "OPENCODE_DISABLE_MODELS_FETCH": "true",
                "OPENCODE_PERMISSION": '{"*": "allow"}',
                "OPENCODE_DISABLE_AUTOUPDATE": "true",
            },
            fills=True,
            reads_pictures=True,
        ),
        _agent(
            "aider",
            "aider-chat",
            AGENTS["aider-completions"].version,
            "aider",
            aider,
            (CHAT, SMALL_WINDOW),
            existing={
                ".aider.conf.yml": "# mine\ndark-mode: true\nmax-chat-history-tokens: 2000\n"
            },
            environment={"LITELLM_LOCAL_MODEL_COST_MAP": "True"},
            python=True,
            fills=True,
            lacks="tools: the file's text goes into the prompt; pictures for models it does not know",
        ),
        _agent(
            "qwen-code",
            "@qwen-code/qwen-code",
            "0.15.10",
            "qwen",
            qwen_code,
            existing={
                ".qwen/settings.json": '{\n  "ui": {"theme": "Default"}, // mine\n  "$version": 3\n}\n'
            },
        ),
        _agent(
            "pi",
            "@mariozechner/pi-coding-agent",
            "0.73.1",
            "pi",
            pi,
            (CHAT, SMALL_WINDOW),
            existing={
                ".pi/agent/settings.json": '{"theme": "dark", "compaction": {"reserveTokens": '
                f'{RESERVED}, "keepRecentTokens": 2000}}}}'
            },
            environment={"PI_OFFLINE": "1"},
            fills=True,
        ),
        _agent(
            "cline",
            "cline",
            "3.0.65",
            "cline",
            cline,
            (CHAT, SMALL_WINDOW),
            reads_pictures=True,
            cannot=dict.fromkeys(NO_SESSION, "a session goes on only in its terminal"),
            lacks="a file for the extension's settings: those are typed in the editor",
        ),
        _agent(
            "continue",
            "@continuedev/cli",
            "1.5.47",
            "cn",
            continue_cli,
            (CHAT, SMALL_WINDOW),
            existing={
                ".continue/config.yaml": "name: Mine\nversion: 1.0.0\nschema: v1\n# models below\n"
            },
            environment={"CONTINUE_TELEMETRY_ENABLED": "0"},
            fills=True,
            cannot={Scene.IMAGE: "its command line takes none"},
        ),
        _agent(
            "gemini-cli",
            "@google/gemini-cli",
            "0.61.0",
            "gemini",
            gemini_cli,
            ("gemini-3.1-pro-preview", CHAT),
            existing={
                ".bashrc": "alias ll='ls -l'\n",
                ".gemini/settings.json": '{\n  // mine\n  "ui": {"theme": "Default"}\n}\n',
            },
            shell=True,
            cannot={Scene.COMPACTION: "`/compress` only in its own terminal"},
            always_translated=True,
        ),
        _agent(
            "mini-swe-agent",
            "mini-swe-agent",
            "2.4.6",
            "mini",
            mini_swe_agent,
            # Of other models LiteLLM chooses the API itself, by their name.
            (CHAT, SMALL_WINDOW),
            existing={".config/mini-swe-agent/.env": "# mine\nMSWEA_SILENT_STARTUP='1'\n"},
            environment={"LITELLM_LOCAL_MODEL_COST_MAP": "True"},
            python=True,
            cannot={**NO_SESSION, Scene.IMAGE: "text only"},
        ),
        _agent(
            "llm",
            "llm",
            "0.36",
            "llm",
            llm,
            existing={
                ".config/io.datasette.llm/extra-openai-models.yaml": "# mine\n- model_id: local\n"
                "  model_name: local\n  api_base: http://127.0.0.1:9/v1\n"
            },
            python=True,
            cannot={Scene.COMPACTION: "it never shortens a conversation"},
        ),
    )
}
