"""Commands that need a sign-in or a running server, as other programs start them."""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import threading
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from typing import ClassVar

import pytest

from tests.integration.cli.processes import (
    TIME_LIMIT,
    Commands,
    Simulated,
    first_line,
    get,
)


def test_simulate_serves_until_interrupted(commands: Commands, simulated: Simulated) -> None:
    assert get(f"{simulated.url}/_sim/active")[0] == 200
    (process,) = commands.running
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=TIME_LIMIT)
    assert process.returncode == 0
    busy = socket.create_server(("127.0.0.1", 0))
    with busy:
        result = commands.run("simulate", "--port", str(busy.getsockname()[1]))
    assert result.returncode == 2
    assert "already in use" in result.stderr


def test_signing_in_from_a_terminal_keeps_the_sign_in_for_every_command(
    commands: Commands, simulated: Simulated
) -> None:
    assert commands.run("models").returncode == 3

    process = commands.start("login", "--store", "file")
    page = first_line(process).removeprefix("Open").strip()
    code = first_line(process).removeprefix("Enter").strip()
    _press(page, code, "authorize")
    output, errors = process.communicate(timeout=TIME_LIMIT)
    assert process.returncode == 0, errors
    assert "Signed in as octocat" in output

    status = json.loads(commands.run("status", "--json").stdout)
    assert status["account"]["login"] == "octocat"
    assert status["account"]["kept"] == "file"
    assert status["server"]["running"] is False
    assert status["backend"] == {"default": "copilot", "models": {}}
    assert "octocat" in commands.run("status").stdout

    models = json.loads(commands.run("models", "--json").stdout)
    assert "gpt-4o-mini" in {each["id"] for each in models}
    assert "claude-opus-4.7" in commands.run("models").stdout

    usage = json.loads(commands.run("usage", "--json").stdout)
    assert usage["login"] == "octocat"
    assert usage["quotas"]
    assert "left" in commands.run("usage").stdout

    doctor = commands.run("doctor", "--json")
    assert doctor.returncode == 0, doctor.stdout
    assert json.loads(doctor.stdout)["ok"] is True

    assert "octocat" in commands.run("logout").stdout
    assert commands.run("models").returncode == 3
    assert "Nobody was signed in" in commands.run("logout").stdout


def test_a_sign_in_that_is_denied_is_exit_1(commands: Commands, simulated: Simulated) -> None:
    process = commands.start("login", "--store", "file")
    page = first_line(process).removeprefix("Open").strip()
    code = first_line(process).removeprefix("Enter").strip()
    _press(page, code, "deny")
    _, errors = process.communicate(timeout=TIME_LIMIT)
    assert process.returncode == 1
    assert "declined" in errors


def test_ctrl_c_cancels_a_sign_in(commands: Commands, simulated: Simulated) -> None:
    process = commands.start("login", "--store", "file")
    first_line(process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=TIME_LIMIT)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert not (commands.home / "state" / "github-token").exists()


def test_without_a_keychain_and_a_terminal_login_says_so_before_anyone_goes_to_github(
    commands: Commands, simulated: Simulated
) -> None:
    """A sign-in that nobody could keep would be given up after the person has made it."""
    ended = commands.run("login")
    assert ended.returncode == 1
    assert "login --store file" in ended.stderr
    assert "Enter" not in ended.stdout
    assert "/login/device/code" not in get(f"{simulated.url}/_sim/requests")[1]


HELLO = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}


