"""Converts upstream's bytes to the client's frames.

Pure: one object per stream, no I/O. Two kinds: pass-through, where both sides use the same dialect
and frames are forwarded, and translation by canonical events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

import msgspec
from msgspec.structs import replace

from proxy_core.canonical.events import Done, Error, Start, StreamEvent, TextDelta
from proxy_core.canonical.request import DialectName
from proxy_core.canonical.sse import Decoder, Frame, Run, plain_frame
from proxy_core.dialects.answer_losses import LOSABLE, AnswerLosses
from proxy_core.dialects.interface import (
    TEXT_ALONE,
    PassThroughStream,
    StreamOutcome,
    StreamReader,
    StreamWriter,
    says_text_alone,
)
from proxy_core.dialects.leaked_tool_calls.repair_events import EventRepair
from proxy_core.dialects.shared.thinking_replay import ThinkingWatch, TurnThinking
from proxy_core.errors import ProxyError, StreamFormatError
from proxy_core.server.calls.relay.answer_size import AnswerSize
from proxy_core.server.calls.relay.enforced_limits import LocalLimits
from proxy_core.server.calls.relay.text_shortcut import TextShortcut

KeepThinking = Callable[[TurnThinking], None]


@dataclass(frozen=True, slots=True)
class BrokenStream:
    """Why a stream broke, and the frames that tell its client inside the stream."""

    error: ProxyError
    frames: tuple[Frame, ...]


class Transcoder(Protocol):
    """``feed`` and ``close`` return frames of the response.

    A failure is in ``broken``: the sender decides whether it becomes a status, an event or an
    abort.
    """

    @property
    def finished(self) -> bool:
        """True once nothing more of upstream's stream is needed."""

    @property
    def broken(self) -> BrokenStream | None:
        """Set once the stream broke; nothing may follow it."""

    @property
    def units_sent(self) -> int:
        """The approximate number of tokens sent, for the usage of an interrupted response."""

    def feed(self, chunk: bytes) -> list[Frame]: ...

    def close(self) -> list[Frame]:
        """Note that upstream's bytes ended."""

    def fail(self, error: ProxyError) -> None:
        """Note that upstream's connection broke. No effect on an ended stream."""

    def outcome(self) -> StreamOutcome: ...


_LONGEST_HELD = 16 * 1024


class PassThroughTranscoder:
    """Forwards and observes frames, all frames of one read together if possible."""

    def __init__(self, stream: PassThroughStream, keep: KeepThinking | None = None) -> None:
        self._decoder = Decoder()
        self._held = b""
        """The beginning of an incomplete frame."""
        self._is_between = True
        """The decoder holds nothing back."""
        self._stream = stream
        self._keep = keep
        self._is_over = False
        self._last_outcome: StreamOutcome | None = None
        """The outcome once upstream ended it, which nothing changes any more."""
        self.broken: BrokenStream | None = None
        self.units_sent = 0

    @property
    def finished(self) -> bool:
        return self._is_over

    def feed(self, chunk: bytes) -> list[Frame]:
        if self._is_over:
            return []
        data = self._held + chunk if self._held else chunk
        self._held = b""
        if not self._is_between:
            return self._decode_frames(data)
        end = data.rfind(b"\n\n") + 2
        if end < 2:
            if b"\r" in data or len(data) > _LONGEST_HELD:
                return self._decode_frames(data)
            self._held = data
            return []
        if end < len(data):
            data, self._held = data[:end], data[end:]
        if not (data.isascii() or _is_text(data)):
            return self._decode_frames(data)
        leaves, end = self._stream.forward(data)
        if end != len(data):
            return self._whole_frames(data, leaves, end)
        self.units_sent += data.count(b"\n\n")
        return [Run(leaves)]

    def close(self) -> list[Frame]:
        if self._is_over:
            return []
        held, self._held = self._held, b""
        passed = self._decode_frames(held) if held else []
        last = last_frames(self._decoder)
        passed += self._pass(map(_of_text, last)) if last else []
        return passed if self._is_over else passed + self._note_end(self._stream.close())

    def fail(self, error: ProxyError) -> None:
        if not self._is_over:
            self._is_over = True
            self.broken = BrokenStream(error, tuple(self._stream.fail(error)))

    def outcome(self) -> StreamOutcome:
        return self._last_outcome or self._stream.outcome()

    def _whole_frames(self, data: bytes, leaves: bytes, end: int) -> list[Frame]:
        """Take whole frames of UTF-8 text; those that need not be decoded leave in one piece.

        ``leaves`` and ``end`` are what ``forward`` made of the first ones.
        """
        out: list[Frame] = []
        begin, size = 0, len(data)
        while True:
            if end > begin:
                self.units_sent += data.count(b"\n\n", begin, end)
                out.append(Run(leaves))
            else:
                end = data.find(b"\n\n", begin) + 2
                if end < 2:
                    # A further empty line, whose first half ended the frame before.
                    return out + self._decode_frames(data[begin:])
                frame = plain_frame(data[begin : end - 2])
                if frame is None:
                    out += self._decode_frames(data[begin:end])
                else:
                    out += self._pass((frame,))
            begin = end
            if begin >= size or self._is_over:
                return out
            leaves, end = self._stream.forward(data, begin)

    def _decode_frames(self, data: bytes) -> list[Frame]:
        if self._is_over:
            return []
        try:
            frames = self._decoder.feed(data)
        except StreamFormatError as error:
            self.fail(error)
            return []
        self._is_between = self._decoder.is_between_frames
        return self._pass(map(_of_text, frames)) if frames else []

    def _pass(self, frames: Iterable[Frame]) -> list[Frame]:
        stream = self._stream
        out: list[Frame] = []
        passed_frames: list[Frame] = []
        try:
            for frame in frames:
                passed = stream.feed(frame)
                if stream.error is None:
                    out += passed
                else:
                    passed_frames += passed
        except StreamFormatError as error:
            self._note_outcome()
            self.fail(error)
            return out
        self._note_outcome()
        if stream.error is not None:
            self.broken = BrokenStream(stream.error, (*passed_frames, *stream.close()))
        self.units_sent += len(out)
        return out

    def _note_outcome(self) -> None:
        if not self._stream.has_news:
            return
        outcome = self._stream.outcome()
        if self._keep is not None and outcome.thinking is not None:
            # Before the client gets the call: its result may arrive at once, on another connection.
            self._keep(outcome.thinking)
        # What upstream does after its last event (silence, a break) does not affect the response.
        self._is_over = outcome.finished or outcome.error is not None
        if self._is_over:
            self._last_outcome = outcome

    def _note_end(self, frames: list[Frame]) -> list[Frame]:
        """Note the stream's end."""
        self._is_over = True
        error = self._stream.error
        if error is None:
            return frames
        self.broken = BrokenStream(error, tuple(frames))
        return []


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _of_text(frame: Frame) -> Frame:
    """Return ``frame``. Raises StreamFormatError unless it is UTF-8."""
    if not (frame.data.isascii() or _is_text(frame.data)):
        raise StreamFormatError("upstream sent an event that is not UTF-8 text")
    return frame


