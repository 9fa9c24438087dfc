"""``--smoke``: one line and an exit code that say whether an installation is whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from proxy_core.app.smoke import SmokeFailed, report
from tests.integration.cli.processes import ROOT, TIME_LIMIT, Commands

WITHOUT_QT = """
import sys

class Refuses:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6", "qasync", "desktop"):
            raise ImportError("imported " + name)

sys.meta_path.insert(0, Refuses())
from proxy_core.cli.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
"""The edition without a window, where nothing of the window can be imported."""


@pytest.fixture(autouse=True)
def trusted_certificates(commands: Commands) -> None:
    """Not every machine that runs the tests has the system's package of certificates."""
    place = commands.home.with_name("certificates.pem")
    place.write_text("", "utf-8")
    commands.environ["SSL_CERT_FILE"] = str(place)


def headless(commands: Commands, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_QT, *arguments],
        cwd=ROOT,
        env=commands.environ,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
        check=False,
    )


def test_the_app_says_in_one_line_that_each_part_works(commands: Commands) -> None:
    commands.environ["QT_QPA_PLATFORM"] = "offscreen"
    done = commands.run("--smoke")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert done.stdout.startswith("smoke ok: g-copilot-proxy ")
    parts = (
        "window",
        "SVG",
        "translations en, zh_CN",
        "platforms",
        "chat",
        "responses",
        "messages",
    )
    parts += ("keyring", "TLS store", "device page")
    assert [each for each in parts if each not in done.stdout] == []


def test_the_edition_without_a_window_is_whole_without_qt(commands: Commands) -> None:
    done = headless(commands, "serve", "--smoke")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("smoke ok: ")
    assert list(commands.home.iterdir()) == [commands.home / "settings.toml"], "nothing is left"


@pytest.mark.parametrize("arguments", [(), ("open",), ("quit",)])
def test_the_edition_without_a_window_says_that_it_has_none(
    commands: Commands, arguments: tuple[str, ...]
) -> None:
    done = headless(commands, *arguments)
    assert done.returncode == 2
    assert "without a window" in done.stderr
    assert "g-copilot-proxy serve" in done.stderr


def test_a_missing_part_is_named_fails_and_hides_no_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def missing() -> str:
        raise SmokeFailed("no page\nfor the device code")

    def gone() -> str:
        return Path("/nowhere/page.html").read_text("utf-8")

    assert report([("pages", missing), ("files", gone), ("chat", lambda: "6 events")]) == 1
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert line.startswith("smoke FAILED: ")
    assert "pages FAILED (SmokeFailed: no page for the device code)" in line
    assert "files FAILED (FileNotFoundError: " in line
    assert line.endswith("chat 6 events\n")
