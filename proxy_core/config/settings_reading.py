"""Parses a settings file's text; every line that cannot be used is reported.

Only the invalid line is ignored: its setting keeps the value that was in force, and settings that
protect money and access take a closed value (``protective_settings``). Pure.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

import msgspec

from proxy_core.config.protective_settings import CLOSED, meant_by, value_while_unreadable
from proxy_core.config.setting_names import (
    closest_name,
    default_of,
    fields_of,
    sections,
    setting_names,
    value_of,
    with_values,
)
from proxy_core.config.setting_words import describe_allowed, describe_value
from proxy_core.config.settings import Settings
from proxy_core.config.settings_salvage import UNREADABLE, Salvaged, UnreadableLines, salvage
from proxy_core.errors import Problem, TranslatableText, joined, translatable

MOST_REPORTED_LINES = 5
"""Unreadable lines reported one by one; the rest of them are only counted."""


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """``problems`` has one entry for each line that could not be used, in the file's order.
    ``unread`` names the settings whose lines could not be read. ``waiting`` holds the file's values
    of settings that an owner must put in force first (``SettingsFile.owned``).
    """

    settings: Settings
    problems: tuple[Problem, ...] = ()
    unread: frozenset[str] = frozenset()
    waiting: tuple[tuple[str, Any], ...] = ()
    stated: frozenset[str] = field(default=frozenset(), compare=False)
    """Settings that were given a value explicitly, even the default."""
    kept_as: PurePath | None = field(default=None, compare=False)
    """Backup of the previous file, if it had unreadable lines and was overwritten."""

    @property
    def problem(self) -> Problem | None:
        """All problems as one, or None."""
        if len(self.problems) < 2:
            return self.problems[0] if self.problems else None
        return replace(
            self.problems[0],
            title=translatable("{count} settings could not be read", count=len(self.problems)),
            message=joined((each.message for each in self.problems), "\n"),
        )


def read_settings(
    text: str,
    in_force: Settings,
    file_name: str = "settings.toml",
    stated: frozenset[str] = frozenset(),
) -> LoadedSettings:
    """Return the settings of ``text``; those it does not name have their default.

    ``in_force`` supplies the value of a setting whose line is invalid, and of all settings if it is
    unknown which ones the unreadable lines set. ``stated`` names those of its values that were set
    explicitly, even to the default.
    """
    reading = _Reading(in_force, file_name, stated)
    try:
        reading.take(tomllib.loads(text))
    except UNREADABLE:
        salvaged = salvage(text)
        reading.take(salvaged.document)
        reading.take_unreadable(salvaged)
    return reading.result()


class _Reading:
    """The state of parsing one text."""

    def __init__(self, in_force: Settings, file_name: str, stated: frozenset[str]) -> None:
        self._in_force = in_force
        self._stated = stated
        self._file = file_name
        self._values: dict[str, Any] = {}
        self._unread: dict[str, Any] = {}
        self._problems: list[Problem] = []
        self._astray: dict[str, Any] = {}
        """Protective settings found outside their section, and what was said there."""

    def take(self, document: Mapping[str, Any]) -> None:
        known = sections()
        for name, content in document.items():
            if name not in known:
                self._problems.append(_unknown(name, tuple(known), self._file))
                self._hold_meant_section(name, content)
            elif not isinstance(content, dict):
                message = translatable(
                    "{section} must be a table, written as [{section}]. Its settings stay as they were.",
                    section=name,
                )
                self._problems.append(_wrong(message, self._file))
                self._hold_section(name)
            else:
                self._take_section(name, content)

    def take_unreadable(self, salvaged: Salvaged) -> None:
        unreadable_lines = 0
        for each in salvaged.unreadable:
            stay = self._hold_lines(each)
            unreadable_lines += 1
            if unreadable_lines <= MOST_REPORTED_LINES:
                self._problems.append(_unreadable(each, stay, self._file))
        if unreadable_lines > MOST_REPORTED_LINES:
            self._problems.append(
                _more_unreadable(unreadable_lines - MOST_REPORTED_LINES, self._file)
            )
        self._hold_absent()
        if not salvaged.unreadable:
            # Each statement parses alone, but not all of them together.
            self._problems.append(
                Problem(
                    title=translatable("{file} is not valid TOML", file=self._file),
                    message=translatable(
                        "A section or a setting stands twice in {file}.", file=self._file
                    ),
                    next_step=translatable("Remove one of the two in {file}.", file=self._file),
                    code="settings_unreadable",
                )
            )

    def result(self) -> LoadedSettings:
        for dotted, stated in self._astray.items():
            if dotted not in self._values and dotted not in self._unread:
                self._hold(dotted, stated)
        settings = with_values(Settings(), self._values | self._unread)
        unread = frozenset(self._unread)
        stated = frozenset(self._values) | (self._stated & unread)
        return LoadedSettings(settings, tuple(self._problems), unread, stated=stated)

    def _take_section(self, section: str, content: Mapping[str, Any]) -> None:
        declared = fields_of(sections()[section])
        for name, value in content.items():
            dotted = f"{section}.{name}"
            if name not in declared:
                self._problems.append(_unknown(dotted, setting_names(), self._file))
                meant = meant_by(section, name)
                if meant is None:
                    self._hold_astray(name, value)
                elif meant.partition(".")[2] not in content:
                    self._hold(meant, value)
                continue
            try:
                self._values[dotted] = msgspec.convert(value, declared[name])
            except msgspec.ValidationError:
                stays = describe_value(self._hold(dotted, value))
                until = (
                    translatable("{value} stays in force.", value=stays)
                    if self._unread[dotted] == value_of(self._in_force, dotted)
                    else translatable(
                        "It is {value} until then, so that nothing is opened or spent by mistake.",
                        value=stays,
                    )
                )
                message = translatable(
                    "{setting} must be {allowed}, but {file} says {value}. {until}",
                    setting=dotted,
                    allowed=describe_allowed(declared[name]),
                    file=self._file,
                    value=describe_value(value),
                    until=until,
                )
                self._problems.append(_wrong(message, self._file))

    def _hold(self, dotted: str, stated: Any = None) -> Any:
        """Hold ``dotted`` at its safe value while its line cannot be read; return that value."""
        in_force = value_of(self._in_force, dotted)
        was_given = dotted in self._stated or in_force != default_of(dotted)
        value = value_while_unreadable(dotted, in_force, was_given=was_given, stated=stated)
        self._unread[dotted] = value
        return value

    def _hold_section(self, section: str) -> None:
        """Hold a whole section whose content cannot be read: it may have set anything."""
        for name in fields_of(sections()[section]):
            if f"{section}.{name}" not in self._values:
                self._hold(f"{section}.{name}")

    def _hold_absent(self) -> None:
        """Hold what protects, was given and stands nowhere: it may have gone with the damage."""
        for dotted in CLOSED:
            in_force = value_of(self._in_force, dotted)
            was_given = dotted in self._stated or in_force != default_of(dotted)
            if was_given and dotted not in self._values:
                self._unread.setdefault(dotted, in_force)

    def _hold_meant_section(self, name: str, content: Any) -> None:
        meant = difflib.get_close_matches(name, tuple(sections()), n=1)
        if not isinstance(content, dict):
            self._hold_astray(name, content)
        elif meant:
            for each, value in content.items():
                dotted = f"{meant[0]}.{each}"
                if dotted in CLOSED and dotted not in self._values:
                    self._hold(dotted, value)

    def _hold_astray(self, name: str, stated: Any) -> None:
        """Hold what ``name`` protects in any section: the header of its own may be gone."""
        for section in sections():
            dotted = meant_by(section, name)
            if dotted is not None:
                self._astray[dotted] = stated

    def _hold_lines(self, lines: UnreadableLines) -> str:
        """Hold the settings that the lines set; return a description of them."""
        known = sections()
        close = difflib.get_close_matches(lines.section or "", tuple(known), n=1)
        if not close:
            # It could have set anything.
            for dotted in CLOSED:
                if dotted.partition(".")[2] == lines.name and dotted not in self._values:
                    self._hold(dotted)
            self._stay(setting_names())
            return translatable("What it was about stays as it was.")
        section = close[0]
        dotted = f"{section}.{lines.name}"
        if lines.name in fields_of(known[section]):
            self._values.pop(dotted, None)
            return _until_corrected(dotted, self._hold(dotted))
        meant = meant_by(section, lines.name) if lines.name else None
        if meant is not None:
            return _until_corrected(meant, self._hold(meant))
        self._stay(f"{section}.{name}" for name in fields_of(known[section]))
        return translatable(
            "The settings of {section} that cannot be read stay as they were.", section=section
        )

    def _stay(self, names: Iterable[str]) -> None:
        """Keep the values in force of settings that are neither read nor held."""
        for dotted in names:
            if dotted not in self._values:
                self._unread.setdefault(dotted, value_of(self._in_force, dotted))


def _until_corrected(dotted: str, value: Any) -> TranslatableText:
    return translatable(
        "{setting} is {value} until it is corrected.", setting=dotted, value=describe_value(value)
    )


def _unreadable(lines: UnreadableLines, stay: str, file_name: str) -> Problem:
    where = translatable("line {number}", number=lines.first)
    if lines.count > 1:
        where = translatable(
            "lines {first} to {last}", first=lines.first, last=lines.first + lines.count - 1
        )
    return Problem(
        title=translatable("{file} cannot be read", file=file_name),
        message=translatable(
            "In {file} {where} cannot be read: {reason}. {stay}",
            file=file_name,
            where=where,
            reason=lines.reason,
            stay=stay,
        ),
        next_step=translatable(
            "Correct that line in {file}; it is read again when you save it.", file=file_name
        ),
        code="settings_unreadable",
    )


def _more_unreadable(count: int, file_name: str) -> Problem:
    return Problem(
        title=translatable("{file} cannot be read", file=file_name),
        message=translatable(
            "{count} more lines of {file} cannot be read.", count=count, file=file_name
        ),
        next_step=translatable("Correct them in {file}.", file=file_name),
        code="settings_unreadable",
    )


def _wrong(message: str, file_name: str) -> Problem:
    return Problem(
        title=translatable("A setting could not be read"),
        message=message,
        next_step=translatable(
            "Correct it in {file}; it is read again when you save it.", file=file_name
        ),
        code="setting_invalid",
    )


def _unknown(name: str, known: tuple[str, ...], file_name: str) -> Problem:
    return Problem(
        title=translatable("A setting is not known"),
        message=translatable(
            "{file} has {name}, which is not a setting; it is ignored.{suggestion}",
            file=file_name,
            name=name,
            suggestion=closest_name(name, known),
        ),
        next_step=translatable("Correct or remove it in {file}.", file=file_name),
        code="setting_unknown",
    )
