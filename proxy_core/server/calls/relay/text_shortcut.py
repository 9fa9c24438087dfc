"""Pieces of text of a translated stream, carried over without reading them. Pure.

Nine of ten events of a stream differ in a few letters alone. Once one was read and written anew, the
next one with the same bytes around its text is written by putting its text, which is JSON on both
sides, between the bytes that were written around the last one: a tenth of the work.
"""

from __future__ import annotations

from itertools import takewhile

import msgspec

from proxy_core.canonical.sse import Frame, encode
from proxy_core.dialects.shared.chunk_template import ChunkTemplate
from proxy_core.server.calls.relay.answer_size import AnswerSize

_REWRITTEN = (b"\\u", b"\\/")
"""Escapes that our encoder writes otherwise: such a text is read, so that it is always written alike."""
_MOST_IN_VAIN = 8
"""Templates in a row that fitted nothing; a stream with more of them varies around its texts."""

_decode_text = msgspec.json.Decoder(str).decode
_encode = msgspec.json.Encoder().encode


class TextShortcut:
    """One stream. ``forget`` after every event that is not a piece of text alone."""

    __slots__ = ("_in_vain", "_size", "_template")

    def __init__(self, size: AnswerSize) -> None:
        self._size = size
        self._template: ChunkTemplate | None = None
        self._in_vain = 0

    @property
    def is_given_up(self) -> bool:
        """Whether nothing more will be carried over."""
        return self._template is None and self._in_vain >= _MOST_IN_VAIN

    def apply(self, data: bytes, begin: int = 0) -> tuple[bytes, int]:
        """Return the leading pieces of text like the last one as they leave, and where they end.

        Looked for from ``begin`` on; nothing, and ``begin``, if the first event is of another form.
        """
        template = self._template
        texts = None if template is None else template.texts(data, begin)
        if template is None or not texts:
            return b"", begin
        text = texts[0] if len(texts) == 1 else b"".join(texts)
        characters = None if b"" in texts else _characters(text)
        if characters is None:
            texts = list(takewhile(lambda each: each and _characters(each) is not None, texts))
            characters = _characters(b"".join(texts))
        if not texts or characters is None or not self._size.add(len(texts), characters):
            return b"", begin
        self._in_vain = 0
        return template.joined(texts), begin + template.size(texts)

    def forget(self) -> None:
        self._template = None

    def learn(self, came: bytes, text: str, written: Frame) -> None:
        """Note an event that came as ``came``, in wire form, and what was written for it."""
        self._template = None
        if self._in_vain >= _MOST_IN_VAIN or any(each in came for each in _REWRITTEN):
            return
        quoted = _encode(text)
        leaves = encode(written)
        if came.count(quoted) != 1 or leaves.count(quoted) != 1:
            return
        self._in_vain += 1
        before, _, behind = came.partition(quoted)
        told_before, _, told_behind = leaves.partition(quoted)
        self._template = ChunkTemplate(
            before + b'"', b'"' + behind, told_before + b'"', b'"' + told_behind
        )


def _characters(text: bytes) -> int | None:
    """Return the length of the inside of a JSON string; None if it must be read."""
    if b"\\" not in text:
        if text.isascii():
            return len(text)
    elif any(each in text for each in _REWRITTEN):
        return None
    try:
        return len(_decode_text(b'"' + text + b'"'))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
