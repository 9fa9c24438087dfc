"""``/chat/completions`` as a dialect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from proxy_core.canonical.events import StreamEvent
from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import DialectName, RenderedRequest, Request
from proxy_core.canonical.sse import KEEP_ALIVE, Frame
from proxy_core.dialects import client_traits
from proxy_core.dialects.conversation_outline import Outline
from proxy_core.dialects.interface import (
    OutputLimits,
    PassThroughStream,
    RenderedHeaders,
    RequestFacts,
    WriterContext,
)
from proxy_core.dialects.leaked_tool_calls.repair_frames import RepairingStream
from proxy_core.dialects.openai_chat import errors, read_stream, write_stream
from proxy_core.dialects.openai_chat.edit_request import inspect_request, pass_through_request
from proxy_core.dialects.openai_chat.parse_request import parse_request
from proxy_core.dialects.openai_chat.pass_through_stream import ChatPassThrough
from proxy_core.dialects.openai_chat.render_request import render_request
from proxy_core.dialects.openai_chat.repair_leaked_calls import ChatFrameRepair
from proxy_core.dialects.shared.json_members import decode_raw
from proxy_core.dialects.shared.output_limits import read_output_limits
from proxy_core.dialects.shared.request_check import OPENAI, check_format, check_members
from proxy_core.dialects.shared.upstream_errors import is_openai_error
from proxy_core.errors import ProxyError


class OpenAIChat:
    name = DialectName.OPENAI_CHAT
    endpoint = Endpoint.CHAT_COMPLETIONS
    traits = client_traits.OPENAI_CHAT

    def owns_error(self, body: Mapping[str, Any]) -> bool:
        return is_openai_error(body)

    def inspect_request(self, body: Mapping[str, Any]) -> RequestFacts:
        return inspect_request(body)

    def check_request(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        del headers
        check_members(body, Endpoint.CHAT_COMPLETIONS, OPENAI)
        wanted = decode_raw(body, "response_format")
        check_format(wanted, "response_format", Endpoint.CHAT_COMPLETIONS, OPENAI)

    def check_translatable(self, body: Mapping[str, Any]) -> None:
        """Its parser refuses what it does not know."""

    def pass_through_request(
        self, body: Mapping[str, Any], model: Model, outline: Outline | None = None
    ) -> RenderedRequest:
        return pass_through_request(body, model, outline)

    def pass_through_headers(self, headers: Mapping[str, str], model: Model) -> RenderedHeaders:
        """Return none: upstream uses no header of this dialect."""
        del headers, model
        return RenderedHeaders({})

    def output_limits(self, body: Mapping[str, Any]) -> OutputLimits:
        return read_output_limits(body, ("max_completion_tokens", "max_tokens"), "stop")

    def parse_request(self, body: Mapping[str, Any]) -> Request:
        return parse_request(body)

    def render_request(self, request: Request, model: Model) -> RenderedRequest:
        return render_request(request, model)

    def reader(self, model_id: str) -> read_stream.ChatReader:
        return read_stream.ChatReader(model_id)

    def writer(self, context: WriterContext) -> write_stream.ChatWriter:
        return write_stream.ChatWriter(context)

    def pass_through(self, context: WriterContext) -> PassThroughStream:
        stream, tools = ChatPassThrough(context), context.repairs_calls_of
        if tools is None:
            return stream
        return RepairingStream(stream, ChatFrameRepair(tools, context.make_id))

    def read_whole(self, body: bytes, model_id: str) -> list[StreamEvent]:
        return read_stream.read_whole(body, model_id)

    def write_whole(self, events: Iterable[StreamEvent], context: WriterContext) -> dict[str, Any]:
        return write_stream.write_whole(events, context)

    def write_error(self, error: ProxyError, request_id: str) -> dict[str, Any]:
        """OpenAI sends the request id only in a header."""
        del request_id
        return errors.write_error(error)

    def error_status(self, error: ProxyError) -> int:
        return errors.error_status(error)

    def error_frames(self, error: ProxyError, request_id: str) -> list[Frame]:
        del request_id
        return errors.error_frames(error)

    def keep_alive(self) -> bytes:
        return KEEP_ALIVE
