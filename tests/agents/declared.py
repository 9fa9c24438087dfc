"""The real agents that must finish a task through the proxy: which version, how to get and start each.

Versions are pinned so that a failure is ours; how each is run without a screen was found by trying.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
AGENTS_FOLDER = ROOT / ".agents"


@dataclass(frozen=True, slots=True)
class Task:
    """What one run is given: the proxy's address and key, a model, a prompt, an empty HOME.

    ``note`` is the file the prompt speaks of, in ``folder``.
    """

    base_url: str
    key: str
    model: str
    prompt: str
    note: Path
    folder: Path
    home: Path


@dataclass(frozen=True, slots=True)
class Start:
    """How to start an agent for one task: arguments after the program, environment to add."""

    arguments: list[str]
    environment: dict[str, str]


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent in one wire mode.

    ``package`` is its name in the npm registry (in the Python one if ``python``); ``models`` are those
    it is tried with: at least one passed through and one translated. ``prepare`` may write the
    agent's own configuration into the task's HOME.
    """

    name: str
    package: str
    version: str
    program: str
    models: tuple[str, ...]
    prepare: Callable[[Task], Start]
    python: bool = False

    @property
    def folder(self) -> Path:
        return AGENTS_FOLDER / f"{self.program}-{self.version}"

    @property
    def installed_program(self) -> Path:
        if self.python:
            return self.folder / ("Scripts" if os.name == "nt" else "bin") / self.program
        return self.folder / "node_modules" / ".bin" / self.program

    def find(self) -> Path | None:
        """The installed program: ours first, then one the user has."""
        if self.installed_program.exists():
            return self.installed_program
        found = shutil.which(self.program)
        return Path(found) if found else None


def clean_environment(task: Task) -> dict[str, str]:
    """What any program needs, and none of the keys and proxies of whoever runs the tests."""
    kept = (
        "PATH",
        "LANG",
        "LC_ALL",
        "TERM",
        "SystemRoot",
        "TEMP",
        "TMP",
        "APPDATA",
        "LOCALAPPDATA",
    )
    environ = {name: os.environ[name] for name in kept if name in os.environ}
    return environ | {"HOME": str(task.home), "USERPROFILE": str(task.home)}


def claude_code(task: Task) -> Start:
    environ = {
        "ANTHROPIC_BASE_URL": task.base_url,
        "ANTHROPIC_AUTH_TOKEN": task.key,
        "ANTHROPIC_MODEL": task.model,
        "DISABLE_TELEMETRY": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }
    return Start(["-p", task.prompt, "--allowedTools", "Bash Read"], environ)


def codex(*, websockets: bool) -> Callable[[Task], Start]:
    def prepare(task: Task) -> Start:
        folder = task.home / ".codex"
        folder.mkdir()
        (folder / "config.toml").write_text(
            f'model = "{task.model}"\n'
            'model_provider = "proxy"\n'
            "[model_providers.proxy]\n"
            'name = "proxy"\n'
            f'base_url = "{task.base_url}/v1"\n'
            'env_key = "PROXY_KEY"\n'
            'wire_api = "responses"\n'
            f"supports_websockets = {str(websockets).lower()}\n",
            encoding="utf-8",
        )
        arguments = ["exec", "--skip-git-repo-check", "-s", "danger-full-access", task.prompt]
        return Start(arguments, {"PROXY_KEY": task.key, "CODEX_HOME": str(folder)})

    return prepare


def copilot_cli(provider: str, wire_api: str) -> Callable[[Task], Start]:
    def prepare(task: Task) -> Start:
        environ = {
            # The OpenAI base carries /v1, the Anthropic one does not.
            "COPILOT_PROVIDER_BASE_URL": task.base_url + ("/v1" if provider == "openai" else ""),
            "COPILOT_PROVIDER_TYPE": provider,
            "COPILOT_PROVIDER_API_KEY": task.key,
            "COPILOT_MODEL": task.model,
            "COPILOT_OFFLINE": "true",
        }
        if wire_api:
            environ["COPILOT_PROVIDER_WIRE_API"] = wire_api
        return Start(["-p", task.prompt, "--allow-all-tools", "--allow-all-paths"], environ)

    return prepare


