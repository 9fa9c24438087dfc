"""Whole responses, converted from and to the events of an equivalent stream."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from proxy_core.canonical.events import Error, StreamEvent
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.errors import ended_early
from proxy_core.dialects.openai_responses.read_stream import ResponsesReader
from proxy_core.dialects.openai_responses.write_stream import ResponsesWriter
from proxy_core.errors import StreamFormatError

_ENDED = ("completed", "incomplete", "failed", "cancelled")
_raw_objects = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encoder = msgspec.json.Encoder()


def read_whole(body: bytes, model_id: str) -> list[StreamEvent]:
    """Read a response object, or an error object in its place.

    Raises:
        StreamFormatError: the body is neither.
    """
    try:
        members = _raw_objects.decode(body)
        status = msgspec.json.decode(members.get("status", b'"completed"'))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StreamFormatError(f"GitHub Copilot sent an unreadable answer: {error}") from error
    if "error" in members and "output" not in members:
        event: dict[str, object] = {"type": "error", "error": members["error"]}
    else:
        # A response still in progress was never completed.
        kind = status if status in _ENDED else "in_progress"
        event = {"type": f"response.{kind}", "response": members}
        if "copilot_usage" in members:
            event["copilot_usage"] = members["copilot_usage"]
    reader = ResponsesReader(model_id)
    events = reader.feed(Frame(_encoder.encode(event)))
    return [*events, *reader.close()]


def write_whole(events: Iterable[StreamEvent], context: WriterContext) -> dict[str, Any]:
    """Return the response object.

    Raises:
        ProxyError: the one the events ended with, or UpstreamBroke if they did not end.
    """
    writer = ResponsesWriter(context)
    for event in events:
        if isinstance(event, Error):
            raise event.error
        writer.feed(event)
    if writer.response is None:
        raise ended_early()
    return writer.response
