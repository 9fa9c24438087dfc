"""The full content of one request and its response, for the user to inspect.

In memory only: it must not enter a log, a file, a status or a request record.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class TracePlace(StrEnum):
    """Where content was captured, in the order a request passes."""

    CLIENT_REQUEST = "client_request"
    UPSTREAM_REQUEST = "upstream_request"
    UPSTREAM_ANSWER = "upstream_answer"
    CLIENT_ANSWER = "client_answer"


class TracePart(Struct, frozen=True):
    """A body or stream captured at one place; never headers, which hold keys.

    ``size`` is its full size in bytes; ``is_cut``: ``text`` is only the beginning.
    """

    place: TracePlace
    text: str
    size: int
    is_cut: bool = False


class RequestTrace(Struct, frozen=True):
    """``began`` is in seconds since 1970. Parts not (yet) received are missing."""

    request_id: str
    began: float
    parts: tuple[TracePart, ...] = ()

    def part(self, place: TracePlace) -> TracePart | None:
        return next((each for each in self.parts if each.place is place), None)
