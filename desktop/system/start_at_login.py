"""Whether the app starts when the user logs in: one entry in the system's own format.

Linux: a desktop file in ``autostart``. macOS: a property list in ``LaunchAgents``. Windows: a value
of the registry's ``Run`` key. The actual state is read each time, because users also change it in
the system's settings. Only an entry with our mark is changed or removed.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from proxy_core.config.paths import APP_NAME, INSTALLED_VARIABLE

LABEL = "io.github.g-copilot-proxy"
_MARK = "X-G-Copilot-Proxy"
_TEMPORARY = ("_MEI", "uv-cache", ".cache/uv", "uv/cache", "pipx/.cache", ".cache/pipx")
"""Parts of paths of temporary programs."""


class LoginState(StrEnum):
    OFF = "off"
    ON = "on"
    POINTS_ELSEWHERE = "points_elsewhere"
    """Ours, but it starts another copy of the app."""
    SWITCHED_OFF = "switched_off"
    """Ours, and switched off in the system's own settings."""
    FOREIGN = "foreign"
    """An entry under our name that we did not make; it is left alone."""


class CannotStartAtLogin(Exception):
    """The text says why, for a person."""


class LoginEntry(Protocol):
    """``switch_on`` and ``switch_off`` raise CannotStartAtLogin or OSError."""

    @property
    def place(self) -> str: ...

    def state(self) -> LoginState: ...

    def switch_on(self) -> None: ...

    def switch_off(self) -> None: ...


def launch_command(
    executable: str = sys.executable,
    *,
    is_frozen: bool = bool(getattr(sys, "frozen", False)),
    environ: Mapping[str, str] | None = None,
    platform: str = sys.platform,
    temporary: Path | None = None,
) -> tuple[str, ...]:
    """Return the command that starts this copy of the app.

    Raises CannotStartAtLogin if there is none.
    """
    image = (environ or {}).get("APPIMAGE", "")
    folder = Path(executable).parent
    suffix = ".exe" if platform == "win32" else ""
    if image:
        program = image
    elif is_frozen:
        program = (environ or {}).get(INSTALLED_VARIABLE) or executable
    else:
        program = str(folder / f"{APP_NAME}{suffix}")
        if not Path(program).is_file():
            raise CannotStartAtLogin(
                "This copy runs from its source and has no program of its own. Install it first, for "
                "example with packaging/bootstrap.py."
            )
    scratch = temporary or Path(tempfile.gettempdir())
    shown = Path(program).as_posix()
    if Path(program).is_relative_to(scratch) or any(each in shown for each in _TEMPORARY):
        raise CannotStartAtLogin(
            f"This copy lies in a temporary place ({program}) and may be gone tomorrow. "
            "Install it first."
        )
    return (program,)


class DesktopFileEntry:
    """Linux and the BSDs: ``autostart`` below the configuration folder."""

    def __init__(self, config: Path, command: Sequence[str]) -> None:
        self._file = config / "autostart" / f"{APP_NAME}.desktop"
        self._command = tuple(command)

    @property
    def place(self) -> str:
        return str(self._file)

    def state(self) -> LoginState:
        content = _read(self._file)
        if content is None:
            return LoginState.OFF
        values = _desktop_values(content.decode("utf-8", errors="replace"))
        if values.get(_MARK) != "true":
            return LoginState.FOREIGN
        if values.get("Hidden") == "true" or values.get("X-GNOME-Autostart-enabled") == "false":
            return LoginState.SWITCHED_OFF
        is_same = values.get("Exec") == _exec_line(self._command)
        return LoginState.ON if is_same else LoginState.POINTS_ELSEWHERE

    def switch_on(self) -> None:
        _refuse_foreign(self)
        text = "\n".join(
            (
                "[Desktop Entry]",
                "Type=Application",
                f"Name={APP_NAME}",
                "Comment=Copilot for every tool, from the tray",
                f"Exec={_exec_line(self._command)}",
                f"Icon={APP_NAME}",
                "Terminal=false",
                "X-GNOME-Autostart-enabled=true",
                f"{_MARK}=true",
                "",
            )
        )
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(text, encoding="utf-8")

    def switch_off(self) -> None:
        _refuse_foreign(self)
        self._file.unlink(missing_ok=True)


