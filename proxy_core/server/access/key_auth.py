"""Checks the key of a request, and slows down wrong ones."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from proxy_core.clock import Clock
from proxy_core.errors import ErrorKind, Refused, translatable
from proxy_core.server.access.key_guessing import (
    HOLD_SECONDS,
    MOST_HELD,
    SECONDS_PER_ATTEMPT,
    KeyGuessing,
)
from proxy_core.server.access.request_guard import (
    AccessPolicy,
    Caller,
    check_key,
    is_loopback,
    offered_keys,
)
from proxy_core.status.status import with_notice
from proxy_core.status.status_board import StatusBoard

log = logging.getLogger("g_copilot_proxy.server")

REPORT_AGAIN_SECONDS = 3600.0


class KeyCheck:
    """One per server; its counters are reset by a restart."""

    def __init__(self, clock: Clock, board: StatusBoard) -> None:
        self._clock = clock
        self._board = board
        self._guessing = KeyGuessing()
        self._held = 0
        self._reported_at: float | None = None

    async def check(self, headers: Mapping[str, str], address: str, policy: AccessPolicy) -> Caller:
        """Return the caller. Raises Refused, after a delay if there were too many wrong keys."""
        now = self._clock.monotonic()
        offered = offered_keys(headers)
        is_elsewhere = bool(offered) and not is_loopback(address)
        if is_elsewhere and not self._guessing.may_compare(address, offered, now):
            self._report(address, now)
            raise _slower()
        try:
            caller = check_key(offered, policy)
        except Refused:
            # A request without a key is not a guess.
            if offered and self._guessing.wrong(address, now):
                self._report(address, now)
                await self._hold()
            raise
        if caller.key is not None and is_elsewhere:
            self._guessing.right(address, caller.key, now)
        return caller

    async def _hold(self) -> None:
        if self._held >= MOST_HELD:
            raise _slower()
        self._held += 1
        try:
            await self._clock.sleep(HOLD_SECONDS)
        finally:
            self._held -= 1

    def _report(self, address: str, now: float) -> None:
        if self._reported_at is not None and now - self._reported_at < REPORT_AGAIN_SECONDS:
            return
        self._reported_at = now
        log.warning("many wrong keys from %s; they are slowed down", address)
        who = (
            translatable("A program on this computer")
            if is_loopback(address)
            else translatable("The computer {address}", address=address)
        )
        self._board.change(
            lambda status: with_notice(
                status,
                self._clock.wall(),
                "key_guessing",
                translatable("Wrong keys are being tried"),
                translatable(
                    "{sender} keeps sending keys that are not yours. None was let in.", sender=who
                ),
                translatable(
                    "If it is a tool of yours, give it the local key; it may still use an old one."
                ),
            )
        )


def _slower() -> Refused:
    return Refused(
        "Too many wrong keys were sent from here. Correct the key and try again in a while.",
        kind=ErrorKind.TOO_MANY,
        http_status=429,
        title="Too many wrong keys were sent",
        is_own_text=True,
        code="too_many_wrong_keys",
        retry_after=SECONDS_PER_ATTEMPT,
    )
