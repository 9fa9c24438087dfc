"""Moves an answer from upstream to the client, one write for each read."""

from __future__ import annotations

from collections.abc import AsyncIterator

from proxy_core.dialects.interface import StreamReader
from proxy_core.errors import StreamFormatError
from proxy_core.server import answer_size
from proxy_core.server.answer_sink import AnswerSink
from proxy_core.server.answer_size import AnswerSize
from proxy_core.server.kept_limits import KeptLimits
from proxy_core.server.transcoding import Transcoder
from proxy_core.sse import Decoder, Frame
from proxy_core.stream_events import Done, Error, StreamEvent


async def pump(chunks: AsyncIterator[bytes], transcoder: Transcoder, client: AnswerSink) -> bool:
    """Carry ``chunks`` to ``client`` until either side is done; return whether ``chunks`` ended.

    A slow client slows upstream down, since each write is awaited. A stream that begins with its
    error is raised while the client can still get a status. Raises ProxyError.
    """
    async for chunk in chunks:
        frames = transcoder.feed(chunk)
        if frames:
            await _send(frames, transcoder, client)
        if transcoder.finished:
            return False
    frames = transcoder.close()
    if frames:
        await _send(frames, transcoder, client)
    return True


async def _send(frames: list[Frame], transcoder: Transcoder, client: AnswerSink) -> None:
    if not client.began and transcoder.failed_at_once is not None:
        raise transcoder.failed_at_once
    await client.send(frames)


async def collect(
    chunks: AsyncIterator[bytes],
    reader: StreamReader,
    limits: KeptLimits | None,
    events: list[StreamEvent],
) -> None:
    """Add the events of a whole answer, which ends with ``Done`` or ``Error``, to ``events``.

    Raises ProxyError when upstream breaks; what came until then is in ``events`` all the same.
    """
    decoder = Decoder()
    size = AnswerSize()

    def take(new: list[StreamEvent]) -> bool:
        for event in map(size.check, new):
            for kept in (event,) if limits is None else limits.feed(event):
                events.append(kept)
                if isinstance(kept, (Done, Error)):
                    return True
        return False

    try:
        async for chunk in chunks:
            for frame in decoder.feed(chunk):
                if take(reader.feed(frame)):
                    return
        for frame in decoder.close():
            if take(reader.feed(frame)):
                return
        take(reader.close())
    except StreamFormatError as error:
        events.append(Error(error))


async def read_all(chunks: AsyncIterator[bytes]) -> bytes:
    """Return a whole body. Raises UpstreamBroke when it is beyond any answer's size."""
    pieces: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > answer_size.LONGEST_ANSWER:
            raise answer_size.too_large()
        pieces.append(chunk)
    return b"".join(pieces)
