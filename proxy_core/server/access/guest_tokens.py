"""Accepts a caller's own GitHub token in place of the local key, if the user allows it.

The token is used for that request and sent only to GitHub. It gives access to the vendors' paths;
usage, activity and commands require the local key. A guest pays for itself, so the user's budgets
and ledger do not count it; a pause of all clients, or of ``guest``, applies.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from proxy_core.clock import Clock
from proxy_core.errors import ErrorKind, Refused, translatable
from proxy_core.server.access.request_guard import offered_keys
from proxy_core.server.parts import ServerContext
from proxy_core.server.paths import is_model_api
from proxy_core.server.records.request_log import RequestLogEntry
from proxy_core.status.status_board import StatusBoard
from proxy_core.usage.limits.admission import Outgoing
from proxy_core.usage.limits.rejections import client_paused, proxy_paused
from proxy_core.usage.local_zone import LocalZone
from proxy_core.usage.request_accounting import NullUsageHooks

GUEST = "guest"
"""The client name of guests' requests in the activity."""
_GITHUB_TOKEN = re.compile(r"(?:gh[oupsr]_|github_pat_)[A-Za-z0-9_]{10,}")


def github_token(headers: Mapping[str, str]) -> str | None:
    """Return what a caller offers as key, if it is a GitHub token by its form.

    ``headers`` are case-insensitive. Tokens that Copilot refuses are included: their error says
    why.
    """
    found = (each for each in offered_keys(headers) if _GITHUB_TOKEN.fullmatch(each))
    return next(found, None)


def is_guest(
    parts: ServerContext, path: str, headers: Mapping[str, str], *, is_optional: bool = False
) -> bool:
    """Whether a request for ``path`` is admitted by its own GitHub token.

    ``is_optional``: an optional dialect serves it, and so it is a path of a vendor's API.
    """
    return (
        parts.guest_upstream is not None
        and parts.accepts_guests()
        and (is_optional or is_model_api(path))
        and github_token(headers) is not None
    )


def parts_for(
    parts: ServerContext, headers: Mapping[str, str], entry: RequestLogEntry
) -> ServerContext:
    """Return ``parts`` with the caller's own upstream.

    A guest that is no longer admitted is refused, never served on the user's account. Raises
    Refused, or TokenUnusable.
    """
    if not entry.is_guests:
        return parts
    token = github_token(headers)
    if parts.guest_upstream is None or not parts.accepts_guests() or token is None:
        raise _no_longer_welcome()
    usage_hooks = _GuestUsageHooks(parts.board, parts.clock)
    return replace(parts, upstream=parts.guest_upstream(token), usage_hooks=usage_hooks)


class _GuestUsageHooks(NullUsageHooks):
    """Usage hooks that record nothing for the user."""

    def __init__(self, board: StatusBoard, clock: Clock) -> None:
        self._board = board
        self._clock = clock

    async def admit(self, outgoing: Outgoing, on_asking: Callable[[], None]) -> None:
        """Raises ProxyPaused or ClientPaused."""
        del outgoing, on_asking
        status, now = self._board.published, self._clock.wall()
        if status.paused_until is not None and status.paused_until > now:
            raise proxy_paused(status.paused_until, LocalZone())
        for each in status.client_pauses:
            until = math.inf if each.until is None else each.until
            if each.client == GUEST and until > now:
                raise client_paused(GUEST, until, LocalZone())


def _no_longer_welcome() -> Refused:
    return Refused(
        "GitHub tokens of callers are not accepted here any more. Send the local key that "
        "g-copilot-proxy shows.",
        kind=ErrorKind.AUTHENTICATION,
        http_status=401,
        code="invalid_api_key",
        title=translatable("The local key is missing or wrong"),
    )