def ask(url: str, key: str) -> int:
    """Return the status of one small request."""
    request = urllib.request.Request(
        f"{url}/v1/chat/completions",
        data=json.dumps(HELLO).encode(),
        headers={"x-api-key": key, "content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_login_and_logout_in_another_process_reach_a_running_server(
    commands: Commands, simulated: Simulated
) -> None:
    process = commands.start("serve", "--port", "0", "--key", "sk-1")
    url = first_line(process).removeprefix("Listening on ")
    assert ask(url, "sk-1") == 401
    for _ in range(2):
        login = commands.start("login", "--store", "file")
        page = first_line(login).removeprefix("Open").strip()
        code = first_line(login).removeprefix("Enter").strip()
        _press(page, code, "authorize")
        assert login.communicate(timeout=TIME_LIMIT)[1] == ""
        assert ask(url, "sk-1") == 200, "the first request after it"
        assert commands.run("logout").returncode == 0
        give_up = time.monotonic() + 60  # the server looks twice a second
        while (status := ask(url, "sk-1")) != 401 and time.monotonic() < give_up:
            pass
        assert status == 401


def test_a_token_in_the_environment_signs_a_server_in(
    commands: Commands, simulated: Simulated
) -> None:
    commands.environ["COPILOT_GITHUB_TOKEN"] = simulated.token
    process = commands.start("serve", "--port", "0", "--no-key")
    url = first_line(process).removeprefix("Listening on ")
    status, body = get(f"{url}/v1/models")
    assert status == 200, body
    process.terminate()
    process.communicate(timeout=TIME_LIMIT)
    assert process.returncode == 0
    log = (commands.home / "log" / "g-copilot-proxy.log").read_text()
    assert "/v1/models" in log
    assert simulated.token not in log


def test_a_server_nobody_is_signed_in_to_says_so(commands: Commands, simulated: Simulated) -> None:
    (commands.home / "settings.toml").write_text('[account]\ntoken_storage = "file"\n')
    process = commands.start("serve", "--port", "0")
    first_line(process)
    assert process.stderr is not None
    assert "g-copilot-proxy login" in process.stderr.readline()
    process.terminate()
    process.communicate(timeout=TIME_LIMIT)
    assert process.returncode == 0


def test_a_company_s_address_that_cannot_be_is_wrong_usage(commands: Commands) -> None:
    result = commands.run("login", "--store", "file", "--github-host", "evil.example")
    assert result.returncode == 2
    assert "not an address Copilot can be reached at" in result.stderr


def test_the_doctor_tells_what_is_wrong_and_exits_1(commands: Commands) -> None:
    commands.environ["G_COPILOT_PROXY_GITHUB_URL"] = "http://127.0.0.1:9"
    (commands.home / "settings.toml").write_text("[server]\nport = 'x'\n")
    result = commands.run("doctor")
    assert result.returncode == 1
    assert "server.port must be" in result.stdout
    assert "Traceback" not in result.stderr


def _press(page: str, code: str, button: str) -> None:
    data = f"user_code={code}&decision={button}".encode()
    with urllib.request.urlopen(urllib.request.Request(page, data=data), timeout=30) as response:
        assert response.status == 200


def test_connect_lists_the_tools_and_which_are_here(commands: Commands, tmp_path: Path) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    claude = bin_folder / "claude"
    claude.write_text("#!/bin/sh\necho 2.1.329 '(Claude Code)'\n")
    claude.chmod(0o755)
    commands.environ["PATH"] = str(bin_folder)
    listed = {each["app"]: each for each in json.loads(commands.run("connect", "--json").stdout)}
    if os.name != "nt":
        assert (listed["claude-code"]["found"], listed["claude-code"]["version"]) == (
            True,
            "2.1.329",
        )
    assert not listed["codex"]["found"]
    assert listed["cursor"]["refusal"]


def test_connect_prints_the_steps_and_writes_no_file_of_a_tool(
    commands: Commands, tmp_path: Path
) -> None:
    home = tmp_path / "persons-home"
    home.mkdir()
    commands.environ |= {"HOME": str(home), "USERPROFILE": str(home)}
    key = commands.run("key").stdout.strip()
    port = tomllib.loads((tmp_path / "settings.toml").read_text())["server"]["port"]
    shown = commands.run("connect", "claude-code", "--steps", "--shell", "sh", "--model", "m1")
    assert shown.returncode == 0, shown.stderr
    for line in (
        f"export ANTHROPIC_BASE_URL=http://127.0.0.1:{port}",
        f"export ANTHROPIC_AUTH_TOKEN={key}",
        "export ANTHROPIC_MODEL=m1",
        "export ANTHROPIC_DEFAULT_HAIKU_MODEL=m1",
        "export CLAUDE_CODE_GATEWAY_HINT_HEADERS=1",
    ):
        assert f"   {line}\n" in shown.stdout
    assert "Nothing was written." in shown.stderr
    report = json.loads(commands.run("connect", "codex", "--steps", "--json").stdout)
    assert [step["place"] for step in report["steps"]] == ["file", "shell", "shell"]
    assert report["steps"][0]["label"] == "~/.codex/config.toml"
    assert report["written"] == []
    assert list(home.iterdir()) == []


def test_connect_says_which_tools_it_knows_and_which_cannot(commands: Commands) -> None:
    unknown = commands.run("connect", "emacs")
    assert unknown.returncode == 2
    assert "no tool is called 'emacs'" in unknown.stderr
    assert "claude-code" in unknown.stderr
    cursor = commands.run("connect", "cursor")
    assert cursor.returncode == 0
    assert "cannot reach an address on this computer" in cursor.stdout


def test_a_model_is_enabled_only_with_the_users_word(
    commands: Commands, simulated: Simulated
) -> None:
    commands.environ["COPILOT_GITHUB_TOKEN"] = simulated.token
    listed = commands.run("models")
    assert "awaits your consent: g-copilot-proxy models --enable claude-fable-5" in listed.stdout
    assert "disabled: It needs one of the plans" in listed.stdout

    asked = commands.run("models", "--enable", "claude-fable-5")
    assert asked.returncode == 1
    assert "Simulated terms for Claude Fable 5." in asked.stdout
    assert "--yes" in asked.stderr
    assert "/policy" not in get(f"{simulated.url}/_sim/requests")[1]

    accepted = commands.run("models", "--enable", "claude-fable-5", "--yes")
    assert (accepted.returncode, accepted.stderr) == (0, "")
    assert "Simulated terms for Claude Fable 5." in accepted.stdout
    assert accepted.stdout.endswith("claude-fable-5 is enabled.\n")
    found = json.loads(commands.run("models", "--json").stdout)
    assert next(e for e in found if e["id"] == "claude-fable-5")["policy"] == "enabled"

    unknown = commands.run("models", "--enable", "claude-nobody-1")
    assert unknown.returncode == 1
    assert "'claude-nobody-1' is not in" in unknown.stderr


def test_what_was_learned_is_in_the_status_and_can_be_forgotten(
    commands: Commands, simulated: Simulated
) -> None:
    commands.environ["COPILOT_GITHUB_TOKEN"] = simulated.token
    process = commands.start("serve")
    url = first_line(process).removeprefix("Listening on ")
    key = commands.run("key").stdout.strip()
    body = {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "hi"}],
        "temperature": 1,
    }
    request = urllib.request.Request(
        f"{url}/v1/chat/completions",
        data=json.dumps(body).encode(),
        headers={"x-api-key": key, "content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.headers["x-g-copilot-proxy-dropped"] == "temperature"
        answer.read()
    report = json.loads(commands.run("status", "--json").stdout)
    assert report["upstream"] == {"state": "ok", "until": None, "waiting": 0, "problem": None}
    (refusal,) = report["learned"]
    assert (refusal["model"], refusal["member"]) == ("gpt-4o-mini", "temperature")
    assert "gpt-4o-mini at /chat/completions is not sent temperature" in (
        commands.run("status").stdout
    )
    process.terminate()
    process.communicate(timeout=TIME_LIMIT)
    forgotten = commands.run("models", "--forget-learned", "gpt-4o-mini")
    assert forgotten.stdout == "Forgotten: gpt-4o-mini may be sent temperature again.\n"
    assert json.loads(commands.run("status", "--json").stdout)["learned"] == []


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("approve --json", 1, "not_running"),
        ("approve req_1 --json", 1, "not_running"),
        ("pause --for never --json", 2, "invalid_request"),
        ("usage --json --from yesterday", 2, "invalid_request"),
        ("usage --json", 3, "signed_out"),
        ("models --json", 3, "signed_out"),
        ("models --json --enable gpt-4.1", 3, "signed_out"),
        ("keys --json add a\tb", 2, "invalid_request"),
        ("connect nothing --json", 2, "unknown_app"),
    ],
)
def test_a_program_reads_json_whatever_goes_wrong(
    commands: Commands, line: str, code: int, said: str
) -> None:
    ended = commands.run(*line.split(" "))
    error = json.loads(ended.stdout)["error"]
    assert (ended.returncode, error["code"]) == (code, said)
    assert error["title"]
    assert error["message"] in ended.stderr


