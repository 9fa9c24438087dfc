"""``connect`` and ``disconnect`` as commands: the change is shown, made, tested and undone."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.integration.cli.processes import Commands, get, serving

SETTINGS = '{\n  // mine\n  "model": "opus",\n  "env": {"EDITOR": "nvim"}\n}\n'


@pytest.fixture
def home(commands: Commands, tmp_path: Path) -> Path:
    """A person's home, beside the folder of ours; nothing else is where a tool would look."""
    home = tmp_path / "persons-home"
    (home / ".claude").mkdir(parents=True)
    (home / ".claude/settings.json").write_text(SETTINGS)
    commands.environ |= {"HOME": str(home), "USERPROFILE": str(home), "SHELL": "/bin/bash"}
    for name in ("XDG_CONFIG_HOME", "CODEX_HOME", "CLAUDE_CONFIG_DIR", "APPDATA"):
        commands.environ.pop(name, None)
    return home


def tree(home: Path) -> dict[str, bytes | None]:
    return {
        str(each.relative_to(home)): each.read_bytes() if each.is_file() else None
        for each in sorted(home.rglob("*"))
    }


def test_a_tool_is_connected_tested_and_disconnected(commands: Commands, home: Path) -> None:
    _process, url = serving(commands)
    before = tree(home)

    shown = commands.run("connect", "claude-code", "--dry-run")
    assert (shown.returncode, shown.stderr) == (0, "Nothing was written.\n")
    assert '+    "ANTHROPIC_BASE_URL": ' not in shown.stdout
    assert f'"ANTHROPIC_BASE_URL": "{url}"' in shown.stdout
    assert '-  "model": "opus",\n' in shown.stdout
    assert "credits per million tokens" in shown.stdout
    assert tree(home) == before

    done = json.loads(commands.run("connect", "claude-code", "--test", "--json").stdout)
    assert done["written"] == [str(home / ".claude/settings.json")]
    assert "ready" in done["test"]["answer"]
    written = (home / ".claude/settings.json").read_text()
    settings = json.loads(written.replace("// mine", ""))
    assert settings["model"] == done["models"]["main"]
    assert settings["env"]["EDITOR"] == "nvim"
    key = settings["env"]["ANTHROPIC_AUTH_TOKEN"]
    assert key not in json.dumps(done["files"]), "the difference masks it"
    assert get(f"{url}/v1/models", key)[0] == 200
    main_key = commands.run("key").stdout.strip()
    activity = json.loads(get(f"{url}/v1/activity", main_key)[1])["recent"]
    assert activity[0]["client"] == "g-copilot-proxy", "a test of ours is no use of the tool"

    again = json.loads(commands.run("connect", "claude-code", "--json").stdout)
    assert (again["changed"], again["written"]) == (False, [])
    listed = {each["app"]: each for each in json.loads(commands.run("connect", "--json").stdout)}
    assert listed["claude-code"]["state"] == "connected"

    undone = json.loads(commands.run("disconnect", "claude-code", "--json").stdout)
    assert undone["restored"] == [str(home / ".claude/settings.json")]
    assert tree(home) == before
    assert get(f"{url}/v1/models", key)[0] == 401, "its key opens nothing any more"
    assert commands.run("disconnect", "claude-code").returncode == 2


def test_what_a_killed_process_left_half_written_is_named_and_repaired(
    commands: Commands, home: Path
) -> None:
    before = tree(home)
    assert commands.run("connect", "claude-code").returncode == 0
    (receipt,) = commands.home.rglob("claude-code.json")
    receipt.write_text(receipt.read_text().replace('"connected"', '"applying"'))
    assert "g-copilot-proxy connect --repair" in commands.run("connect").stdout

    done = json.loads(commands.run("connect", "--repair", "--json").stdout)
    path = str(home / ".claude/settings.json")
    assert done["repaired"] == [{"app": "claude-code", "name": "Claude Code", "restored": [path]}]
    assert tree(home) == before
    assert commands.run("connect", "--repair").stdout == "Nothing was left half written.\n"

    receipt.write_text("damaged")
    for arguments in (("disconnect", "--all"), ("connect", "--repair")):
        refused = commands.run(*arguments)
        assert refused.returncode != 0
        assert "remove the receipt" in refused.stderr


