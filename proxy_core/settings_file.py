"""Settings from and to one TOML file that people may edit too.

Loading is per setting: one wrong value is reported in plain words and the value that was in force (at
start: the default) stays; every other line counts. Loading never writes. Changing a value keeps the
file's comments and order; a file that is not TOML is kept under another name and begun anew.
"""

from __future__ import annotations

import asyncio
import difflib
import tomllib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
import tomlkit
from tomlkit.exceptions import ParseError

from proxy_core.errors import BadRequest
from proxy_core.private_files import keep_aside, write_private
from proxy_core.setting_words import describe_allowed, describe_value
from proxy_core.settings import Settings
from proxy_core.status import Problem


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """``problems`` has one entry for each line that could not be taken, in the file's order."""

    settings: Settings
    problems: tuple[Problem, ...] = ()

    @property
    def problem(self) -> Problem | None:
        """All problems as one, or None."""
        if len(self.problems) < 2:
            return self.problems[0] if self.problems else None
        return replace(
            self.problems[0],
            title=f"{len(self.problems)} settings could not be read",
            message="\n".join(each.message for each in self.problems),
        )


def _sections() -> dict[str, type[msgspec.Struct]]:
    return {each.encode_name: each.type for each in msgspec.structs.fields(Settings)}


def _fields(section: type[msgspec.Struct]) -> dict[str, Any]:
    """Name to declared type, bounds included."""
    return {each.encode_name: each.type for each in msgspec.structs.fields(section)}


def setting_names() -> tuple[str, ...]:
    """Every setting as ``section.name``, in declared order."""
    return tuple(f"{s}.{name}" for s, struct in _sections().items() for name in _fields(struct))


def read_settings(
    text: str, in_force: Settings, file_name: str = "settings.toml"
) -> LoadedSettings:
    """Return ``text``'s settings; what it does not say has its default.

    ``in_force`` supplies the value of a setting whose line is wrong, and everything when ``text`` is
    not TOML at all.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem = Problem(
            title=f"{file_name} cannot be read",
            message=f"{file_name} is not valid TOML: {error}. All settings stay as they were.",
            next_step=f"Correct that line in {file_name}; it is read again when you save it.",
            code="settings_unreadable",
        )
        return LoadedSettings(in_force, (problem,))
    problems: list[Problem] = []
    sections = _sections()
    values: dict[str, msgspec.Struct] = {}
    for name, content in document.items():
        if name not in sections:
            problems.append(_unknown(name, tuple(sections), file_name))
        elif not isinstance(content, dict):
            message = (
                f"{name} must be a table, written as [{name}]. Its settings stay as they were."
            )
            problems.append(_wrong(message, file_name))
            values[name] = getattr(in_force, name)
        else:
            values[name] = _read_section(name, content, in_force, problems, file_name)
    return LoadedSettings(Settings(**values), tuple(problems))  # type: ignore[arg-type]  # one struct per section, by name


def _read_section(
    section: str,
    content: Mapping[str, Any],
    in_force: Settings,
    problems: list[Problem],
    file_name: str,
) -> msgspec.Struct:
    struct = _sections()[section]
    declared = _fields(struct)
    values: dict[str, Any] = {}
    for name, value in content.items():
        dotted = f"{section}.{name}"
        if name not in declared:
            problems.append(_unknown(dotted, setting_names(), file_name))
            continue
        try:
            values[name] = msgspec.convert(value, declared[name])
        except msgspec.ValidationError:
            values[name] = kept = getattr(getattr(in_force, section), name)
            message = (
                f"{dotted} must be {describe_allowed(declared[name])}, but {file_name} says "
                f"{describe_value(value)}. {describe_value(kept)} stays in force."
            )
            problems.append(_wrong(message, file_name))
    return struct(**values)


def _wrong(message: str, file_name: str) -> Problem:
    return Problem(
        title="A setting could not be read",
        message=message,
        next_step=f"Correct it in {file_name}; it is read again when you save it.",
        code="setting_invalid",
    )


def _unknown(name: str, known: tuple[str, ...], file_name: str) -> Problem:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return Problem(
        title="A setting is not known",
        message=f"{file_name} has {name}, which is not a setting; it is ignored.{hint}",
        next_step=f"Correct or remove it in {file_name}.",
        code="setting_unknown",
    )


def check_value(dotted: str, value: Any) -> Any:
    """Return ``value`` as the declared type. Raises BadRequest in plain words."""
    section, _, name = dotted.partition(".")
    struct = _sections().get(section)
    if struct is None or name not in _fields(struct):
        close = difflib.get_close_matches(dotted, setting_names(), n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise BadRequest(f"There is no setting {dotted}.{hint}", param=dotted)
    declared = _fields(struct)[name]
    try:
        return msgspec.convert(msgspec.to_builtins(value), declared)
    except (msgspec.ValidationError, TypeError) as error:
        raise BadRequest(
            f"{dotted} must be {describe_allowed(declared)}, not {describe_value(value)}. "
            "Nothing was changed.",
            param=dotted,
        ) from error


def write_settings(settings: Settings) -> str:
    """Return a file's text that says what differs from the defaults."""
    text = ""
    default = Settings()
    for dotted in setting_names():
        section, _, name = dotted.partition(".")
        value = getattr(getattr(settings, section), name)
        if value is not None and value != getattr(getattr(default, section), name):
            text = edit_settings(text, dotted, value)
    return text


