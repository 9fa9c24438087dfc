"""Reads a settings file that is not valid TOML, skipping only the invalid lines.

Pure. The text is split into statements (a header, or ``name = value`` with its continuation lines);
each is parsed separately, so errors are known by line and, where readable, by section and name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

UNREADABLE = (ValueError, RecursionError)
"""What ``tomllib`` raises:

besides TOMLDecodeError, ValueError for a number of thousands of digits and RecursionError for
deeply nested lists.
"""
_HEADER = re.compile(r"\s*\[[^\[\],=\"']*\]\s*(#.*)?$")
_BEGUN_HEADER = re.compile(r"\s*\[+[^A-Za-z0-9_-]*([A-Za-z0-9_-]*)")
_PAIR = re.compile(r"\s*([A-Za-z0-9_-]+(?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*=")
_MOST_LINES = 200
"""The longest value accepted, in lines; a list in a settings file has a few."""


@dataclass(frozen=True, slots=True)
class UnreadableLines:
    """``first`` and ``count`` are lines, from 1. ``section`` and ``name`` are None where not known.

    With a section and no name it is the section's header: nothing below it is read.
    """

    first: int
    count: int
    reason: str
    section: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Salvaged:
    """``document`` holds what could be read. ``text`` is the file with the unreadable lines commented
    out; empty where that would not be TOML either."""

    document: dict[str, Any]
    unreadable: tuple[UnreadableLines, ...]
    text: str


def salvage(text: str) -> Salvaged:
    """Return what can be read of a text that is not TOML."""
    lines = text.replace("\r\n", "\n").split("\n")
    document: dict[str, Any] = {}
    unreadable: list[UnreadableLines] = []
    section: tuple[str, ...] | None = ()
    begun: str | None = None
    for first, count in _statements(lines):
        statement = "\n".join(lines[first : first + count])
        if header := _BEGUN_HEADER.match(statement):
            section, begun = _read_header(statement), header[1] or None
            if section is None:
                unreadable.append(_wrong(first, count, begun))
            continue
        pair = _PAIR.match(statement)
        if section is None:
            # The section of this line is unknown, so it is commented out with its header.
            name = None if pair is None else pair[1]
            unreadable.append(_wrong(first, count, begun, name, "its header cannot be read"))
            continue
        try:
            if pair is None:
                raise tomllib.TOMLDecodeError("there is no name = value")
            _merge(document, section, tomllib.loads(statement))
        except UNREADABLE as error:
            reason = str(error).split(" (at ", 1)[0]
            dotted = (*section, *re.split(r"\s*\.\s*", pair[1])) if pair is not None else ()
            named = dotted[:2] if len(dotted) > 1 else (None, None)
            unreadable.append(_wrong(first, count, named[0], named[1], reason))
    return Salvaged(document, tuple(unreadable), _commented(lines, unreadable))


def _statements(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Yield each statement's first line (from 0) and its number of lines."""
    at = 0
    while at < len(lines):
        if not lines[at].strip() or lines[at].lstrip().startswith("#"):
            at += 1
            continue
        count = _length(lines, at)
        yield at, count
        at += count


def _length(lines: list[str], first: int) -> int:
    """Return the number of lines of the statement that begins at ``first``."""
    if not _PAIR.match(lines[first]):
        return 1
    for count in range(1, _MOST_LINES):
        if first + count > len(lines) or (count > 1 and _HEADER.match(lines[first + count - 1])):
            break
        try:
            tomllib.loads("\n".join(lines[first : first + count]))
        except UNREADABLE:
            continue
        return count
    # It does not parse at any length: it ends where another statement begins.
    count = 1
    while first + count < len(lines) and not _begins(lines[first + count]):
        count += 1
    return count


def _begins(line: str) -> bool:
    return bool(
        not line.strip()
        or line.lstrip().startswith("#")
        or _PAIR.match(line)
        or _BEGUN_HEADER.match(line)
    )


def _read_header(statement: str) -> tuple[str, ...] | None:
    """Return the names of ``[a.b]``; None if it is not a readable header."""
    try:
        table = tomllib.loads(statement)
    except UNREADABLE:
        return None
    names: list[str] = []
    while isinstance(table, dict) and table:
        name, table = next(iter(table.items()))
        names.append(name)
    return tuple(names) if isinstance(table, dict) else None


def _merge(document: dict[str, Any], section: tuple[str, ...], values: dict[str, Any]) -> None:
    """Put ``values`` at ``section``. Raises TOMLDecodeError for a name that has a value already."""
    into = document
    for name in section:
        into = into.setdefault(name, {})
        if not isinstance(into, dict):
            raise tomllib.TOMLDecodeError(f"{name} is a value and a table")
    for name, value in values.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into, (name,), value)
        elif name in into:
            raise tomllib.TOMLDecodeError("it stands there twice")
        else:
            into[name] = value


def _wrong(
    first: int,
    count: int,
    section: str | None,
    name: str | None = None,
    reason: str = "a section begins with its name in brackets",
) -> UnreadableLines:
    return UnreadableLines(first + 1, count, reason, section, name)


def _commented(lines: list[str], unreadable: list[UnreadableLines]) -> str:
    after = list(lines)
    for each in unreadable:
        for at in range(each.first - 1, each.first - 1 + each.count):
            after[at] = f"# {lines[at]}"
    text = "".join(f"{line}\n" for line in after)
    try:
        tomllib.loads(text)
    except UNREADABLE:
        return ""
    return text
