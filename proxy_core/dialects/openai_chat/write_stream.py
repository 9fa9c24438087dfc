"""Writes canonical events as a chat completion stream or a whole completion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from proxy_core.canonical.events import (
    Done,
    Error,
    RefusalDelta,
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
)
from proxy_core.canonical.request import (
    DialectName,
    Opaque,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolKind,
)
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_chat.errors import error_frames
from proxy_core.dialects.openai_chat.schema import FINISH_REASONS
from proxy_core.dialects.openai_chat.wire import render_citations, render_usage
from proxy_core.dialects.shared.collector import CollectedMessage, collect
from proxy_core.dialects.shared.json_members import decode_object, with_missing
from proxy_core.dialects.shared.opaque_envelope import pack_thinking
from proxy_core.dialects.shared.raw_body import raw_bytes
from proxy_core.dialects.shared.tool_names import ToolNames, openai_call_id, unwrap_free_text

ID_PREFIX = "chatcmpl-"
TOOLS = FINISH_REASONS[StopReason.TOOL_USE]
NOTHING = (b"", b"null", b"[]")
"""Encodings of an absent or empty list."""
_encode = msgspec.json.Encoder().encode


class _Call:
    """An open tool call; a wrapped custom tool's input is collected until its end."""

    __slots__ = ("kind", "number", "wrapped")

    def __init__(self, number: int, kind: ToolKind, *, is_wrapped: bool) -> None:
        self.number = number
        self.kind = kind
        self.wrapped: list[str] | None = [] if is_wrapped else None


