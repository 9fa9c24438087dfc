"""Relays a response from upstream to the client, one write for each read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import chain

from proxy_core.canonical.events import Done, Error, StreamEvent
from proxy_core.canonical.request import DialectName
from proxy_core.canonical.sse import Decoder, Frame
from proxy_core.dialects.answer_losses import LOSABLE, AnswerLosses
from proxy_core.dialects.interface import StreamOutcome, StreamReader
from proxy_core.dialects.leaked_tool_calls.repair_events import EventRepair
from proxy_core.errors import StreamFormatError
from proxy_core.server.calls.relay import answer_size
from proxy_core.server.calls.relay.answer_size import AnswerSize
from proxy_core.server.calls.relay.enforced_limits import LocalLimits
from proxy_core.server.calls.relay.transcoding import (
    Transcoder,
    events_outcome,
    last_frames,
    with_left_out,
    with_repaired,
)
from proxy_core.server.calls.response_writer import ResponseWriter


async def relay_stream(
    chunks: AsyncIterator[bytes], transcoder: Transcoder, client: ResponseWriter
) -> tuple[list[Frame], bool]:
    """Relay ``chunks`` to ``client`` until either side ends.

    Return the last frames, which the caller sends together with the response's end, and whether
    ``chunks`` ended. A slow client slows upstream down, since each write is awaited. The caller
    reports a broken stream (``transcoder.broken``). Raises ProxyError if the upstream connection
    breaks.
    """
    async for chunk in chunks:
        frames = transcoder.feed(chunk)
        if transcoder.finished:
            return frames, False
        if frames:
            await client.send(frames)
    return transcoder.close(), True


class WholeAnswer:
    """Collects the events of a whole response; one object per response."""

    def __init__(
        self,
        reader: StreamReader,
        limits: LocalLimits | None,
        repair: EventRepair | None = None,
        *,
        client: DialectName,
    ) -> None:
        self._losses = AnswerLosses(client, lambda: reader.unread)
        self._reader = reader
        self._repair = repair
        self._limits = limits
        self._size = AnswerSize()
        self.events: list[StreamEvent] = []

    @property
    def units_got(self) -> int:
        """The approximate number of tokens received."""
        return self._size.tokens

    def outcome(self) -> StreamOutcome:
        """What the answer has come to by now."""
        outcome = with_repaired(events_outcome(self.events), self._repair)
        return with_left_out(outcome, self._losses)

    async def collect(self, chunks: AsyncIterator[bytes]) -> bool:
        """Take the events up to ``Done`` or ``Error``; return whether ``chunks`` ended.

        Raises ProxyError when upstream breaks; events until then are in ``events``.
        """
        decoder = Decoder()
        try:
            async for chunk in chunks:
                for frame in decoder.feed(chunk):
                    if self.take(self._reader.feed(frame)):
                        return False
            for frame in last_frames(decoder):
                if self.take(self._reader.feed(frame)):
                    return True
            self.take(self._reader.close())
        except StreamFormatError as error:
            self.take([Error(error)])
        return True

    def take(self, new: list[StreamEvent]) -> bool:
        """Add ``new``; return whether the response has ended."""
        repair = self._repair
        events = new if repair is None else chain.from_iterable(map(repair.feed, new))
        for event in map(self._size.check, events):
            for passed in (event,) if self._limits is None else self._limits.feed(event):
                self.events.append(passed)
                if isinstance(passed, LOSABLE):
                    self._losses.feed(passed)
                if isinstance(passed, (Done, Error)):
                    return True
        return False


async def read_all(chunks: AsyncIterator[bytes]) -> bytes:
    """Return a whole body. Raises UpstreamBroke if it is too large."""
    pieces: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > answer_size.LONGEST_ANSWER:
            raise answer_size.too_large()
        pieces.append(chunk)
    return b"".join(pieces)
