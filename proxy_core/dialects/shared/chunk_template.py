"""Chunks of a stream that differ in their text alone, forwarded by comparing what is around it. Pure.

A model's chunks repeat hundreds of bytes about a few letters. Once one chunk was examined member by
member, the next one with the very same bytes before and behind its text needs no examination: what was
decided for the one holds for the other. Comparing takes a microsecond, and a third of one where many
chunks came at once; the search for members by regular expressions takes 15.
"""

from __future__ import annotations

_ESCAPED_BACKSLASH, _ESCAPED_QUOTE = b"\\\\", b'\\"'
_CHUNK_END = b"\n\n"
_END = b"\x00"
"""Never in JSON: control characters are escaped there."""
_WINDOW = 64 * 1024
"""Bytes looked at in one go: what follows a chunk of another form is not searched again and again."""


class ChunkTemplate:
    """What is around a text, as it came and as it leaves."""

    __slots__ = (
        "_before",
        "_behind",
        "_joint",
        "_least",
        "_prefix",
        "_suffix",
        "_told_prefix",
        "_told_suffix",
    )

    def __init__(
        self, prefix: bytes, suffix: bytes, told_prefix: bytes, told_suffix: bytes
    ) -> None:
        self._prefix = prefix
        self._suffix = suffix
        self._told_prefix = told_prefix
        self._told_suffix = told_suffix
        self._joint = told_suffix + told_prefix
        self._before, self._behind = len(prefix), len(suffix)
        self._least = self._before + self._behind

    def forward(self, data: bytes, begin: int = 0) -> tuple[bytes, int]:
        """Return the leading whole chunks of this template as they leave, and where they end.

        Looked for from ``begin`` on; nothing, and ``begin``, if the first is of another form.
        """
        if not begin and data.startswith(self._prefix) and data.endswith(self._suffix):
            # One chunk, most often; of several the text in between has quotes.
            text = data[self._before : -self._behind]
            if not (b'"' in text or b"\n" in text or b"\r" in text or text.endswith(b"\\")):
                leaves = self._told_prefix + text + self._told_suffix
                return (leaves, len(data)) if len(data) >= self._least else (b"", 0)
        texts = self.texts(data, begin)
        return (self.joined(texts), begin + self.size(texts)) if texts else (b"", begin)

    def joined(self, texts: list[bytes]) -> bytes:
        """Return the chunks of these texts as they leave."""
        return self._told_prefix + self._joint.join(texts) + self._told_suffix

    def size(self, texts: list[bytes]) -> int:
        """Return how many bytes the chunks of these texts had as they came."""
        return len(texts) * self._least + sum(map(len, texts))

    def texts(self, data: bytes, begin: int = 0) -> list[bytes]:
        """Return the texts, as JSON, of the leading whole chunks of this template from ``begin`` on."""
        found: list[bytes] = []
        prefix = self._prefix
        if not data.startswith(prefix, begin):
            return found
        if data.endswith(self._suffix):
            text = data[begin + self._before : -self._behind]  # of several chunks it has quotes
            if not (b'"' in text or b"\n" in text or b"\r" in text or text.endswith(b"\\")):
                return [text] if len(data) - begin >= self._least else found
        while data.startswith(prefix, begin):
            last = data.rfind(_CHUNK_END, begin, begin + _WINDOW)
            if last < 0 and (last := data.find(_CHUNK_END, begin)) < 0:
                break
            window = data[begin : last + len(_CHUNK_END)]
            texts = self._cut(window)
            found += texts
            begin += len(window)
            if self.size(texts) < len(window):
                break
        return found

    def _cut(self, window: bytes) -> list[bytes]:
        """Return the texts of the leading chunks among these whole ones."""
        chunks = window.split(_CHUNK_END)
        del chunks[-1:]
        before, behind = self._before, self._behind - len(_CHUNK_END)
        texts = [chunk[before : len(chunk) - behind] for chunk in chunks]
        if self._prefix + (self._suffix + self._prefix).join(texts) + self._suffix != window:
            # Not all are of this template.
            line_end, least = self._suffix[: -len(_CHUNK_END)], before + behind
            for position, chunk in enumerate(chunks):
                is_alike = chunk.startswith(self._prefix) and chunk.endswith(line_end)
                if not is_alike or len(chunk) < least:
                    del texts[position:]
                    break
        if texts and not _are_texts(_END.join((*texts, b""))):
            sound = (position for position, each in enumerate(texts) if not _are_texts(each + _END))
            del texts[next(sound) :]
        return texts


def learn_template(came: bytes, leaves: bytes, opening: bytes) -> ChunkTemplate | None:
    """Return the template of one chunk that was examined; ``opening`` ends where its text begins.

    None where the text is not found, or not the same on both sides.
    """
    prefix, found, rest = came.partition(opening)
    told_prefix, told_found, told_rest = leaves.partition(opening)
    text, quote, behind = rest.partition(b'"')
    if not (found and told_found and quote) or opening in behind or b"\\" in text:
        return None
    if not told_rest.startswith(text + quote):
        return None
    return ChunkTemplate(
        prefix + opening, quote + behind, told_prefix + opening, told_rest[len(text) :]
    )


def _are_texts(texts: bytes) -> bool:
    """Whether each of these, with ``_END`` behind it, is the inside of a JSON string on one line."""
    if b"\n" in texts or b"\r" in texts:
        return False
    if b'"' not in texts and b"\\" not in texts:
        return True
    plain = texts.replace(_ESCAPED_BACKSLASH, b"").replace(_ESCAPED_QUOTE, b"")
    return b'"' not in plain and b"\\" + _END not in plain