class LaunchAgentEntry:
    """macOS: read by launchd at the next login; nothing is loaded or unloaded now."""

    def __init__(self, home: Path, command: Sequence[str]) -> None:
        self._file = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
        self._command = tuple(command)

    @property
    def place(self) -> str:
        return str(self._file)

    def state(self) -> LoginState:
        content = _read(self._file)
        if content is None:
            return LoginState.OFF
        import plistlib

        try:
            values = plistlib.loads(content)
        except (plistlib.InvalidFileException, ValueError, OverflowError):
            return LoginState.FOREIGN
        if not isinstance(values, dict) or values.get(_MARK) is not True:
            return LoginState.FOREIGN
        if values.get("Disabled") is True or values.get("RunAtLoad") is not True:
            return LoginState.SWITCHED_OFF
        is_same = values.get("ProgramArguments") == list(self._command)
        return LoginState.ON if is_same else LoginState.POINTS_ELSEWHERE

    def switch_on(self) -> None:
        import plistlib

        _refuse_foreign(self)
        values = {
            "Label": LABEL,
            "ProgramArguments": list(self._command),
            "RunAtLoad": True,
            "ProcessType": "Interactive",
            "LimitLoadToSessionType": "Aqua",
            _MARK: True,
        }
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_bytes(plistlib.dumps(values))

    def switch_off(self) -> None:
        _refuse_foreign(self)
        self._file.unlink(missing_ok=True)


class RegistryValues(Protocol):
    """The user's part of the registry, by key; a value that is not there is None."""

    def read(self, key: str, name: str) -> str | bytes | None: ...

    def write(self, key: str, name: str, value: str) -> None: ...

    def remove(self, key: str, name: str) -> None: ...


RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED_KEY = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
"""Where Task Manager stores disabled entries: their first byte is odd."""


class RunKeyEntry:
    """Windows. The value's name is the mark."""

    def __init__(self, registry: RegistryValues, command: Sequence[str]) -> None:
        self._registry = registry
        self._command = subprocess.list2cmdline([*command])
        if not self._command.startswith('"'):  # a path with a space added later must not be split
            self._command = f'"{command[0]}"' + self._command[len(command[0]) :]

    @property
    def place(self) -> str:
        return rf"HKEY_CURRENT_USER\{RUN_KEY}\{APP_NAME}"

    def state(self) -> LoginState:
        found = self._registry.read(RUN_KEY, APP_NAME)
        if found is None:
            return LoginState.OFF
        approved = self._registry.read(APPROVED_KEY, APP_NAME)
        if isinstance(approved, bytes) and approved[:1] and approved[0] % 2 == 1:
            return LoginState.SWITCHED_OFF
        return LoginState.ON if found == self._command else LoginState.POINTS_ELSEWHERE

    def switch_on(self) -> None:
        self._registry.write(RUN_KEY, APP_NAME, self._command)
        self._registry.remove(APPROVED_KEY, APP_NAME)

    def switch_off(self) -> None:
        self._registry.remove(RUN_KEY, APP_NAME)
        self._registry.remove(APPROVED_KEY, APP_NAME)


class NoLoginEntry:
    """This copy cannot be started by the system; ``switch_on`` raises the reason."""

    place = ""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def state(self) -> LoginState:
        return LoginState.OFF

    def switch_on(self) -> None:
        raise CannotStartAtLogin(self._reason)

    def switch_off(self) -> None:
        """Does nothing: there is no entry."""


def login_entry(environ: Mapping[str, str], home: Path, platform: str = sys.platform) -> LoginEntry:
    """Return the entry of this system for this copy of the app."""
    try:
        command = launch_command(environ=environ, platform=platform)
    except CannotStartAtLogin as error:
        return NoLoginEntry(str(error))
    if platform == "win32":
        from desktop.system.windows_registry import WindowsRegistry

        return RunKeyEntry(WindowsRegistry(), command)
    if platform == "darwin":
        return LaunchAgentEntry(home, command)
    return DesktopFileEntry(Path(environ.get("XDG_CONFIG_HOME") or home / ".config"), command)


def _refuse_foreign(entry: LoginEntry) -> None:
    if entry.state() is LoginState.FOREIGN:
        raise CannotStartAtLogin(
            f"{entry.place} was not made by this app, so it is left as it is. Remove or rename it first."
        )


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _desktop_values(text: str) -> dict[str, str]:
    """The members of the first group of a desktop file."""
    values: dict[str, str] = {}
    for line in text.splitlines()[1:]:
        if line.startswith("["):
            break
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            values[name.strip()] = value.strip()
    return values


def _exec_line(command: Sequence[str]) -> str:
    """The specification's own quoting: inside double quotes, ``"`` `` ` `` ``$`` ``\\`` are escaped."""
    return " ".join(_exec_word(each) for each in command)


def _exec_word(word: str) -> str:
    if shlex.quote(word) == word and "%" not in word:
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`").replace("$", "\\$")
    # The value is unescaped once as a string before the quoting rule is applied to it.
    return '"' + escaped.replace("\\", "\\\\").replace("%", "%%") + '"'
