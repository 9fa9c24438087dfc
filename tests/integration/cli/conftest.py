"""A home for the commands, and a simulator they can sign in to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli.processes import (
    Commands,
    Simulated,
    first_line,
)
from tests.integration.free_ports import free_port


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("G_COPILOT_PROXY", "COPILOT_", "HTTP", "http"))
    }
    environ = kept | {
        "G_COPILOT_PROXY_HOME": str(tmp_path),
        # No command of a test may look into the keychain of whoever runs it.
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PYTHONWARNINGS": "default",
    }
    # 4141 may be served by the one who runs the tests.
    (tmp_path / "settings.toml").write_text(f"[server]\nport = {free_port()}\n")
    commands = Commands(tmp_path, [], environ)
    yield commands
    for process in commands.running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def simulated(commands: Commands) -> Simulated:
    process = commands.start("simulate")
    line = first_line(process)
    assert line.startswith("Simulator listening on ")
    token = first_line(process).removeprefix("GitHub token: ")
    url = line.removeprefix("Simulator listening on ")
    commands.environ["G_COPILOT_PROXY_GITHUB_URL"] = url
    return Simulated(url, token)
