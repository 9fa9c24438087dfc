"""The set-up script: what it decides, without installing anything."""

from __future__ import annotations

import importlib.util
import io
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


class Apt:
    """Root on Debian, whose apt-get only notes what it is asked for."""

    def __init__(self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        self.installed: list[list[str]] = []
        monkeypatch.delenv("BOOTSTRAP_SYSTEM_PACKAGES", raising=False)
        monkeypatch.setattr(bootstrap, "is_debian", lambda: True)
        monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0, raising=False)
        monkeypatch.setattr(bootstrap, "apt_install", self.install)

    def install(self, packages: list[str]) -> bool:
        self.installed.append(packages)
        return True


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_root_gets_what_nothing_works_without_and_is_told(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    apt = Apt(bootstrap, monkeypatch)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    bootstrap.install_or_name(["libegl1"], why="the window needs them", is_essential=True)
    assert apt.installed == [["libegl1"]]
    assert "Installing libegl1" in capsys.readouterr().out


def test_root_gets_no_browser_and_no_screen_unasked(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    apt = Apt(bootstrap, monkeypatch)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    bootstrap.install_or_name(["chromium", "xvfb"], why="some tests skip without")
    assert apt.installed == []
    assert "    apt-get install chromium xvfb\n" in capsys.readouterr().err


@pytest.mark.parametrize(("typed", "installs"), [("y\n", 1), ("YES\n", 1), ("\n", 0), ("", 0)])
@pytest.mark.parametrize("is_essential", [True, False])
def test_root_at_a_terminal_is_asked_and_silence_is_no(
    bootstrap: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    installs: int,
    is_essential: bool,
) -> None:
    apt = Apt(bootstrap, monkeypatch)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys, "stderr", terminal)
    bootstrap.install_or_name(["openbox"], why="some tests skip without", is_essential=is_essential)
    assert len(apt.installed) == installs
    assert "Install them with apt-get? [y/N]" in terminal.getvalue()


@pytest.mark.parametrize(("decided", "installs"), [("install", 1), ("name", 0)])
def test_ci_says_beforehand_what_root_would_be_asked(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, decided: str, installs: int
) -> None:
    apt = Apt(bootstrap, monkeypatch)
    monkeypatch.setenv("BOOTSTRAP_SYSTEM_PACKAGES", decided)
    bootstrap.install_or_name(["xdotool"], why="some tests skip without")
    assert len(apt.installed) == installs
    assert "export BOOTSTRAP_SYSTEM_PACKAGES=install\n" in (ROOT / ".ci" / "run").read_text()


def test_missing_packages_are_named_before_anything_is_fetched(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nothing_more(extras: object) -> None:
        raise bootstrap.Stop("fetching begins")

    monkeypatch.setattr(bootstrap, "is_debian", lambda: True)
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(bootstrap, "prepare_qt", lambda: None)
    monkeypatch.setattr(bootstrap, "which", lambda program: None)
    monkeypatch.setattr(bootstrap, "prepare_venv", nothing_more)
    with pytest.raises(bootstrap.Stop, match="fetching begins"):
        bootstrap.test([])
    said = capsys.readouterr().err
    assert "gnome-keyring" in said
    assert "chromium" in said


def test_of_pips_many_lines_only_those_are_shown_that_say_why(
    bootstrap: ModuleType,
) -> None:
    tries = "\n".join(
        f"WARNING: Retrying (Retry(total={left})) after connection broken: /simple/aiohttp/"
        for left in range(30)
    )
    why = "ERROR: No matching distribution found for aiohttp==3.14.5"
    failed = bootstrap.quietly([sys.executable, "-c", f"print({tries!r}); print({why!r}); exit(1)"])
    assert bootstrap.gist(failed) == f"    {why}"
    assert bootstrap.quietly([sys.executable, "-c", "print('a notice')"]) is None


def test_the_gist_of_words_without_an_error_is_their_end(bootstrap: ModuleType) -> None:
    assert bootstrap.gist("a\n\nb\nb\nc\nd\n") == "    b\n    c\n    d"


def test_ctrl_c_in_the_set_up_is_a_sentence(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(extras: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "prepare_venv", interrupted)
    assert bootstrap.main(["run"]) == 130
    said = capsys.readouterr().err
    assert "interrupted" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("arguments", "is_command"),
    [
        (["--demo", "--port", "5000"], False),
        (["--port=5000", "--demo"], False),
        (["--world", "2026-08", "--demo"], False),
        (["--port", "5000", "serve"], True),
        (["status"], True),
    ],
)
def test_an_options_value_is_not_taken_for_a_command(
    bootstrap: ModuleType, arguments: list[str], is_command: bool
) -> None:
    assert bootstrap.names_a_command(arguments) is is_command


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
    monkeypatch.setattr(bootstrap, "quietly", lambda command: "ERROR: no")
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

    def quietly(command: list[str], env: object = None) -> str | None:
        del env
        if "pip" in command:
            return "ERROR: offline"
        venv.mkdir()
        return None

    monkeypatch.setattr(bootstrap, "quietly", quietly)
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
