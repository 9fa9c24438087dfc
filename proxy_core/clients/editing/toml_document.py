"""Settings in TOML, changed by tomlkit, which keeps comments, order and blanks."""

from __future__ import annotations

import tomllib
from collections.abc import MutableMapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from proxy_core.clients.editing.document import (
    CannotEdit,
    Data,
    Named,
    Path,
    Unreadable,
    nested,
    shown,
)
from proxy_core.clients.editing.text_file import TextFile


class TomlDocument:
    def __init__(self, content: bytes) -> None:
        """Raises Unreadable, or CannotEdit for what tomlkit would not write back as it was."""
        self._file = TextFile.read(content)
        _parsed(self._file.text)
        try:
            self._document = tomlkit.parse(self._file.text)
        except TOMLKitError as error:
            raise Unreadable(str(error)) from error
        if tomlkit.dumps(self._document) != self._file.text:
            raise CannotEdit("It is written in a way that could not be kept.", code="shape")

    def data(self) -> Data:
        return _parsed(tomlkit.dumps(self._document))

    def render(self) -> bytes:
        return self._file.with_text(self._file.with_own_line_ends(tomlkit.dumps(self._document)))

    def set(self, path: Path, value: Data) -> None:
        names = _names(path)
        table: Any = self._document
        for index, name in enumerate(names[:-1]):
            if name not in table:
                self._add(table, names[: index + 1], names[index + 1 :], value)
                return
            table = _table(table[name], path)
        if isinstance(value, dict) and names[-1] not in table:
            self._add(table, names, (), value)
            return
        try:
            table[names[-1]] = value
        except (TOMLKitError, ValueError) as error:
            raise CannotEdit(f"{shown(path)} cannot be written: {error}", code="shape") from error

    def remove(self, path: Path) -> None:
        names = _names(path)
        table: Any = self._document
        for name in names[:-1]:
            if name not in table:
                return
            table = _table(table[name], path)
        if names[-1] in table:
            del table[names[-1]]

    def _add(self, table: Any, here: Path, rest: Path, value: Data) -> None:
        """Add a table that is not there yet, with a blank line before it where something precedes."""
        made = nested(rest, value)
        new = tomlkit.table(is_super_table=bool(rest))
        for name, each in made.items():
            new[name] = _as_table(each) if isinstance(each, dict) else each
        text = tomlkit.dumps(self._document)
        if text and not text.endswith("\n"):
            self._document.add(tomlkit.nl())
        try:
            table[here[-1]] = new
        except (TOMLKitError, ValueError) as error:
            raise CannotEdit(f"{shown(here)} cannot be added: {error}", code="shape") from error


def _as_table(value: dict[str, Any]) -> Any:
    table = tomlkit.table(is_super_table=all(isinstance(each, dict) for each in value.values()))
    for name, each in value.items():
        table[name] = _as_table(each) if isinstance(each, dict) else each
    return table


def _names(path: Path) -> tuple[str, ...]:
    if any(isinstance(each, Named) for each in path):
        raise CannotEdit(f"{shown(path)} is in a list of tables.", code="shape")
    return tuple(str(each) for each in path)


def _table(value: Any, path: Path) -> Any:
    if not isinstance(value, MutableMapping):
        raise CannotEdit(f"{shown(path)} would have to be in a table, and is not.", code="shape")
    return value


def _parsed(text: str) -> Data:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(str(error)) from error
