"""The proxy as a user starts it, in front of the simulator in one of its profiles."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from proxy_core.simulator.worlds.table import DEFAULT_WORLD
from tests.agents.demo_server import DemoServer
from tests.integration.prompt_cache.checker import SentPrompt, read_prompt
from tests.integration.prompt_cache.net import MODEL_CALLS


@dataclass(frozen=True, slots=True)
class ProfileServer(DemoServer):
    profile: str
    world: str
    simulator_url: str

    def control(self, path: str, body: object) -> None:
        request = urllib.request.Request(
            f"{self.simulator_url}/_sim/{path}", data=json.dumps(body).encode()
        )
        with urllib.request.urlopen(request, timeout=60):
            pass

    def received(self) -> list[SentPrompt]:
        """What the simulator still remembers of the model calls it received, oldest first."""
        with urllib.request.urlopen(
            f"{self.simulator_url}/_sim/requests?raw=1", timeout=60
        ) as answer:
            recorded = json.load(answer)["requests"]
        prompts = (
            read_prompt(each["path"], each["body"].encode())
            for each in recorded
            if each["path"] in MODEL_CALLS
        )
        return [each for each in prompts if each is not None]

    def listed(self) -> list[Mapping[str, Any]]:
        """The entries of the model list, as upstream's clients get them from the proxy."""
        request = urllib.request.Request(
            f"{self.url}/v1/models", headers={"Authorization": f"Bearer {self.key}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            entries: list[Mapping[str, Any]] = json.load(answer)["data"]
        return entries


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


@contextmanager
def running_profile_server(
    profile: str, folder: Path, world: str = DEFAULT_WORLD
) -> Iterator[ProfileServer]:
    """Serve on a free port for as long as the block lasts; ``folder`` is empty."""
    key = "gcp_" + secrets.token_hex(16)
    simulate, serve = folder / "simulate.log", folder / "serve.log"
    home = {"G_COPILOT_PROXY_HOME": str(folder)}
    with program(simulate, home, "simulate", "--profile", profile, "--world", world) as lines:
        simulator_url = told(lines, "Simulator listening on ", simulate)
        environ = home | {
            "G_COPILOT_PROXY_GITHUB_URL": simulator_url,
            "COPILOT_GITHUB_TOKEN": told(lines, "GitHub token: ", simulate),
        }
        with program(serve, environ, "serve", "--port", "0", "--key", key) as said:
            yield ProfileServer(
                told(said, "Listening on ", serve), key, profile, world, simulator_url
            )
