"""The set-up script: what it decides, without installing anything."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def bootstrap() -> ModuleType:
    path = ROOT / "packaging" / "set_up.py"
    spec = importlib.util.spec_from_file_location("set_up", path)
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


def older_pythons() -> list[str]:
    """The interpreters of this computer that are too old, wherever pyenv or the system put them."""
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = [str(each) for each in sorted(versions.glob("*/bin/python"))]
    names = ("python2.7", "python3.6", "python3.7", "python3.8", "python3.9", "python3.10")
    found += [path for name in names if (path := shutil.which(name))]
    probe = "import sys; sys.exit(0 if sys.version_info < (3, 11) else 1)"
    return [
        each
        for each in dict.fromkeys(found)
        if subprocess.run([each, "-c", probe], capture_output=True, check=False).returncode == 0
    ]


def test_a_python_that_is_too_old_is_told_so_in_one_sentence() -> None:
    pythons = older_pythons()
    if not pythons:
        pytest.skip("every Python here is new enough")
    for python in pythons:
        command = [python, str(ROOT / "packaging" / "bootstrap.py"), "run", "--demo"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
        assert done.returncode == 1, python
        assert "g-copilot-proxy needs 3.11 or newer" in done.stderr, python
        assert "Traceback" not in done.stderr, python
        assert "SyntaxError" not in done.stderr, python


def test_the_entry_uses_nothing_that_python_2_cannot_read() -> None:
    text = (ROOT / "packaging" / "bootstrap.py").read_text(encoding="utf-8")
    assert text.isascii()
    for new in ("->", "from __future__ import annotations", ' f"', "print(", ":=", "nonlocal"):
        assert new not in text


def test_the_entry_of_a_new_enough_python_leads_on() -> None:
    command = [sys.executable, str(ROOT / "packaging" / "bootstrap.py"), "fly"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2
    assert "invalid choice: 'fly'" in done.stderr


def test_pip_finds_the_pins_in_a_folder_with_a_blank_in_its_path(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    constraints = tmp_path / "my tools" / "constraints.txt"
    monkeypatch.setattr(bootstrap, "CONSTRAINTS", constraints)
    told = bootstrap.pip_environment()["PIP_CONSTRAINT"]
    assert told.split() == [told]
    assert told == constraints.as_uri()


def test_a_copied_or_moved_folder_is_not_taken_for_ready(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = bootstrap.pins_fingerprint()
    shutil.copy(bootstrap.ROOT / "pyproject.toml", tmp_path)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    assert bootstrap.pins_fingerprint() != before


def test_an_environment_made_in_another_folder_is_not_usable(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old, new = tmp_path / "old" / ".venv", tmp_path / "new" / ".venv"
    monkeypatch.setattr(bootstrap, "VENV", old)
    bootstrap.make_venv()
    assert bootstrap.venv_is_usable()
    shutil.copytree(old, new, symlinks=True)
    monkeypatch.setattr(bootstrap, "VENV", new)
    assert not bootstrap.venv_is_usable()


def test_a_working_environment_outlives_a_new_one_that_cannot_be_made(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    venv = tmp_path / ".venv"
    venv.mkdir()
    (venv / "works").write_text("yes")
    monkeypatch.setattr(bootstrap, "VENV", venv)
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda command: 1)
    with pytest.raises(bootstrap.Stop):
        bootstrap.make_venv()
    assert (venv / "works").read_text() == "yes"
    assert list(tmp_path.iterdir()) == [venv]


def test_a_working_environment_outlives_libraries_that_cannot_be_had(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    venv = tmp_path / ".venv"
    venv.mkdir()
    (venv / "works").write_text("yes")
    monkeypatch.setattr(bootstrap, "VENV", venv)

    def call(command: list[str], env: object = None) -> int:
        del env
        if "pip" in command:
            return 1  # offline
        venv.mkdir()
        return 0

    monkeypatch.setattr(bootstrap.subprocess, "call", call)
    with pytest.raises(bootstrap.Stop):
        bootstrap.prepare_venv(extras=())
    assert (venv / "works").read_text() == "yes"
    assert list(tmp_path.iterdir()) == [venv]


def test_a_full_disk_is_told_as_such_and_not_as_a_missing_network(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(ROOT)
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda _: usage._replace(free=12_000_000))
    assert "Only 12 MB are free" in bootstrap.why_not()
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda _: usage._replace(free=10**12))
    assert "online" in bootstrap.why_not()


def test_no_pin_names_an_index() -> None:
    text = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--" not in text
