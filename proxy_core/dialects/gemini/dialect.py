"""Google's ``generateContent`` as a dialect of clients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from proxy_core.canonical.events import StreamEvent
from proxy_core.canonical.request import DialectName, Request
from proxy_core.canonical.sse import Frame, Run
from proxy_core.dialects.client_only import ClientOnlyDialect
from proxy_core.dialects.gemini import errors, inspect_request, write_stream
from proxy_core.dialects.gemini.parse_request import parse_request
from proxy_core.dialects.interface import (
    ClientTraits,
    OutputLimits,
    RequestFacts,
    StreamWriter,
    WriterContext,
)
from proxy_core.errors import ProxyError

_encode = msgspec.json.Encoder().encode


class Gemini(ClientOnlyDialect):
    """Streams as server-sent events (``alt=sse``)."""

    name = DialectName.GEMINI
    traits = ClientTraits()

    def inspect_request(self, body: Mapping[str, Any]) -> RequestFacts:
        return inspect_request.inspect_request(body)

    def check_request(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        """Its parser checks every member: no request of this dialect is passed on unparsed."""
        del body, headers

    def output_limits(self, body: Mapping[str, Any]) -> OutputLimits:
        return inspect_request.output_limits(body)

    def parse_request(self, body: Mapping[str, Any]) -> Request:
        return parse_request(body)

    def writer(self, context: WriterContext) -> StreamWriter:
        return write_stream.GeminiWriter(context)

    def write_whole(self, events: Iterable[StreamEvent], context: WriterContext) -> dict[str, Any]:
        return write_stream.write_whole(events, context)

    def write_error(self, error: ProxyError, request_id: str) -> dict[str, Any]:
        return errors.write_error(error, request_id)

    def error_status(self, error: ProxyError) -> int:
        return errors.error_status(error)

    def error_frames(self, error: ProxyError, request_id: str) -> list[Frame]:
        return [Frame(_encode(errors.write_error(error, request_id)))]

    def keep_alive(self) -> bytes:
        """An empty line: Google's SDKs take a comment for a piece of JSON."""
        return b"\n"


class GeminiArray(Gemini):
    """Streams as one JSON array, as Google does without ``alt=sse``."""

    traits = ClientTraits(stream_type="application/json; charset=utf-8")

    def writer(self, context: WriterContext) -> StreamWriter:
        return write_stream.GeminiArrayWriter(context)

    def error_frames(self, error: ProxyError, request_id: str) -> list[Frame]:
        return [Run(b"[" + _encode(errors.write_error(error, request_id)) + b"]\n")]
