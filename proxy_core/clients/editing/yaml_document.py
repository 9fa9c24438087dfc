"""Settings in YAML: PyYAML says where a value stands in the text, and only that span is rewritten.

Only what the tools' files have is edited: block mappings, and block lists of mappings in them. Whatever
else a file has (anchors, tags, flow style, several documents) stays as it is, or the file is refused.
"""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from proxy_core.clients.editing.document import (
    CannotEdit,
    Data,
    Named,
    Path,
    Unreadable,
    is_named,
    nested,
    shown,
)
from proxy_core.clients.editing.text_file import TextFile

_INDENT = "  "
_COMMENT = re.compile(r"\s#[^\n]*")


class YamlDocument:
    def __init__(self, content: bytes, *, is_list: bool = False) -> None:
        """``is_list``: an empty file is an empty list. Raises Unreadable."""
        self._file = TextFile.read(content)
        self._text = self._file.text
        self._empty: Data = [] if is_list else {}
        self._root = _composed(self._text)

    def data(self) -> Data:
        return self._empty if self._root is None else _data(self._root)

    def render(self) -> bytes:
        return self._file.with_text(self._text)

    def set(self, path: Path, value: Data) -> None:
        node = self._root
        if node is None:
            lead = (
                self._text if not self._text or self._text.endswith("\n") else self._text + self._nl
            )
            self._become(lead + self._block(nested(path, value), "") + self._nl)
            return
        for index, part in enumerate(path):
            found = _child(node, part, path)
            if found is None:
                self._append(node, path[index:], value)
                return
            rest = path[index + 1 :]
            if rest and isinstance(found, yaml.ScalarNode) and _data(found) is None:
                self._fill(found, nested(rest, value), " " * node.start_mark.column)
                return
            node = found
        self._replace(node, path, value)

    def remove(self, path: Path) -> None:
        # All that bear the name: of two, the last counts, and the first would count after it.
        while (node := self._holder(path)) is not None:
            self._remove_from(node, path)

    def _holder(self, path: Path) -> Any:
        """Return the collection that holds the last part of ``path``; None where none does."""
        node = self._root
        for part in path[:-1]:
            node = None if node is None else _child(node, part, path)
            if node is None or (isinstance(node, yaml.ScalarNode) and _data(node) is None):
                return None
        return None if node is None or _child(node, path[-1], path) is None else node

    def _remove_from(self, node: Any, path: Path) -> None:
        if node.flow_style:
            self._remove_in_braces(node, path[-1])
            return
        start, stop = self._span(node, path[-1])
        last = len(node.value) == 1
        if last and node is not self._root:
            raise CannotEdit(f"{shown(path)} would leave nothing behind.", code="shape")
        self._become(self._text[:start] + self._text[stop:])

    @property
    def _nl(self) -> str:
        return self._file.line_end

    def _replace(self, node: Any, path: Path, value: Data) -> None:
        if isinstance(value, dict | list):
            if not isinstance(path[-1], Named):
                raise CannotEdit(f"{shown(path)} is there already.", code="shape")
            indent = " " * node.start_mark.column
            stop = self._end_of(node)
            text = self._block(value, indent).lstrip(" ") + self._nl
            self._become(self._text[: node.start_mark.index] + text + self._text[stop:])
            return
        if not isinstance(node, yaml.ScalarNode) or node.style in ("|", ">"):
            raise CannotEdit(f"{shown(path)} is not a plain value.", code="shape")
        start, stop = node.start_mark.index, node.end_mark.index
        blank = " " if start and self._text[start - 1] == ":" else ""
        self._become(self._text[:start] + blank + _scalar(value) + self._text[stop:])

    def _fill(self, node: Any, value: Data, indent: str) -> None:
        """Give a name without a value one, below it."""
        start, stop = node.start_mark.index, node.end_mark.index
        block = self._block(value, indent + _INDENT)
        self._become(self._text[:start] + self._nl + block + self._text[stop:])

    def _append(self, node: Any, rest: Path, value: Data) -> None:
        if node.flow_style:
            self._append_in_braces(node, rest, value)
            return
        indent = " " * node.start_mark.column
        if isinstance(rest[0], Named):
            block = self._block([value], indent)
        else:
            block = self._block({rest[0]: nested(rest[1:], value)}, indent)
        place = self._end_of(node)
        before = self._text[:place]
        lead = "" if not before or before.endswith("\n") else self._nl
        self._become(before + lead + block + self._nl + self._text[place:])

    def _append_in_braces(self, node: Any, rest: Path, value: Data) -> None:
        """JSON is YAML of this style."""
        end = node.end_mark.index - 1
        lead = ""
        if node.value:
            behind = _COMMENT.sub("", self._text[_ends(node.value[-1])[1] : end])
            lead = " " if "," in behind else ", "
        name = "" if isinstance(rest[0], Named) else f"{json.dumps(rest[0])}: "
        inner = _scalar(nested(rest[1:], value))
        self._become(self._text[:end] + lead + name + inner + self._text[end:])

    def _remove_in_braces(self, node: Any, part: str | Named) -> None:
        spans = [_ends(each) for each in node.value]
        at = next(
            index
            for index, each in enumerate(node.value)
            if (is_named(_data(each), part) if isinstance(part, Named) else each[0].value == part)
        )
        start, stop = spans[at]
        if at + 1 < len(spans):
            stop = spans[at + 1][0]
        elif at:
            start = spans[at - 1][1]
        self._become(self._text[:start] + self._text[stop:])

    def _span(self, node: Any, part: str | Named) -> tuple[int, int]:
        """The lines of one entry of a block collection."""
        for each in node.value:
            if isinstance(part, Named):
                if is_named(_data(each), part):
                    return self._line_start(each.start_mark.index), self._end_of(each)
            elif each[0].value == part:
                return self._line_start(each[0].start_mark.index), self._end_of(each[1])
        raise CannotEdit(f"{shown((part,))} is not there.", code="shape")

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _end_of(self, node: Any) -> int:
        """The start of the line after the node's last one: comments below it are not its own."""
        while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            node = last[1] if isinstance(last, tuple) else last
        at: int = node.end_mark.index
        if at and self._text[at - 1] == "\n" and at > node.start_mark.index:
            return at  # a block of text ends with its last line
        found = self._text.find("\n", at)
        return len(self._text) if found < 0 else found + 1

    def _block(self, value: Data, indent: str) -> str:
        return self._nl.join(_lines(value, indent))

    def _become(self, text: str) -> None:
        self._text = text
        self._root = _composed(text)


