"""Reads and writes settings in one TOML file that people may edit too.

Loading is per setting: an invalid line is reported and only that line is ignored. Its setting keeps
the value that was in force, and settings that protect money and access take a closed value
(``config/protective_settings.py``). Loading never writes the file.

Changing a value reads the file, changes that one line and writes the file under a lock shared with
other processes, so that none of their changes is lost; comments and order stay. If lines cannot be
read, the file is backed up first and those lines become comments.
"""

from __future__ import annotations

import errno
import glob
import logging
import threading
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from proxy_core.config.setting_names import (
    check_name,
    default_of,
    fields_of,
    sections,
    setting_names,
    value_of,
    with_values,
)
from proxy_core.config.setting_words import describe_allowed, describe_value
from proxy_core.config.settings import Settings
from proxy_core.config.settings_reading import LoadedSettings, read_settings
from proxy_core.config.settings_salvage import UNREADABLE, salvage
from proxy_core.errors import BadRequest, Problem, translatable
from proxy_core.storage.file_lock import locked
from proxy_core.storage.private_files import copy_aside, read_private, read_public, write_private

log = logging.getLogger("g_copilot_proxy.settings")


def check_value(dotted: str, value: Any) -> Any:
    """Return ``value`` as the declared type. Raises BadRequest with a message for a person."""
    check_name(dotted)
    section, _, name = dotted.partition(".")
    declared = fields_of(sections()[section])[name]
    try:
        return msgspec.convert(msgspec.to_builtins(value), declared)
    except (msgspec.ValidationError, TypeError) as error:
        raise BadRequest(
            translatable(
                "{setting} must be {allowed}, not {value}. Nothing was changed.",
                setting=dotted,
                allowed=describe_allowed(declared),
                value=describe_value(value),
            ),
            code="setting_invalid",
            param=dotted,
        ) from error


def write_settings(settings: Settings, stated: frozenset[str] = frozenset(), text: str = "") -> str:
    """Return ``text`` with the settings that differ from their defaults or are named in ``stated``."""
    for dotted in setting_names():
        value = value_of(settings, dotted)
        if value is not None and (value != default_of(dotted) or dotted in stated):
            text = edit_settings(text, dotted, value)
    return text


def _backup_problem(path: Path) -> Problem:
    return Problem(
        title=translatable("The settings file was broken"),
        message=translatable(
            "It had lines that could not be read. It was kept as {name}; the new one says what was in "
            "force, with those lines as comments.",
            name=path.name,
        ),
        next_step=translatable(
            "The old file is {file}. To have it back, run: g-copilot-proxy settings restore {name}",
            file=str(path),
            name=path.name,
        ),
        code="settings_kept_aside",
    )