def last_frames(decoder: Decoder) -> list[Frame]:
    """Return a last event without its empty line, unless it was cut off.

    Half an event must not be forwarded: a client would read invalid JSON. Upstream's events are
    objects, so an event whose object is closed is complete.
    """
    return [frame for frame in decoder.close() if _is_complete(frame)]


def _is_complete(frame: Frame) -> bool:
    data = frame.data.strip()
    if data == b"[DONE]":
        return True
    if not data.startswith(b"{"):
        return False
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


class TranslatingTranscoder:
    """Reads one dialect and writes another (or the same, to enforce limits)."""

    def __init__(
        self,
        reader: StreamReader,
        writer: StreamWriter,
        limits: LocalLimits | None = None,
        keep: KeepThinking | None = None,
        repair: EventRepair | None = None,
        *,
        client: DialectName,
    ) -> None:
        self._decoder = Decoder()
        self._repair = repair
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._keep = keep
        self._size = AnswerSize()
        self._watch = ThinkingWatch()
        self._losses = AnswerLosses(client, lambda: reader.unread)
        self._start: Start | None = None
        self._end: Done | Error | None = None
        self._last_outcome: StreamOutcome | None = None
        """The outcome once it has ended, which nothing changes any more."""
        self.broken: BrokenStream | None = None
        can_shorten = limits is None and repair is None and says_text_alone(reader, writer)
        self._shortcut = TextShortcut(self._size) if can_shorten else None

    @property
    def finished(self) -> bool:
        return self._end is not None

    @property
    def units_sent(self) -> int:
        return self._size.tokens

    def feed(self, chunk: bytes) -> list[Frame]:
        frames: list[Frame] = []
        events: list[StreamEvent] = []
        begin, size = 0, len(chunk)
        try:
            while begin < size and self._end is None:
                shortcut = self._shortcut
                if shortcut is None:
                    for frame in self._decoder.feed(chunk[begin:] if begin else chunk):
                        events += self._read(frame)
                    break
                begins_whole = self._decoder.is_between_frames
                if begins_whole:
                    carried, end = shortcut.apply(chunk, begin)
                    if carried:
                        frames.append(Run(carried))
                        begin = end
                        continue
                end = chunk.find(b"\n\n", begin) + 2
                came = chunk[begin : end if end >= 2 else size]
                begin += len(came)
                read = self._decoder.feed(came)
                for frame in read:
                    events += self._read(frame)
                if read and not (begins_whole and self._learn(shortcut, came, events, frames)):
                    shortcut.forget()
                if shortcut.is_given_up:
                    self._shortcut = None
        except StreamFormatError as error:
            events.append(Error(error))
        if events:
            frames += self.write(events)
        return frames

    def _learn(
        self,
        shortcut: TextShortcut,
        came: bytes,
        events: list[StreamEvent],
        frames: list[Frame],
    ) -> bool:
        """Write ``events`` and note what was written for the last, if all that came was its text.

        Return False, doing nothing, if it was anything else: those are written together at the end.
        """
        if not getattr(self._reader, TEXT_ALONE, False) or not self._decoder.is_between_frames:
            return False
        if not came.startswith((b"data: ", b"event: ")) or not came.endswith(b"\n\n"):
            return False
        text = events.pop()
        if events:
            frames += self.write(events)
            events.clear()
        written = self.write((text,))
        frames += written
        if not written or type(text) is not TextDelta:
            return False
        shortcut.learn(came, text.text, written[-1])
        return True

    def close(self) -> list[Frame]:
        if self._end is not None:
            return []
        events: list[StreamEvent] = []
        try:
            for frame in last_frames(self._decoder):
                events += self._read(frame)
            events += self._reader.close()
        except StreamFormatError as error:
            events.append(Error(error))
        return self.write(events)

    def fail(self, error: ProxyError) -> None:
        self.write([Error(error)])

    def write(self, events: Iterable[StreamEvent]) -> list[Frame]:
        """Return the frames of ``events``, without those after the end."""
        frames: list[Frame] = []
        if self._repair is not None:
            events = chain.from_iterable(map(self._repair.feed, events))
        events = map(self._size.check, events)
        if self._keep is not None:
            events = tuple(events)
            watch_events(events, self._watch, self._keep)
        began_before = self._start is not None
        has_content = False
        for event in events:
            for passed_event in (event,) if self._limits is None else self._limits.feed(event):
                if self._end is None:
                    has_content = has_content or not isinstance(passed_event, (Start, Error))
                    frames += self._write_one(passed_event)
        if self.broken is not None and not has_content and not began_before:
            return []  # it began with an error: the client may still get a status
        return frames

    def outcome(self) -> StreamOutcome:
        if self._last_outcome is not None:
            return self._last_outcome
        outcome = with_repaired(stream_outcome(self._start, self._end), self._repair)
        outcome = with_left_out(outcome, self._losses)
        if self._end is not None:
            self._last_outcome = outcome
        return outcome

    def _read(self, frame: Frame) -> list[StreamEvent]:
        if not frame.data.isascii():
            _of_text(frame)
        return self._reader.feed(frame)

    def _write_one(self, event: StreamEvent) -> list[Frame]:
        kind = type(event)
        if kind in LOSABLE:
            assert isinstance(event, LOSABLE)
            self._losses.feed(event)
        if kind is Start:
            assert isinstance(event, Start)
            self._start = event
        elif kind is Done or kind is Error:
            assert isinstance(event, (Done, Error))
            self._end = event
            last = self._writer.feed(event) + self._writer.close()
            if isinstance(event, Error):
                self.broken = BrokenStream(event.error, tuple(last))
                return []
            return last
        return self._writer.feed(event)


