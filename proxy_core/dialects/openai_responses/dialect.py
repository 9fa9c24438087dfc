"""``/responses`` as a dialect: the parts of this package behind one interface."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from proxy_core.canonical import sse
from proxy_core.canonical.events import StreamEvent
from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import DialectName, RenderedRequest, Request
from proxy_core.canonical.sse import Frame
from proxy_core.dialects import client_traits
from proxy_core.dialects.conversation_outline import Outline
from proxy_core.dialects.interface import (
    OutputLimits,
    RenderedHeaders,
    RequestFacts,
    StreamWriter,
    WriterContext,
)
from proxy_core.dialects.openai_responses import edit_request, errors
from proxy_core.dialects.openai_responses import inspect_request as request_inspector
from proxy_core.dialects.openai_responses import parse_request as request_parser
from proxy_core.dialects.openai_responses import render_request as request_renderer
from proxy_core.dialects.openai_responses.pass_through_stream import ResponsesPassThrough
from proxy_core.dialects.openai_responses.read_stream import ResponsesReader
from proxy_core.dialects.openai_responses.response import failure_frames, whole_answer
from proxy_core.dialects.openai_responses.write_stream import ResponsesWriter
from proxy_core.dialects.shared.json_members import decode_raw
from proxy_core.dialects.shared.output_limits import read_output_limits
from proxy_core.dialects.shared.request_check import OPENAI, check_format, check_members
from proxy_core.dialects.shared.upstream_errors import is_openai_error
from proxy_core.errors import ProxyError


class OpenAIResponses:
    """Implements ``proxy_core.dialects.interface.Dialect``; holds no state."""

    name = DialectName.OPENAI_RESPONSES
    endpoint = Endpoint.RESPONSES
    traits = client_traits.OPENAI_RESPONSES

    def owns_error(self, body: Mapping[str, Any]) -> bool:
        return is_openai_error(body)

    def inspect_request(self, body: Mapping[str, Any]) -> RequestFacts:
        return request_inspector.inspect_request(body)

    def check_request(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        del headers
        check_members(body, Endpoint.RESPONSES, OPENAI)
        text = decode_raw(body, "text")
        wanted = text.get("format") if isinstance(text, dict) else None
        check_format(wanted, "text.format", Endpoint.RESPONSES, OPENAI)

    def check_translatable(self, body: Mapping[str, Any]) -> None:
        request_inspector.refuse_unknown_items(body.get("input"))

    def pass_through_request(
        self, body: Mapping[str, Any], model: Model, outline: Outline | None = None
    ) -> RenderedRequest:
        return edit_request.pass_through_request(body, model, outline)

    def pass_through_headers(self, headers: Mapping[str, str], model: Model) -> RenderedHeaders:
        """Return none: upstream uses no header of this dialect."""
        del headers, model
        return RenderedHeaders({})

    def output_limits(self, body: Mapping[str, Any]) -> OutputLimits:
        return read_output_limits(body, ("max_output_tokens",), None)

    def parse_request(self, body: Mapping[str, Any]) -> Request:
        return request_parser.parse_request(body)

    def render_request(self, request: Request, model: Model) -> RenderedRequest:
        return request_renderer.render_request(request, model)

    def reader(self, model_id: str) -> ResponsesReader:
        return ResponsesReader(model_id)

    def writer(self, context: WriterContext) -> StreamWriter:
        return ResponsesWriter(context)

    def pass_through(self, context: WriterContext) -> ResponsesPassThrough:
        return ResponsesPassThrough(context)

    def read_whole(self, body: bytes, model_id: str) -> list[StreamEvent]:
        return whole_answer.read_whole(body, model_id)

    def write_whole(self, events: Iterable[StreamEvent], context: WriterContext) -> dict[str, Any]:
        return whole_answer.write_whole(events, context)

    def write_error(self, error: ProxyError, request_id: str) -> dict[str, Any]:
        return errors.write_error(error, request_id)

    def error_status(self, error: ProxyError) -> int:
        return errors.error_status(error)

    def error_frames(self, error: ProxyError, request_id: str) -> list[Frame]:
        return failure_frames.error_frames(error, request_id)

    def keep_alive(self) -> bytes:
        return sse.KEEP_ALIVE
