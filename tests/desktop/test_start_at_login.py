"""Starting with the computer, on three systems: read as it is, and only our own entry is written."""

from __future__ import annotations

import plistlib
import sys
from pathlib import Path

import pytest

from desktop.system.start_at_login import (
    APPROVED_KEY,
    RUN_KEY,
    CannotStartAtLogin,
    DesktopFileEntry,
    LaunchAgentEntry,
    LoginEntry,
    LoginState,
    NoLoginEntry,
    RunKeyEntry,
    launch_command,
    login_entry,
)
from proxy_core.config.paths import INSTALLED_VARIABLE

COMMAND = ("/opt/g copilot/g-copilot-proxy",)


class Registry:
    """Values in a dictionary, as the registry keeps them."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str | bytes] = {}

    def read(self, key: str, name: str) -> str | bytes | None:
        return self.values.get((key, name))

    def write(self, key: str, name: str, value: str) -> None:
        self.values[key, name] = value

    def remove(self, key: str, name: str) -> None:
        self.values.pop((key, name), None)


@pytest.fixture(params=["linux", "darwin", "win32"])
def make(request, tmp_path: Path):
    registry = Registry()

    def entry(command: tuple[str, ...] = COMMAND) -> LoginEntry:
        match request.param:
            case "linux":
                return DesktopFileEntry(tmp_path, command)
            case "darwin":
                return LaunchAgentEntry(tmp_path, command)
        return RunKeyEntry(registry, command)

    return entry


def test_on_and_off_again_leaves_nothing(make, tmp_path: Path) -> None:
    entry = make()
    assert entry.state() is LoginState.OFF
    entry.switch_on()
    assert entry.state() is LoginState.ON
    entry.switch_on()
    assert entry.state() is LoginState.ON
    entry.switch_off()
    assert entry.state() is LoginState.OFF
    entry.switch_off()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_entry_of_another_copy_is_told_and_put_right(make) -> None:
    make(("/old/place/g-copilot-proxy",)).switch_on()
    entry = make()
    assert entry.state() is LoginState.POINTS_ELSEWHERE
    entry.switch_on()
    assert entry.state() is LoginState.ON


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_switched_off_in_the_desktop_s_settings(tmp_path: Path, line: str) -> None:
    entry = DesktopFileEntry(tmp_path, COMMAND)
    entry.switch_on()
    file = Path(entry.place)
    file.write_text(file.read_text().replace("X-GNOME-Autostart-enabled=true", line))
    assert entry.state() is LoginState.SWITCHED_OFF
    entry.switch_on()
    assert entry.state() is LoginState.ON


def test_switched_off_in_task_manager() -> None:
    registry = Registry()
    entry = RunKeyEntry(registry, COMMAND)
    entry.switch_on()
    registry.values[APPROVED_KEY, "g-copilot-proxy"] = b"\x03" + bytes(11)
    assert entry.state() is LoginState.SWITCHED_OFF
    registry.values[APPROVED_KEY, "g-copilot-proxy"] = b"\x02" + bytes(11)
    assert entry.state() is LoginState.ON


def test_windows_gets_the_path_in_quotes() -> None:
    registry = Registry()
    RunKeyEntry(registry, (r"C:\Apps\g-copilot-proxy.exe",)).switch_on()
    RunKeyEntry(spaced := Registry(), (r"C:\My Apps\g-copilot-proxy.exe",)).switch_on()
    assert registry.values[RUN_KEY, "g-copilot-proxy"] == r'"C:\Apps\g-copilot-proxy.exe"'
    assert spaced.values[RUN_KEY, "g-copilot-proxy"] == r'"C:\My Apps\g-copilot-proxy.exe"'


@pytest.mark.parametrize("kind", [DesktopFileEntry, LaunchAgentEntry])
@pytest.mark.parametrize("content", [b"[Desktop Entry]\nExec=mine\n", b"\x00", b"<plist></plist>"])
def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path, kind: type, content: bytes) -> None:
    entry = kind(tmp_path, COMMAND)
    file = Path(entry.place)
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    assert entry.state() is LoginState.FOREIGN
    for change in (entry.switch_on, entry.switch_off):
        with pytest.raises(CannotStartAtLogin, match="was not made by this app"):
            change()
    assert file.read_bytes() == content


def test_macos_starts_it_in_a_session_with_a_screen(tmp_path: Path) -> None:
    entry = LaunchAgentEntry(tmp_path, COMMAND)
    entry.switch_on()
    values = plistlib.loads(Path(entry.place).read_bytes())
    assert values["ProgramArguments"] == list(COMMAND)
    assert values["RunAtLoad"] is True
    assert values["LimitLoadToSessionType"] == "Aqua"


def test_the_desktop_file_quotes_by_the_specification(tmp_path: Path) -> None:
    entry = DesktopFileEntry(tmp_path, ('/opt/50% "$x"/run',))
    entry.switch_on()
    line = next(each for each in Path(entry.place).read_text().splitlines() if "Exec" in each)
    assert line == r'Exec="/opt/50%% \\"\\$x\\"/run"'
    assert entry.state() is LoginState.ON


def test_the_installed_program_is_what_is_started(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "g-copilot-proxy"
    program.parent.mkdir()
    program.touch()
    command = launch_command(
        str(tmp_path / "bin" / "python"), is_frozen=False, temporary=tmp_path / "tmp"
    )
    assert command == (str(program),)


def test_a_bundle_and_an_app_image_start_themselves(tmp_path: Path) -> None:
    elsewhere = tmp_path / "tmp"
    assert launch_command("/opt/app/run", is_frozen=True, temporary=elsewhere) == ("/opt/app/run",)
    image = {"APPIMAGE": "/home/mona/App.AppImage"}
    assert launch_command("/x/run", is_frozen=True, environ=image, temporary=elsewhere) == (
        "/home/mona/App.AppImage",
    )


def test_a_newer_version_starts_the_installed_program_whose_place_stays(tmp_path: Path) -> None:
    newer = tmp_path / "state" / "versions" / "1.1.0" / "g-copilot-proxy"
    environ = {INSTALLED_VARIABLE: "/opt/app/g-copilot-proxy"}
    elsewhere = tmp_path / "tmp"
    assert launch_command(str(newer), is_frozen=True, environ=environ, temporary=elsewhere) == (
        "/opt/app/g-copilot-proxy",
    )


@pytest.mark.parametrize("place", ["/home/mona/.cache/uv/archive/x/run", "{tmp}/x/run"])
def test_what_lies_in_a_temporary_place_is_refused(tmp_path: Path, place: str) -> None:
    program = place.format(tmp=tmp_path)
    with pytest.raises(CannotStartAtLogin, match="temporary place"):
        launch_command(program, is_frozen=True, temporary=tmp_path)


def test_a_copy_without_a_program_says_why_when_it_is_switched_on(tmp_path: Path) -> None:
    with pytest.raises(CannotStartAtLogin, match="runs from its source") as refused:
        launch_command(str(tmp_path / "python"), is_frozen=False)
    entry = NoLoginEntry(str(refused.value))
    assert entry.state() is LoginState.OFF
    with pytest.raises(CannotStartAtLogin, match="runs from its source"):
        entry.switch_on()


@pytest.mark.skipif(sys.platform == "win32", reason="the home is the registry's there")
def test_the_entry_of_this_system_is_below_the_person_s_own_folders(tmp_path: Path) -> None:
    entry = login_entry({"XDG_CONFIG_HOME": str(tmp_path)}, tmp_path)
    assert entry.state() is LoginState.OFF
    assert entry.place == "" or Path(entry.place).is_relative_to(tmp_path)
