"""Real agents, real requests: each must read a file with its own tool and report what stands in it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.agents.declared import AGENTS, Agent, Task, clean_environment

RUN_SECONDS = 120
PROFILES = tuple(filter(None, os.environ.get("AGENT_PROFILES", "strict").split(",")))
"""Of the simulator's; ``bootstrap.py agents --all-profiles`` names them all."""
ENOUGH_CREDITS = 1000
"""One prompt of an agent costs more than ``token_billing`` has left; running out is shown elsewhere."""
ON_THE_FREE_PLAN = {
    "claude-sonnet-4.6": "claude-haiku-4.5",
    "claude-opus-5-5": "claude-haiku-4.5",
}


@dataclass(frozen=True, slots=True)
class Server:
    """The proxy as a user starts it, in front of the simulator in one profile."""

    url: str
    key: str
    profile: str
    simulator_url: str

    def activity(self) -> list[dict[str, object]]:
        request = urllib.request.Request(
            f"{self.url}/v1/activity", headers={"Authorization": f"Bearer {self.key}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            recent: list[dict[str, object]] = json.load(answer)["recent"]
            return recent

    def control(self, path: str, body: object) -> None:
        request = urllib.request.Request(
            f"{self.simulator_url}/_sim/{path}", data=json.dumps(body).encode()
        )
        with urllib.request.urlopen(request, timeout=10):
            pass


@contextmanager
def program(log: Path, environ: dict[str, str], *arguments: str) -> Iterator[Iterator[str]]:
    """Run a command of ours; gives the lines it prints."""
    with (
        log.open("wb") as log_file,
        subprocess.Popen(
            [sys.executable, "-m", "desktop", *arguments],
            stdout=subprocess.PIPE,
            stderr=log_file,
            text=True,
            env=dict(os.environ) | environ,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            yield iter(process.stdout)
        finally:
            process.terminate()
            process.wait(timeout=10)


def told(lines: Iterator[str], beginning: str, log: Path) -> str:
    """What follows ``beginning`` on the first line that has it."""
    for line in lines:
        if line.startswith(beginning):
            return line.removeprefix(beginning).strip()
    pytest.fail("it did not start:\n" + log.read_text())


@pytest.fixture(scope="module", params=PROFILES)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    key = "gcp_" + secrets.token_hex(16)
    folder = tmp_path_factory.mktemp("proxy-home")
    logs = tmp_path_factory.mktemp("logs")
    simulate, serve = logs / "simulate.log", logs / "serve.log"
    home = {"G_COPILOT_PROXY_HOME": str(folder)}
    with program(simulate, home, "simulate", "--profile", request.param) as lines:
        simulator_url = told(lines, "Simulator listening on ", simulate)
        environ = home | {
            "G_COPILOT_PROXY_GITHUB_URL": simulator_url,
            "COPILOT_GITHUB_TOKEN": told(lines, "GitHub token: ", simulate),
        }
        with program(serve, environ, "serve", "--port", "0", "--key", key) as said:
            url = told(said, "Listening on ", serve)
            yield Server(url, key, request.param, simulator_url)


@pytest.mark.parametrize(
    ("name", "model"), [(agent.name, model) for agent in AGENTS.values() for model in agent.models]
)
def test_an_agent_reads_a_file_and_tells_its_secret_word(
    name: str, model: str, server: Server, tmp_path: Path
) -> None:
    agent = AGENTS[name]
    if server.profile == "free_plan":
        model = ON_THE_FREE_PLAN.get(model, model)
    if server.profile == "token_billing":
        server.control("account", {"remaining": ENOUGH_CREDITS})
    word = "w" + secrets.token_hex(5)
    folder, home = tmp_path / "work", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    note = folder / "note.txt"
    note.write_text(f"secret word is: {word}\n")
    prompt = f"Read the file {note} and tell me the secret word that stands in it."
    task = Task(server.url, server.key, model, prompt, note, folder, home)
    before = {record["request_id"] for record in server.activity()}

    code, said = run(agent, task)

    made = [each for each in server.activity() if each["request_id"] not in before]
    assert made, "the agent did not use the proxy"
    if server.profile == "flaky" and (code or f"The secret word is {word}" not in said):
        excuse_broken_answers(made, said)
    assert code == 0, said
    assert f"The secret word is {word}" in said
    if server.profile != "flaky":
        assert all(record["http_status"] == 200 for record in made[:2])


def excuse_broken_answers(made: list[dict[str, object]], said: str) -> None:
    """What broke after its first byte was the agent's to repeat; nothing else excuses it."""
    broke = [record for record in made if record["error"] == "upstream" and record["first_byte"]]
    assert broke, said
    pytest.xfail(f"{len(broke)} of {len(made)} answers broke midway, and the agent gave up")


def run(agent: Agent, task: Task) -> tuple[int, str]:
    """Return the agent's exit code and what it printed."""
    found = agent.find()
    if found is None:
        pytest.skip(
            f"{agent.program} is missing: python3 packaging/bootstrap.py agents {agent.name}"
        )
    start = agent.prepare(task)
    result = subprocess.run(
        [str(found), *start.arguments],
        cwd=task.folder,
        env=clean_environment(task) | start.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    if result.returncode:
        return result.returncode, result.stdout + result.stderr
    return 0, result.stdout
