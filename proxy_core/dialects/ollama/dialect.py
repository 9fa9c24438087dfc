"""Ollama's ``/api/chat`` and ``/api/generate`` as dialects of clients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from proxy_core.canonical.events import StreamEvent
from proxy_core.canonical.request import DialectName, Request
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.client_only import ClientOnlyDialect
from proxy_core.dialects.interface import (
    ClientTraits,
    OutputLimits,
    RequestFacts,
    StreamWriter,
    WriterContext,
)
from proxy_core.dialects.ollama import errors, inspect_request, parse_request
from proxy_core.dialects.ollama.write_stream import (
    ChatShape,
    GenerateShape,
    OllamaWriter,
    Shape,
    line_of,
    write_whole,
)
from proxy_core.errors import ProxyError


class OllamaChat(ClientOnlyDialect):
    """``/api/chat``: a conversation with tools."""

    name = DialectName.OLLAMA
    traits = ClientTraits(stream_type="application/x-ndjson")
    shape: type[Shape] = ChatShape

    def inspect_request(self, body: Mapping[str, Any]) -> RequestFacts:
        return inspect_request.inspect_chat(body)

    def check_request(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        """Its parser checks every member: no request of this dialect is passed on unparsed."""
        del body, headers

    def output_limits(self, body: Mapping[str, Any]) -> OutputLimits:
        return inspect_request.output_limits(body)

    def parse_request(self, body: Mapping[str, Any]) -> Request:
        return parse_request.parse_chat(body)

    def writer(self, context: WriterContext) -> StreamWriter:
        return OllamaWriter(context, self.shape(context))

    def write_whole(self, events: Iterable[StreamEvent], context: WriterContext) -> dict[str, Any]:
        return write_whole(events, context, self.shape(context))

    def write_error(self, error: ProxyError, request_id: str) -> dict[str, Any]:
        """Ollama's errors are one sentence; the id stands in the header."""
        del request_id
        return {**errors.write_error(error)}

    def error_status(self, error: ProxyError) -> int:
        return errors.error_status(error)

    def error_frames(self, error: ProxyError, request_id: str) -> list[Frame]:
        del request_id
        return [line_of(errors.write_error(error))]

    def keep_alive(self) -> bytes:
        """A space before the next line, which no reader of JSON minds; an empty line breaks some."""
        return b" "


class OllamaGenerate(OllamaChat):
    """``/api/generate``: one prompt."""

    shape = GenerateShape

    def inspect_request(self, body: Mapping[str, Any]) -> RequestFacts:
        return inspect_request.inspect_generate(body)

    def parse_request(self, body: Mapping[str, Any]) -> Request:
        return parse_request.parse_generate(body)
