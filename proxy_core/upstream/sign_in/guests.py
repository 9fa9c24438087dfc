"""Callers that send their own GitHub token: each gets its own upstream for a short time.

Nothing of a guest is written to disk, shown or logged. The small cache is keyed by a hash; it
avoids a token exchange for every request of a program.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from proxy_core.canonical.model import Model
from proxy_core.clock import Clock, Moment
from proxy_core.routing.upstream_api import (
    AutomaticChoice,
    MakeQuestion,
    Upstream,
    UpstreamAnswer,
    UpstreamCall,
)
from proxy_core.upstream.calls.client import CopilotClient
from proxy_core.upstream.sign_in.token_kinds import token_use

MOST_GUESTS = 16
IDLE_SECONDS = 900.0
"""Seconds without a request after which a guest and its token are forgotten."""


@dataclass(slots=True)
class BringYourOwnTokenCaller:
    """``forget`` drops the guest's tokens and cancels its background work."""

    client: CopilotClient
    forget: Callable[[], None]
    seen: Moment
    active: int = 0
    """Number of running operations; it is not forgotten while there are any."""


class GuestAccounts:
    """``make`` builds the upstream for one token."""

    def __init__(self, make: Callable[[str], BringYourOwnTokenCaller], clock: Clock) -> None:
        self._make = make
        self._clock = clock
        self._guests: OrderedDict[bytes, BringYourOwnTokenCaller] = OrderedDict()

    def __len__(self) -> int:
        return len(self._guests)

    def client_of(self, github_token: str) -> Upstream:
        """Return the upstream for one request with that token. Raises TokenUnusable."""
        token_use(github_token)
        return GuestUpstream(self, github_token)

    def enter(self, github_token: str) -> BringYourOwnTokenCaller:
        """Return the guest with that token, in use until ``leave``."""
        self.drop_idle()
        key = hashlib.sha256(github_token.encode()).digest()
        guest = self._guests.get(key)
        if guest is None:
            guest = self._guests[key] = self._make(github_token)
        guest.seen = self._clock.now()
        guest.active += 1
        self._guests.move_to_end(key)
        self._make_room()
        return guest

    def leave(self, guest: BringYourOwnTokenCaller) -> None:
        guest.active -= 1
        guest.seen = self._clock.now()
        self._make_room()

    def drop_idle(self) -> None:
        for key, guest in tuple(self._guests.items()):
            if not guest.active and self._clock.elapsed(guest.seen) > IDLE_SECONDS:
                del self._guests[key]
                guest.forget()

    def close(self) -> None:
        while self._guests:
            self._guests.popitem()[1].forget()

    def _make_room(self) -> None:
        """Forget the least recently used guests, except those in use."""
        if len(self._guests) <= MOST_GUESTS:
            return
        idle = [key for key, guest in self._guests.items() if not guest.active]
        for key in idle[: len(self._guests) - MOST_GUESTS]:
            self._guests.pop(key).forget()


class GuestUpstream:
    """Implements :class:`proxy_core.routing.upstream_api.Upstream` for one request of a guest.

    The guest may be forgotten between two steps; the next step then creates it again.
    """

    def __init__(self, accounts: GuestAccounts, github_token: str) -> None:
        self._accounts = accounts
        self._token = github_token

    async def models(self) -> tuple[Model, ...]:
        with self._used() as client:
            return await client.models()

    async def automatic_choice(self, ask: MakeQuestion) -> AutomaticChoice:
        with self._used() as client:
            return await client.automatic_choice(ask)

    async def imposed_choice(self, ask: MakeQuestion) -> AutomaticChoice | None:
        with self._used() as client:
            return await client.imposed_choice(ask)

    async def count_tokens(self, model: Model, body: Mapping[str, Any]) -> int | None:
        with self._used() as client:
            return await client.count_tokens(model, body)

    async def open_stream(self, call: UpstreamCall) -> UpstreamAnswer:
        """Return once upstream accepted; the guest is in use until the answer is closed."""
        guest = self._accounts.enter(self._token)
        try:
            answer = await guest.client.open_stream(call)
        except BaseException:
            self._accounts.leave(guest)
            raise
        answer.when_closed(lambda: self._accounts.leave(guest))
        return answer

    @contextmanager
    def _used(self) -> Iterator[CopilotClient]:
        guest = self._accounts.enter(self._token)
        try:
            yield guest.client
        finally:
            self._accounts.leave(guest)
