"""Writes the events of one answer: split, paced, and broken where a fault asks for it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Mapping

from aiohttp import web

from proxy_core.simulator.faults.faults import StreamFault
from proxy_core.simulator.http.byte_splitter import ByteSplitter
from proxy_core.simulator.model_calls.wire import Event, encoded
from proxy_core.simulator.profiles import Pacing
from proxy_core.simulator.simulation import Simulation

SLOW = Pacing(first_event=(0.0, 0.0), between_events=(0.1, 0.1))
GARBAGE = (
    b'data: {"choices":[{"index":0,"delta":{"content":"brok\n\n'
    b"dat a: \xff\xfe nonsense without a colon\n\n"
    b"event: ping\ndata: [1, 2\n\n"
    b"\x00\x00{}}}}\n\n"
)


class StreamWriter:
    """One streamed answer. Bytes go out at once unless a pacing is set."""

    def __init__(
        self,
        simulation: Simulation,
        request: web.Request,
        headers: Mapping[str, str],
        rng: random.Random,
        pacing: Pacing | None,
    ) -> None:
        self._closing = simulation.closing
        self._request = request
        self._response = web.StreamResponse(headers=dict(headers))
        self._random = rng
        self._pacing = pacing
        options = simulation.options
        self._line_end = b"\r\n" if options.crlf else b"\n"
        self._splitter = ByteSplitter(rng) if options.random_splits else None

    async def write_all(self, events: Iterable[Event]) -> web.StreamResponse:
        """The plain case: every event, then a proper end."""
        await self._open()
        for event in events:
            await self._write(event)
        return await self._close()

    async def write_until_broken(
        self, events: Iterable[Event], fault: StreamFault, error: Event
    ) -> web.StreamResponse:
        """Up to and with the first visible text, then what ``fault`` says."""
        await self._open()
        for event in events:
            await self._write(event)
            if event.shows_text:
                break
        await self._flush()
        if fault is StreamFault.MIDSTREAM_ERROR:
            await self._write(error)
            return await self._close()
        if fault is StreamFault.GARBAGE:
            await self._send(GARBAGE)
            return await self._close()
        if fault is StreamFault.STALL:
            # Ends when the client goes (this task is cancelled) or the simulator stops.
            await self._closing.wait()
        return self._abort()

    async def _open(self) -> None:
        await self._response.prepare(self._request)
        if self._pacing is not None:
            await asyncio.sleep(self._random.uniform(*self._pacing.first_event))

    async def _write(self, event: Event) -> None:
        frame = encoded(event, self._line_end)
        await self._send(frame if self._splitter is None else self._splitter.feed(frame))
        if self._pacing is not None:
            await asyncio.sleep(self._random.uniform(*self._pacing.between_events))

    async def _send(self, portion: bytes) -> None:
        await self._response.write(portion)
        # Lets readers on the same loop see this portion alone, and other streams have their turn.
        await asyncio.sleep(0)

    async def _flush(self) -> None:
        if self._splitter is not None and (held := self._splitter.flush()):
            await self._send(held)

    async def _close(self) -> web.StreamResponse:
        await self._flush()
        await self._response.write_eof()
        return self._response

    def _abort(self) -> web.StreamResponse:
        """Close the socket without the end of the chunked body."""
        if self._request.transport is not None:
            self._request.transport.abort()
        return self._response
