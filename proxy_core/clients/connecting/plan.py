"""What connecting a tool would write, as it can be shown before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from proxy_core.clients.editing.document import Setting
from proxy_core.clients.editing.formats import Format
from proxy_core.status.redaction import redact

KEY_PLACEHOLDER = "A-KEY-OF-ITS-OWN"
"""Stands for the key in a plan: it is made when the plan is carried out."""


@dataclass(frozen=True, slots=True)
class FilePlan:
    """``base`` is the file without anything of ours, ``current`` as it is now. None: no file."""

    path: Path
    target: Path
    form: Format
    current: bytes | None
    base: bytes | None
    after: bytes
    settings: tuple[Setting, ...]

    @property
    def changes(self) -> bool:
        return self.after != self.current


@dataclass(frozen=True, slots=True)
class DiffLine:
    """``sign`` is ``+``, ``-`` or a blank; ``number`` counts from one in the file it stands in."""

    sign: str
    number: int
    text: str


def diff_lines(
    before: bytes | None, after: bytes | None, key: str, context: int = 2
) -> tuple[DiffLine, ...]:
    """The lines that differ, with those around them. Keys of ours and of others are masked.

    A line without sign and text, numbered 0, stands for lines that stay as they are.
    """
    old_lines, new_lines = _lines(before, key), _lines(after, key)
    found: list[DiffLine] = []
    old = new = 0
    for line in unified_diff(old_lines, new_lines, lineterm="", n=context):
        if line.startswith(("---", "+++")) and not found:
            continue
        if line.startswith("@@"):
            if found or _starts(line) != (1, 1):
                found.append(DiffLine(" ", 0, ""))
            old, new = _starts(line)
            continue
        sign, text = line[:1], redact(line[1:])
        found.append(DiffLine(sign, old if sign == "-" else new, text))
        old += sign != "+"
        new += sign != "-"
    return tuple(found)


def diff_text(path: Path, before: bytes | None, after: bytes | None, key: str) -> str:
    """The same for a terminal, as ``diff -u`` writes it."""
    lines = unified_diff(
        _lines(before, key), _lines(after, key), str(path), str(path), lineterm="", n=3
    )
    return "".join(redact(line) + "\n" for line in lines)


def _lines(content: bytes | None, key: str) -> list[str]:
    text = (content or b"").decode("utf-8", "replace")
    if key:
        text = text.replace(key, masked_key(key))
    return [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")[: _count(text)]]


def _count(text: str) -> int:
    """How many lines: what follows the last line end is one only where something is there."""
    return text.count("\n") + (not text.endswith("\n") and bool(text))


def masked_key(key: str) -> str:
    return KEY_PLACEHOLDER if key == KEY_PLACEHOLDER else f"{'•' * 8}{key[-4:]}"


def _starts(header: str) -> tuple[int, int]:
    """``@@ -3,2 +4,7 @@`` begins at lines 3 and 4; an empty side at the line after the one named."""
    _, old, new, _ = header.split(" ", 3)
    return _start(old), _start(new)


def _start(part: str) -> int:
    first, _, count = part[1:].partition(",")
    return int(first) + (count == "0")
