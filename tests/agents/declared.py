"""The real agents that must finish a task through the proxy: which version, how to get and start each.

Versions are pinned so that a failure is ours; how each is run without a screen was found by trying.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
AGENTS_FOLDER = ROOT / ".agents"


@dataclass(frozen=True, slots=True)
class Task:
    """What one run is given: the proxy's address and key, a model, a prompt, an empty HOME."""

    base_url: str
    key: str
    model: str
    prompt: str
    folder: Path
    home: Path


@dataclass(frozen=True, slots=True)
class Agent:
    """``models`` are those it is tried with: at least one passed through and one translated.

    ``package`` is its name in the npm registry; ``arguments`` and ``environment`` start it headless.
    """

    name: str
    package: str
    version: str
    program: str
    models: tuple[str, ...]
    arguments: Callable[[Task], list[str]]
    environment: Callable[[Task], dict[str, str]]

    @property
    def folder(self) -> Path:
        return AGENTS_FOLDER / f"{self.name}-{self.version}"

    def find(self) -> Path | None:
        """The installed program: ours first, then one the user has."""
        ours = self.folder / "node_modules" / ".bin" / self.program
        if ours.exists():
            return ours
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


def claude_code_environment(task: Task) -> dict[str, str]:
    return {
        "ANTHROPIC_BASE_URL": task.base_url,
        "ANTHROPIC_AUTH_TOKEN": task.key,
        "ANTHROPIC_MODEL": task.model,
        "DISABLE_TELEMETRY": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }


AGENTS: Mapping[str, Agent] = {
    agent.name: agent
    for agent in (
        Agent(
            name="claude-code",
            package="@anthropic-ai/claude-code",
            version="2.1.329",
            program="claude",
            models=("claude-sonnet-4.6", "claude-opus-5-5", "gpt-4.1"),
            arguments=lambda task: ["-p", task.prompt, "--allowedTools", "Bash Read"],
            environment=claude_code_environment,
        ),
    )
}
