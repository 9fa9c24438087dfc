"""What counts beside a tool's settings: another gateway's values, older files, shells."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from proxy_core.cli.main import main
from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.connecting.state import Condition
from proxy_core.clients.connection import SUBAGENT
from proxy_core.clients.editing.document import CannotEdit
from proxy_core.clients.location import this_computer
from proxy_core.clients.shells import Shell, shell_of
from tests.unit.clients.connecting.workbench import BASE_URL, CONNECTION, Workbench

OF_ANOTHER_GATEWAY = {
    "ANTHROPIC_BASE_URL": "https://gateway.example/anthropic",
    "ANTHROPIC_AUTH_TOKEN": "theirs",
    "ANTHROPIC_MODEL": "glm-5",
    "ANTHROPIC_DEFAULT_HAIKU_MODEL": "glm-air",
    "ANTHROPIC_DEFAULT_OPUS_MODEL": "glm-5",
    "ANTHROPIC_DEFAULT_SONNET_MODEL": "glm-5",
    "ANTHROPIC_SMALL_FAST_MODEL": "glm-air",
    "ANTHROPIC_CUSTOM_HEADERS": "Authorization: Bearer theirs",
    "CLAUDE_CODE_SUBAGENT_MODEL": "glm-air",
    "CLAUDE_CODE_MAX_CONTEXT_TOKENS": "1000000",
    "EDITOR": "nvim",
}


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


def test_nothing_of_another_gateway_counts_beside_ours_and_all_of_it_comes_back(
    bench: Workbench,
) -> None:
    claude = TOOLS["claude-code"]
    settings = {"env": OF_ANOTHER_GATEWAY, "model": "opus"}
    path = bench.put(".claude/settings.json", json.dumps(settings).encode())
    connector = bench.connector()
    with bench.unchanged():
        connector.connect(claude, CONNECTION)
        text = path.read_text()
        assert "glm" not in text
        assert "theirs" not in text
        assert set(json.loads(text)["env"]) == {
            *("ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_DEFAULT_HAIKU_MODEL"),
            *("CLAUDE_CODE_GATEWAY_HINT_HEADERS", "EDITOR"),
        }
        chosen = replace(CONNECTION, models={SUBAGENT: "claude-mini"})
        connector.connect(claude, chosen)
        env = json.loads(path.read_text())["env"]
        assert env["CLAUDE_CODE_SUBAGENT_MODEL"] == "claude-mini"
        connector.disconnect(claude)


def test_an_older_file_that_a_new_one_would_hide_is_not_hidden(bench: Workbench) -> None:
    tool = TOOLS["continue"]
    bench.put(".continue/config.json", b'{"models": []}')
    connector = bench.connector()
    assert connector.state(tool, BASE_URL).condition is Condition.STEPS_ONLY
    with bench.unchanged(), pytest.raises(CannotEdit, match="follow the steps"):
        connector.connect(tool, CONNECTION)
    bench.put(".continue/config.yaml", b"name: mine\n")
    with bench.unchanged():
        connector.connect(tool, CONNECTION)
        connector.disconnect(tool)


@pytest.mark.parametrize(
    ("shell", "kind", "file"),
    [
        ("/bin/bash", Shell.POSIX, ".bashrc"),
        ("/usr/bin/zsh", Shell.POSIX, ".zshrc"),
        ("/usr/bin/fish", Shell.FISH, ".config/fish/conf.d/g-copilot-proxy.fish"),
        ("/opt/pwsh", Shell.POWERSHELL, ".config/powershell/Microsoft.PowerShell_profile.ps1"),
        ("/bin/dash", Shell.POSIX, ".profile"),
        ("/bin/tcsh", Shell.POSIX, None),
        ("/usr/bin/nu", Shell.POSIX, None),
    ],
)
def test_variables_go_where_the_users_shell_reads_them_or_nowhere(
    shell: str, kind: Shell, file: str | None, tmp_path: Path
) -> None:
    environ = {"HOME": str(tmp_path), "SHELL": shell}
    assert shell_of(environ, "linux") is kind
    assert this_computer(environ, "linux").shell_file() == (file and tmp_path / file)


def test_on_macos_no_new_file_hides_the_one_that_bash_reads(tmp_path: Path) -> None:
    location = this_computer({"HOME": str(tmp_path), "SHELL": "/bin/bash"}, "darwin")
    assert location.shell_file() == tmp_path / ".bash_profile"
    (tmp_path / ".profile").touch()
    assert location.shell_file() == tmp_path / ".profile"
    (tmp_path / ".bash_login").touch()
    assert location.shell_file() == tmp_path / ".bash_login"


def test_a_variable_of_the_shell_that_counts_more_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {
        "HOME": str(tmp_path),
        "USERPROFILE": str(tmp_path),
        "SHELL": "/bin/bash",
        "G_COPILOT_PROXY_HOME": str(tmp_path / "ours"),
        "PATH": "",
        "ANTHROPIC_API_KEY": "sk-ant-mine",
        "AIDER_MODEL": "theirs",
    }
    assert main(["connect", "claude-code", "aider", "--dry-run", "--json"], environ) == 0
    notes = json.loads(capsys.readouterr().out)["tools"][0]["notes"]
    named = [each.partition(" is set")[0] for each in notes if "unset it" in each]
    assert named == ["ANTHROPIC_API_KEY", "AIDER_MODEL"]
    assert "sk-ant-mine" not in str(notes)


def test_a_program_is_told_in_json_what_is_wrong_with_its_arguments(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for arguments in (
        ["connect", "codex", "--json", "--bad"],
        ["--bad", "status", "--json"],
        ["keys", "--json", "add", "--bad"],
    ):
        with pytest.raises(SystemExit) as left:
            main(arguments, {})
        said = capsys.readouterr()
        assert left.value.code == 2
        error = json.loads(said.out)["error"]
        assert error["code"] == "usage"
        assert error["message"] in said.err
        assert "usage:" in said.err
    with pytest.raises(SystemExit):
        main(["connect", "--bad"], {})
    assert capsys.readouterr().out == ""
