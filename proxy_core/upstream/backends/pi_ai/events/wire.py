"""What the three endpoints share: frames, and upstream's own events that the library drops. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import msgspec

from proxy_core.upstream.backends.pi_ai.lines import Line

encode = msgspec.json.Encoder().encode


def frame(data: bytes, name: bytes = b"") -> bytes:
    """Return one server-sent event."""
    head = b"event: " + name + b"\n" if name else b""
    return head + b"data: " + data + b"\n\n"


class Wire(ABC):
    """Writes one answer.

    ``is_finished``: upstream said that its answer is whole. ``failure`` is the frame of an error that
    upstream sent in its stream. Notes come before the library's events of the same bytes.
    """

    def __init__(self) -> None:
        self.is_finished = False
        self.failure: bytes | None = None

    @abstractmethod
    def note(self, raw: str, event: dict[str, Any]) -> bytes:
        """Take one of upstream's events; return what of it is sent at once."""

    @abstractmethod
    def event(self, line: Line) -> bytes:
        """Return the bytes of one of the library's events."""

    @abstractmethod
    def finish(self) -> bytes:
        """Return the end of a whole answer."""
