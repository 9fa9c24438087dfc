"""``doctor --probe`` as a command: it asks first, writes one file, and the file is put to use."""

from __future__ import annotations

import io
import json
import stat
import sys
from pathlib import Path

import pytest

from proxy_core.cli.diagnostics import probe
from proxy_core.cli.main import main
from tests.integration.cli.processes import Commands, Simulated, first_line, get

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    return {
        "G_COPILOT_PROXY_HOME": str(tmp_path / "home"),
        "G_COPILOT_PROXY_GITHUB_URL": NOBODY,
        "COPILOT_GITHUB_TOKEN": "ghu_mine0000mine",
    }


def test_without_a_terminal_and_without_a_yes_nothing_is_asked(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--probe"], environ) == 1
    told = capsys.readouterr().err
    assert "--yes" in told
    assert "60 requests" in told
    assert "5 credits" in told


def test_its_options_mean_nothing_without_it(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--yes"], environ) == 2
    assert "--probe" in capsys.readouterr().err


def test_a_file_that_is_there_is_kept_and_nothing_is_asked(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "mine.json"
    file.write_text("mine")
    assert main(["doctor", "--probe", "--yes", "--output", str(file)], environ) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert file.read_text() == "mine"


@pytest.mark.parametrize("content", ["", "{}", '{"format": "g-copilot-proxy probe", "version": 7}'])
def test_a_file_that_is_no_measurement_is_refused_everywhere(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str
) -> None:
    file = tmp_path / "other.json"
    file.write_text(content)
    assert main(["simulate", "--profile-file", str(file)], environ) == 2
    assert "cannot be played" in capsys.readouterr().err
    assert main(["settings", "set", "upstream.probe_facts", str(file)], environ) == 2
    assert "measured facts" in capsys.readouterr().err
    assert main(["settings", "get", "upstream.probe_facts"], environ) == 0
    assert str(file) not in capsys.readouterr().out


def test_a_named_profile_beside_a_file_is_an_error(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    arguments = ["simulate", "--profile", "strict", "--profile-file", str(tmp_path / "x")]
    assert main(arguments, environ) == 2
    assert "in place of" in capsys.readouterr().err


def test_one_run_from_the_list_to_the_file_to_product_and_simulator(
    commands: Commands, simulated: Simulated
) -> None:
    commands.environ["COPILOT_GITHUB_TOKEN"] = simulated.token
    server = commands.start("serve")
    url = first_line(server).removeprefix("Listening on ")
    done = commands.run("doctor", "--probe", "--yes", "--use")
    assert (done.returncode, done.stderr) == (0, "")
    assert "expected to cost up to" in done.stdout
    _, content = get(f"{simulated.url}/_sim/requests")
    assert len(json.loads(content)["requests"]) <= 60
    (file,) = (commands.home / "state").glob("probe-*.json")
    assert json.loads(file.read_text())["verdicts"]["chat_temperature"] == "refused"
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert str(file) in (commands.home / "settings.toml").read_text()
    key = commands.run("key").stdout.strip()
    _, activity = get(f"{url}/activity", key)
    asked = [each for each in json.loads(activity)["recent"] if each["path"] == "doctor --probe"]
    assert len(asked) > 20, "the server that runs shows them, as the app's own"
    assert {each["client"] for each in asked} == {"g-copilot-proxy"}
    player = commands.start("simulate", "--profile-file", str(file))
    assert first_line(player).startswith("Simulator listening on ")


def test_a_person_who_says_no_is_asked_nothing_more_and_no_model_is(
    simulated: Simulated,
    environ: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    questions: list[str] = []

    def no(question: str) -> bool:
        questions.append(question)
        return False

    monkeypatch.setattr(probe, "_has_terminal", lambda: True)
    monkeypatch.setattr(probe, "asked", no)
    environ |= {
        "G_COPILOT_PROXY_GITHUB_URL": simulated.url,
        "COPILOT_GITHUB_TOKEN": simulated.token,
    }
    assert main(["doctor", "--probe"], environ) == 1
    told = capsys.readouterr()
    assert "Nothing was asked of any model." in told.err
    assert "expected to cost up to" in told.out
    assert len(questions) == 1
    _, content = get(f"{simulated.url}/_sim/requests")
    asked = {each["path"] for each in json.loads(content)["requests"]}
    assert not asked & {"/chat/completions", "/responses", "/v1/messages", "/embeddings"}
    assert not list(Path(environ["G_COPILOT_PROXY_HOME"]).glob("state/probe-*"))