def _kept(path: Path) -> Problem:
    return Problem(
        title="The settings file was broken",
        message=f"It could not be read, so it was kept as {path.name} and a new one was written with "
        "the settings that were in force.",
        next_step=f"If something is missing, take it from {path}.",
        code="settings_kept_aside",
    )


def edit_settings(text: str, dotted: str, value: Any) -> str:
    """Return the file's text with one value changed and every comment kept.

    ``value`` None removes the line, so that the default applies. Raises BadRequest for a value that
    is not allowed or a text that is not TOML.
    """
    section, _, name = dotted.partition(".")
    checked = None if value is None else check_value(dotted, value)
    try:
        document = tomlkit.parse(text)
    except ParseError as error:
        raise BadRequest(
            f"The settings file is not valid TOML: {error}. Nothing was changed; correct the file first."
        ) from error
    table = document.get(section)
    if table is not None and not isinstance(table, Mapping):
        raise BadRequest(f"In the settings file {section} is not a table. Nothing was changed.")
    if checked is None:
        if table is not None and name in table:
            document[section].remove(name)
    else:
        if table is None:
            document[section] = tomlkit.table()
        plain = list(checked) if isinstance(checked, tuple) else checked
        document[section][name] = str(plain) if isinstance(plain, StrEnum) else plain
    return tomlkit.dumps(document)


def _now() -> datetime:
    return datetime.now().astimezone()


class SettingsFile:
    """The file, and the settings in force from it."""

    def __init__(self, path: Path, now: Callable[[], datetime] = _now) -> None:
        self._path = path
        self._now = now
        self._loaded = LoadedSettings(Settings())

    @property
    def loaded(self) -> LoadedSettings:
        return self._loaded

    @property
    def settings(self) -> Settings:
        return self._loaded.settings

    def load(self) -> LoadedSettings:
        """Read the file again; no file means defaults. Never raises, never writes."""
        try:
            text = self._path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            self._loaded = LoadedSettings(Settings())
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            problem = Problem(
                title=f"{self._path.name} cannot be read",
                message=f"{self._path} cannot be read: {reason}. All settings stay as they were.",
                next_step="Make the file readable for your account.",
                code="settings_unreadable",
            )
            self._loaded = LoadedSettings(self.settings, (problem,))
        else:
            self._loaded = read_settings(text, self.settings, self._path.name)
        return self._loaded

    def change(self, dotted: str, value: Any) -> LoadedSettings:
        """Write one value (None: back to its default) and load. Raises BadRequest or OSError.

        A file that is not TOML is never written over: it is kept under another name, and a new one says
        what was in force.
        """
        if value is not None:
            check_value(dotted, value)
        # A file kept in a dotfiles folder is a link here: the file is replaced, not the link.
        target = self._path.resolve()
        before = self._readable_text(target)
        kept: Path | None = None
        if before is None:
            kept = keep_aside(target, self._now())
            before = write_settings(self.settings)
        after = edit_settings(before, dotted, value)
        if after != before or kept is not None:
            write_private(target, after.encode("utf-8"))
        loaded = self.load()
        if kept is not None:
            loaded = self._loaded = replace(loaded, problems=(_kept(kept), *loaded.problems))
        return loaded

    def _readable_text(self, target: Path) -> str | None:
        """Return the file's text, empty where there is none; None if it is not TOML. Raises OSError."""
        try:
            text = target.read_bytes().decode("utf-8")
            tomllib.loads(text)
        except FileNotFoundError:
            return ""
        except (UnicodeDecodeError, tomllib.TOMLDecodeError):
            return None
        return text

    def signature(self) -> tuple[int, ...] | None:
        """A value that differs after any edit; None where there is no file."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino)


class SettingsWatcher:
    """Looks at the file from time to time and loads it after an edit.

    An edit counts once two looks in a row see the same file: an editor that empties the file before
    it writes must not put every default in force in between.
    """

    def __init__(
        self,
        file: SettingsFile,
        on_change: Callable[[LoadedSettings], None],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        interval: float = 0.5,
    ) -> None:
        self._file = file
        self._on_change = on_change
        self._sleep = sleep
        self._interval = interval
        self._loaded_signature = self._last_look = file.signature()

    def look(self) -> bool:
        """Look once; return whether the file was loaded again."""
        now = self._file.signature()
        settled = now == self._last_look
        self._last_look = now
        if not settled or now == self._loaded_signature:
            return False
        before = self._file.loaded
        after = self._file.load()
        self._loaded_signature = now  # not sooner: an edit that could not be loaded is not seen
        if after != before:
            self._on_change(after)
        return True

    async def run(self) -> None:
        """Watch until cancelled; ``interval`` is in seconds."""
        while True:
            await self._sleep(self._interval)
            self.look()
