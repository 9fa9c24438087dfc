"""The streamed response to one client: headers with the first byte, keep-alives during silence."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from aiohttp import web

from proxy_core.canonical.sse import Frame, encode
from proxy_core.dialects.interface import EVENT_STREAM

_HEADERS = {
    "cache-control": "no-cache",
    # Proxies such as nginx would buffer the stream.
    "x-accel-buffering": "no",
}


class _EventStreamResponse(web.StreamResponse):
    """Sends its headers together with the first bytes: one packet, one wake-up of the client."""

    # As aiohttp's own Response does; without this name in some later version it only costs a packet.
    _send_headers_immediately = False


class ClientStream:
    """Writes one stream; an ``ResponseWriter``.

    The headers wait for the first byte, so that a failure until then can be an HTTP error. After
    ``heartbeat_seconds`` of silence they are sent with a keep-alive: many clients time out after a
    silent minute, and models may think longer.
    """

    def __init__(
        self,
        request: web.BaseRequest,
        *,
        keep_alive: bytes,
        stream_type: str = EVENT_STREAM,
        heartbeat_seconds: float,
        on_first_byte: Callable[[], None],
    ) -> None:
        self._headers: dict[str, str] = {"content-type": stream_type}
        self._request = request
        self._response: web.StreamResponse | None = None
        self._keep_alive = keep_alive
        self._heartbeat = heartbeat_seconds
        self._on_first_byte = on_first_byte
        self._spoken = False
        self._loop = asyncio.get_running_loop()
        self._last_write = self._loop.time()
        self._timer = self._loop.call_later(heartbeat_seconds, self._check_silence)
        self._beat: asyncio.Task[None] | None = None
        self._is_cut = False

    @property
    def began(self) -> bool:
        """Whether headers were sent: from then on a failure is an event, not a status."""
        return self._response is not None

    @property
    def response(self) -> web.StreamResponse:
        assert self._response is not None
        return self._response

    def note_headers(self, headers: dict[str, str]) -> None:
        """Add headers; no effect once the stream has begun."""
        self._headers.update(headers)

    async def send(self, frames: Sequence[Frame]) -> None:
        """Write ``frames`` at once; waits while the client does not read."""
        data = encode(frames[0]) if len(frames) == 1 else b"".join([encode(f) for f in frames])
        if self._beat is not None:
            await self._wait_for_beat()
        if not self._spoken:
            self._spoken = True
            self._on_first_byte()
        response = self._response
        if response is None:
            response = await self._begin()
        await response.write(data)
        self._last_write = self._loop.time()

    async def finish(self) -> None:
        """End the body.

        The connection stays, also after a stream that broke: its headers promised so, and a client that
        tries again at once on a connection we are about to close would get a reset for it.
        """
        self._timer.cancel()
        if self._beat is not None:
            await self._wait_for_beat()
        response = self._response or await self._begin()
        await response.write_eof()

    def cut_off(self) -> bool:
        self._is_cut = True
        return True

    def leave(self) -> None:
        """The call is over. Cut the connection if the answer was cut off, behind what was written: no
        HTTP library takes an unfinished body for a whole one."""
        transport = self._request.transport
        if self._is_cut and transport is not None:
            transport.close()

    def abandon(self) -> None:
        """Stop keep-alives, at any end. Idempotent."""
        self._timer.cancel()
        if self._beat is not None:
            self._beat.cancel()

    async def _begin(self) -> web.StreamResponse:
        self._response = response = _EventStreamResponse(headers=_HEADERS | self._headers)
        await response.prepare(self._request)
        return response

    def _check_silence(self) -> None:
        """Timer: send a keep-alive if nothing was written for the whole interval."""
        now = self._loop.time()
        due = self._last_write + self._heartbeat
        if due <= now and self._beat is None:
            self._beat = self._loop.create_task(self._send_keep_alive())
            due = now + self._heartbeat
        self._timer = self._loop.call_at(max(due, now + 0.001), self._check_silence)

    async def _send_keep_alive(self) -> None:
        try:
            response = self._response or await self._begin()
            await response.write(self._keep_alive)
            self._last_write = self._loop.time()
        except ConnectionError:
            # The client disconnected; the handler is cancelled.
            self._timer.cancel()
        finally:
            self._beat = None

    async def _wait_for_beat(self) -> None:
        while self._beat is not None:
            with contextlib.suppress(ConnectionError):
                await asyncio.shield(self._beat)
