"""An answer's body as it arrives from the network, and the limit of its silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp

from proxy_core.upstream.transport.connection_errors import connection_failure


class ArrivingBody:
    """The chunks of a response. ``idle_seconds``: how long the next one may take.

    aiohttp would set and cancel a timer for every packet; here one timer a stream looks now and then
    how long the reader has been waiting. No generator: one more frame to resume costs for every chunk.
    """

    __slots__ = ("_content", "_idle", "_loop", "_timer", "_url", "_waits_since")

    def __init__(self, response: aiohttp.ClientResponse, url: str, idle_seconds: float) -> None:
        self._content = response.content
        self._url = url
        self._idle = idle_seconds
        self._loop = asyncio.get_running_loop()
        self._waits_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        connection = response.connection
        if connection is not None and connection.protocol is not None:
            # The timer that the headers set goes on until the first packet of the body.
            connection.protocol.read_timeout = None

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        content = self._content
        self._waits_since = self._loop.time()
        if self._timer is None and not content.is_eof():
            self._timer = self._loop.call_later(self._idle, self._look)
        try:
            chunk = await content.readany()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.close()
            raise connection_failure(error, self._url, answering=True) from error
        finally:
            self._waits_since = None
        if not chunk:
            self.close()
            raise StopAsyncIteration
        return chunk

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        """Timer: break the stream off if its reader has been waiting for too long."""
        now = self._loop.time()
        since = now if self._waits_since is None else self._waits_since
        left = since + self._idle - now
        if left > 0:
            self._timer = self._loop.call_later(max(left, 0.001), self._look)
        else:
            self._content.set_exception(aiohttp.SocketTimeoutError("no data for too long"))
