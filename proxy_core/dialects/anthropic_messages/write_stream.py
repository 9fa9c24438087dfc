"""Writes canonical events as a Messages stream or a whole message."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from proxy_core.canonical.events import (
    Done,
    Error,
    NativeItem,
    RefusalDelta,
    RefusalEnd,
    Start,
    StopReason,
    StreamEvent,
    TextDelta,
    TextEnd,
    ThinkingDelta,
    ThinkingEnd,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    Usage,
)
from proxy_core.canonical.request import (
    DialectName,
    NativePart,
    Opaque,
    Part,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolKind,
)
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.anthropic_messages.errors import error_frames
from proxy_core.dialects.anthropic_messages.render_messages import tool_input
from proxy_core.dialects.anthropic_messages.schema import WIRE_STOP_REASONS
from proxy_core.dialects.anthropic_messages.wire import render_usage
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.shared.collector import collect
from proxy_core.dialects.shared.json_members import decode_object, with_missing
from proxy_core.dialects.shared.opaque_envelope import pack
from proxy_core.dialects.shared.tool_names import (
    ToolNames,
    anthropic_call_id,
    wire_call_id,
    wrap_free_text,
)

MESSAGES = DialectName.ANTHROPIC_MESSAGES
ID_PREFIX = "msg_"
PING = Frame(b'{"type":"ping"}', b"ping")
"""Anthropic sends one at the beginning of every stream."""
_encode = msgspec.json.Encoder().encode

BlockEvent = (
    TextDelta
    | TextEnd
    | RefusalDelta
    | RefusalEnd
    | ThinkingDelta
    | ThinkingEnd
    | ToolCallStart
    | ToolCallDelta
    | ToolCallEnd
    | NativeItem
)
_ENDS = (TextEnd, RefusalEnd, ThinkingEnd, ToolCallEnd, NativeItem)


class MessagesWriter:
    """One stream. Blocks are written one after another: events of an overlapping block are delayed."""

    forgets_text = True

    def __init__(self, context: WriterContext) -> None:
        self._context = context
        self._names = ToolNames.of(context.request)
        self._source: int | None = None
        """Index of the canonical block that is open on the wire."""
        self._wire_index = -1
        self._delta_head = b""
        self._held: dict[int, list[BlockEvent]] = {}
        self._free_text: list[str] | None = None
        """The open custom tool call's input: JSON can be written only when it is complete."""
        self._has_refusal = False

    def feed(self, event: StreamEvent) -> list[Frame]:
        if isinstance(event, Start):
            return [self._start(event), PING]
        if isinstance(event, Done):
            return self._done(event)
        if isinstance(event, Error):
            return error_frames(
                event.error, self._context.request_id or self._context.make_id("req_")
            )
        if self._source is not None and event.index != self._source:
            self._held.setdefault(event.index, []).append(event)
            return []
        frames: list[Frame] = []
        self._write(event, frames)
        while self._source is None and self._held:
            for held in self._held.pop(next(iter(self._held))):
                self._write(held, frames)
        return frames

    def close(self) -> list[Frame]:
        return []

    def _write(self, event: BlockEvent, frames: list[Frame]) -> None:
        """Write an event of the block that is open, or that it opens."""
        if self._source is None:
            self._open(event, frames)
        match event:
            case TextDelta(_, text) | RefusalDelta(_, text):
                frames.append(self._delta(_encode(text) + b"}}"))
            case ToolCallDelta(_, arguments):
                if self._free_text is not None:
                    self._free_text.append(arguments)
                else:
                    frames.append(self._delta(_encode(arguments) + b"}}"))
            case ThinkingDelta(_, text):
                frames.append(self._delta(_encode(text) + b"}}"))
            case TextEnd(_, annotations):
                frames.extend(self._citation(each) for each in annotations if _is_citation(each))
            case ThinkingEnd(_, opaque):
                if opaque is not None and not _is_redacted(opaque):
                    frames.append(self._other_delta("signature_delta", signature=_proof(opaque)))
            case ToolCallEnd() if self._free_text is not None:
                arguments = wrap_free_text("".join(self._free_text))
                frames.append(self._delta(_encode(arguments) + b"}}"))
        if isinstance(event, _ENDS):
            self._close(frames)

    def _open(self, event: BlockEvent, frames: list[Frame]) -> None:
        """Open a block on the wire; the only place that assigns its index."""
        self._source = event.index
        block, delta_type, member = self._block_start(event)
        if block is None:
            return
        self._wire_index += 1
        head = b'{"type":"content_block_start","index":%d,"content_block":' % self._wire_index
        frames.append(Frame(head + _encode(block) + b"}", b"content_block_start"))
        self._delta_head = (
            b'{"type":"content_block_delta","index":%d,"delta":{"type":"%b","%b":'
            % (self._wire_index, delta_type, member)
        )
        if isinstance(event, ToolCallStart):
            frames.append(self._delta(b'""}}'))

    def _close(self, frames: list[Frame]) -> None:
        """Close the open block; the only place that ends one."""
        if self._delta_head:
            data = b'{"type":"content_block_stop","index":%d}' % self._wire_index
            frames.append(Frame(data, b"content_block_stop"))
        self._source = None
        self._delta_head = b""
        self._free_text = None

    def _block_start(self, event: BlockEvent) -> tuple[dict[str, Any] | None, bytes, bytes]:
        """Return the block's start, and the type and member of its most frequent delta."""
        match event:
            case ThinkingEnd(_, opaque) if opaque is not None and _is_redacted(opaque):
                return {"type": "redacted_thinking", "data": opaque.data}, b"", b""
            case ThinkingDelta() | ThinkingEnd():
                thinking = {"type": "thinking", "thinking": "", "signature": ""}
                return thinking, b"thinking_delta", b"thinking"
            case ToolCallStart(_, call_id, name, kind):
                own = self._names.original(name)
                if kind is ToolKind.CUSTOM:
                    self._free_text = []
                tool_use = {
                    "type": "tool_use",
                    "id": _call_id(call_id, self._context),
                    "name": own.name if own is not None else name,
                    "input": {},
                }
                return tool_use, b"input_json_delta", b"partial_json"
            case NativeItem(_, item):
                native = msgspec.json.decode(item.data) if item.dialect is MESSAGES else None
                return native, b"", b""
            case RefusalDelta() | RefusalEnd():
                self._has_refusal = True
        return {"type": "text", "text": ""}, b"text_delta", b"text"

    def _delta(self, rest: bytes) -> Frame:
        return Frame(self._delta_head + rest, b"content_block_delta")

    def _other_delta(self, kind: str, **members: Any) -> Frame:
        data = {
            "type": "content_block_delta",
            "index": self._wire_index,
            "delta": {"type": kind, **members},
        }
        return Frame(_encode(data), b"content_block_delta")

    def _citation(self, citation: Opaque) -> Frame:
        return self._other_delta("citations_delta", citation=msgspec.json.decode(citation.data))

    def _start(self, event: Start) -> Frame:
        usage = event.usage or self._estimate()
        message: dict[str, Any] = {
            "id": answer_id(event.response_id, self._context),
            "type": "message",
            "role": "assistant",
            "model": self._context.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": render_usage(usage),
        }
        data = _encode({"type": "message_start", "message": message})
        return Frame(data, b"message_start")

    def _estimate(self) -> Usage:
        return Usage(input_tokens=self._context.input_tokens_estimate)

    def _done(self, event: Done) -> list[Frame]:
        delta = {
            "stop_reason": wire_stop_reason(event.stop_reason, has_refusal=self._has_refusal),
            "stop_sequence": event.stop_sequence,
        }
        usage = event.usage or self._estimate()  # Zeros would reset a client's context meter.
        data = {"type": "message_delta", "delta": delta, "usage": render_usage(usage)}
        return [
            Frame(_encode(data), b"message_delta"),
            Frame(b'{"type":"message_stop"}', b"message_stop"),
        ]