def watch_events(events: Iterable[StreamEvent], watch: ThinkingWatch, keep: KeepThinking) -> None:
    """Cache the thinking that the turn's tool results require, as far as it is known."""
    for event in events:
        watch.feed(event)
    if watch.turn is not None:
        keep(watch.turn)


def stream_outcome(start: Start | None, end: Done | Error | None) -> StreamOutcome:
    """Return the outcome of a stream of canonical events."""
    return StreamOutcome(
        finished=isinstance(end, Done),
        stop_reason=end.stop_reason if isinstance(end, Done) else None,
        usage=end.usage if isinstance(end, Done) else (start.usage if start else None),
        bill=end.bill if isinstance(end, Done) else None,
        error=end.error if isinstance(end, Error) else None,
        response_id=start.response_id if start else None,
        model=start.model if start else None,
    )


def with_repaired(outcome: StreamOutcome, repair: EventRepair | None) -> StreamOutcome:
    """Add the number of calls converted from text."""
    if repair is None or not repair.repaired:
        return outcome
    return replace(outcome, repaired_calls=repair.repaired)


def with_left_out(outcome: StreamOutcome, losses: AnswerLosses) -> StreamOutcome:
    """Add the names of content the client did not get."""
    names = losses.names()
    return replace(outcome, left_out=names) if names else outcome


def events_outcome(events: Iterable[StreamEvent]) -> StreamOutcome:
    """Return the outcome of a whole response."""
    start: Start | None = None
    end: Done | Error | None = None
    for event in events:
        if isinstance(event, Start):
            start = event
        elif isinstance(event, Done | Error):
            end = event
    return stream_outcome(start, end)
