"""The commands as other programs start them: processes, their output, their exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from tests.integration.cli.processes import (
    ROOT,
    TIME_LIMIT,
    Commands,
    get,
    serving,
)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_announces_itself_answers_and_ends_cleanly(
    commands: Commands, number: signal.Signals
) -> None:
    process, url = serving(commands, "--key", "sk-local-chosen-by-hand")
    assert get(f"{url}/health")[0] == 200
    assert get(f"{url}/v1/models")[0] == 401
    status, body = get(f"{url}/v1/models", "sk-local-chosen-by-hand")
    assert status == 200
    assert "gpt-4o-mini" in body
    process.send_signal(number)
    output, errors = process.communicate(timeout=TIME_LIMIT)
    assert process.returncode == 0
    assert output == ""
    assert errors == ""


def test_serve_without_a_key_lets_everyone_on_this_computer_in(commands: Commands) -> None:
    _, url = serving(commands, "--no-key")
    assert get(f"{url}/v1/models")[0] == 200


def test_the_key_may_come_from_the_environment(commands: Commands) -> None:
    commands.environ["G_COPILOT_PROXY_KEY"] = "sk-local-from-outside"
    _, url = serving(commands)
    assert get(f"{url}/v1/models")[0] == 401
    assert get(f"{url}/v1/models", "sk-local-from-outside")[0] == 200


def test_the_stored_key_is_the_one_that_key_prints(commands: Commands) -> None:
    key = commands.run("key").stdout.strip()
    assert key.startswith("sk-local-")
    assert commands.run("key").stdout.strip() == key
    _, url = serving(commands)
    assert get(f"{url}/v1/models", key)[0] == 200


def test_a_busy_port_is_told_with_its_owner_and_exit_2(commands: Commands) -> None:
    process, url = serving(commands, "--no-key")
    settings = commands.home / "settings.toml"
    before = settings.read_text()
    result = commands.run("serve", "--demo", "--port", url.rsplit(":", 1)[1])
    assert result.returncode == 2
    assert result.stdout == ""
    assert "is already in use" in result.stderr
    if sys.platform == "linux":
        assert f"process {process.pid}" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert settings.read_text() == before


def test_a_running_answer_is_told_of_the_end(commands: Commands) -> None:
    process, url = serving(commands, "--no-key")
    body = {
        "model": "gpt-4o-mini",
        "stream": True,
        "messages": [{"role": "user", "content": "[sim:stall] Go on"}],
    }
    request = urllib.request.Request(
        f"{url}/v1/chat/completions",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=TIME_LIMIT) as response:
        assert response.readline().startswith(b"data: ")
        process.terminate()
        rest = response.read().decode()
    assert "was stopped before the answer was complete" in rest
    process.communicate(timeout=TIME_LIMIT)
    assert process.returncode == 0


def test_lan_without_a_key_is_refused_with_exit_2(commands: Commands) -> None:
    result = commands.run("serve", "--demo", "--host", "0.0.0.0", "--port", "0", "--no-key")
    assert result.returncode == 2
    assert "local key must be required" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--port", "x"),
        ("serve", "--port", "70000"),
        ("serve", "--no-key", "--key", "k"),
        ("no-such-command",),
        ("simulate", "--profile", "no-such-profile"),
        ("--no-such-option",),
    ],
)
def test_wrong_usage_is_exit_2_without_a_traceback(
    commands: Commands, arguments: tuple[str, ...]
) -> None:
    result = commands.run(*arguments)
    assert result.returncode == 2
    assert result.stderr
    assert "Traceback" not in result.stderr


def test_help_documents_the_exit_codes_of_every_command(commands: Commands) -> None:
    for command in ([], ["serve"], ["login"], ["status"], ["doctor"], ["simulate"]):
        result = commands.run(*command, "--help")
        assert result.returncode == 0
        assert "exit codes:" in result.stdout
    assert commands.run("--version").stdout.startswith("g-copilot-proxy ")


def test_commands_do_not_load_qt(commands: Commands) -> None:
    code = (
        "import sys; from desktop.__main__ import main; main(['key']); "
        "print(sorted(n for n in sys.modules if n.split('.')[0] in ('PySide6', 'qasync', 'aiohttp')))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=commands.environ,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
        check=True,
    )
    assert result.stdout.splitlines()[-1] == "[]"