def _call_id(call_id: str, context: WriterContext) -> str:
    return anthropic_call_id(call_id) if context.is_translated else wire_call_id(call_id)


def answer_id(response_id: str, context: WriterContext) -> str:
    """Return upstream's id if it has this dialect's form, else a new one."""
    return response_id if response_id.startswith(ID_PREFIX) else context.make_id(ID_PREFIX)


def wire_stop_reason(reason: StopReason, *, has_refusal: bool) -> str:
    """A refusal ends normally in OpenAI's dialects; here it has its own stop reason."""
    if has_refusal and reason is StopReason.STOP:
        return "refusal"
    return WIRE_STOP_REASONS[reason]


def _is_citation(annotation: Opaque) -> bool:
    return annotation.dialect is MESSAGES and annotation.kind == "citation"


def _is_redacted(opaque: Opaque) -> bool:
    return opaque.dialect is MESSAGES and opaque.kind == "redacted_thinking"


def _proof(opaque: Opaque) -> str:
    """Return the dialect's own signature unchanged, other opaque data in an envelope."""
    is_own = opaque.dialect is MESSAGES and opaque.kind == "signature"
    return opaque.data if is_own else pack(opaque)


def write_whole(events: Iterable[StreamEvent], context: WriterContext) -> dict[str, Any]:
    answer = collect(events)
    names = ToolNames.of(context.request)
    blocks = [_block(each.part, names, context) for each in answer.parts]
    has_refusal = any(isinstance(each.part, RefusalPart) for each in answer.parts)
    message = {
        "id": answer_id(answer.response_id, context),
        "type": "message",
        "role": "assistant",
        "model": context.model,
        "content": [block for block in blocks if block is not None],
        "stop_reason": wire_stop_reason(answer.stop_reason, has_refusal=has_refusal),
        "stop_sequence": answer.stop_sequence,
        "usage": render_usage(answer.usage),
    }
    if answer.more is None or answer.more.dialect is not MESSAGES:
        return message
    return with_missing(message, decode_object(answer.more.data))


def _block(part: Part, names: ToolNames, context: WriterContext) -> dict[str, Any] | None:
    match part:
        case TextPart(text, _, annotations):
            block: dict[str, Any] = {"type": "text", "text": text}
            citations = [
                msgspec.json.decode(each.data) for each in annotations if _is_citation(each)
            ]
            if citations:
                block["citations"] = citations
            return block
        case RefusalPart(text):
            return {"type": "text", "text": text}
        case ThinkingPart(text, opaque):
            if opaque is not None and _is_redacted(opaque):
                return {"type": "redacted_thinking", "data": opaque.data}
            signature = "" if opaque is None else _proof(opaque)
            return {"type": "thinking", "thinking": text, "signature": signature}
        case ToolCallPart(call_id, name, arguments, kind):
            own = names.original(name)
            if kind is ToolKind.CUSTOM:
                arguments = wrap_free_text(arguments)
            return {
                "type": "tool_use",
                "id": _call_id(call_id, context),
                "name": own.name if own is not None else name,
                "input": tool_input(arguments),
            }
        case NativePart(item) if item.dialect is MESSAGES:
            native: dict[str, Any] = msgspec.json.decode(item.data)
            return native
    return None
