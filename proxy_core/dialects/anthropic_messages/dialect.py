"""``/v1/messages`` as a dialect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from proxy_core.canonical.events import StreamEvent
from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import DialectName, RenderedRequest, Request
from proxy_core.canonical.sse import Frame
from proxy_core.dialects import client_traits
from proxy_core.dialects.anthropic_messages import errors, read_stream, write_stream
from proxy_core.dialects.anthropic_messages.betas import pass_through_headers
from proxy_core.dialects.anthropic_messages.edit_request import (
    inspect_request,
    pass_through_request,
)
from proxy_core.dialects.anthropic_messages.parse_request import parse_request
from proxy_core.dialects.anthropic_messages.pass_through_stream import MessagesPassThrough
from proxy_core.dialects.anthropic_messages.render_request import render_request
from proxy_core.dialects.anthropic_messages.repair_leaked_calls import MessagesFrameRepair
from proxy_core.dialects.conversation_outline import Outline
from proxy_core.dialects.interface import (
    OutputLimits,
    PassThroughStream,
    RenderedHeaders,
    RequestFacts,
    WriterContext,
)
from proxy_core.dialects.leaked_tool_calls.repair_frames import RepairingStream
from proxy_core.dialects.shared.json_members import decode_raw
from proxy_core.dialects.shared.output_limits import read_output_limits
from proxy_core.dialects.shared.request_check import (
    ANTHROPIC,
    check_format,
    check_members,
    check_thinking_budget,
    refuse_unknown_blocks,
)
from proxy_core.dialects.shared.upstream_errors import is_anthropic_error
from proxy_core.errors import ProxyError

PING = b'event: ping\ndata: {"type": "ping"}\n\n'


class AnthropicMessages:
    name = DialectName.ANTHROPIC_MESSAGES
    endpoint = Endpoint.MESSAGES
    traits = client_traits.ANTHROPIC_MESSAGES

    def owns_error(self, body: Mapping[str, Any]) -> bool:
        return is_anthropic_error(body)

    def inspect_request(self, body: Mapping[str, Any]) -> RequestFacts:
        return inspect_request(body)

    def check_request(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        check_members(body, Endpoint.MESSAGES, ANTHROPIC)
        check_thinking_budget(body, headers)
        config = decode_raw(body, "output_config")
        wanted = config.get("format") if isinstance(config, dict) else None
        check_format(wanted, "output_config.format", Endpoint.MESSAGES, ANTHROPIC)

    def check_translatable(self, body: Mapping[str, Any]) -> None:
        refuse_unknown_blocks(body.get("messages"))

    def pass_through_request(
        self, body: Mapping[str, Any], model: Model, outline: Outline | None = None
    ) -> RenderedRequest:
        return pass_through_request(body, model, outline)

    def pass_through_headers(self, headers: Mapping[str, str], model: Model) -> RenderedHeaders:
        del model
        return pass_through_headers(headers)

    def output_limits(self, body: Mapping[str, Any]) -> OutputLimits:
        return read_output_limits(body, ("max_tokens",), "stop_sequences")

    def parse_request(self, body: Mapping[str, Any]) -> Request:
        return parse_request(body)

    def render_request(self, request: Request, model: Model) -> RenderedRequest:
        return render_request(request, model)

    def reader(self, model_id: str) -> read_stream.MessagesReader:
        return read_stream.MessagesReader(model_id)

    def writer(self, context: WriterContext) -> write_stream.MessagesWriter:
        return write_stream.MessagesWriter(context)

    def pass_through(self, context: WriterContext) -> PassThroughStream:
        stream, tools = MessagesPassThrough(context), context.repairs_calls_of
        if tools is None:
            return stream
        return RepairingStream(stream, MessagesFrameRepair(tools, context.make_id))

    def read_whole(self, body: bytes, model_id: str) -> list[StreamEvent]:
        return read_stream.read_whole(body, model_id)

    def write_whole(self, events: Iterable[StreamEvent], context: WriterContext) -> dict[str, Any]:
        return write_stream.write_whole(events, context)

    def write_error(self, error: ProxyError, request_id: str) -> dict[str, Any]:
        return errors.write_error(error, request_id)

    def error_status(self, error: ProxyError) -> int:
        return errors.error_status(error)

    def error_frames(self, error: ProxyError, request_id: str) -> list[Frame]:
        return errors.error_frames(error, request_id)

    def keep_alive(self) -> bytes:
        return PING
