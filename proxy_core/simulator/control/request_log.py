"""What arrived, for tests and people: method, place, headers and body of every request."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
from aiohttp import web

_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class RecordedRequest:
    """``headers`` have lower-case names. ``at`` is unix seconds.

    A frame on a WebSocket is recorded with method ``WS``.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    raw: bytes
    at: float

    @cached_property
    def body(self) -> Any:
        """Parsed JSON, else text; None when there was none."""
        if not self.raw:
            return None
        try:
            return msgspec.json.decode(self.raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self.raw.decode("utf-8", "replace")

    def as_json(self, *, raw: bool = False) -> dict[str, Any]:
        """With ``raw``, the body is the text that came, unread."""
        return {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": self.headers,
            "body": self.raw.decode("utf-8", "replace") if raw else self.body,
            "at": self.at,
        }


class RequestLog:
    """The last ``size`` requests, oldest first; fewer when their bodies are very large."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._bytes = 0
        self._entries: deque[RecordedRequest] = deque()

    def record(
        self, request: web.Request, raw: bytes, at: float, *, method: str | None = None
    ) -> None:
        entry = RecordedRequest(
            method=method or request.method,
            path=request.path,
            query=request.query_string,
            headers={name.lower(): value for name, value in request.headers.items()},
            raw=raw,
            at=at,
        )
        self._entries.append(entry)
        self._bytes += len(raw)
        while len(self._entries) > self._size or (
            self._bytes > _MOST_BYTES and len(self._entries) > 1
        ):
            self._bytes -= len(self._entries.popleft().raw)

    @property
    def entries(self) -> list[RecordedRequest]:
        return list(self._entries)
