"""Turns leaked calls into real ones among canonical events. Pure; one object per stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

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
)
from proxy_core.dialects.leaked_tool_calls.detector import LeakDetector
from proxy_core.dialects.leaked_tool_calls.offered_tools import OfferedTools

CALL_ID_PREFIX = "toolu_"
MakeId = Callable[[str], str]


class EventRepair:
    """Filters the events of one stream."""

    def __init__(self, tools: OfferedTools, make_id: MakeId) -> None:
        self._tools = tools
        self._make_id = make_id
        self._detector: LeakDetector | None = None
        self._index = -1
        """Index of the text block that the detector reads."""
        self._has_sent_text = False
        """Whether any of that block was sent."""
        self._logprobs: tuple[object, ...] = ()
        self._end: TextEnd | None = None
        """The held end of a block that is held with its calls."""
        self._highest = -1
        self.repaired = 0
        """Number of calls converted from text."""

    def feed(self, event: StreamEvent) -> Iterable[StreamEvent]:
        """Return the events to send for ``event``, including held ones."""
        return self._text(event) if isinstance(event, TextDelta) else self._other(event)

    def _other(self, event: StreamEvent) -> Iterator[StreamEvent]:
        match event:
            case Start() | TextDelta():
                yield event
            case TextEnd(index) if index == self._index and self._detector is not None:
                if self._detector.is_complete:
                    self._end = event
                else:
                    yield from self._release()
                    self._detector = None
                    yield event
            case Done(StopReason.STOP):
                yield from self._finish(event)
            case Done() | Error():
                yield from self._release()
                yield event
            case (
                TextEnd(index)
                | RefusalDelta(index)
                | RefusalEnd(index)
                | ThinkingDelta(index)
                | ThinkingEnd(index)
                | ToolCallStart(index)
                | ToolCallDelta(index)
                | ToolCallEnd(index)
                | NativeItem(index)
            ):
                self._highest = max(self._highest, index)
                yield from self._release()
                yield event

    def _text(self, event: TextDelta) -> Iterable[StreamEvent]:
        released: list[StreamEvent] = []
        detector = self._detector
        if event.index != self._index or detector is None:
            released = list(self._release())
            self._detector = detector = LeakDetector(self._tools)
            self._index, self._has_sent_text = event.index, False
            self._highest = max(self._highest, event.index)
        text = detector.feed(event.text)
        if text == event.text and not self._logprobs:
            self._has_sent_text = True
            return (*released, event) if released else (event,)
        self._logprobs += event.logprobs
        return (*released, self._piece(text)) if text else released

    def _piece(self, text: str) -> TextDelta:
        logprobs, self._logprobs = self._logprobs, ()
        self._has_sent_text = True
        return TextDelta(self._index, text, logprobs)

    def _release(self) -> Iterator[StreamEvent]:
        text = self._detector.release() if self._detector is not None else ""
        if text:
            yield self._piece(text)
        end, self._end = self._end, None
        if end is not None:
            self._detector = None
            yield end

    def _finish(self, done: Done) -> Iterator[StreamEvent]:
        calls = self._detector.take_calls() if self._detector is not None else ()
        if not calls:
            yield from self._release()
            yield done
            return
        end, self._end = self._end, None
        if self._has_sent_text:
            yield end or TextEnd(self._index)
        for index, call in enumerate(calls, self._highest + 1):
            yield ToolCallStart(index, self._make_id(CALL_ID_PREFIX), call.name)
            yield ToolCallDelta(index, call.arguments)
            yield ToolCallEnd(index)
        self.repaired += len(calls)
        yield Done(StopReason.TOOL_USE, done.usage, None, done.bill)
