"""The text of a settings file, and what its bytes have beside the text: byte order mark, line ends."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from difflib import SequenceMatcher

from proxy_core.clients.editing.document import Unreadable
from proxy_core.errors import translatable


@dataclass(frozen=True, slots=True)
class TextFile:
    """``line_end`` is that of the first line, ``\\n`` where there is none."""

    text: str
    mark: bytes
    line_end: str

    @classmethod
    def read(cls, content: bytes) -> TextFile:
        """Raises Unreadable for anything but UTF-8."""
        mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
        try:
            text = content[len(mark) :].decode("utf-8")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise Unreadable(translatable("it is not written in UTF-8"), line, 1) from error
        first = text.find("\n")
        return cls(text, mark, "\r\n" if first > 0 and text[first - 1] == "\r" else "\n")

    def with_text(self, text: str) -> bytes:
        return self.mark + text.encode("utf-8")

    def with_own_line_ends(self, text: str) -> str:
        """Return ``text`` with this file's line ends in the lines that are new in it."""
        if self.line_end == "\n":
            return text
        before, after = self.text.splitlines(keepends=True), text.splitlines(keepends=True)
        out: list[str] = []
        for tag, _, _, first, last in SequenceMatcher(None, before, after, False).get_opcodes():
            lines = after[first:last]
            out += lines if tag == "equal" else [self._ended(each) for each in lines]
        return "".join(out)

    def _ended(self, line: str) -> str:
        if line.endswith("\n") and not line.endswith("\r\n"):
            return line[:-1] + self.line_end
        return line
