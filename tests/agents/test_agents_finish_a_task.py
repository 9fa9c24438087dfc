"""Real agents, real requests: each must read a file with its own tool and report what stands in it."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agents.declared import AGENTS, Agent, Task, clean_environment
from tests.agents.demo_server import RUN_SECONDS, DemoServer, running_demo_server


@pytest.fixture(scope="module")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    with running_demo_server(tmp_path_factory) as server:
        yield server


@pytest.mark.parametrize(
    ("name", "model"), [(agent.name, model) for agent in AGENTS.values() for model in agent.models]
)
def test_an_agent_reads_a_file_and_tells_its_secret_word(
    name: str, model: str, demo_server: DemoServer, tmp_path: Path
) -> None:
    agent = AGENTS[name]
    word = "w" + secrets.token_hex(5)
    folder, home = tmp_path / "work", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    note = folder / "note.txt"
    note.write_text(f"secret word is: {word}\n")
    prompt = f"Read the file {note} and tell me the secret word that stands in it."
    task = Task(demo_server.url, demo_server.key, model, prompt, note, folder, home)

    said = run(agent, task)

    assert f"The secret word is {word}" in said
    finished = demo_server.activity()
    assert finished, "the agent did not use the proxy"
    assert all(record["http_status"] == 200 for record in finished[:2])


def run(agent: Agent, task: Task) -> str:
    program = agent.find()
    if program is None:
        pytest.skip(
            f"{agent.program} is missing: python3 packaging/bootstrap.py agents {agent.name}"
        )
    start = agent.prepare(task)
    result = subprocess.run(
        [str(program), *start.arguments],
        cwd=task.folder,
        env=clean_environment(task) | start.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
