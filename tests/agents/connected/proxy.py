"""The proxy as a user starts it, in front of a simulator of its own, and restarted on the same port."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
COMMAND_SECONDS = 180
KEPT = ("PATH", "LANG", "LC_ALL", "TERM", "SystemRoot", "TEMP", "TMP", "APPDATA", "LOCALAPPDATA")
PLENTY = 1_000_000
"""Credits: running out is shown elsewhere."""


def of_a_person(home: Path) -> dict[str, str]:
    """The environment of a person whose home is ``home``, without keys of whoever runs this."""
    environ = {name: os.environ[name] for name in KEPT if name in os.environ}
    return environ | {"HOME": str(home), "USERPROFILE": str(home), "SHELL": "/bin/bash"}


class Program:
    """One of our commands that runs on; its log lies in ``folder``."""

    def __init__(self, folder: Path, environ: dict[str, str], *arguments: str) -> None:
        self.log = folder / f"{arguments[0]}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "desktop", *arguments],
                cwd=ROOT,
                env=environ,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def told(self, beginning: str) -> str:
        """What follows ``beginning`` on the first line that has it. Raises RuntimeError."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(beginning):
                return line.removeprefix(beginning).strip()
        raise RuntimeError(self.log.read_text())

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)
        if self.process.stdout is not None:
            self.process.stdout.close()


class RunningProxy:
    """``environ`` is what our commands need to find it."""

    def __init__(self, folder: Path, simulator_url: str, environ: dict[str, str]) -> None:
        self._folder = folder
        self._simulator_url = simulator_url
        self._environ = environ
        self._program = self._serve("0")
        self.url = self._program.told("Listening on ")

    def _serve(self, port: str) -> Program:
        return Program(self._folder, self._environ, "serve", "--port", port)

    def stop(self) -> None:
        self._program.stop()

    def restart(self) -> None:
        self.stop()
        port = self.url.rpartition(":")[2]
        self._program = self._serve(port)
        self._program.told("Listening on ")

    def command(self, home: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Run one of our commands for a person whose home is ``home``; return its JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "desktop", *arguments, "--json"],
            cwd=ROOT,
            env=of_a_person(home) | self._environ | {"HOME": str(home), "USERPROFILE": str(home)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if not done.stdout:
            raise RuntimeError(done.stderr)
        answer: dict[str, Any] = json.loads(done.stdout)
        return done.returncode, answer

    def activity(self) -> list[dict[str, Any]]:
        stored = Path(self._environ["G_COPILOT_PROXY_HOME"]) / "state" / "local-key"
        key = {"Authorization": f"Bearer {stored.read_text().strip()}"}
        asked = urllib.request.Request(f"{self.url}/v1/activity", headers=key)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            recent: list[dict[str, Any]] = json.load(answer)["recent"]
            return recent

    def received(self, after: float = 0.0) -> list[dict[str, Any]]:
        """The model calls that came to the simulator later than ``after``: ``path``, ``body``, ``at``.

        Oldest first. It is never reset: its ids would begin anew, and a tool takes a call that it
        knows for done.
        """
        url = f"{self._simulator_url}/_sim/requests?raw=1"
        with urllib.request.urlopen(url, timeout=60) as answer:
            requests: list[dict[str, Any]] = json.load(answer)["requests"]
        paths = ("/chat/completions", "/responses", "/v1/messages")
        return [each for each in requests if each["path"] in paths and each["at"] > after]

    def control(self, path: str, body: object) -> None:
        url = f"{self._simulator_url}/_sim/{path}"
        with urllib.request.urlopen(
            urllib.request.Request(url, json.dumps(body).encode()), timeout=10
        ):
            pass


@contextmanager
def running_proxy(folder: Path) -> Iterator[RunningProxy]:
    environ = {name: os.environ[name] for name in KEPT if name in os.environ}
    environ |= {
        "HOME": str(folder),
        "G_COPILOT_PROXY_HOME": str(folder / "proxy"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    simulator = Program(folder, environ, "simulate", "--profile", "strict")
    try:
        url = simulator.told("Simulator listening on ")
        environ |= {
            "G_COPILOT_PROXY_GITHUB_URL": url,
            "COPILOT_GITHUB_TOKEN": simulator.told("GitHub token: "),
        }
        proxy = RunningProxy(folder, url, environ)
        proxy.control("account", {"remaining": PLENTY})
        try:
            yield proxy
        finally:
            proxy.stop()
    finally:
        simulator.stop()
