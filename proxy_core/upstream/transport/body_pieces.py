"""A large body as the pieces it consists of, sent without being put together.

Most of a long conversation's body is one member that leaves as it came. Copying it blocks the event
loop, and fresh memory for it costs more than the copying. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

LARGE_BYTES = 64 * 1024
"""A value above this is a piece of its own."""
WRITE_BYTES = 256 * 1024
"""Written at once: encrypting more would keep other streams waiting."""

Piece = bytes | memoryview


class BodyPieces:
    """A body's pieces in order. None of them may change while it is sent."""

    __slots__ = ("_pieces", "_size")

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = tuple(pieces)
        self._size = sum(memoryview(each).nbytes for each in self._pieces)

    def __len__(self) -> int:
        return self._size

    def __bytes__(self) -> bytes:
        if len(self._pieces) == 1 and isinstance(self._pieces[0], bytes):
            return self._pieces[0]
        return b"".join(self._pieces)

    @property
    def are_large(self) -> bool:
        """Whether they are worth sending one by one."""
        return self._size > LARGE_BYTES

    def writes(self, most: int | None = None) -> Iterator[Piece]:
        """Yield the body, at most its first ``most`` bytes, in parts of at most ``WRITE_BYTES``."""
        remaining = self._size if most is None else most
        for piece in self._pieces:
            view = memoryview(piece)
            for start in range(0, view.nbytes, WRITE_BYTES):
                if remaining <= 0:
                    return
                part = view[start : start + min(WRITE_BYTES, remaining)]
                remaining -= part.nbytes
                yield part


def json_pieces(members: Mapping[str, Any]) -> BodyPieces:
    """Return a JSON object; its large raw values are not copied. The bytes are those of one encoding."""
    if not any(map(_is_large, members.values())):
        return BodyPieces((msgspec.json.encode(members),))
    pieces: list[Piece] = []
    between = bytearray(b"{")
    for name, value in members.items():
        if len(between) > 1 or pieces:
            between += b","
        between += msgspec.json.encode(name) + b":"
        if _is_large(value):
            pieces += (bytes(between), memoryview(value))
            between.clear()
        else:
            between += msgspec.json.encode(value)
    pieces.append(bytes(between + b"}"))
    return BodyPieces(pieces)


def _is_large(value: object) -> bool:
    return isinstance(value, msgspec.Raw) and memoryview(value).nbytes > LARGE_BYTES