def test_the_api_that_a_tool_speaks_is_switched_on_with_it(commands: Commands, home: Path) -> None:
    (home / ".gemini").write_text("no folder")
    assert commands.run("connect", "gemini-cli").returncode == 1
    settings = (commands.home / "settings.toml").read_text()
    assert "gemini_api" not in settings, "what is not connected needs no API"
    (home / ".gemini").unlink()
    done = json.loads(commands.run("connect", "gemini-cli", "--json").stdout)
    assert done["switched_on"] == "server.gemini_api"
    assert "gemini_api = true" in (commands.home / "settings.toml").read_text()
    assert "GOOGLE_GEMINI_BASE_URL" in (home / ".bashrc").read_text()
    way_in = json.loads((home / ".gemini/settings.json").read_text())
    assert way_in == {"security": {"auth": {"selectedType": "gemini-api-key"}}}
    undone = commands.run("disconnect", "gemini-cli").stdout
    assert "g-copilot-proxy settings set server.gemini_api false" in undone


def test_roles_get_the_models_that_are_named_and_another_programs_edit_stays(
    commands: Commands, home: Path
) -> None:
    serving(commands)
    models = ("--model", "claude-opus-5-5", "--role", "small=gpt-5-mini")
    done = commands.run("connect", "claude-code", "codex", *models)
    assert done.returncode == 0, done.stderr
    path = home / ".claude/settings.json"
    settings = json.loads(path.read_text().replace("// mine", ""))
    assert settings["model"] == "claude-opus-5-5"
    assert settings["env"]["ANTHROPIC_DEFAULT_HAIKU_MODEL"] == "gpt-5-mini"
    codex = tomllib.loads((home / ".codex/config.toml").read_text())
    assert codex["model"] == "claude-opus-5-5"

    path.write_text(path.read_text().replace("claude-opus-5-5", "sonnet"))
    listed = commands.run("connect").stdout
    assert "connected, but another program has changed model since" in listed
    undone = commands.run("disconnect", "--all")
    assert undone.returncode == 4, "done in part"
    assert "model is no longer what we wrote; it was left" in undone.stdout
    assert path.read_text() == SETTINGS.replace("opus", "sonnet")
    assert not (home / ".codex").exists()
    assert commands.run("disconnect", "--all").stdout == "No tool is connected.\n"


def test_what_cannot_be_written_is_said_and_nothing_is_changed(
    commands: Commands, home: Path
) -> None:
    (home / ".claude/settings.json").write_text('{"model": }')
    before = tree(home)
    broken = commands.run("connect", "claude-code", "--json")
    assert broken.returncode == 2
    assert "line 1, column 11" in json.loads(broken.stdout)["error"]["message"]
    by_hand = commands.run("connect", "jetbrains-ai")
    assert by_hand.returncode == 0
    assert "OpenAI-compatible" in by_hand.stdout
    assert "Nothing was written." in by_hand.stderr
    assert "GitHub is left to choose (auto)" in by_hand.stderr, "no server runs, no list is stored"
    assert commands.run("connect", "codex", "--role", "tiny=x").returncode == 2
    assert tree(home) == before


def test_with_the_setting_tools_are_connected_only_while_it_serves(
    commands: Commands, home: Path
) -> None:
    (commands.home / "settings.toml").write_text("[connect]\nundo_on_quit = true\n")
    process, url = serving(commands)
    before = tree(home)
    assert commands.run("connect", "claude-code", "--model", "gpt-4.1").returncode == 0
    assert url in (home / ".claude/settings.json").read_text()
    process.terminate()
    process.communicate(timeout=90)
    assert tree(home) == before

    process, url = serving(commands)
    listed = {each["app"]: each for each in json.loads(commands.run("connect", "--json").stdout)}
    assert (listed["claude-code"]["state"], listed["claude-code"]["address"]) == ("connected", url)
    assert '"model": "gpt-4.1"' in (home / ".claude/settings.json").read_text()
    process.terminate()
    process.communicate(timeout=90)
    assert tree(home) == before
