"""What one request and its answer said, word for word, for its user to look at. In memory only.

Nothing of it may enter a log, a file, a status or a request record.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TracePlace(StrEnum):
    """In the order in which a request passes them."""

    CLIENT_REQUEST = "client_request"
    UPSTREAM_REQUEST = "upstream_request"
    UPSTREAM_ANSWER = "upstream_answer"
    CLIENT_ANSWER = "client_answer"


@dataclass(frozen=True, slots=True)
class TracePart:
    """Body or stream at one place; never headers, which hold keys. ``size`` is in bytes, all of it;
    ``is_cut``: ``text`` is only the beginning."""

    place: TracePlace
    text: str
    size: int
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class RequestTrace:
    """``began`` is in seconds since 1970. Parts that have not come (yet) are missing."""

    request_id: str
    began: float
    parts: tuple[TracePart, ...] = ()

    def part(self, place: TracePlace) -> TracePart | None:
        return next((each for each in self.parts if each.place is place), None)
