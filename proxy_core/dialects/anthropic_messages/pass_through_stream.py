"""Passes a Messages stream through to a Messages client with few edits."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.canonical.events import Bill, StopReason, Usage
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.anthropic_messages.errors import error_frames
from proxy_core.dialects.anthropic_messages.read_stream import read_error
from proxy_core.dialects.anthropic_messages.schema import STOP_REASONS
from proxy_core.dialects.anthropic_messages.wire import parse_usage
from proxy_core.dialects.interface import StreamOutcome, WriterContext
from proxy_core.dialects.shared.bill import parse_bill
from proxy_core.errors import ProxyError, StreamFormatError, UpstreamBroke

_FORWARDED = frozenset(
    {b"content_block_delta", b"content_block_start", b"content_block_stop", b"ping"}
)
_DELTA = b"event: content_block_delta\ndata: {"
_DELTA_LINES = 3
_JUNK = ("copilot_", "amazon-bedrock-")
"""Members of the backends behind upstream (copilot-protocol.md 7.4); not in Anthropic's types."""
_encode = msgspec.json.Encoder().encode


class MessagesPassThrough:
    """One stream. Only the events at the message's start and end are decoded."""

    def __init__(self, context: WriterContext) -> None:
        self._context = context
        self._is_over = False
        self._is_finished = False
        self._stop_reason: StopReason | None = None
        self._usage: Usage | None = None
        self._bill: Bill | None = None
        self.error: ProxyError | None = None
        self._response_id: str | None = None
        self._model: str | None = None

    def forward(self, data: bytes, begin: int = 0) -> tuple[bytes, int]:
        """Raw line ends occur only between fields: counting them shows whether a frame is a delta."""
        if self._is_over:
            return b"", begin
        end, size = begin, len(data)
        while data.startswith(_DELTA, end):
            behind = data.find(b"\n\n", end) + 2
            if data.count(b"\n", end, behind) != _DELTA_LINES:
                break
            end = behind
            if end == size:
                break
        return data if end - begin == size else data[begin:end], end

    def feed(self, frame: Frame) -> list[Frame]:
        if self._is_over:
            return []
        if not frame.data.strip():
            return []
        if frame.event in _FORWARDED:
            return [frame]
        return self._look_into(frame)

    def close(self) -> list[Frame]:
        if self._is_over:
            return []
        if self._stop_reason is not None:
            # The content is complete; only the last event, which has none, is missing.
            self._is_over = self._is_finished = True
            return [Frame(b'{"type":"message_stop"}', b"message_stop")]
        message = "Connection error: GitHub Copilot ended its answer in the middle"
        return self._break_off(UpstreamBroke(message))

    def fail(self, error: ProxyError) -> list[Frame]:
        return [] if self._is_over else self._break_off(error)

    @property
    def has_news(self) -> bool:
        return self._is_over

    def outcome(self) -> StreamOutcome:
        return StreamOutcome(
            self._is_finished,
            self._stop_reason,
            self._usage,
            self._bill,
            self.error,
            self._response_id,
            self._model,
        )

    def _look_into(self, frame: Frame) -> list[Frame]:
        try:
            event = msgspec.json.decode(frame.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return self._break_off(StreamFormatError(f"upstream sent an unreadable event: {error}"))
        if not isinstance(event, dict):
            return self._break_off(StreamFormatError("upstream sent an event that is no object"))
        kind = event.get("type")
        if kind == "error":
            failure = read_error(event.get("error"))
            if not _is_error_object(event.get("error")):
                return self._break_off(failure)
            self._is_over = True
            self.error = failure
            return [Frame(frame.data, b"error")]
        if event.get("error") is not None:
            return self._break_off(read_error(event["error"]))
        if kind == "message_start":
            return [self._message_start(event)]
        if kind == "message_delta":
            self._message_delta(event)
        elif kind == "message_stop":
            self._is_over = self._is_finished = True
        name = frame.event or (kind.encode() if isinstance(kind, str) else b"")
        junk = [member for member in event if member.startswith(_JUNK)]
        for member in junk:
            del event[member]
        return [Frame(_encode(event) if junk else frame.data, name)]

    def _message_start(self, event: dict[str, Any]) -> Frame:
        message = event.get("message")
        if isinstance(message, dict):
            identifier, model = message.get("id"), message.get("model")
            self._response_id = identifier if isinstance(identifier, str) else None
            self._model = model if isinstance(model, str) else None
            self._usage = _usage(message, Usage())
            message["model"] = self._context.model
            wire = message.get("usage")
            if not self._usage.prompt_tokens and isinstance(wire, dict):
                # Clients' context meters start from here (Joouis/agent-maestro#150).
                wire["input_tokens"] = self._context.input_tokens_estimate
            for member in [member for member in message if member.startswith(_JUNK)]:
                del message[member]
        return Frame(_encode(event), b"message_start")

    def _message_delta(self, event: dict[str, Any]) -> None:
        self._usage = _usage(event, self._usage or Usage())
        if event.get("copilot_usage") is not None:
            bill = parse_bill(msgspec.Raw(_encode(event["copilot_usage"])))
            self._bill = bill.bill() if bill is not None else self._bill
        delta = event.get("delta")
        reason = delta.get("stop_reason") if isinstance(delta, dict) else None
        if isinstance(reason, str):
            self._stop_reason = STOP_REASONS.get(reason, StopReason.STOP)

    def _break_off(self, error: ProxyError) -> list[Frame]:
        self._is_over = True
        self.error = error
        return error_frames(error, self._context.request_id or self._context.make_id("req_"))


def _is_error_object(error: object) -> bool:
    """Whether the member conforms to Anthropic's own types."""
    return (
        isinstance(error, dict)
        and isinstance(error.get("type"), str)
        and isinstance(error.get("message"), str)
    )


def _usage(holder: dict[str, Any], before: Usage) -> Usage:
    usage = holder.get("usage")
    return before if usage is None else parse_usage(_encode(usage), before)
