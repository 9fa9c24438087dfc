"""Collects a stream of events into one response, so that whole responses share the stream's code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from proxy_core.canonical.events import (
    Bill,
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
    AssistantMessage,
    NativePart,
    Opaque,
    Part,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from proxy_core.errors import ErrorKind, ProxyError, UpstreamBroke


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """One block of the response, with text members that only some dialects have."""

    part: Part
    logprobs: tuple[object, ...] = ()
    phase: str | None = None


@dataclass(frozen=True, slots=True)
class CollectedMessage:
    """A whole answer. ``parts`` are in the order their blocks opened."""

    response_id: str
    model: str
    parts: tuple[AnswerPart, ...]
    stop_reason: StopReason
    usage: Usage
    stop_sequence: str | None = None
    bill: Bill | None = None
    created: int | None = None
    more: Opaque | None = None

    @property
    def message(self) -> AssistantMessage:
        """The answer as the message a client would send back. ``phase`` is the first one stated."""
        phase = next((each.phase for each in self.parts if each.phase is not None), None)
        return AssistantMessage(tuple(each.part for each in self.parts), phase=phase)


class _Block:
    """The state of one block; ``pieces`` are joined once, at the end."""

    __slots__ = ("annotations", "item", "kind", "logprobs", "opaque", "phase", "pieces", "start")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.pieces: list[str] = []
        self.logprobs: list[object] = []
        self.annotations: tuple[Opaque, ...] = ()
        self.phase: str | None = None
        self.opaque: Opaque | None = None
        self.start: ToolCallStart | None = None
        self.item: Opaque | None = None

    def answer_part(self) -> AnswerPart:
        text = "".join(self.pieces)
        if self.kind == "text":
            part: Part = TextPart(text, annotations=self.annotations)
            return AnswerPart(part, tuple(self.logprobs), self.phase)
        if self.kind == "refusal":
            return AnswerPart(RefusalPart(text))
        if self.kind == "thinking":
            return AnswerPart(ThinkingPart(text, self.opaque))
        if self.kind == "native":
            assert self.item is not None
            return AnswerPart(NativePart(self.item))
        start = self.start
        assert start is not None, "a tool call's arguments came before its start"
        return AnswerPart(
            ToolCallPart(start.id, start.name, text, start.kind, start.namespace, self.opaque)
        )


class Collector:
    """Takes the events of one stream. One object per stream."""

    def __init__(self) -> None:
        self._blocks: dict[int, _Block] = {}
        self._start: Start | None = None
        self._done: Done | None = None
        self._error: ProxyError | None = None

    def feed(self, event: StreamEvent) -> None:
        match event:
            case TextDelta(index, text, logprobs):
                block = self._block(index, "text")
                block.pieces.append(text)
                block.logprobs.extend(logprobs)
            case ToolCallDelta(index, arguments):
                self._block(index, "tool_call").pieces.append(arguments)
            case ThinkingDelta(index, text):
                self._block(index, "thinking").pieces.append(text)
            case RefusalDelta(index, text):
                self._block(index, "refusal").pieces.append(text)
            case ToolCallStart(index):
                self._block(index, "tool_call").start = event
            case TextEnd(index, annotations, phase):
                block = self._block(index, "text")
                block.annotations = annotations
                block.phase = phase
            case ThinkingEnd(index, opaque):
                self._block(index, "thinking").opaque = opaque
            case ToolCallEnd(index, opaque):
                self._block(index, "tool_call").opaque = opaque
            case RefusalEnd(index):
                self._block(index, "refusal")
            case NativeItem(index, item):
                self._block(index, "native").item = item
            case Start():
                self._start = event
            case Done():
                self._done = event
            case Error(error):
                self._error = error

    def answer(self) -> CollectedMessage:
        """Return the answer.

        Raises:
            ProxyError: the one the stream ended with, or UpstreamBroke if it did not end.
        """
        if self._error is not None:
            raise self._error
        if self._start is None or self._done is None:
            raise UpstreamBroke("the answer ended before it was complete", kind=ErrorKind.UPSTREAM)
        return CollectedMessage(
            response_id=self._start.response_id,
            model=self._start.model,
            parts=tuple(block.answer_part() for block in self._blocks.values()),
            stop_reason=self._done.stop_reason,
            usage=self._done.usage,
            stop_sequence=self._done.stop_sequence,
            bill=self._done.bill,
            created=self._start.created,
            more=self._done.more,
        )

    def _block(self, index: int, kind: str) -> _Block:
        block = self._blocks.get(index)
        if block is None:
            block = self._blocks[index] = _Block(kind)
        return block


def collect(events: Iterable[StreamEvent]) -> CollectedMessage:
    """Collect a whole stream; raises as :meth:`Collector.answer` does."""
    collector = Collector()
    for event in events:
        collector.feed(event)
    return collector.answer()
