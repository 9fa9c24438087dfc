"""Real agents, real requests: each must read a file with its own tool and report what stands in it."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy_core.simulator.worlds.table import DEFAULT_WORLD
from proxy_core.simulator.worlds.table import WORLDS as WORLD_NAMES
from tests.agents.declared import AGENTS, Agent, Task, clean_environment
from tests.agents.demo_server import RUN_SECONDS
from tests.agents.profile_server import ProfileServer, running_profile_server
from tests.agents.stand_ins import stand_in
from tests.integration.prompt_cache.checker import breaks_in

_ASKED = os.environ.get("AGENT_PROFILES", "strict")
PROFILES = (
    ("strict", "lenient", "free_plan", "token_billing", "premium_requests", "organisation", "flaky")
    if _ASKED == "all"
    else tuple(filter(None, _ASKED.split(",")))
)
"""Of the simulator's; ``bootstrap.py agents --all-profiles`` asks for all."""
WORLDS = tuple(
    WORLD_NAMES
    if os.environ.get("AGENT_WORLDS") == "all"
    else filter(None, os.environ.get("AGENT_WORLDS", DEFAULT_WORLD).split(","))
)
"""The dates the simulator plays; ``bootstrap.py agents --all-worlds`` asks for all."""
ENOUGH_CREDITS = 1000
"""One prompt of an agent costs more than ``token_billing`` has left; running out is shown elsewhere."""
ON_THE_FREE_PLAN = {
    "claude-sonnet-4.6": "claude-haiku-4.5",
    "claude-opus-5-5": "claude-haiku-4.5",
}


@pytest.fixture(
    scope="module",
    params=[(profile, world) for world in WORLDS for profile in PROFILES],
    ids=lambda pair: "-".join(pair),
)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ProfileServer]:
    profile, world = request.param
    with running_profile_server(profile, tmp_path_factory.mktemp("proxy"), world) as running:
        yield running


@pytest.mark.parametrize(
    ("name", "model"), [(agent.name, model) for agent in AGENTS.values() for model in agent.models]
)
def test_an_agent_reads_a_file_and_tells_its_secret_word(
    name: str, model: str, server: ProfileServer, tmp_path: Path
) -> None:
    agent = AGENTS[name]
    if server.profile == "free_plan":
        model = ON_THE_FREE_PLAN.get(model, model)
    model = stand_in(model, server.world)
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
    earlier = len(server.received())

    code, said = run(agent, task)

    made = [each for each in server.activity() if each["request_id"] not in before]
    assert made, "the agent did not use the proxy"
    if server.profile == "flaky" and (code or f"The secret word is {word}" not in said):
        excuse_broken_answers(made, said)
    assert code == 0, said
    assert f"The secret word is {word}" in said
    if server.profile != "flaky":
        assert all(record["http_status"] == 200 for record in made[:2])
    breaks = [str(found) for _, _, found in breaks_in(server.received()[earlier:])]
    assert not breaks, "the prompt cache is lost: " + "\n".join(breaks)


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
