"""The streamed response to one client: headers with the first byte, keep-alives during silence."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from aiohttp import HttpVersion11, web
from aiohttp.client_exceptions import ClientConnectionResetError

from proxy_core.canonical.sse import Frame, encode
from proxy_core.dialects.interface import EVENT_STREAM

_MOST_UNREAD_BYTES = 32 * 1024
"""A client that has more to read is waited for, once its connection is full."""
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
        self._transport: asyncio.Transport | None = None
        """The client's connection, once the response's first events were written to it."""
        self._keep_alive = keep_alive
        self._heartbeat = heartbeat_seconds
        self._on_first_byte = on_first_byte
        self._spoken = False
        self._loop = asyncio.get_running_loop()
        self._last_write = self._loop.time()
        self._timer = self._loop.call_later(heartbeat_seconds, self._check_silence)
        self._beat: asyncio.Task[None] | None = None
        self._is_cut = False
        self._is_chunked = request.version >= HttpVersion11

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
        if self._beat is not None:
            await self._wait_for_beat()
        data = encode(frames[0]) if len(frames) == 1 else _joined(frames)
        if not data:
            return  # an empty chunk would end the body
        if self._spoken:
            # Past two of aiohttp's coroutines, which cost more than the write; they would add the
            # chunk's frame, and wait where the client does not read, as is done here.
            transport = self._transport
            if transport is None or transport.is_closing():
                raise ClientConnectionResetError("the client has disconnected")
            transport.write(b"%x\r\n%b\r\n" % (len(data), data) if self._is_chunked else data)
            if transport.get_write_buffer_size() > _MOST_UNREAD_BYTES:
                await self._request.writer.drain()
        else:
            self._speak()
            response = self._response or await self._begin()
            await response.write(data)
            self._transport = self._request.transport
        self._last_write = self._loop.time()

    async def finish(self, frames: Sequence[Frame] = ()) -> None:
        """End the body, its last ``frames`` and its end in one packet.

        The connection stays, also after a stream that broke: its headers promised so, and a client that
        tries again at once on a connection we are about to close would get a reset for it.
        """
        self._timer.cancel()
        if self._beat is not None:
            await self._wait_for_beat()
        if frames and not self._spoken:
            self._speak()
        response = self._response or await self._begin()
        await response.write_eof(_joined(frames))

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

    def _speak(self) -> None:
        self._spoken = True
        self._on_first_byte()

    async def _begin(self) -> web.StreamResponse:
        self._response = response = _EventStreamResponse(headers=_HEADERS | self._headers)
        if not self._is_chunked:
            # Only the connection's end ends such a body; aiohttp 3 would keep it for a client that asks.
            response.force_close()
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


def _joined(frames: Sequence[Frame]) -> bytes:
    return b"".join([encode(each) for each in frames])
