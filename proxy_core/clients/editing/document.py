"""What is changed in a settings file, in no format's words: values at paths in plain data.

Data is what the formats have in common: dict, list, str, int, float, bool and None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Protocol

from proxy_core.errors import ErrorKind, ProxyError, translatable


class Absent(Enum):
    """The one value that says that nothing is there; as a new value: take away what is."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Named:
    """The entry of a list whose member ``key`` is ``value``; as a last part of a path only."""

    key: str
    value: str


Path = tuple[str | Named, ...]
Data = Any


@dataclass(frozen=True, slots=True)
class Setting:
    """One value to be at ``path``, or ``ABSENT`` for none there.

    ``only_if_absent``: what is there already is as good.
    """

    path: Path
    value: Data
    only_if_absent: bool = False

    def holds(self, data: Data) -> bool:
        """Whether nothing needs to be changed for it."""
        found = value_at(data, self.path)
        return found == self.value or (self.only_if_absent and found is not ABSENT)


class CannotEdit(ProxyError):
    """The file is not such that its settings could be changed and all else left alone."""

    kind = ErrorKind.INVALID_REQUEST
    http_status = 400
    title: str = translatable("The file cannot be edited")


class Unreadable(CannotEdit):
    """The file does not follow its format. ``line`` and ``column`` count from one; 0: not known."""

    title: str = translatable("The file cannot be read")

    def __init__(self, reason: str, line: int = 0, column: int = 0) -> None:
        where = translatable(
            "line {line}, column {column}: {reason}", line=line, column=column, reason=reason
        )
        super().__init__(where if line else reason, code="unreadable")
        self.line = line
        self.column = column


class Document(Protocol):
    """A settings file that is being changed. Every method may raise CannotEdit."""

    def data(self) -> Data: ...

    def set(self, path: Path, value: Data) -> None:
        """Put ``value`` at ``path``; what is missing on the way there is made."""

    def remove(self, path: Path) -> None:
        """Take away what is at ``path``; nothing there is no error."""

    def render(self) -> bytes: ...


def value_at(data: Data, path: Path) -> Data:
    """Return the value, or ``ABSENT``."""
    found = data
    for part in path:
        if isinstance(part, Named):
            if not isinstance(found, list):
                return ABSENT
            found = next((each for each in found if is_named(each, part)), ABSENT)
        else:
            if not isinstance(found, Mapping) or part not in found:
                return ABSENT
            found = found[part]
        if found is ABSENT:
            return ABSENT
    return found


def is_named(item: Data, name: Named) -> bool:
    return isinstance(item, Mapping) and item.get(name.key) == name.value


def with_setting(data: Data, setting: Setting) -> Data:
    """Return a copy of ``data`` with the setting made: what an editor's result is compared with.

    Raises CannotEdit where something other than a mapping or list is on the way.
    """
    return _changed(data, setting.path, setting.value, setting.path)


def _changed(data: Data, path: Path, value: Data, whole: Path) -> Data:
    first, *others = path
    rest = tuple(others)
    if isinstance(first, Named):
        items = _items(data, whole)
        remaining = [each for each in items if not is_named(each, first)]
        if value is ABSENT:
            return remaining
        if len(remaining) == len(items):
            return [*items, value]
        at = next(index for index, each in enumerate(items) if is_named(each, first))
        return [*items[:at], value, *items[at + 1 :]]
    members = _members(data, whole)
    if value is ABSENT and first not in members:
        return members
    if rest:
        inner = members.get(first, ABSENT)
        if inner is ABSENT or inner is None:  # a name without a value is a container to be
            if value is ABSENT:
                return members
            inner = [] if isinstance(rest[0], Named) else {}
        return members | {first: _changed(inner, rest, value, whole)}
    if value is ABSENT:
        return {name: each for name, each in members.items() if name != first}
    return members | {first: value}


def _items(data: Data, path: Path) -> list[Data]:
    if not isinstance(data, list):
        raise CannotEdit(
            translatable("{path} would have to be in a list, and is not.", path=shown(path)),
            code="shape",
        )
    return data


def _members(data: Data, path: Path) -> dict[str, Data]:
    if not isinstance(data, dict):
        raise CannotEdit(
            translatable("{path} would have to be in a table, and is not.", path=shown(path)),
            code="shape",
        )
    return data


def nested(path: Path, value: Data) -> Data:
    """Return ``value`` inside the containers that ``path`` names, for a path nothing is at yet."""
    for part in reversed(path):
        value = [value] if isinstance(part, Named) else {part: value}
    return value


def shown(path: Sequence[str | Named]) -> str:
    """Return the path as a person would say it: ``env.ANTHROPIC_BASE_URL``."""
    parts = [each.value if isinstance(each, Named) else each for each in path]
    return ".".join(parts)
