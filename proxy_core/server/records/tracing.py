"""Traces requests' content for a while, on the user's request, in memory only.

Off by default. When off, it costs one check per request and nothing per chunk.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import msgspec

from proxy_core.canonical.sse import Frame, encode
from proxy_core.server.calls.response_writer import ResponseWriter
from proxy_core.status.request_trace import RequestTrace, TracePart, TracePlace

LONGEST_PART = 512 * 1024
MOST_BYTES = 32 * 1024 * 1024
MOST_TRACES = 100
RETENTION_SECONDS = 600.0
"""Seconds for which traces stay after tracing has ended."""

_encode = msgspec.json.Encoder().encode


class OpenTrace:
    """One request that is being traced."""

    def __init__(self, request_id: str, began: float, on_grown: Callable[[int], None]) -> None:
        self._request_id = request_id
        self._began = began
        self._on_grown = on_grown
        self._content: dict[TracePlace, bytearray] = {}
        self._sizes: dict[TracePlace, int] = {}

    @property
    def held(self) -> int:
        """Bytes in memory."""
        return sum(len(each) for each in self._content.values())

    def add(self, place: TracePlace, data: bytes) -> None:
        content = self._content.setdefault(place, bytearray())
        self._sizes[place] = self._sizes.get(place, 0) + len(data)
        taken = data[: LONGEST_PART - len(content)]
        content += taken
        self._on_grown(len(taken))

    def replace(self, place: TracePlace, body: Mapping[str, Any]) -> None:
        """Store a whole body; a repaired one replaces the previous one."""
        removed = len(self._content.pop(place, b""))
        self._sizes.pop(place, None)
        self._on_grown(-removed)
        self.add(place, _encode(body))

    async def watch(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            self.add(TracePlace.UPSTREAM_ANSWER, chunk)
            yield chunk

    def read(self) -> RequestTrace:
        parts = tuple(
            TracePart(
                place,
                bytes(self._content[place]).decode("utf-8", "replace"),
                self._sizes[place],
                self._sizes[place] > len(self._content[place]),
            )
            for place in TracePlace
            if place in self._content
        )
        return RequestTrace(self._request_id, self._began, parts)


class TracedSink:
    """A ``ResponseWriter`` that stores what it is given."""

    def __init__(self, sink: ResponseWriter, trace: OpenTrace) -> None:
        self._sink = sink
        self._trace = trace

    @property
    def began(self) -> bool:
        return self._sink.began

    def note_headers(self, headers: dict[str, str]) -> None:
        self._sink.note_headers(headers)

    async def send(self, frames: Sequence[Frame]) -> None:
        self._add(frames)
        await self._sink.send(frames)

    async def finish(self, frames: Sequence[Frame] = ()) -> None:
        self._add(frames)
        await self._sink.finish(frames)

    def _add(self, frames: Sequence[Frame]) -> None:
        for frame in frames:
            self._trace.add(TracePlace.CLIENT_ANSWER, encode(frame))

    def cut_off(self) -> bool:
        return self._sink.cut_off()

    def abandon(self) -> None:
        self._sink.abandon()


class Tracer:
    """Belongs to one event loop.

    ``on_change`` is called with the end of tracing in seconds since 1970, or None; ``on_traces``
    with the ids of traced requests, and until when they stay. ``wall`` returns seconds since 1970.
    """

    def __init__(
        self,
        wall: Callable[[], float],
        on_change: Callable[[float | None], None],
        retention_seconds: float = RETENTION_SECONDS,
        on_traces: Callable[[frozenset[str], float | None], None] = lambda _ids, _until: None,
    ) -> None:
        self._wall = wall
        self._on_change = on_change
        self._on_traces = on_traces
        self._retention_seconds = retention_seconds
        self._traces_until: float | None = None
        self._is_on = False
        self._held = 0
        self._traces: OrderedDict[str, OpenTrace] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None

    def start(self, seconds: float) -> None:
        """Trace requests for ``seconds``; earlier traces are deleted."""
        self.forget()
        self._is_on = True
        self._after(seconds, self.stop)
        until = self._wall() + seconds
        self._traces_until = until + self._retention_seconds
        self._on_change(until)

    def stop(self) -> None:
        """Stop tracing. Traces stay for ten minutes."""
        if self._is_on:
            self._is_on = False
            self._after(self._retention_seconds, self.forget)
            self._traces_until = self._wall() + self._retention_seconds
            self._on_change(None)
            self._publish_traces()

    def forget(self) -> None:
        """Stop tracing and delete all traces."""
        was_on, self._is_on = self._is_on, False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._traces.clear()
        self._held = 0
        self._traces_until = None
        if was_on:
            self._on_change(None)
        self._publish_traces()

    def begin(self, request_id: str, body: Mapping[str, Any]) -> OpenTrace | None:
        """Return a new trace for a request, or None if tracing is off."""
        if not self._is_on:
            return None
        traces = self._traces

        def grown(size: int) -> None:
            # A dropped trace still belongs to its request, but no longer counts.
            if traces.get(request_id) is trace:
                self._held += size
                self._make_room()

        trace = OpenTrace(request_id, self._wall(), grown)
        traces[request_id] = trace
        self._publish_traces()
        trace.replace(TracePlace.CLIENT_REQUEST, body)
        return trace

    def read(self, request_id: str) -> RequestTrace | None:
        """Return a request's trace so far; None if it was not traced, or dropped."""
        found = self._traces.get(request_id)
        return None if found is None else found.read()

    def _make_room(self) -> None:
        before = len(self._traces)
        while len(self._traces) > 1 and (
            self._held > MOST_BYTES or len(self._traces) > MOST_TRACES
        ):
            _, oldest = self._traces.popitem(last=False)
            self._held -= oldest.held
        if len(self._traces) < before:
            self._publish_traces()

    def _publish_traces(self) -> None:
        self._on_traces(frozenset(self._traces), self._traces_until if self._traces else None)

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, action)
