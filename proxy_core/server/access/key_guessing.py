"""Limits the guessing of keys.

Pure: time is a parameter. A correct key is never delayed by other callers' wrong ones: on this
computer all callers have the same address, so limiting by address would lock the user out. Only the
response to a wrong key is delayed. Another computer has its own address: once it has used up its
attempts, its keys are not compared, except one it has used successfully before.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field

FREE_ATTEMPTS = 20
"""Wrong keys in a row without a delay: tools send several requests with the same old key."""
SECONDS_PER_ATTEMPT = 3.0
"""Seconds after which one attempt is restored."""
HOLD_SECONDS = 1.0
"""Seconds by which the response to a further wrong key is delayed."""
MOST_HELD = 32
"""Maximum delayed responses; more are refused at once, because they would accumulate."""
_MOST_ADDRESSES = 1000
_MOST_KNOWN_KEYS = 16


@dataclass(slots=True)
class _Address:
    attempts: float
    seen: float
    known: OrderedDict[bytes, None] = field(default_factory=OrderedDict)
    """Digests of correct keys from this address, least recently used first."""


class KeyGuessing:
    """One per server. ``now`` is a monotonic clock's reading in seconds."""

    def __init__(self) -> None:
        self._addresses: OrderedDict[str, _Address] = OrderedDict()

    def may_compare(self, address: str, offered: list[str], now: float) -> bool:
        """Whether keys from that address are compared."""
        seen = self._addresses.get(address)
        if seen is None or self._earned(seen, now) >= 1.0:
            return True
        return any(_digest(each) in seen.known for each in offered)

    def right(self, address: str, key: str, now: float) -> None:
        known = self._address(address, now).known
        known[_digest(key)] = None
        known.move_to_end(_digest(key))
        while len(known) > _MOST_KNOWN_KEYS:
            known.popitem(last=False)

    def wrong(self, address: str, now: float) -> bool:
        """Count a wrong key; return whether the limit is exceeded."""
        seen = self._address(address, now)
        seen.attempts = self._earned(seen, now)
        seen.seen = now
        if seen.attempts < 1.0:
            return True
        seen.attempts -= 1.0
        return False

    def _address(self, address: str, now: float) -> _Address:
        seen = self._addresses.get(address)
        if seen is None:
            seen = self._addresses[address] = _Address(FREE_ATTEMPTS, now)
            if len(self._addresses) > _MOST_ADDRESSES:
                self._addresses.popitem(last=False)
        self._addresses.move_to_end(address)
        return seen

    @staticmethod
    def _earned(seen: _Address, now: float) -> float:
        return min(FREE_ATTEMPTS, seen.attempts + (now - seen.seen) / SECONDS_PER_ATTEMPT)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
