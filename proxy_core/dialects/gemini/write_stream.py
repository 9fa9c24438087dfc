"""Writes canonical events as a stream of ``GenerateContentResponse``, or one of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from proxy_core.canonical.events import Done, Error, StreamEvent
from proxy_core.canonical.sse import Frame, Run
from proxy_core.dialects.gemini.errors import write_error
from proxy_core.dialects.gemini.parse_request import shows_thoughts
from proxy_core.dialects.gemini.write_parts import Part, PartWriter, joined, usage_metadata
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.shared.collector import collect

ID_PREFIX = "gen_"
_encode = msgspec.json.Encoder().encode


class GeminiWriter:
    """One stream of server-sent events (``alt=sse``), each a whole JSON object."""

    def __init__(self, context: WriterContext) -> None:
        self._context = context
        self._parts = _part_writer(context)
        self._tail = b"," + _encode(_head(context))[1:]
        """Members of every chunk behind ``candidates``."""

    def feed(self, event: StreamEvent) -> list[Frame]:
        if isinstance(event, Done):
            return [self._frame(self._last(event))]
        if isinstance(event, Error):
            error = write_error(event.error, self._context.request_id or "")
            return [self._frame(_encode(error))]
        parts = self._parts.feed(event)
        return [self._frame(self._chunk(parts))] if parts else []

    def close(self) -> list[Frame]:
        return []

    def _frame(self, data: bytes) -> Frame:
        return Frame(data)

    def _chunk(self, parts: list[Part]) -> bytes:
        content = b'{"candidates":[{"content":{"parts":' + _encode(parts)
        return content + b',"role":"model"},"index":0}]' + self._tail

    def _last(self, done: Done) -> bytes:
        candidate = _candidate(self._parts.last(done), self._parts.finish_reason(done))
        usage = usage_metadata(done.usage)
        return _encode({"candidates": [candidate], "usageMetadata": usage})[:-1] + self._tail


class GeminiArrayWriter(GeminiWriter):
    """The same chunks as the elements of one JSON array, which ends with the answer."""

    def __init__(self, context: WriterContext) -> None:
        super().__init__(context)
        self._is_open = False

    def close(self) -> list[Frame]:
        return [Run(b"]\n" if self._is_open else b"[]\n")]

    def _frame(self, data: bytes) -> Frame:
        before = b",\n" if self._is_open else b"["
        self._is_open = True
        return Run(before + data)


def write_whole(events: Iterable[StreamEvent], context: WriterContext) -> dict[str, Any]:
    """Raises the ProxyError of a stream that ended with ``Error`` or did not end."""
    known = tuple(events)
    collect(known)
    writer = _part_writer(context)
    parts: list[Part] = []
    done: Done | None = None
    for event in known:
        if isinstance(event, Done):
            done = event
            last = writer.last(event)
            parts += last if last != [{"text": ""}] or not parts else []
        else:
            parts += writer.feed(event)
    assert done is not None, "an answer without an end was refused above"
    candidate = _candidate(joined(parts), writer.finish_reason(done))
    usage = usage_metadata(done.usage)
    return {"candidates": [candidate], "usageMetadata": usage, **_head(context)}


def _part_writer(context: WriterContext) -> PartWriter:
    members = context.members
    return PartWriter(context, shows_thoughts=members is not None and shows_thoughts(members))


def _candidate(parts: list[Part], reason: str) -> dict[str, Any]:
    content = {"parts": parts, "role": "model"}
    return {"content": content, "finishReason": reason, "index": 0}


def _head(context: WriterContext) -> dict[str, str]:
    return {"modelVersion": context.model, "responseId": context.make_id(ID_PREFIX)}
