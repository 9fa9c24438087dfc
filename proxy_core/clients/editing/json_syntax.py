"""JSON with comments and trailing commas, read into nodes that know where they stand in the text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from proxy_core.clients.editing.document import Unreadable
from proxy_core.errors import translatable

_SPACE = re.compile(r"(?:[ \t\r\n]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS = {"true": True, "false": False, "null": None}
_DEEPEST = 200


@dataclass(slots=True)
class Entry:
    """A member of an object, or an item of an array (``key`` is then None)."""

    start: int
    key: str | None
    value: Node


@dataclass(slots=True)
class Node:
    """``text[start:end]`` is the value; ``opens`` is ``{`` or ``[`` for a container, else empty."""

    start: int
    end: int
    opens: str = ""
    scalar: Any = None
    entries: list[Entry] = field(default_factory=list)

    def data(self) -> Any:
        if self.opens == "{":
            return {str(each.key): each.value.data() for each in self.entries}
        if self.opens == "[":
            return [each.value.data() for each in self.entries]
        return self.scalar


def parse(text: str) -> Node:
    """Return the root. Raises Unreadable."""
    reader = _Reader(text)
    root = reader.value(reader.skip(0), 0)
    after = reader.skip(root.end)
    if after < len(text):
        raise reader.failed(after, "something follows the end of the settings")
    return root


def skip_space(text: str, at: int) -> int:
    """Return the place of the next token after blanks and comments."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text

    def skip(self, at: int) -> int:
        return skip_space(self._text, at)

    def failed(self, at: int, reason: str) -> Unreadable:
        before = self._text[:at]
        return Unreadable(reason, before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1)

    def value(self, at: int, depth: int) -> Node:
        if depth > _DEEPEST:
            raise self.failed(at, translatable("it is nested too deeply"))
        letter = self._text[at : at + 1]
        if letter in ("{", "["):
            return self._container(at, letter, depth)
        if letter == '"':
            end = self._string_end(at)
            return Node(at, end, scalar=json.loads(self._text[at:end]))
        for word, meaning in _WORDS.items():
            if self._text.startswith(word, at):
                return Node(at, at + len(word), scalar=meaning)
        number = _NUMBER.match(self._text, at)
        if number is None:
            raise self.failed(at, translatable("a value is expected here"))
        return Node(at, number.end(), scalar=_number(number[0]))

    def _container(self, at: int, opens: str, depth: int) -> Node:
        closes = "}" if opens == "{" else "]"
        entries: list[Entry] = []
        place = self.skip(at + 1)
        while self._text[place : place + 1] != closes:
            start, key = place, None
            if opens == "{":
                end = self._string_end(place)
                key = json.loads(self._text[place:end])
                place = self.skip(end)
                if self._text[place : place + 1] != ":":
                    raise self.failed(place, translatable("a colon is expected here"))
                place = self.skip(place + 1)
            value = self.value(place, depth + 1)
            entries.append(Entry(start, key, value))
            place = self.skip(value.end)
            if self._text[place : place + 1] == ",":
                place = self.skip(place + 1)
            elif self._text[place : place + 1] != closes:
                reason = translatable("a comma or {closes} is expected here", closes=closes)
                raise self.failed(place, reason)
        return Node(at, place + 1, opens, entries=entries)

    def _string_end(self, at: int) -> int:
        found = _STRING.match(self._text, at)
        if found is None:
            raise self.failed(at, translatable("a text in double quotes is expected here"))
        return found.end()


def _number(text: str) -> Any:
    try:
        return int(text) if re.fullmatch(r"-?\d+", text) else float(text)
    except ValueError:  # more digits than Python reads; nothing of ours is such a number
        return text
