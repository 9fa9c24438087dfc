"""Reads upstream's ``/v1/messages`` streams and whole answers into canonical events."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.canonical.events import (
    Bill,
    Done,
    Error,
    Start,
    StopReason,
    StreamEvent,
    Usage,
)
from proxy_core.canonical.request import DialectName, Opaque
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.anthropic_messages.read_blocks import (
    BlockReading,
    NativeReading,
    read_block,
)
from proxy_core.dialects.anthropic_messages.schema import STOP_REASONS
from proxy_core.dialects.anthropic_messages.wire import (
    UNREADABLE,
    Event,
    Message,
    decode_event,
    decode_message,
    further_members,
    parse_usage,
)
from proxy_core.dialects.shared.bill import parse_bill
from proxy_core.dialects.shared.upstream_errors import upstream_failure
from proxy_core.errors import ProxyError, StreamFormatError, UpstreamBroke

MESSAGES = DialectName.ANTHROPIC_MESSAGES
_DELTAS = frozenset(
    {
        "text_delta",
        "input_json_delta",
        "thinking_delta",
        "signature_delta",
        "citations_delta",
    }
)


class MessagesReader:
    """One stream. The event's type is read from its data, because gateways drop the ``event`` line."""

    def __init__(self, model_id: str) -> None:
        self._model_id = model_id
        self._is_started = False
        self._is_over = False
        self._blocks: dict[int, BlockReading] = {}
        self._stop_reason: StopReason | None = None
        self._stop_sequence: str | None = None
        self._usage = Usage()
        self._bill: Bill | None = None
        self.unread: dict[str, None] = {}
        self._more: dict[str, Any] = {}

    def feed(self, frame: Frame) -> list[StreamEvent]:
        if self._is_over or not frame.data.strip():
            return []
        try:
            return self._read(frame)
        except UNREADABLE as error:  # Raw parts are decoded only when needed.
            raise StreamFormatError(f"upstream sent an unreadable event: {error}") from error

    def _read(self, frame: Frame) -> list[StreamEvent]:
        event = decode_event(frame.data)
        if event.type == "content_block_delta":
            return self._block_delta(event, frame.data)
        if event.type == "content_block_start":
            return self._block_start(event)
        if event.type == "content_block_stop":
            reading = self._blocks.pop(event.index, None)
            return [] if reading is None else reading.stop()
        if event.type == "message_start":
            self._note_more(msgspec.json.decode(frame.data).get("message"))
            return self._start(event.message or Message())
        if event.type == "message_delta":
            members = msgspec.json.decode(frame.data)
            self._note_more(members)
            self._note_more(members.get("delta"))
            return self._message_delta(event)
        if event.type == "message_stop":
            return self._finish()
        if event.type == "error" or event.error is not None:
            # Upstream's own errors have no type: {"error": {"code", "message"}}.
            return self._break_off(read_error(event.error))
        if not event.type:
            raise StreamFormatError("upstream sent an event without a type")
        if event.type != "ping":  # whatever Anthropic adds: "handle unknown events gracefully"
            self.unread[event.type] = None
        return []

    def close(self) -> list[StreamEvent]:
        if self._is_over:
            return []
        if self._stop_reason is not None:
            return self._finish()
        return self._break_off(
            UpstreamBroke("Connection error: GitHub Copilot ended its answer in the middle")
        )

    def _start(self, message: Message) -> list[StreamEvent]:
        if self._is_started:
            return []
        self._is_started = True
        self._usage = parse_usage(message.usage, Usage())
        return [Start(message.id, message.model, self._usage)]

    def _block_start(self, event: Event) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        if not self._is_started:
            events.extend(self._start(Message()))
        if event.index in self._blocks:
            raise StreamFormatError(f"upstream opened the block {event.index} twice")
        reading = read_block(event.index, event.content_block, self._model_id)
        self._blocks[event.index] = reading
        events.extend(reading.opening())
        return events

    def _block_delta(self, event: Event, data: bytes) -> list[StreamEvent]:
        reading = self._blocks.get(event.index)
        if reading is None or event.delta is None:
            raise StreamFormatError(f"upstream sent a piece of the unknown block {event.index}")
        if isinstance(reading, NativeReading) and event.delta.type not in _DELTAS:
            reading.merge(msgspec.json.decode(data)["delta"])
            return []
        if event.delta.type not in _DELTAS:
            self.unread[event.delta.type] = None
        return reading.delta(event.delta)

    def _message_delta(self, event: Event) -> list[StreamEvent]:
        self._usage = parse_usage(event.usage, self._usage)
        self._take_bill(event.copilot_usage)
        if event.delta is not None and event.delta.stop_reason is not None:
            self._set_stop_reason(event.delta.stop_reason)
            self._stop_sequence = event.delta.stop_sequence
        return []

    def _note_more(self, holder: object) -> None:
        if isinstance(holder, dict):
            more = further_members(holder)
            counted = {**self._more.get("usage", {}), **more.get("usage", {})}
            self._more |= more | ({"usage": counted} if counted else {})

    def _set_stop_reason(self, stated: str) -> None:
        self._stop_reason = STOP_REASONS.get(stated, StopReason.STOP)
        if stated not in STOP_REASONS:
            self.unread[f"stop_reason {stated}"] = None

    def _take_bill(self, raw: msgspec.Raw) -> None:
        bill = parse_bill(raw)
        if bill is not None:
            self._bill = bill.bill()

    def _finish(self) -> list[StreamEvent]:
        if not self._is_started:
            return self._break_off(UpstreamBroke("GitHub Copilot sent an empty answer"))
        self._is_over = True
        events: list[StreamEvent] = []
        # A block cut off by the token limit has no stop of its own.
        for reading in self._blocks.values():
            events.extend(reading.stop())
        reason = self._stop_reason or StopReason.STOP
        more = None
        if self._more:
            more = Opaque(MESSAGES, "message", msgspec.json.encode(self._more).decode())
        events.append(Done(reason, self._usage, self._stop_sequence, self._bill, more))
        return events

    def _break_off(self, error: ProxyError) -> list[StreamEvent]:
        self._is_over = True
        return [Error(error)]

    def read_message(self, message: Message, members: object = None) -> list[StreamEvent]:
        """Take a whole response at once; ``members`` are all of its own."""
        self._note_more(members)
        events = self._start(message)
        for index, raw in enumerate(message.content):
            reading = read_block(index, raw, self._model_id)
            events.extend(reading.opening())
            events.extend(reading.stop())
        self._take_bill(message.copilot_usage)
        self._set_stop_reason(message.stop_reason or "end_turn")
        self._stop_sequence = message.stop_sequence
        return events + self._finish()


def read_whole(body: bytes, model_id: str) -> list[StreamEvent]:
    """Read a whole response as the events its stream would have produced.

    Raises: StreamFormatError: the body is not a response.
    """
    message = decode_message(body)
    if message.error is not None:
        return [Error(read_error(message.error))]
    if message.type != "message":
        raise StreamFormatError("upstream sent an answer that is no message")
    try:
        return MessagesReader(model_id).read_message(message, msgspec.json.decode(body))
    except UNREADABLE as error:
        raise StreamFormatError(f"upstream sent an unreadable answer: {error}") from error


def read_error(error: Any) -> ProxyError:
    """Convert the ``error`` member of an error event."""
    if not isinstance(error, dict):
        return upstream_failure(str(error or ""))
    message, code, kind = (
        value if isinstance(value := error.get(name), str) else None
        for name in ("message", "code", "type")
    )
    return upstream_failure(message or "", code, kind)
