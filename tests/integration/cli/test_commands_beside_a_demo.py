"""A demo in a temporary folder: the other commands speak of it, not of an account that is not there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli.processes import Commands, get, serving


@pytest.fixture
def demo(commands: Commands, tmp_path: Path) -> Iterator[str]:
    """A demo of a user who named no home, and its address; all of theirs lies below ``tmp_path``."""
    del commands.environ["G_COPILOT_PROXY_HOME"]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    commands.environ |= {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "TMPDIR": str(temporary),
    }
    process, url = serving(commands)
    yield url
    process.terminate()
    process.communicate(timeout=90)
    assert list(temporary.glob("g-copilot-proxy-demo-*")) == []


def test_key_and_keys_print_what_the_demo_takes(commands: Commands, demo: str) -> None:
    key = commands.run("key").stdout.strip()
    assert get(f"{demo}/v1/models", key)[0] == 200
    made = commands.run("keys", "add", "tool").stdout.strip()
    assert get(f"{demo}/v1/models", made)[0] == 200
    assert "tool" in commands.run("--demo", "keys", "list").stdout


def test_status_models_usage_and_doctor_speak_of_the_demo(commands: Commands, demo: str) -> None:
    status = json.loads(commands.run("--demo", "status", "--json").stdout)
    assert status["server"] == {**status["server"], "running": True, "url": demo}
    assert status["demo"] is True
    assert status["account"]["state"] == "signed_in"
    models = json.loads(commands.run("models", "--json").stdout)
    assert any(each["id"] == "gpt-4.1" for each in models)
    usage = json.loads(commands.run("usage", "--json").stdout)
    assert usage["login"] == status["account"]["login"]
    assert usage["server"] is not None
    doctor = json.loads(commands.run("doctor", "--json").stdout)
    found = {each["check"]: each for each in doctor["checks"]}
    assert found["port"]["finding"] == f"The server runs at {demo}."
    assert "failed" not in {each["state"] for each in doctor["checks"]}


def test_connect_prints_the_running_servers_address_and_key_and_knows_its_models(
    commands: Commands, demo: str
) -> None:
    shown = json.loads(commands.run("connect", "continue", "--steps", "--json").stdout)
    key = commands.run("key").stdout.strip()
    assert shown["base_url"] == demo
    assert key in shown["steps"][0]["content"]
    listed = {each["id"] for each in json.loads(commands.run("models", "--json").stdout)}
    assert shown["model"] in listed
    refused = commands.run("connect", "codex", "--model", "gpt-4.l")
    assert refused.returncode != 0
    assert "gpt-4.1" in refused.stderr.split("Close names:")[1]
    assert commands.run("connect", "codex", "--model", "nosuchmodel").returncode != 0


def test_asking_for_a_demo_that_does_not_run_says_so(commands: Commands, tmp_path: Path) -> None:
    del commands.environ["G_COPILOT_PROXY_HOME"]
    commands.environ |= {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    done = commands.run("--demo", "status")
    assert done.returncode == 1
    assert "No demo runs" in done.stderr


def test_a_command_about_the_users_own_files_takes_no_demo(commands: Commands) -> None:
    done = commands.run("--demo", "logout")
    assert done.returncode == 2
    assert "--demo has no meaning for logout" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="the temporary folder is the user's own there")
def test_a_folder_that_others_may_write_is_no_demo(commands: Commands, tmp_path: Path) -> None:
    planted = tmp_path / "g-copilot-proxy-demo-planted"
    (planted / "state").mkdir(parents=True)
    (planted / "state" / "running.json").write_text('{"host": "127.0.0.1", "port": 9}')
    planted.chmod(0o777)
    del commands.environ["G_COPILOT_PROXY_HOME"]
    commands.environ |= {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    assert commands.run("--demo", "key").returncode == 1
    assert not (planted / "state" / "server-proof").exists()