class ChatWriter:
    """One stream. The constant part of every chunk is encoded once."""

    def __init__(self, context: WriterContext) -> None:
        self._context = context
        self._names = ToolNames.of(context.request)
        self._id = ""
        self._before_delta = b""
        null_usage = b',"usage":null' if context.include_usage else b""
        self._after_delta = b',"logprobs":null,"finish_reason":null}]' + null_usage + b"}"
        self._null_usage = null_usage
        self._calls: dict[int, _Call] = {}
        self._thinking: dict[int, list[str]] = {}
        self._thinking_parts: list[ThinkingPart] = []
        self._has_refusal = False
        self._asks_functions = asks_functions(context)
        self._is_done = False

    def feed(self, event: StreamEvent) -> list[Frame]:
        # Most frequent first: this runs once per event.
        if isinstance(event, TextDelta):
            if event.logprobs:
                return [self._text_with_logprobs(event)]
            return [self._chunk(b'{"content":' + _encode(event.text) + b"}")]
        if isinstance(event, ToolCallDelta):
            return self._tool_call_delta(event)
        if isinstance(event, ThinkingDelta):
            self._thinking.setdefault(event.index, []).append(event.text)
            return [self._chunk(b'{"reasoning_content":' + _encode(event.text) + b"}")]
        if isinstance(event, ToolCallStart):
            return self._tool_call_start(event)
        if isinstance(event, ToolCallEnd):
            return self._tool_call_end(event)
        if isinstance(event, RefusalDelta):
            self._has_refusal = True
            return [self._chunk(b'{"refusal":' + _encode(event.text) + b"}")]
        if isinstance(event, ThinkingEnd):
            return self._thinking_end(event)
        if isinstance(event, TextEnd):
            return self._text_end(event)
        if isinstance(event, Start):
            return [self._start(event)]
        if isinstance(event, Done):
            return self._done(event)
        if isinstance(event, Error):
            return error_frames(event.error)
        return []  # Native items cannot be expressed.

    def close(self) -> list[Frame]:
        return [Frame(b"[DONE]")] if self._is_done else []

    def _start(self, event: Start) -> Frame:
        self._id = answer_id(event.response_id, self._context)
        self._before_delta = self._head() + b'[{"index":0,"delta":'
        return self._chunk(b'{"role":"assistant","content":"","refusal":null}')

    def _head(self) -> bytes:
        context = self._context
        fields = (_encode(self._id), context.created, _encode(context.model))
        return b'{"id":%b,"object":"chat.completion.chunk","created":%d,"model":%b,"choices":' % (
            fields
        )

    def _chunk(self, delta: bytes) -> Frame:
        return Frame(self._before_delta + delta + self._after_delta)

    def _text_with_logprobs(self, event: TextDelta) -> Frame:
        logprobs = _encode({"content": event.logprobs, "refusal": None})
        delta = b'{"content":' + _encode(event.text) + b'},"logprobs":'
        return Frame(
            self._before_delta
            + delta
            + logprobs
            + b',"finish_reason":null}]'
            + self._null_usage
            + b"}"
        )

    def _call_id(self, call_id: str) -> str:
        return openai_call_id(call_id) if self._context.is_translated else call_id

    def _function_call(self, members: dict[str, str]) -> Frame:
        return self._chunk(_encode({"function_call": members}))

    def _is_beyond_one(self, call: _Call) -> bool:
        """Whether the call exceeds the one that the form of 2023 allows; the model is asked for no
        more.
        """
        return self._asks_functions and call.number > 0

    def _tool_call_start(self, event: ToolCallStart) -> list[Frame]:
        own = self._names.original(event.name)
        kind = own.kind if own is not None else event.kind
        is_wrapped = kind is ToolKind.CUSTOM and event.kind is ToolKind.FUNCTION
        call = _Call(len(self._calls), kind, is_wrapped=is_wrapped)
        self._calls[event.index] = call
        name = own.name if own is not None else event.name
        if self._is_beyond_one(call):
            return []
        if self._asks_functions:
            return [self._function_call({"name": name, "arguments": ""})]
        entry: dict[str, Any] = {
            "index": call.number,
            "id": self._call_id(event.id),
            "type": kind.value,
        }
        if kind is ToolKind.CUSTOM:
            entry["custom"] = {"name": name, "input": ""}
        else:
            entry["function"] = {"name": name, "arguments": ""}
        return [self._chunk(_encode({"tool_calls": [entry]}))]

    def _tool_call_delta(self, event: ToolCallDelta) -> list[Frame]:
        call = self._calls[event.index]
        if call.wrapped is not None:
            call.wrapped.append(event.arguments)
            return []
        if self._is_beyond_one(call):
            return []
        if self._asks_functions:
            return [self._function_call({"arguments": event.arguments})]
        return [self._arguments(call, event.arguments)]

    def _arguments(self, call: _Call, arguments: str) -> Frame:
        members = (
            b'"custom":{"input":' if call.kind is ToolKind.CUSTOM else b'"function":{"arguments":'
        )
        head = b'{"tool_calls":[{"index":%d,' % call.number
        return self._chunk(head + members + _encode(arguments) + b"}}]}")

    def _tool_call_end(self, event: ToolCallEnd) -> list[Frame]:
        call = self._calls[event.index]
        if not call.wrapped:
            return []
        return [self._arguments(call, unwrap_free_text("".join(call.wrapped)))]

    def _text_end(self, event: TextEnd) -> list[Frame]:
        """Say what the text cites, as OpenAI's searching models do in their streams."""
        annotations = render_citations(event.annotations, "")
        return [self._chunk(_encode({"annotations": annotations}))] if annotations else []

    def _thinking_end(self, event: ThinkingEnd) -> list[Frame]:
        text = "".join(self._thinking.pop(event.index, ()))
        if event.opaque is not None and is_own(event.opaque):
            return [self._chunk(b'{"reasoning_opaque":' + _encode(event.opaque.data) + b"}")]
        self._thinking_parts.append(ThinkingPart(text, event.opaque))
        return []

    def _done(self, event: Done) -> list[Frame]:
        self._is_done = True
        frames: list[Frame] = []
        sealed = seal_thinking(self._thinking_parts)
        if sealed is not None:
            frames.append(self._chunk(_encode({"reasoning_opaque": sealed})))
        stated = finish_reason(event.stop_reason, has_refusal=self._has_refusal)
        reason = _encode("function_call" if self._asks_functions and stated == TOOLS else stated)
        end = b'{},"logprobs":null,"finish_reason":' + reason + b"}]" + self._null_usage + b"}"
        frames.append(Frame(self._before_delta + end))
        if self._context.include_usage:
            usage = _encode(render_usage(event.usage))
            frames.append(Frame(self._head() + b'[],"usage":' + usage + b"}"))
        return frames