def test_accepting_terms_is_json_too(commands: Commands, simulated: Simulated) -> None:
    commands.environ["COPILOT_GITHUB_TOKEN"] = simulated.token
    asked = commands.run("models", "--enable", "claude-fable-5", "--json")
    assert (asked.returncode, json.loads(asked.stdout)["error"]["code"]) == (1, "not_accepted")
    assert "Simulated terms for Claude Fable 5." in asked.stderr
    accepted = commands.run("models", "--enable", "claude-fable-5", "--yes", "--json")
    assert json.loads(accepted.stdout)["policy"] == "enabled"
    forgotten = commands.run("models", "--forget-learned", "gpt-4.1", "--json")
    assert json.loads(forgotten.stdout) == {"forgotten": []}


class _Stranger(http.server.BaseHTTPRequestHandler):
    """Another program on our port; keeps what it was sent."""

    received: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.received.append(f"{self.command} {self.path}\n{self.headers}")
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET  # noqa: N815 - the name http.server looks for

    def log_message(self, *_: object) -> None:
        pass


def test_another_program_on_our_port_is_never_sent_the_key(commands: Commands) -> None:
    port = tomllib.loads((commands.home / "settings.toml").read_text())["server"]["port"]
    _Stranger.received.clear()
    with http.server.HTTPServer(("127.0.0.1", port), _Stranger) as stranger:
        threading.Thread(target=stranger.serve_forever, daemon=True).start()
        try:
            for line in ("approve", "approve req_1", "pause", "resume Codex", "usage", "status"):
                ended = commands.run(*line.split())
                if line.split()[0] in ("approve", "pause", "resume"):
                    assert ended.returncode == 1
                    assert "Another program answers at" in ended.stderr
        finally:
            stranger.shutdown()
    assert len(_Stranger.received) >= 6
    for each in _Stranger.received:
        assert each.startswith("POST /control/challenge\n")
        assert "authorization" not in each.lower()


