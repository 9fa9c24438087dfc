"""What a wrong key costs its sender. Pure: the time is handed in.

A right key is never made to wait by anybody's wrong ones: on this computer every caller has the same
address, so holding back by address alone would lock the user out of their own server. What is held
back is the answer to a wrong key. Another computer has an address of its own: once it has used up its
attempts, its keys are not even compared, except one it has used before.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field

FREE_ATTEMPTS = 20
"""Wrong keys in a row that cost nothing: tools start several requests with the same old key."""
SECONDS_PER_ATTEMPT = 3.0
"""How long it takes to earn one of them back."""
HOLD_SECONDS = 1.0
"""How long the answer to a further wrong key is held."""
MOST_HELD = 32
"""Answers held at once; what comes on top is refused at once, for it would only pile up."""
_MOST_ADDRESSES = 1000
_MOST_KNOWN_KEYS = 16


@dataclass(slots=True)
class _Address:
    attempts: float
    seen: float
    known: OrderedDict[bytes, None] = field(default_factory=OrderedDict)
    """Digests of the keys that were right from here, least recently used first."""


class KeyGuessing:
    """One per server. ``now`` is a monotonic clock's reading in seconds."""

    def __init__(self) -> None:
        self._addresses: OrderedDict[str, _Address] = OrderedDict()

    def may_compare(self, address: str, offered: list[str], now: float) -> bool:
        """Whether keys from that other computer are looked at."""
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
        """Count a wrong key; return whether that was one too many."""
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
