"""Callers that bring their own GitHub token: each has a way upstream of its own, for a short while.

Nothing of a guest is written to disk, shown or logged. The cache is keyed by a hash, and is small: it
exists so that a program that sends its token with every request does not exchange it every time.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from proxy_core.clock import Clock, Moment
from proxy_core.upstream.client import CopilotClient
from proxy_core.upstream.token_kinds import token_use

MOST_GUESTS = 16
IDLE_SECONDS = 900.0
"""A guest who was not seen for so long is forgotten, token and all."""


@dataclass(slots=True)
class Guest:
    """``forget`` drops the guest's tokens and ends what runs in the background for them."""

    client: CopilotClient
    forget: Callable[[], None]
    seen: Moment


class GuestAccounts:
    """``make`` builds the way upstream for one token."""

    def __init__(self, make: Callable[[str], Guest], clock: Clock) -> None:
        self._make = make
        self._clock = clock
        self._guests: OrderedDict[bytes, Guest] = OrderedDict()

    def __len__(self) -> int:
        return len(self._guests)

    def client_of(self, github_token: str) -> CopilotClient:
        """Return the way upstream for that token. Raises TokenUnusable."""
        token_use(github_token)
        self.drop_idle()
        key = hashlib.sha256(github_token.encode()).digest()
        guest = self._guests.get(key)
        if guest is None:
            guest = self._guests[key] = self._make(github_token)
        guest.seen = self._clock.now()
        self._guests.move_to_end(key)
        while len(self._guests) > MOST_GUESTS:
            self._guests.popitem(last=False)[1].forget()
        return guest.client

    def drop_idle(self) -> None:
        for key, guest in tuple(self._guests.items()):
            if self._clock.elapsed(guest.seen) > IDLE_SECONDS:
                del self._guests[key]
                guest.forget()

    def close(self) -> None:
        while self._guests:
            self._guests.popitem()[1].forget()
