"""Writes canonical events as lines of JSON, or as one object."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from proxy_core.canonical.events import (
    Done,
    Error,
    RefusalDelta,
    StopReason,
    StreamEvent,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
)
from proxy_core.canonical.sse import Frame, Run
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.ollama.errors import write_error
from proxy_core.dialects.ollama.schema import DONE_REASONS
from proxy_core.dialects.ollama.timestamps import rfc3339
from proxy_core.dialects.shared.collector import collect
from proxy_core.dialects.shared.json_members import decode_raw
from proxy_core.dialects.shared.tool_names import (
    ToolNames,
    object_arguments,
    unparsed_arguments,
)
from proxy_core.dialects.wrapped_answers import unwrapper_of

Piece = dict[str, Any]
"""What one line adds: ``content``, ``thinking``, ``tool_calls``, and ``logprobs`` beside them."""

_encode = msgspec.json.Encoder().encode


class PieceWriter:
    """Turns the events of one answer into pieces. Ollama's calls come whole."""

    def __init__(self, context: WriterContext) -> None:
        self._names = ToolNames.of(context.request)
        members = context.members or {}
        self._shows_thinking = decode_raw(members, "think") is not False
        self._calls: dict[int, tuple[ToolCallStart, list[str]]] = {}
        self._number = 0
        self._unparsed: list[tuple[str, dict[str, Any]]] = []
        """Calls whose arguments are no JSON object: cut off, if the answer was."""
        self._has_refusal = False
        self._unwrapper = unwrapper_of(context.request)

    def feed(self, event: StreamEvent) -> list[Piece]:
        match event:
            case TextDelta(_, text, logprobs):
                if self._unwrapper is not None:
                    self._unwrapper.feed(text)
                elif text or logprobs:
                    return [{"content": text, **({"logprobs": logprobs} if logprobs else {})}]
            case ToolCallDelta(index, arguments):
                self._calls[index][1].append(arguments)
            case ThinkingDelta(_, text) if self._shows_thinking and text:
                return [{"content": "", "thinking": text}]
            case ToolCallStart(index):
                self._calls[index] = (event, [])
            case ToolCallEnd(index):
                return self._call(*self._calls.pop(index))
            case RefusalDelta(_, text):
                self._has_refusal = True
                return [{"content": text}] if text else []
        return []

    def last(self, done: Done) -> list[Piece]:
        """Return what was held back: a wrapped value, and calls unless the answer was cut in them."""
        value = "" if self._unwrapper is None else self._unwrapper.end()
        held = () if done.stop_reason is StopReason.LENGTH else self._unparsed
        said: list[Piece] = [{"content": value}] if value else []
        return said + [self._call_piece(call_id, function) for call_id, function in held]

    def done_reason(self, done: Done) -> str:
        """A refusal in words ends like any answer, so that clients show the words."""
        if self._has_refusal and done.stop_reason is StopReason.REFUSAL:
            return DONE_REASONS[StopReason.STOP]
        return DONE_REASONS[done.stop_reason]

    def _call(self, start: ToolCallStart, pieces: list[str]) -> list[Piece]:
        arguments = "".join(pieces)
        own = self._names.original(start.name)
        read = object_arguments(arguments)
        function = {
            "name": start.name if own is None else own.name,
            "arguments": unparsed_arguments(arguments) if read is None else read,
        }
        if read is not None:
            return [self._call_piece(start.id, function)]
        self._unparsed.append((start.id, function))
        return []

    def _call_piece(self, call_id: str, function: dict[str, Any]) -> Piece:
        call = {"id": call_id, "function": {"index": self._number, **function}}
        self._number += 1
        return {"content": "", "tool_calls": [call]}


class Shape:
    """How one endpoint writes a piece and the end."""

    def __init__(self, context: WriterContext) -> None:
        self._head = {"model": context.model, "created_at": rfc3339(context.created)}

    def line(self, piece: Piece) -> dict[str, Any]:
        raise NotImplementedError

    def end(self, piece: Piece, done: Done, reason: str) -> dict[str, Any]:
        """Return the last line, or a whole answer: durations are left out, as nobody measured them."""
        return {
            **self.line(piece),
            "done": True,
            "done_reason": reason,
            "prompt_eval_count": done.usage.prompt_tokens,
            "eval_count": done.usage.output_tokens,
        }


class ChatShape(Shape):
    def line(self, piece: Piece) -> dict[str, Any]:
        message = {"role": "assistant", **piece}
        logprobs = message.pop("logprobs", None)
        line = {**self._head, "message": message, "done": False}
        return line if logprobs is None else {**line, "logprobs": logprobs}


class GenerateShape(Shape):
    def line(self, piece: Piece) -> dict[str, Any]:
        rest = {name: value for name, value in piece.items() if name != "content"}
        return {**self._head, "response": piece["content"], **rest, "done": False}


class OllamaWriter:
    """One stream: a line for each piece, and a last one that says it is done."""

    def __init__(self, context: WriterContext, shape: Shape) -> None:
        self._pieces = PieceWriter(context)
        self._shape = shape

    def feed(self, event: StreamEvent) -> list[Frame]:
        if isinstance(event, Error):
            return [line_of(write_error(event.error))]
        if not isinstance(event, Done):
            return [line_of(self._shape.line(piece)) for piece in self._pieces.feed(event)]
        lines = [line_of(self._shape.line(piece)) for piece in self._pieces.last(event)]
        end = self._shape.end({"content": ""}, event, self._pieces.done_reason(event))
        return [*lines, line_of(end)]

    def close(self) -> list[Frame]:
        return []


def write_whole(
    events: Iterable[StreamEvent], context: WriterContext, shape: Shape
) -> dict[str, Any]:
    """Raises the ProxyError of a stream that ended with ``Error`` or did not end."""
    known = tuple(events)
    collect(known)
    writer = PieceWriter(context)
    pieces: list[Piece] = []
    done: Done | None = None
    for event in known:
        if isinstance(event, Done):
            done = event
            pieces += writer.last(event)
        else:
            pieces += writer.feed(event)
    assert done is not None, "an answer without an end was refused above"
    return shape.end(_joined(pieces), done, writer.done_reason(done))


def line_of(value: object) -> Frame:
    return Run(_encode(value) + b"\n")


def _joined(pieces: list[Piece]) -> Piece:
    whole: Piece = {"content": ""}
    for piece in pieces:
        for name, value in piece.items():
            whole[name] = whole[name] + value if name in whole else value
    return whole