def opencode(package: str, base: str) -> Callable[[Task], Start]:
    def prepare(task: Task) -> Start:
        provider = {
            "npm": package,
            "options": {"baseURL": task.base_url + base, "apiKey": task.key},
            "models": {
                task.model: {"name": task.model, "limit": {"context": 128000, "output": 16000}}
            },
        }
        config = {
            "provider": {"proxy": provider},
            "autoupdate": False,
            "share": "disabled",
            # The file lies in a temporary folder: nobody is there to be asked.
            "permission": "allow",
        }
        path = task.home / "opencode.json"
        path.write_text(json.dumps(config), encoding="utf-8")
        return Start(
            ["run", "-m", f"proxy/{task.model}", task.prompt],
            {"OPENCODE_CONFIG": str(path), "OPENCODE_DISABLE_MODELS_FETCH": "true"},
        )

    return prepare


def aider(provider: str) -> Callable[[Task], Start]:
    """aider has no tools: the file's text goes into the prompt, and the answer is read from there."""

    def prepare(task: Task) -> Start:
        base = task.base_url + ("/v1" if provider == "openai" else "")
        environ = {
            f"{provider.upper()}_API_BASE": base,
            f"{provider.upper()}_API_KEY": task.key,
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        }
        flags = "--no-git --yes-always --no-check-update --no-show-model-warnings --no-pretty"
        flags += " --no-analytics --no-show-release-notes --no-detect-urls"
        arguments = ["--model", f"{provider}/{task.model}", "--message", task.prompt]
        return Start([str(task.note), *arguments, *flags.split()], environ)

    return prepare


def _variants(
    package: str,
    version: str,
    program: str,
    variants: Mapping[str, tuple[Callable[[Task], Start], tuple[str, ...]]],
    *,
    python: bool = False,
) -> list[Agent]:
    return [
        Agent(name, package, version, program, models, prepare, python)
        for name, (prepare, models) in variants.items()
    ]


CLAUDE_AND_CHAT_ONLY = ("claude-sonnet-4.6", "gpt-4.1")
RESPONSES_AND_CLAUDE = ("gpt-5.3-codex", "claude-sonnet-4.6")

AGENTS: Mapping[str, Agent] = {
    agent.name: agent
    for agent in (
        *_variants(
            "@anthropic-ai/claude-code",
            "2.1.332",
            "claude",
            {
                "claude-code": (
                    claude_code,
                    (*CLAUDE_AND_CHAT_ONLY, "claude-opus-5-5", "gpt-5.3-codex"),
                )
            },
        ),
        *_variants(
            "@openai/codex",
            "0.171.0",
            "codex",
            {
                "codex": (codex(websockets=False), RESPONSES_AND_CLAUDE),
                "codex-websocket": (codex(websockets=True), RESPONSES_AND_CLAUDE),
            },
        ),
        *_variants(
            "@github/copilot",
            "1.0.102",
            "copilot",
            {
                "copilot-cli-anthropic": (copilot_cli("anthropic", ""), CLAUDE_AND_CHAT_ONLY),
                "copilot-cli-completions": (
                    copilot_cli("openai", "completions"),
                    ("gpt-4.1", "gpt-5.3-codex"),
                ),
                "copilot-cli-responses": (copilot_cli("openai", "responses"), RESPONSES_AND_CLAUDE),
            },
        ),
        *_variants(
            "opencode-ai",
            "1.18.33",
            "opencode",
            {
                "opencode-completions": (
                    opencode("@ai-sdk/openai-compatible", "/v1"),
                    ("gpt-4.1", "claude-sonnet-4.6", "gpt-5.3-codex"),
                ),
                "opencode-messages": (opencode("@ai-sdk/anthropic", "/v1"), CLAUDE_AND_CHAT_ONLY),
                "opencode-responses": (opencode("@ai-sdk/openai", "/v1"), RESPONSES_AND_CLAUDE),
            },
        ),
        *_variants(
            "aider-chat",
            "0.86.2",
            "aider",
            {
                "aider-completions": (aider("openai"), ("gpt-4.1", "gpt-5.3-codex")),
                "aider-messages": (
                    aider("anthropic"),
                    # aider itself asks for an OpenAI key as soon as a name begins with gpt.
                    ("claude-sonnet-4.6", "gemini-3.1-pro-preview"),
                ),
            },
            python=True,
        ),
    )
}
