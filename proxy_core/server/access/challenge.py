"""POST /control/challenge: proves to a command that this is its user's own server. Needs no key."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import msgspec
from aiohttp import web

from proxy_core.auth.server_proof import address_text, is_nonce, proof
from proxy_core.clock import Clock
from proxy_core.errors import BadRequest, ErrorKind, Refused
from proxy_core.server.http.responses import json_answer

MOST_AT_ONCE = 100
PER_SECOND = 20.0
"""Far more than a person's commands need; excess requests are refused without computing a hash."""
_LONGEST_BODY = 1_000


class _Challenge(msgspec.Struct, forbid_unknown_fields=True):
    nonce: str


class ChallengeHandler:
    """One per server. ``secret`` reads from disk on first use."""

    def __init__(self, secret: Callable[[], bytes], clock: Clock) -> None:
        self._secret = secret
        self._clock = clock
        self._run_id = secrets.token_hex(16)
        self._left = float(MOST_AT_ONCE)
        self._counted = clock.monotonic()

    async def answer(self, request: web.Request) -> web.Response:
        """Raises Refused for too many requests, BadRequest for an invalid challenge."""
        self._count()
        if (request.content_length or 0) > _LONGEST_BODY:
            raise BadRequest("A challenge is one nonce.")
        body = await request.content.read(_LONGEST_BODY)
        try:
            nonce = msgspec.json.decode(body, type=_Challenge).nonce
        except msgspec.DecodeError as error:
            raise BadRequest("A challenge is one nonce.", param="nonce") from error
        own = request.transport.get_extra_info("sockname") if request.transport else None
        if not is_nonce(nonce) or own is None:
            raise BadRequest("nonce: 32 to 128 hexadecimal digits.", param="nonce")
        hashed = proof(self._secret(), nonce, self._run_id, address_text(own))
        return json_answer({"run_id": self._run_id, "proof": hashed})

    def _count(self) -> None:
        now = self._clock.monotonic()
        self._left = min(MOST_AT_ONCE, self._left + (now - self._counted) * PER_SECOND)
        self._counted = now
        if self._left < 1:
            raise Refused(
                "Too many challenges; try again in a moment.",
                kind=ErrorKind.RATE_LIMIT,
                http_status=429,
                retry_after=1.0,
            )
        self._left -= 1
