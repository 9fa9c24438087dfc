"""What ``packaging/build.py`` says to a wrong word or a missing bundle, before it does any work."""

from __future__ import annotations

from pathlib import Path

import build
import pytest
from release.facts import BuildFailed


@pytest.fixture
def nothing_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(build, "BUNDLES", tmp_path / "bundles")
    monkeypatch.setattr(build, "artefact", lambda edition, suffix: tmp_path / (edition + suffix))
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ["bundle", "desktop"],
        ["archives", "app", "zip"],
        ["linux", "tgz"],
        ["layouts", "linux"],
        ["macos", "--dry"],
        ["macos", "dryrun"],
        ["wheel", "app"],
        ["all", "app"],
    ],
)
def test_a_word_that_a_command_does_not_know_is_refused_before_any_work(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []
    monkeypatch.setattr(build, "COMMANDS", {words[0]: done.extend})
    with pytest.raises(SystemExit) as left:
        build.main(words)
    assert (left.value.code, done) == (2, [])
    assert words[-1] in capsys.readouterr().err


@pytest.mark.parametrize("words", [["archives"], ["archives", "headless"], ["macos"], ["windows"]])
def test_without_a_bundle_it_is_said_what_makes_one_and_nothing_is_left(
    words: list[str], nothing_built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build.main(words) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "is missing: python3 packaging/build.py bundle" in said
    assert list(nothing_built.iterdir()) == []


def test_what_the_disk_refuses_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for error in (PermissionError(13, "Permission denied", "dist"), BuildFailed("no space")):

        def refuse(_rest: list[str], error: Exception = error) -> None:
            raise error

        monkeypatch.setitem(build.COMMANDS, "sums", refuse)  # type: ignore[misc]
        assert build.main(["sums"]) == 1
        assert capsys.readouterr().err.startswith("build.py: ")