def _composed(text: str) -> Any:
    try:
        documents = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise Unreadable(error.problem or "it is not YAML", line, column) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise Unreadable("it is not YAML") from error
    if len(documents) > 1:
        raise CannotEdit("It holds several documents.", code="shape")
    root = documents[0] if documents else None
    if isinstance(root, yaml.ScalarNode) and root.value == "":
        return None
    return root


def _child(node: Any, part: str | Named, path: Path) -> Any:
    if isinstance(part, Named):
        if not isinstance(node, yaml.SequenceNode):
            raise CannotEdit(f"{shown(path)} would have to be in a list.", code="shape")
        return next((each for each in node.value if is_named(_data(each), part)), None)
    if not isinstance(node, yaml.MappingNode):
        raise CannotEdit(f"{shown(path)} would have to be in a mapping.", code="shape")
    # The last of several counts, as for the readers of these files.
    return next((each[1] for each in reversed(node.value) if each[0].value == part), None)


def _ends(entry: Any) -> tuple[int, int]:
    """Where an item of a list, or a name and its value, begin and end."""
    first, last = entry if isinstance(entry, tuple) else (entry, entry)
    return first.start_mark.index, last.end_mark.index


def _data(node: Any) -> Data:
    """The node as plain data. Tags that are nobody's but the tool's stay a pair of tag and text."""
    if isinstance(node, yaml.MappingNode):
        pairs = [(_data(key), _data(value)) for key, value in node.value]
        if any(isinstance(key, dict | list) for key, _ in pairs):
            raise CannotEdit("A mapping of it has names that are no plain words.", code="shape")
        return dict(pairs)
    if isinstance(node, yaml.SequenceNode):
        return [_data(each) for each in node.value]
    match node.tag:
        case "tag:yaml.org,2002:bool":
            return node.value.lower() in ("true", "yes", "on")
        case "tag:yaml.org,2002:null":
            return None
        case "tag:yaml.org,2002:int" if node.value.isdigit():
            return int(node.value)
        case "tag:yaml.org,2002:str":
            return node.value
    return (node.tag, node.value)


def _lines(value: Data, indent: str) -> list[str]:
    if isinstance(value, dict):
        lines: list[str] = []
        for name, each in value.items():
            if isinstance(each, dict | list) and each:
                lines += [f"{indent}{_name(name)}:", *_lines(each, indent + _INDENT)]
            else:
                lines.append(f"{indent}{_name(name)}: {_scalar(each)}")
        return lines
    lines = []
    for each in value:
        first, *others = (
            _lines(each, indent + _INDENT) if isinstance(each, dict) else [_scalar(each)]
        )
        lines += [f"{indent}- {first.lstrip(' ')}", *others]
    return lines


def _name(name: str) -> str:
    return name if name.replace("_", "a").replace("-", "a").isalnum() else json.dumps(name)


def _scalar(value: Data) -> str:
    # A JSON text is a YAML scalar; always quoted, so that no word becomes a number or a truth.
    return json.dumps(value, ensure_ascii=False)