def edit_settings(text: str, dotted: str, value: Any) -> str:
    """Return the file's text with one value changed and every comment kept.

    ``value`` None removes the line, so that the default applies. Raises BadRequest for a value that
    is not allowed, or a text that is not TOML.
    """
    check_name(dotted)
    section, _, name = dotted.partition(".")
    checked = None if value is None else check_value(dotted, value)
    # Only who changes a setting pays for loading it.
    import tomlkit
    from tomlkit.exceptions import ParseError

    try:
        document = tomlkit.parse(text)
    except ParseError as error:
        raise BadRequest(
            translatable(
                "The settings file is not valid TOML: {error}. Nothing was changed; correct "
                "the file first.",
                error=error,
            )
        ) from error
    table = document.get(section)
    if table is not None and not isinstance(table, Mapping):
        raise BadRequest(
            translatable(
                "In the settings file {section} is not a table. Nothing was changed.",
                section=section,
            )
        )
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
    """The file, and the settings in force from it. Any thread may use it.

    ``known`` is the path of a copy of the last readable settings, used by a start with a broken
    file. ``owned`` names settings that are put in force by an owner (``put_in_force``): after the
    first load, their values in the file only wait.
    """

    def __init__(
        self, path: Path, now: Callable[[], datetime] = _now, known: Path | None = None
    ) -> None:
        self._path = path
        self._now = now
        self._known = known
        self._lock = threading.Lock()
        self._loaded = LoadedSettings(Settings())
        self._is_loaded = False
        self._seen: tuple[int, ...] | None = None
        self.owned: frozenset[str] = frozenset()

    @property
    def path(self) -> Path:
        return self._path

    @property
    def loaded(self) -> LoadedSettings:
        return self._loaded

    @property
    def settings(self) -> Settings:
        return self._loaded.settings

    @property
    def seen(self) -> tuple[int, ...] | None:
        """``signature`` of the file that is loaded."""
        return self._seen

    def load(self) -> LoadedSettings:
        """Read the file again; no file means defaults. Never raises, never writes."""
        with self._lock:
            return self._load()

    def change(self, dotted: str, value: Any) -> LoadedSettings:
        """Write one value (None: back to its default) and load. Raises BadRequest or OSError.

        A file with unreadable lines is backed up before it is overwritten, and the settings of
        those lines are written with the values in force.
        """
        check_name(dotted)
        checked = None if value is None else check_value(dotted, value)
        with self._lock, locked(self._path):
            self._load()  # another process may have changed other lines meanwhile
            # With dotfiles the path is a symlink: its target is replaced, not the link.
            target = self._path.resolve()
            before, backup = self._text(target), None
            sound = self._sound_text(before)
            after = edit_settings(sound, dotted, checked)
            if sound != before:
                backup = copy_aside(target, self._now())
            if after != before:
                write_private(target, after.encode("utf-8"))
            in_force = default_of(dotted) if checked is None else checked
            self._put_in_force({dotted: in_force})
            loaded = self._load()
            if backup is not None:
                problems = (_backup_problem(backup), *loaded.problems)
                loaded = self._loaded = replace(loaded, problems=problems, kept_as=backup)
            self._remember()
        return loaded

    def put_in_force(self, changes: Mapping[str, Any]) -> LoadedSettings:
        """Record that these values of owned settings are in force now."""
        with self._lock:
            self._put_in_force(changes)
            return self._load()

    def remember(self) -> None:
        """Store a copy of the readable settings for a later start, if it changed. Raises OSError.

        A file that was edited since it was loaded is left to the load that reads that edit.
        """
        with self._lock:
            if self._known is None or self._is_remembered():
                return
            with locked(self._path):
                if self.signature() == self._seen:
                    self._remember()

    def restore(self, backup: Path) -> LoadedSettings:
        """Put a backup back in place; the present file becomes a backup. Raises OSError."""
        with self._lock, locked(self._path):
            content = read_public(backup)
            if content is None:
                raise FileNotFoundError(errno.ENOENT, "There is no such file", str(backup))
            target = self._path.resolve()
            replaced = copy_aside(target, self._now()) if target.exists() else None
            write_private(target, content)
            loaded = self._loaded = replace(self._load(), kept_as=replaced)
            self._remember()
        return loaded

    def kept_aside(self) -> tuple[Path, ...]:
        """Return the backups, oldest first."""
        target = self._path.resolve()
        found = target.parent.glob(f"{glob.escape(target.stem)}.broken-*{target.suffix}")
        return tuple(sorted(found, key=lambda each: (each.stat().st_mtime_ns, each.name)))

    def signature(self) -> tuple[int, ...] | None:
        """A value that differs after any edit; None where there is no file."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    def _load(self) -> LoadedSettings:
        before = self._loaded
        if not self._is_loaded:
            before = self._remembered() or before
        # Taken before the file is read, so that an edit in between is noticed by the next poll.
        self._seen = self.signature()
        try:
            content = read_public(self._path)
            text = None if content is None else content.decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason: str = translatable("it is not UTF-8 text")
            if isinstance(error, OSError):
                reason = error.strerror or type(error).__name__
            problem = Problem(
                title=translatable("{file} cannot be read", file=self._path.name),
                message=translatable(
                    "{file} cannot be read: {reason}. All settings stay as they were.",
                    file=str(self._path),
                    reason=reason,
                ),
                next_step=translatable("Make the file readable for your account."),
                code="settings_unreadable",
            )
            known = self._remembered() or before
            loaded = LoadedSettings(
                known.settings, (problem,), frozenset(setting_names()), stated=known.stated
            )
        else:
            loaded = LoadedSettings(Settings())
            if text is not None:
                loaded = self._read(text, before)
        if self._is_loaded:
            loaded = self._without_owned(loaded)
        self._is_loaded = True
        self._loaded = loaded
        return loaded

    def _read(self, text: str, before: LoadedSettings) -> LoadedSettings:
        name = self._path.name
        loaded = read_settings(text, before.settings, name, before.stated)
        if loaded.unread and (known := self._remembered()) is not None:
            # Not the value this process saw last: all processes must agree.
            loaded = read_settings(text, known.settings, name, known.stated)
        return loaded

    def _without_owned(self, loaded: LoadedSettings) -> LoadedSettings:
        in_force = {each: value_of(self._loaded.settings, each) for each in self.owned}
        in_file = {each: value_of(loaded.settings, each) for each in sorted(self.owned)}
        waiting = tuple((each, value) for each, value in in_file.items() if value != in_force[each])
        if not waiting:
            return loaded
        return replace(loaded, settings=with_values(loaded.settings, in_force), waiting=waiting)

    def _put_in_force(self, changes: Mapping[str, Any]) -> None:
        self._loaded = replace(self._loaded, settings=with_values(self.settings, changes))

    def _text(self, target: Path) -> str | None:
        """Return the file's text, empty where there is none; None if it is not text. Raises OSError."""
        content = read_public(target)
        try:
            return "" if content is None else content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None

    def _sound_text(self, before: str | None) -> str:
        """Return ``before`` with its unreadable lines replaced by the values in force."""
        if before is None:
            return write_settings(self.settings, self._loaded.stated)
        try:
            tomllib.loads(before)
        except UNREADABLE:
            text = salvage(before).text
        else:
            return before
        unread = {each: value_of(self.settings, each) for each in self._loaded.unread}
        return write_settings(
            with_values(Settings(), unread) if text else self.settings,
            self._loaded.stated & (self._loaded.unread if text else self._loaded.stated),
            text,
        )

    def _is_remembered(self) -> bool:
        known = self._remembered() or LoadedSettings(Settings())
        return (known.settings, known.stated) == (self.settings, self._loaded.stated)

    def _remembered(self) -> LoadedSettings | None:
        """Return the stored copy of the last readable settings; None if there is none."""
        if self._known is None:
            return None
        try:
            content = read_private(self._known)
            if content is None:
                return None
            return read_settings(content.decode("utf-8"), Settings(), self._known.name)
        except (OSError, UnicodeDecodeError) as error:
            log.warning("the settings known last cannot be read: %s", type(error).__name__)
            return None

    def _remember(self) -> None:
        """Called with the file's lock held. Raises OSError."""
        if self._known is not None and not self._is_remembered():
            text = write_settings(self.settings, self._loaded.stated)
            write_private(self._known, text.encode("utf-8"))
