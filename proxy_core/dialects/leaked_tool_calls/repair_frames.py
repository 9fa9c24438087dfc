"""Converts leaked calls into real ones in a passed-through stream. Pure; one object per stream.

Frames are edited before the dialect's own pass-through gets them, so that it sees, and records, an
answer with calls. Frames without a ``<`` are sent unchanged and not decoded.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from msgspec.structs import replace

from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import PassThroughStream, StreamOutcome
from proxy_core.errors import ProxyError


def may_hold_markup(data: bytes) -> bool:
    """Whether JSON text contains a ``<``, unescaped or escaped as by Go's encoder."""
    return b"<" in data or b"\\u003c" in data or b"\\u003C" in data


def _next_markup(data: bytes, begin: int) -> int:
    """Return where the next ``<`` of JSON text is; the length of ``data`` if there is none."""
    places = (data.find(each, begin) for each in (b"<", b"\\u003c", b"\\u003C"))
    return min((each for each in places if each >= 0), default=len(data))


class FrameRepair(Protocol):
    """A dialect's repair of its stream's frames."""

    repaired: int
    """Number of calls converted from text."""

    @property
    def is_holding(self) -> bool:
        """Whether the next frames must be decoded in any case."""

    def note(self, data: bytes) -> None:
        """Note whole frames that were sent unchanged and contain no ``<``."""

    def feed(self, frame: Frame) -> list[Frame]:
        """Return the frames to send in place of ``frame``; itself if unchanged."""

    def release(self) -> list[Frame]:
        """Return the held frames: the stream ended unfinished."""


class RepairingStream:
    """A dialect's pass-through with frames repaired first."""

    def __init__(self, stream: PassThroughStream, repair: FrameRepair) -> None:
        self._stream = stream
        self._repair = repair
        self._searched = b""
        self._markup = 0
        """Where the next ``<`` is in the bytes searched last; their length if there is none."""

    @property
    def error(self) -> ProxyError | None:
        return self._stream.error

    @error.setter
    def error(self, error: ProxyError | None) -> None:
        self._stream.error = error

    @property
    def has_news(self) -> bool:
        return self._stream.has_news

    def forward(self, data: bytes, begin: int = 0) -> tuple[bytes, int]:
        if self._repair.is_holding:
            return b"", begin
        if data is not self._searched or self._markup < begin:
            self._searched, self._markup = data, _next_markup(data, begin)
        if self._markup < len(data):
            last = data.rfind(b"\n\n", begin, self._markup)
            if last < 0:
                return b"", begin
            data = data[: last + 2]
        leaves, end = self._stream.forward(data, begin)
        if end > begin:
            self._repair.note(data[begin:end])
        return leaves, end

    def feed(self, frame: Frame) -> list[Frame]:
        return self._pass(self._repair.feed(frame))

    def close(self) -> list[Frame]:
        return self._pass(self._repair.release()) + self._stream.close()

    def fail(self, error: ProxyError) -> list[Frame]:
        return self._pass(self._repair.release()) + self._stream.fail(error)

    def outcome(self) -> StreamOutcome:
        outcome, repaired = self._stream.outcome(), self._repair.repaired
        return replace(outcome, repaired_calls=repaired) if repaired else outcome

    def _pass(self, frames: Iterable[Frame]) -> list[Frame]:
        return [passed for frame in frames for passed in self._stream.feed(frame)]
