"""Settings in JSON, also with comments and trailing commas: single values change, all else stays.

Kept byte for byte: order, comments, blanks, tabs, line ends, a byte order mark, unknown members.
"""

from __future__ import annotations

import json
import re

from proxy_core.clients.editing.document import (
    CannotEdit,
    Data,
    Named,
    Path,
    is_named,
    nested,
    shown,
)
from proxy_core.clients.editing.json_syntax import Entry, Node, parse, skip_space
from proxy_core.clients.editing.text_file import TextFile

_INDENTED = re.compile(r"^([ \t]+)[\"\]}]", re.MULTILINE)
_SAME_LINE = re.compile(r"(?:[ \t]+|/\*[^\n]*?\*/)*(?://[^\r\n]*)?")
_DEFAULT_INDENT = "  "


class JsonDocument:
    def __init__(self, content: bytes) -> None:
        """Raises Unreadable. Nothing at all, only blanks or only comments are an empty object."""
        self._file = TextFile.read(content)
        self._text = _with_object(self._file)
        found = _INDENTED.search(self._text)
        self._indent = found[1] if found else _DEFAULT_INDENT
        self._root = parse(self._text)

    def data(self) -> Data:
        return self._root.data()

    def render(self) -> bytes:
        return self._file.with_text(self._text)

    def set(self, path: Path, value: Data) -> None:
        node = self._root
        for index, part in enumerate(path):
            if index and _is_null(node):
                whole = self._written(nested(path[index:], value), self._indent_of(node.start))
                self._change(node.start, node.end, whole)
                return
            _check_container(node, part, path)
            entry = _entry(node, part)
            if entry is None:
                self._insert(node, path[index:], value)
                return
            node = entry.value
        self._change(node.start, node.end, self._written(value, self._indent_of(node.start)))

    def remove(self, path: Path) -> None:
        node = self._root
        for part in path[:-1]:
            _check_container(node, part, path)
            entry = _entry(node, part)
            if entry is None or _is_null(entry.value):
                return
            node = entry.value
        _check_container(node, path[-1], path)
        # All that bear the name: of two, the second counts, and the first would count after it.
        while (entry := _entry(node, path[-1])) is not None:
            opened_at = node.start
            self._take_away(node, entry)
            node = _node_at(self._root, opened_at)
            if not node.entries and self._text[node.start + 1 : node.end - 1].isspace():
                self._change(node.start + 1, node.end - 1, "")
                node = _node_at(self._root, opened_at)

    def _insert(self, node: Node, rest: Path, value: Data) -> None:
        first = rest[0]
        value = nested(rest[1:], value)
        label = "" if isinstance(first, Named) else json.dumps(first, ensure_ascii=False) + ": "
        if not node.entries:
            self._insert_first(node, label, value)
            return
        last = node.entries[-1]
        own_line = self._text[self._line_start(last.start) : last.start].isspace()
        comma_at = skip_space(self._text, last.value.end)
        has_comma = self._text[comma_at] == ","
        after = comma_at + 1 if has_comma else last.value.end
        if not own_line:
            lead = " " if has_comma else ", "
            trail = "," if has_comma else ""
            self._change(after, after, lead + label + self._on_one_line(value) + trail)
            return
        indent = self._indent_of(last.start)
        text = self._file.line_end + indent + label + self._written(value, indent)
        place = self._end_of_line(after)
        if has_comma:
            self._change(place, place, text + ",")
            return
        between = self._text[after:place]
        self._change(after, place, "," + between + text)

    def _insert_first(self, node: Node, label: str, value: Data) -> None:
        outer = self._indent_of(node.start)
        inner = outer + self._indent
        end = self._file.line_end
        text = end + inner + label + self._written(value, inner)
        inside = self._text[node.start + 1 : node.end - 1]
        if not inside.strip():
            self._change(node.start + 1, node.end - 1, text + end + outer)
            return
        # Only comments stand there: they follow what is new, each still on a line of its own.
        self._change(node.start + 1, node.start + 1, text + end + outer)

    def _take_away(self, node: Node, entry: Entry) -> None:
        index = node.entries.index(entry)
        start, end = entry.start, entry.value.end
        comma_at = skip_space(self._text, end)
        if self._text[comma_at] == ",":
            between = self._text[end:comma_at]
            self._cut(start, comma_at, between)
            return
        if index:
            before = node.entries[index - 1].value.end
            comma = skip_space(self._text, before)
            begin, stop = self._whole_lines(start, end)
            between = self._text[comma + 1 : begin]  # comments that follow the comma stay
            self._change(comma, stop, between if between.strip() or stop > end else "")
            return
        begin, stop = self._whole_lines(start, end)
        self._change(begin, stop, "")

    def _cut(self, start: int, comma_at: int, between: str) -> None:
        """Take out an entry and the comma after it; comments between the two stay."""
        if between.strip():
            self._change(start, comma_at + 1, between.lstrip(" \t\r\n"))
            return
        begin, stop = self._whole_lines(start, comma_at + 1)
        if begin == start:
            while self._text[stop : stop + 1] in (" ", "\t"):
                stop += 1
        self._change(begin, stop, "")

    def _whole_lines(self, start: int, end: int) -> tuple[int, int]:
        """Widen the span to its lines, if nothing else is on them."""
        begin, stop = self._line_start(start), end
        while self._text[stop : stop + 1] in (" ", "\t", "\r"):
            stop += 1
        if self._text[begin:start].strip() or self._text[stop : stop + 1] != "\n":
            return start, end
        return begin, stop + 1

    def _change(self, start: int, end: int, text: str) -> None:
        self._text = self._text[:start] + text + self._text[end:]
        self._root = parse(self._text)

    def _written(self, value: Data, indent: str) -> str:
        lines = json.dumps(value, ensure_ascii=False, indent=self._indent).split("\n")
        return (self._file.line_end + indent).join(lines)

    @staticmethod
    def _on_one_line(value: Data) -> str:
        return json.dumps(value, ensure_ascii=False)

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _indent_of(self, at: int) -> str:
        """The blanks at the head of the line of ``at``."""
        line = self._text[self._line_start(at) : at]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def _end_of_line(self, at: int) -> int:
        """Where the comments that follow on the same line end."""
        found = _SAME_LINE.match(self._text, at)
        return found.end() if found else at


def _with_object(file: TextFile) -> str:
    text = file.text
    if skip_space(text, 0) < len(text):
        return text
    lead = text if text.strip() else ""
    if lead and not lead.endswith("\n"):
        lead += file.line_end
    return lead + "{}" + file.line_end


def _entry(node: Node, part: str | Named) -> Entry | None:
    if isinstance(part, Named):
        return next((each for each in node.entries if is_named(each.value.data(), part)), None)
    # The last of several counts, as for every reader of JSON.
    return next((each for each in reversed(node.entries) if each.key == part), None)


def _check_container(node: Node, part: str | Named, path: Path) -> None:
    wanted = "[" if isinstance(part, Named) else "{"
    if node.opens != wanted:
        kind = "a list" if wanted == "[" else "an object"
        raise CannotEdit(f"{shown(path)} would have to be in {kind}, and is not.", code="shape")


def _is_null(node: Node) -> bool:
    return not node.opens and node.scalar is None


def _node_at(root: Node, start: int) -> Node:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.start == start and node.opens:
            return node
        waiting.extend(each.value for each in node.entries)
    raise CannotEdit("The file could not be changed in place.", code="shape")
