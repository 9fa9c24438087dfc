"""``g-copilot-proxy settings`` as other programs start it, with and without a running server."""

from __future__ import annotations

import json
import os
import sys
import time

import pytest

from proxy_core.cli.main import main
from tests.integration.cli.processes import TIME_LIMIT, Commands, get, serving

NOBODY = 65534


def test_a_value_is_set_shown_and_reset(commands: Commands) -> None:
    assert commands.run("settings", "get", "budget.daily_credits").stdout == "none\n"
    assert commands.run("settings", "set", "budget.daily_credits", "5").returncode == 0
    assert commands.run("settings", "get", "budget.daily_credits").stdout == "5.0\n"
    shown = json.loads(commands.run("settings", "list", "--json").stdout)
    found = {each["key"]: each for each in shown["settings"]}["budget.daily_credits"]
    assert (found["value"], found["default"], found["low"]) == (5.0, None, 0.01)
    assert shown["file"] == str(commands.home / "settings.toml")
    reset = json.loads(commands.run("settings", "reset", "budget.daily_credits", "--json").stdout)
    assert reset == {"key": "budget.daily_credits", "value": None, "was_reset": True}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("get", "server.prot"), "Did you mean server.port?"),
        (("set", "port", "1"), "Did you mean server.port?"),
        (("reset", "nothing"), "There is no setting nothing"),
        (("set", "server.port", "70000"), "a whole number from 0 to 65535, not 70000"),
        (("set", "server.port", "many"), 'a whole number from 0 to 65535, not "many"'),
        (("set", "server.require_key", "perhaps"), "must be true or false"),
        (("set", "desktop.theme", "pink"), '"system", "light", "dark"'),
        (("set", "account.github_host", "gitlab.com"), "account.github_host must be"),
        (("restore",), "nothing to restore"),
    ],
)
def test_what_cannot_be_is_refused_in_words_with_exit_2(
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    words: str,
) -> None:
    """In this process: the exit code of a process is seen by the other tests here."""
    for name in ("G_COPILOT_PROXY_HOME", "PYTHON_KEYRING_BACKEND"):
        monkeypatch.setenv(name, commands.environ[name])
    before = (commands.home / "settings.toml").read_text()
    assert main(["settings", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert (commands.home / "settings.toml").read_text() == before
    main(["settings", *arguments, "--json"])
    assert words in json.loads(capsys.readouterr().out)["error"]["message"]


def test_a_running_server_follows(commands: Commands) -> None:
    _, url = serving(commands)
    assert get(f"{url}/v1/models")[0] == 401
    changed = commands.run("settings", "set", "server.require_key", "no")
    assert changed.returncode == 0
    give_up = time.monotonic() + TIME_LIMIT
    while get(f"{url}/v1/models")[0] != 200:
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_what_a_running_server_must_put_in_force_itself_goes_through_it(
    commands: Commands,
) -> None:
    _, url = serving(commands)
    changed = commands.run("settings", "set", "server.port", "5999")
    assert (changed.returncode, changed.stdout) == (0, "server.port = 5999\n")
    assert get(f"{url}/health")[0] == 200, "--port of the run wins"
    commands.environ["G_COPILOT_PROXY_KEY"] = "sk-local-another-key"
    refused = commands.run("settings", "set", "server.port", "5998")
    assert refused.returncode == 1
    assert "G_COPILOT_PROXY_KEY does not hold the key of the server" in refused.stderr
    assert "port = 5999" in (commands.home / "settings.toml").read_text()


def test_a_broken_file_is_kept_aside_told_and_restored(commands: Commands) -> None:
    file = commands.home / "settings.toml"
    broken = '[budget]\ndaily_credits = 5.0\naction = "stop"\n[server\nport = 1\n'
    file.write_text(broken)
    listed = commands.run("settings", "list")
    assert "line 4" in listed.stderr
    changed = commands.run("settings", "set", "desktop.notices", "off")
    assert changed.returncode == 0
    (kept,) = commands.home.glob("settings.broken-*.toml")
    assert str(kept) in changed.stderr
    assert commands.run("settings", "get", "budget.action").stdout == "stop\n"
    assert commands.run("settings", "restore", kept.name).returncode == 0
    assert file.read_text() == broken


def test_a_clients_key_under_the_main_keys_name_is_refused_by_serve(commands: Commands) -> None:
    commands.environ["G_COPILOT_PROXY_KEY"] = commands.run("keys", "add", "Codex").stdout.strip()
    refused = commands.run("serve", "--demo", "--port", "0")
    assert refused.returncode == 2
    assert "holds the key made for Codex" in refused.stderr
    printed = commands.run("connect", "codex", "--steps").stdout
    assert "G_COPILOT_PROXY_CLIENT_KEY" in printed
    assert "G_COPILOT_PROXY_KEY" not in printed


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root can plant for another user"
)
def test_a_state_folder_that_somebody_else_planted_is_refused(commands: Commands) -> None:
    commands.home.chmod(0o777)
    state = commands.home / "state"
    state.mkdir()
    (state / "local-key").write_text("sk-local-planted-planted-planted\n")
    for each in (state / "local-key", state):
        os.chown(each, NOBODY, NOBODY)
    for arguments in (("serve", "--demo", "--port", "0"), ("key",)):
        refused = commands.run(*arguments)
        assert refused.returncode == 1
        assert "belongs to another user" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert "planted" not in refused.stdout
