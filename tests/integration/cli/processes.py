"""The commands as processes, and what the tests ask of them."""

from __future__ import annotations

import subprocess
import sys
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


TIME_LIMIT = 60


@dataclass
class Commands:
    """Starts commands with a home of their own, and ends what a test leaves running."""

    home: Path
    running: list[subprocess.Popen[str]]
    environ: dict[str, str]

    def run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "desktop", *arguments],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            input=stdin or "",
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "desktop", *arguments],
            cwd=ROOT,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        return process


def first_line(process: subprocess.Popen[str]) -> str:
    """Return the first line of output; the process is killed if it says nothing."""
    assert process.stdout is not None
    watchdog = threading.Timer(TIME_LIMIT, process.kill)
    watchdog.start()
    try:
        return process.stdout.readline().strip()
    finally:
        watchdog.cancel()


def serving(commands: Commands, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    process = commands.start("serve", "--demo", "--port", "0", *arguments)
    line = first_line(process)
    assert line.startswith("Listening on http://127.0.0.1:"), process.communicate()[1]
    return process, line.removeprefix("Listening on ")


def get(url: str, key: str | None = None) -> tuple[int, str]:
    request = urllib.request.Request(url, headers={"x-api-key": key} if key else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@dataclass
class Simulated:
    url: str
    token: str
