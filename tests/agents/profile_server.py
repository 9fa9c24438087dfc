"""The proxy as a user starts it, in front of the simulator in one of its profiles."""

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

from tests.agents.demo_server import DemoServer


@dataclass(frozen=True, slots=True)
class ProfileServer(DemoServer):
    profile: str
    simulator_url: str

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


@contextmanager
def running_profile_server(profile: str, folder: Path) -> Iterator[ProfileServer]:
    """Serve on a free port for as long as the block lasts; ``folder`` is empty."""
    key = "gcp_" + secrets.token_hex(16)
    simulate, serve = folder / "simulate.log", folder / "serve.log"
    home = {"G_COPILOT_PROXY_HOME": str(folder)}
    with program(simulate, home, "simulate", "--profile", profile) as lines:
        simulator_url = told(lines, "Simulator listening on ", simulate)
        environ = home | {
            "G_COPILOT_PROXY_GITHUB_URL": simulator_url,
            "COPILOT_GITHUB_TOKEN": told(lines, "GitHub token: ", simulate),
        }
        with program(serve, environ, "serve", "--port", "0", "--key", key) as said:
            yield ProfileServer(told(said, "Listening on ", serve), key, profile, simulator_url)
