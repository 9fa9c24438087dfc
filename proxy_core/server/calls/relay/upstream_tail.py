"""Reads the rest of upstream's body after the response's last event, in the background.

A body read to its end leaves upstream's connection for the next call; a new one needs a TLS
handshake. The client's connection must not wait for that.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from proxy_core.errors import ProxyError
from proxy_core.routing.upstream_api import UpstreamAnswer

LAST_BYTES_SECONDS = 1.0
"""How long upstream may take to end the body after its last event."""

log = logging.getLogger("g_copilot_proxy.server")


class UpstreamTails:
    """Reads responses to their end and closes them. One object per server and event loop."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def take(
        self,
        answer: UpstreamAnswer,
        rest: AsyncIterator[bytes] | None,
        then: Callable[[], Awaitable[None]] | None,
    ) -> None:
        """Take ownership of ``answer``; ``rest`` is its unread part.

        ``then`` is further work after the client's response, if there is any.
        """
        task = asyncio.get_running_loop().create_task(_read_and_close(answer, rest, then))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Close every answer now."""
        tasks = tuple(self._tasks)
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read_and_close(
    answer: UpstreamAnswer,
    rest: AsyncIterator[bytes] | None,
    then: Callable[[], Awaitable[None]] | None,
) -> None:
    try:
        if rest is not None:
            with contextlib.suppress(TimeoutError, ProxyError):
                async with asyncio.timeout(LAST_BYTES_SECONDS):
                    async for _ in rest:
                        pass
    except Exception:
        # The client has its response: a later error must not fail anything.
        log.exception("the end of an answer could not be read")
    finally:
        await answer.close()
    try:
        if then is not None:
            await then()
    except Exception:
        log.exception("an answer could not be learned from")
