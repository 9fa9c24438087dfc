"""The real tools that our own command connects: how to get each, and how it runs unattended."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.agents.declared import AGENTS_FOLDER


@dataclass(frozen=True, slots=True)
class ConnectedTool:
    """``existing`` are files a person already had, by their path below the home.

    ``arguments`` are those after the program's name, for a prompt and the file it speaks of.
    ``models``: the first passes through, the second is translated; with a third, each is of the API that
    the tool then speaks. ``shell``: its settings are variables, so it is started from a shell that read
    its start file.
    """

    app_id: str
    package: str
    version: str
    program: str
    models: tuple[str, ...]
    arguments: Callable[[str, Path], list[str]]
    existing: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    python: bool = False
    shell: bool = False
    lacks: str = ""

    @property
    def folder(self) -> Path:
        return AGENTS_FOLDER / f"{self.program}-{self.version}"

    @property
    def installed(self) -> Path:
        if self.python:
            return self.folder / ("Scripts" if os.name == "nt" else "bin") / self.program
        return self.folder / "node_modules" / ".bin" / self.program


READ_FILE = "def read_file(path: str) -> str:\n    'Read a file.'\n    return open(path).read()\n"
AIDER_FLAGS = "--no-git --yes-always --no-check-update --no-show-model-warnings --no-pretty"
AIDER_FLAGS += " --no-analytics --no-show-release-notes --no-detect-urls"
CLAUDE, CHAT, CODEX = "claude-sonnet-4.6", "gpt-4.1", "gpt-5.3-codex"

CONNECTED_TOOLS: Mapping[str, ConnectedTool] = {
    tool.app_id: tool
    for tool in (
        ConnectedTool(
            "claude-code",
            "@anthropic-ai/claude-code",
            "2.1.329",
            "claude",
            (CLAUDE, CHAT),
            lambda prompt, note: ["-p", prompt, "--allowedTools", "Bash Read"],
            {
                ".claude/settings.json": '{\r\n\t"env": {"EDITOR": "nvim"},\r\n'
                '\t"model": "opus"\r\n}\r\n'
            },
            {"DISABLE_TELEMETRY": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"},
            lacks="comments in its settings; other vendors' models in its picker",
        ),
        ConnectedTool(
            "codex",
            "@openai/codex",
            "0.169.0",
            "codex",
            (CODEX, CLAUDE),
            lambda prompt, note: [
                *("exec", "--skip-git-repo-check", "-s", "danger-full-access", prompt)
            ],
            {".codex/config.toml": '# mine\nmodel = "o3"\n\n[tui]\nnotifications = true # yes\n'},
        ),
        ConnectedTool(
            "copilot-cli",
            "@github/copilot",
            "1.0.102",
            "copilot",
            (CHAT, CODEX, CLAUDE),
            lambda prompt, note: ["-p", prompt, "--allow-all-tools", "--allow-all-paths"],
            {".bashrc": "alias ll='ls -l'\n# no line end"},
            {"COPILOT_OFFLINE": "true"},
            shell=True,
            lacks="a settings file for providers: variables only",
        ),
        ConnectedTool(
            "opencode",
            "opencode-ai",
            "1.18.33",
            "opencode",
            (CHAT, CLAUDE),
            lambda prompt, note: ["run", prompt],
            {".config/opencode/opencode.jsonc": '{\n  // mine\n  "theme": "opencode",\n}\n'},
            {
                "OPENCODE_DISABLE_MODELS_FETCH": "true",
                "OPENCODE_PERMISSION": '{"*": "allow"}',
                "OPENCODE_DISABLE_AUTOUPDATE": "true",
            },
        ),
        ConnectedTool(
            "aider",
            "aider-chat",
            "0.86.2",
            "aider",
            (CHAT, CLAUDE),
            lambda prompt, note: [str(note), "--message", prompt, *AIDER_FLAGS.split()],
            {".aider.conf.yml": "# mine\ndark-mode: true\n"},
            {"LITELLM_LOCAL_MODEL_COST_MAP": "True"},
            python=True,
            lacks="tools: the file's text goes into the prompt",
        ),
        ConnectedTool(
            "qwen-code",
            "@qwen-code/qwen-code",
            "0.15.10",
            "qwen",
            (CHAT, CLAUDE),
            lambda prompt, note: ["--approval-mode", "yolo", prompt],
            {
                ".qwen/settings.json": '{\n  "ui": {"theme": "Default"}, // mine\n  "$version": 3\n}\n'
            },
        ),
        ConnectedTool(
            "pi",
            "@mariozechner/pi-coding-agent",
            "0.73.1",
            "pi",
            (CHAT, CLAUDE),
            lambda prompt, note: ["-p", prompt],
            {".pi/agent/settings.json": '{"theme": "dark"}'},
            {"PI_OFFLINE": "1"},
        ),
        ConnectedTool(
            "cline",
            "cline",
            "3.0.65",
            "cline",
            (CHAT, CLAUDE),
            lambda prompt, note: ["--auto-approve", "true", prompt],
            {},
            {},
            lacks="a file for the extension's settings: those are typed in the editor",
        ),
        ConnectedTool(
            "continue",
            "@continuedev/cli",
            "1.5.47",
            "cn",
            (CHAT, CLAUDE),
            lambda prompt, note: ["-p", "--auto", prompt],
            {".continue/config.yaml": "name: Mine\nversion: 1.0.0\nschema: v1\n# models below\n"},
            {"CONTINUE_TELEMETRY_ENABLED": "0"},
        ),
        ConnectedTool(
            "llm",
            "llm",
            "0.36",
            "llm",
            (CHAT, CLAUDE),
            lambda prompt, note: ["-m", "g-copilot-proxy", "--functions", READ_FILE, prompt],
            {
                ".config/io.datasette.llm/extra-openai-models.yaml": "# mine\n- model_id: local\n"
                "  model_name: local\n  api_base: http://127.0.0.1:9/v1\n"
            },
            python=True,
        ),
    )
}
