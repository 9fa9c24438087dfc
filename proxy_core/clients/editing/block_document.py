"""Lines of ours in a file of lines (a shell's start file, ``.env``): one marked block for each owner.

Its data is ``{"": the text around the blocks, owner: the block's text}``.
"""

from __future__ import annotations

import re

from proxy_core.clients.editing.document import CannotEdit, Data, Path, Unreadable
from proxy_core.clients.editing.text_file import TextFile
from proxy_core.errors import translatable

_BEGIN, _END = "# >>> g-copilot-proxy: {} >>>", "# <<< g-copilot-proxy: {} <<<"
_BLOCK = re.compile(
    r"^# >>> g-copilot-proxy: (?P<owner>[a-z0-9-]+) >>>\r?\n(?P<text>.*?)"
    r"^# <<< g-copilot-proxy: (?P=owner) <<<(?:\r?\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
_ANY_MARK = re.compile(r"^# (?:>>>|<<<) g-copilot-proxy: ", re.MULTILINE)


class BlockDocument:
    def __init__(self, content: bytes) -> None:
        """Raises Unreadable where a block has lost its beginning or its end."""
        self._file = TextFile.read(content)
        self._text = self._file.text
        for found in _ANY_MARK.finditer(_BLOCK.sub(_emptied, self._text)):
            line = self._text[: found.start()].count("\n") + 1
            raise Unreadable(
                translatable("a block of g-copilot-proxy has no beginning or no end"), line, 1
            )

    def data(self) -> Data:
        around = _BLOCK.sub("", self._text)
        blocks = {
            found["owner"]: _plain(found["text"]).removesuffix("\n")
            for found in _BLOCK.finditer(self._text)
        }
        # A line end that a block had to be given is no change of what stands around it.
        return {"": _plain(around).removesuffix("\n"), **blocks}

    def render(self) -> bytes:
        return self._file.with_text(self._text)

    def set(self, path: Path, value: Data) -> None:
        owner = _owner(path)
        end = self._file.line_end
        lines = [_BEGIN.format(owner), *str(value).splitlines(), _END.format(owner), ""]
        block = end.join(lines)
        found = self._found(owner)
        if found is not None:
            self._text = self._text[: found.start()] + block + self._text[found.end() :]
            return
        lead = "" if not self._text or self._text.endswith("\n") else end
        self._text += lead + block

    def remove(self, path: Path) -> None:
        found = self._found(_owner(path))
        if found is not None:
            self._text = self._text[: found.start()] + self._text[found.end() :]

    def _found(self, owner: str) -> re.Match[str] | None:
        return next((each for each in _BLOCK.finditer(self._text) if each["owner"] == owner), None)


def _owner(path: Path) -> str:
    if len(path) != 1 or not isinstance(path[0], str) or not re.fullmatch(r"[a-z0-9-]+", path[0]):
        raise CannotEdit(translatable("A block is named by one word."), code="shape")
    return path[0]


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def _emptied(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")
