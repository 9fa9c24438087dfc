"""A caller's own GitHub token in place of the local key, where the user allows it.

The token is used for that request and goes nowhere but to GitHub. It opens the vendors' paths; what
this server did for its user (usage, activity) and its commands stay behind the local key. A guest pays
for itself, so the user's budgets and ledger do not count it; a pause of the server holds for all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from proxy_core.clock import Clock
from proxy_core.server.door import offered_keys
from proxy_core.server.parts import ServerParts
from proxy_core.server.paths import is_model_api
from proxy_core.status import StatusBoard
from proxy_core.usage.admission import Outgoing
from proxy_core.usage.desk import OpenDesk
from proxy_core.usage.local_zone import LocalZone
from proxy_core.usage.refusals import proxy_paused

GUEST = "guest"
"""What a guest's requests are filed under in the activity."""
_GITHUB_TOKEN = re.compile(r"(?:gh[oupsr]_|github_pat_)[A-Za-z0-9_]{10,}")


def github_token(headers: Mapping[str, str]) -> str | None:
    """Return what a caller offers as key, if it is a GitHub token by its form.

    ``headers`` are case-insensitive. Tokens that Copilot refuses count too: their refusal says why.
    """
    found = (each for each in offered_keys(headers) if _GITHUB_TOKEN.fullmatch(each))
    return next(found, None)


def is_guest(parts: ServerParts, path: str, headers: Mapping[str, str]) -> bool:
    """Whether a request for ``path`` may come in on its own GitHub token."""
    return (
        parts.guest_upstream is not None
        and parts.accepts_guests()
        and is_model_api(path)
        and github_token(headers) is not None
    )


def parts_for(parts: ServerParts, headers: Mapping[str, str]) -> ServerParts:
    """Return ``parts`` with the way upstream that belongs to the caller. Raises TokenUnusable."""
    if parts.guest_upstream is None or not parts.accepts_guests():
        return parts
    token = github_token(headers)
    if token is None:
        return parts
    desk = _GuestDesk(parts.board, parts.clock)
    return replace(parts, upstream=parts.guest_upstream(token), desk=desk)


class _GuestDesk(OpenDesk):
    """Nothing is booked for the user."""

    def __init__(self, board: StatusBoard, clock: Clock) -> None:
        self._board = board
        self._clock = clock

    async def admit(self, outgoing: Outgoing, on_asking: Callable[[], None]) -> None:
        """Raises ProxyPaused."""
        del outgoing, on_asking
        until = self._board.current.paused_until
        if until is not None and until > self._clock.wall():
            raise proxy_paused(until, LocalZone())
