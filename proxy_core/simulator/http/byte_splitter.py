"""Cuts a stream's bytes at awkward places for readers."""

from __future__ import annotations

import random
import re

# Of a UTF-8 character of two bytes or more.
_LEAD_BYTE = re.compile(rb"[\xc2-\xf4]")


class ByteSplitter:
    """Per stream. Bytes come out in order and complete, in portions unlike those they came in.

    Every frame that holds a character of several bytes is cut inside one; a frame with CR LF line
    ends is sometimes cut between the two.
    """

    def __init__(self, rng: random.Random) -> None:
        self._random = rng
        self._held = b""

    def feed(self, frame: bytes) -> bytes:
        """Return the bytes to send after ``frame``; the rest is held for the next call."""
        data = self._held + frame
        cut = self._place_to_cut(data, len(self._held))
        self._held = data[cut:]
        return data[:cut]

    def _place_to_cut(self, data: bytes, fresh_from: int) -> int:
        """Inside the first character of several bytes that is new, else anywhere or at the end."""
        lead = None if data.isascii() else _LEAD_BYTE.search(data, fresh_from)
        if lead is not None:
            return lead.end()
        if self._random.random() < 0.5:
            return len(data)
        if data.endswith(b"\r\n") and self._random.random() < 0.5:
            return len(data) - 1
        return self._random.randrange(1, len(data) + 1)

    def flush(self) -> bytes:
        """Return the bytes still held."""
        held, self._held = self._held, b""
        return held