def asks_functions(context: WriterContext) -> bool:
    """Whether the client uses the form of 2023 (``functions``) and so cannot read ``tool_calls``."""
    members = context.members
    return (
        members is not None
        and raw_bytes(members, "functions") not in NOTHING
        and raw_bytes(members, "tools") in NOTHING
    )


def answer_id(response_id: str, context: WriterContext) -> str:
    """Return upstream's id if it has this dialect's form, else a new one."""
    return response_id if response_id.startswith(ID_PREFIX) else context.make_id(ID_PREFIX)


def is_own(opaque: Opaque) -> bool:
    return opaque.dialect is DialectName.OPENAI_CHAT and opaque.kind == "reasoning_opaque"


def seal_thinking(parts: Iterable[ThinkingPart]) -> str | None:
    """Pack other dialects' opaque data; None if there is none."""
    parts = tuple(parts)
    return pack_thinking(parts) if any(part.opaque is not None for part in parts) else None


def finish_reason(reason: StopReason, *, has_refusal: bool) -> str:
    """Return the finish reason: a refusal with text ends normally, as OpenAI's own do; one without
    is a content filter's.
    """
    if has_refusal and reason is StopReason.REFUSAL:
        return "stop"
    return FINISH_REASONS[reason]


def write_whole(events: Iterable[StreamEvent], context: WriterContext) -> dict[str, Any]:
    answer = collect(events)
    has_refusal = any(isinstance(each.part, RefusalPart) for each in answer.parts)
    logprobs = [entry for each in answer.parts for entry in each.logprobs]
    message = _message(answer, ToolNames.of(context.request))
    if context.is_translated:
        for call in message.get("tool_calls", ()):
            call["id"] = openai_call_id(call["id"])
    reason = finish_reason(answer.stop_reason, has_refusal=has_refusal)
    if asks_functions(context) and "tool_calls" in message:
        message["function_call"] = message.pop("tool_calls")[0]["function"]
        reason = "function_call" if reason == TOOLS else reason
    choice = {
        "index": 0,
        "message": message,
        "logprobs": {"content": logprobs, "refusal": None} if logprobs else None,
        "finish_reason": reason,
    }
    completion = {
        "id": answer_id(answer.response_id, context),
        "object": "chat.completion",
        "created": context.created,
        "model": context.model,
        "choices": [choice],
        "usage": render_usage(answer.usage),
    }
    if answer.more is None or answer.more.dialect is not DialectName.OPENAI_CHAT:
        return completion
    return with_missing(completion, decode_object(answer.more.data))


def _message(answer: CollectedMessage, names: ToolNames) -> dict[str, Any]:
    parts = answer.message.content
    texts = [part.text for part in parts if isinstance(part, TextPart)]
    refusals = [part.text for part in parts if isinstance(part, RefusalPart)]
    calls = [_tool_call(part, names) for part in parts if isinstance(part, ToolCallPart)]
    empty = None if calls or refusals else ""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": "".join(texts) if texts else empty,
        "refusal": "".join(refusals) if refusals else None,
    }
    thinking = [part for part in parts if isinstance(part, ThinkingPart)]
    text = "".join(part.text for part in thinking)
    if text:
        message["reasoning_content"] = text
    own = [p.opaque.data for p in thinking if p.opaque is not None and is_own(p.opaque)]
    opaque = "".join(own) if own else seal_thinking(thinking)
    if opaque is not None:
        message["reasoning_opaque"] = opaque
    if calls:
        message["tool_calls"] = calls
    cited = [part for part in parts if isinstance(part, TextPart) and part.annotations]
    annotations = [each for part in cited for each in render_citations(part.annotations, part.text)]
    if annotations:
        message["annotations"] = annotations
    return message


def _tool_call(part: ToolCallPart, names: ToolNames) -> dict[str, Any]:
    own = names.original(part.name)
    name = own.name if own is not None else part.name
    kind = own.kind if own is not None else part.kind
    if kind is not ToolKind.CUSTOM:
        function = {"name": name, "arguments": part.arguments or "{}"}
        return {"id": part.id, "type": "function", "function": function}
    is_wrapped = part.kind is ToolKind.FUNCTION
    text = unwrap_free_text(part.arguments) if is_wrapped else part.arguments
    return {"id": part.id, "type": "custom", "custom": {"name": name, "input": text}}
