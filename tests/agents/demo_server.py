"""``serve --demo`` for the real agents, as a user starts it."""

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

import pytest

RUN_SECONDS = 120


@dataclass(frozen=True, slots=True)
class DemoServer:
    url: str
    key: str

    def activity(self) -> list[dict[str, object]]:
        request = urllib.request.Request(
            f"{self.url}/v1/activity", headers={"Authorization": f"Bearer {self.key}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            recent: list[dict[str, object]] = json.load(answer)["recent"]
            return recent


@contextmanager
def running_demo_server(
    tmp_path_factory: pytest.TempPathFactory, settings: str = ""
) -> Iterator[DemoServer]:
    """Serve on a free port for as long as the block lasts, with ``settings`` as its file."""
    key = "gcp_" + secrets.token_hex(16)
    home = tmp_path_factory.mktemp("proxy-home")
    if settings:
        (home / "settings.toml").write_text(settings)
    environ = {"G_COPILOT_PROXY_HOME": str(home)}
    log = tmp_path_factory.mktemp("log") / "serve.log"
    with (
        log.open("wb") as log_file,
        subprocess.Popen(
            [sys.executable, "-m", "desktop", "serve", "--demo", "--port", "0", "--key", key],
            stdout=subprocess.PIPE,
            stderr=log_file,
            text=True,
            env=dict(os.environ) | environ,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.startswith("Listening on "):
                    yield DemoServer(line.removeprefix("Listening on ").strip(), key)
                    break
            else:
                pytest.fail("the server did not start:\n" + log.read_text())
        finally:
            process.terminate()
            process.wait(timeout=10)
