"""The steps that ``connect`` prints, followed to the letter by the real agents.

Variables are set by a real shell, file parts are written where the step says, and the command is the
printed one; only what makes an agent run without a person is added.
"""

from __future__ import annotations

import secrets
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.connection import Connection
from proxy_core.clients.instructions import Instruction, Place, instructions
from proxy_core.clients.shells import Shell
from tests.agents.declared import AGENTS, Task, clean_environment
from tests.agents.demo_server import RUN_SECONDS, DemoServer, running_demo_server


@pytest.fixture(scope="module")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    with running_demo_server(tmp_path_factory) as server:
        yield server


def claude_code(line: list[str], task: Task) -> list[str]:
    return [*line, "-p", task.prompt, "--allowedTools", "Bash Read"]


def codex(line: list[str], task: Task) -> list[str]:
    return [*line, "exec", "--skip-git-repo-check", "-s", "danger-full-access", task.prompt]


def copilot_cli(line: list[str], task: Task) -> list[str]:
    return [*line, "-p", task.prompt, "--allow-all-tools", "--allow-all-paths"]


def opencode(line: list[str], task: Task) -> list[str]:
    program, *rest = line
    return [program, "run", *rest, task.prompt]


def aider(line: list[str], task: Task) -> list[str]:
    flags = "--no-git --yes-always --no-check-update --no-show-model-warnings --no-pretty"
    flags += " --no-analytics --no-show-release-notes --no-detect-urls"
    return [*line, str(task.note), "--message", task.prompt, *flags.split()]


UNATTENDED: dict[str, tuple[str, Callable[[list[str], Task], list[str]]]] = {
    "claude-code": ("claude-code", claude_code),
    "codex": ("codex", codex),
    "copilot-cli": ("copilot-cli-completions", copilot_cli),
    "opencode": ("opencode-completions", opencode),
    "aider": ("aider-completions", aider),
}
"""By tool: the agent in ``declared.py`` it is, and its command line when nobody is there to answer."""
QUIET = {
    "DISABLE_TELEMETRY": "1",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "COPILOT_OFFLINE": "true",
    "OPENCODE_DISABLE_MODELS_FETCH": "true",
    "OPENCODE_PERMISSION": '{"*": "allow"}',
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
}
"""Keeps the agents from calling home and from asking; nothing of it points them at the proxy."""

NAMELESS = ("aider", "copilot-cli")
"""Their requests may bear the name of OpenAI's SDK: only with a key of its own is each told apart."""


@pytest.mark.parametrize("app_id", list(UNATTENDED))
def test_an_agent_that_follows_the_printed_steps_finishes_a_task(
    app_id: str, demo_server: DemoServer, tmp_path: Path
) -> None:
    name, unattended = UNATTENDED[app_id]
    program = AGENTS[name].find()
    if program is None:
        pytest.skip(f"{name} is missing: python3 packaging/bootstrap.py agents {name}")
    word = "w" + secrets.token_hex(5)
    folder, home = tmp_path / "work", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    note = folder / "note.txt"
    note.write_text(f"secret word is: {word}\n")
    prompt = f"Read the file {note} and tell me the secret word that stands in it."
    tool = TOOLS[app_id]
    model = tool.preferred_models[0]
    task = Task(demo_server.url, demo_server.key, model, prompt, note, folder, home)
    steps = instructions(tool, Connection(task.base_url, task.key, model), Shell.POSIX)

    script = follow(steps, home, lambda line: unattended(line, task))
    shell = shutil.which("sh")
    assert shell is not None
    environ = clean_environment(task) | QUIET
    done = subprocess.run(
        [shell, "-c", script],
        cwd=folder,
        env=environ | {"PATH": f"{program.parent}:{environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"The secret word is {word}" in done.stdout
    record = demo_server.activity()[0]
    assert record["http_status"] == 200
    if app_id not in NAMELESS:
        assert record["client"] in tool.seen_as, "the page shows this tool as connected"


def follow(
    steps: tuple[Instruction, ...], home: Path, unattended: Callable[[list[str]], list[str]]
) -> str:
    """Do what the steps say; return the script that a person would have typed."""
    typed: list[str] = []
    for step in steps:
        if step.place is Place.FILE:
            path = home / step.label.removeprefix("~/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.content, encoding="utf-8")
        elif step.place is Place.SHELL:
            typed.append(step.content)
    typed[-1] = "exec " + shlex.join(unattended(shlex.split(typed[-1])))
    return "\n".join(typed)