@pytest.mark.parametrize("key", ["schlüssel€", "two words", "a\nb", "a\tb"])
def test_a_key_that_no_header_can_carry_is_wrong_usage(commands: Commands, key: str) -> None:
    commands.environ["G_COPILOT_PROXY_KEY"] = key
    for line in ("approve", "usage", "serve --demo --port 0"):
        ended = commands.run(*line.split())
        assert ended.returncode == 2, ended.stderr
        assert "visible ASCII characters" in ended.stderr
        assert "Traceback" not in ended.stderr
        assert key not in ended.stderr


def test_commands_find_a_server_whose_port_is_not_in_the_settings(
    commands: Commands, simulated: Simulated
) -> None:
    commands.environ["COPILOT_GITHUB_TOKEN"] = simulated.token
    process = commands.start("serve", "--port", "0")
    url = first_line(process).removeprefix("Listening on ")
    status = commands.run("status", "--json")
    assert json.loads(status.stdout)["server"]["url"] == url
    paused = commands.run("pause", "--for", "5m", "--json")
    assert paused.returncode == 0, paused.stderr
    process.terminate()
    process.communicate(timeout=TIME_LIMIT)
    stopped = commands.run("pause", "--json")
    assert stopped.returncode == 1
    assert json.loads(stopped.stdout)["error"]["code"] == "not_running"
