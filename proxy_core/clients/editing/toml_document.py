"""Settings in TOML, changed by tomlkit, which keeps comments, order and blanks."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, MutableMapping
from difflib import SequenceMatcher
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from proxy_core.clients.editing.document import (
    CannotEdit,
    Data,
    Named,
    Path,
    Setting,
    Unreadable,
    nested,
    shown,
    with_setting,
)
from proxy_core.clients.editing.text_file import TextFile

Make = Callable[[dict[str, Any]], Any]

_NOT_A_NUMBER = float("nan")
"""Equal to nothing but the very object: read as one object, two readings of a file can be compared."""


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
        """A new table is written with a header of its own, or in braces where its parent has none."""
        before = tomlkit.dumps(self._document)
        expected = with_setting(_parsed(before), Setting(path, value))
        for make in (_as_table, _in_braces):
            self._document = tomlkit.parse(before)
            try:
                self._put(_names(path), value, make)
                if self.data() == expected:
                    return
            except (TOMLKitError, ValueError, Unreadable):
                continue
        self._document = tomlkit.parse(before)
        raise CannotEdit(f"{shown(path)} cannot be written here.", code="shape")

    def _put(self, names: tuple[str, ...], value: Data, make: Make) -> None:
        table: Any = self._document
        for index, name in enumerate(names[:-1]):
            if name not in table:
                self._end_line()
                table[name] = make(nested(names[index + 1 :], value))
                return
            table = _table(table[name], names)
        if isinstance(value, dict) and names[-1] not in table:
            self._end_line()
            table[names[-1]] = make(value)
        else:
            table[names[-1]] = value

    def _end_line(self) -> None:
        text = tomlkit.dumps(self._document)
        if text and not text.endswith("\n"):
            self._document.add(tomlkit.nl())

    def remove(self, path: Path) -> None:
        names = _names(path)
        table: Any = self._document
        for name in names[:-1]:
            if name not in table:
                return
            table = _table(table[name], path)
        if names[-1] in table:
            before = tomlkit.dumps(self._document)
            del table[names[-1]]
            self._keep_comments(before)

    def _keep_comments(self, before: str) -> None:
        """Put back comments that went with a table: none of them is ours."""
        after = tomlkit.dumps(self._document)
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
        lines: list[str] = []
        for tag, start, end, first, last in SequenceMatcher(None, old, new, False).get_opcodes():
            lines += new[first:last]
            if tag in ("delete", "replace"):
                lines += [each for each in old[start:end] if each.lstrip().startswith("#")]
        if lines != new:
            kept = tomlkit.parse("".join(lines))
            if _parsed(tomlkit.dumps(kept)) == _parsed(after):
                self._document = kept


def _as_table(value: dict[str, Any]) -> Any:
    table = tomlkit.table(is_super_table=all(isinstance(each, dict) for each in value.values()))
    for name, each in value.items():
        table[name] = _as_table(each) if isinstance(each, dict) else each
    return table


def _in_braces(value: dict[str, Any]) -> Any:
    table = tomlkit.inline_table()
    for name, each in value.items():
        table[name] = _in_braces(each) if isinstance(each, dict) else each
    return table


def _names(path: Path) -> tuple[str, ...]:
    if any(isinstance(each, Named) for each in path):
        raise CannotEdit(f"{shown(path)} is in a list of tables.", code="shape")
    return tuple(str(each) for each in path)


def _table(value: Any, path: Path) -> Any:
    if not isinstance(value, MutableMapping):
        raise CannotEdit(f"{shown(path)} would have to be in a table, and is not.", code="shape")
    return value


def _float(text: str) -> float:
    value = float(text)
    return _NOT_A_NUMBER if math.isnan(value) else value


def _parsed(text: str) -> Data:
    try:
        return tomllib.loads(text, parse_float=_float)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(str(error)) from error
