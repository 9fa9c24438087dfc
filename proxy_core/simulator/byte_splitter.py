"""Cuts a stream's bytes where a reader least expects it."""

from __future__ import annotations

import random
from collections.abc import Iterator


class ByteSplitter:
    """Per stream. Bytes come out in order and complete, in portions unlike those they came in.

    Every frame that holds a character of several bytes is cut inside one; a frame with CR LF line
    ends is sometimes cut between the two.
    """

    def __init__(self, rng: random.Random) -> None:
        self._random = rng
        self._kept = b""

    def feed(self, frame: bytes) -> Iterator[bytes]:
        """The portions that are due once ``frame`` is there; a rest may be kept."""
        data = self._kept + frame
        self._kept = b""
        cut = self._inside_character(data)
        if cut is None:
            if self._random.random() < 0.5:
                yield data
                return
            ends_crlf = data.endswith(b"\r\n")
            if ends_crlf and self._random.random() < 0.5:
                cut = len(data) - 1
            else:
                cut = self._random.randrange(1, max(2, len(data)))
        yield data[:cut]
        self._kept = data[cut:]

    def _inside_character(self, data: bytes) -> int | None:
        if data.isascii():
            return None
        first = next(at for at, byte in enumerate(data) if byte >= 0x80)
        return first + 1

    def flush(self) -> bytes:
        """What is still kept."""
        kept, self._kept = self._kept, b""
        return kept
