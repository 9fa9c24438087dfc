"""Identifiers of requests and answers, from the system's source of random numbers.

Asking it for each takes longer than the rest of making an identifier, so it is asked for many at once.
"""

from __future__ import annotations

import os
from collections import deque

_BYTES = 16
_AT_ONCE = 256


class RandomIds:
    """May be used from any thread."""

    def __init__(self) -> None:
        self._unused: deque[bytes] = deque()

    def make_id(self, prefix: str) -> str:
        """Return ``prefix`` and 24 random hexadecimal digits."""
        return prefix + self._take()[:12].hex()

    def uuid(self) -> str:
        """Return a random UUID (version 4) in its text form."""
        digits = self._take().hex()
        variant = "89ab"[int(digits[16], 16) & 3]
        return (
            f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
        )

    def _take(self) -> bytes:
        try:
            return self._unused.popleft()
        except IndexError:
            fresh = os.urandom(_BYTES * _AT_ONCE)
        pieces = [fresh[at : at + _BYTES] for at in range(0, len(fresh), _BYTES)]
        self._unused.extend(pieces[1:])
        return pieces[0]
