"""The real server in a process of its own, started as people start it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-local-for-tests-only"
START_SECONDS = 90.0
REQUEST_SECONDS = 60.0


@dataclass(slots=True)
class Served:
    """A running ``serve``. ``port`` is the one it announced."""

    process: subprocess.Popen[str]
    url: str

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port is not None
        return port

    def ask(
        self, method: str, path: str, body: object = None, *, seconds: float = REQUEST_SECONDS
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        with contextlib.closing(connection):
            content = None if body is None else json.dumps(body).encode()
            headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
            connection.request(method, path, content, headers)
            response = connection.getresponse()
            return response.status, response.read()

    def chat(self, text: str, **more: Any) -> tuple[int, Any]:
        asked = {"model": "gpt-4.1", "messages": [{"role": "user", "content": text}], **more}
        status, content = self.ask("POST", "/v1/chat/completions", asked)
        return status, json.loads(content)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def end(self) -> tuple[int, str]:
        """Ask it to end as the system does; return the exit code and what it complained of."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self, seconds: float = 20.0) -> tuple[int, str]:
        try:
            _, complaints = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return self.process.returncode, complaints


class DidNotStart(Exception):
    def __init__(self, code: int | None, complaints: str) -> None:
        super().__init__(f"exit {code}: {complaints}")
        self.code = code
        self.complaints = complaints


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment in which nothing of whoever runs the tests is seen or touched."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("G_COPILOT_PROXY", "COPILOT_", "HTTP", "ALL_PROXY"))
    }
    return kept | {
        "G_COPILOT_PROXY_HOME": str(home),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PYTHONWARNINGS": "default",
        **more,
    }


def start(
    environ: Mapping[str, str], *arguments: str, launcher: tuple[str, ...] = ("-m", "desktop")
) -> Served:
    """Return once it accepts connections. Raises DidNotStart."""
    process = subprocess.Popen(
        [sys.executable, *launcher, "serve", "--key", KEY, *arguments],
        cwd=ROOT,
        env=dict(environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    watchdog = threading.Timer(START_SECONDS, process.kill)
    watchdog.start()
    try:
        line = process.stdout.readline().strip()
    finally:
        watchdog.cancel()
    url = line.removeprefix("Listening on ")
    if url == line:
        _, complaints = process.communicate()
        raise DidNotStart(process.returncode, complaints)
    return Served(process, url)


@contextlib.contextmanager
def serving(environ: Mapping[str, str], *arguments: str) -> Iterator[Served]:
    """Serve for the length of the block; whatever is left at its end is killed."""
    served = start(environ, *arguments)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.process.kill()
        served.process.communicate()
