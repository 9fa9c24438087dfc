"""The set-up script: what it decides, without installing anything."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def bootstrap() -> ModuleType:
    path = ROOT / "packaging" / "bootstrap.py"
    spec = importlib.util.spec_from_file_location("bootstrap", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_library_that_cannot_be_loaded_is_named_by_its_package(bootstrap: ModuleType) -> None:
    libraries = {"libdoes-not-exist.so.9": "libdoes-not-exist9"}
    if sys.platform == "linux":
        libraries["libc.so.6"] = "libc6"
    assert bootstrap.missing_libraries(libraries) == ["libdoes-not-exist9"]


def test_an_ordinary_user_is_told_the_command_and_nothing_is_installed(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "is_debian", lambda: True)
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(bootstrap, "apt_install", lambda packages: pytest.fail("installed"))
    bootstrap.install_or_name(["libgl1", "libegl1", "libgl1"], why="the window needs them")
    assert "sudo apt-get install libgl1 libegl1\n" in capsys.readouterr().err


def test_root_on_debian_installs_once_and_says_so(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed: list[list[str]] = []

    def apt_install(packages: list[str]) -> bool:
        installed.append(packages)
        return True

    monkeypatch.setattr(bootstrap, "is_debian", lambda: True)
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(bootstrap, "apt_install", apt_install)
    bootstrap.install_or_name(["xvfb"], why="some tests need them")
    assert installed == [["xvfb"]]
    assert "Installing xvfb" in capsys.readouterr().out


def test_elsewhere_a_needed_package_stops_the_set_up_with_its_name(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "is_debian", lambda: False)
    with pytest.raises(bootstrap.Stop, match="python3-venv"):
        bootstrap.install_or_name(["python3-venv"], why="needed", must=True)


def test_an_environment_made_for_other_pins_is_not_taken_for_ready(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap, "CONSTRAINTS", tmp_path / "constraints.txt")
    (tmp_path / "constraints.txt").write_text("aiohttp==1\n")
    before = bootstrap.pins_fingerprint()
    (tmp_path / "constraints.txt").write_text("aiohttp==2\n")
    assert bootstrap.pins_fingerprint() != before


def test_commands_without_a_window_are_told_from_the_app(bootstrap: ModuleType) -> None:
    assert bootstrap.names_a_command(["serve", "--demo"])
    assert not bootstrap.names_a_command(["--demo"])


def test_an_unknown_command_is_a_usage_error(bootstrap: ModuleType) -> None:
    with pytest.raises(SystemExit) as stop:
        bootstrap.main(["fly"])
    assert stop.value.code == 2


def test_no_pin_names_an_index() -> None:
    text = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--" not in text
