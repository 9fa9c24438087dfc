"""Enforces limits that upstream does not accept by cutting the response.

Pure. Copilot refuses ``max_tokens`` on some endpoints and does not support stop sequences on
others. A client that asked for them gets a shortened response with the right stop reason; the rest
is not fetched.
"""

from __future__ import annotations

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
from proxy_core.dialects.interface import OutputLimits

BYTES_PER_TOKEN = 4
"""Of UTF-8 text, on average; there is no tokenizer here. Too high for code."""

_STOP_MEMBERS = frozenset({"stop", "stop_sequences"})
"""Names of stop sequences among locally enforced limits; every other name is a token limit."""

_ENDS = {
    TextDelta: TextEnd,
    RefusalDelta: RefusalEnd,
    ThinkingDelta: ThinkingEnd,
    ToolCallStart: ToolCallEnd,
}
_Delta = TextDelta | RefusalDelta | ThinkingDelta | ToolCallDelta


class LocalLimits:
    """Filters the events of one stream. ``finished`` is true once it cut the stream."""

    def __init__(self, max_tokens: int | None, stop: tuple[str, ...], prompt_tokens: int) -> None:
        """``prompt_tokens`` is the estimate for the usage of a stream that ends here."""
        self._bytes_left = None if max_tokens is None else max_tokens * BYTES_PER_TOKEN
        self._bytes_passed = 0
        self._stop = tuple(each for each in stop if each)
        self._prompt_usage = Usage(input_tokens=prompt_tokens)
        self._open: dict[int, type[TextEnd | RefusalEnd | ThinkingEnd | ToolCallEnd]] = {}
        self._held: dict[int, TextDelta] = {}
        self.finished = False

    def feed(self, event: StreamEvent) -> list[StreamEvent]:
        """Return the client's part of ``event``; empty after the end."""
        if self.finished:
            return []
        match event:
            case TextDelta():
                return self._text(event)
            case RefusalDelta() | ThinkingDelta() | ToolCallDelta():
                return self._measured(event)
            case ToolCallStart(index):
                self._open[index] = ToolCallEnd
            case TextEnd(index):
                held = self._release(index)
                self._open.pop(index, None)
                return held if self.finished else [*held, event]
            case RefusalEnd(index) | ThinkingEnd(index) | ToolCallEnd(index):
                self._open.pop(index, None)
            case Start(usage=usage) if usage:
                self._prompt_usage = usage
            case Done() | Error():
                held = [each for index in tuple(self._held) for each in self._release(index)]
                return held if self.finished else [*held, event]
            case Start() | NativeItem():
                pass
        return [event]

    def _text(self, event: TextDelta) -> list[StreamEvent]:
        """Hold back text that may begin a stop sequence."""
        held = self._held.pop(event.index, None)
        text = held.text + event.text if held else event.text
        logprobs = held.logprobs + event.logprobs if held else event.logprobs
        # A model stops at the first completed sequence, wherever it began.
        found = min(
            ((at, each) for each in self._stop if (at := text.find(each)) >= 0),
            key=lambda hit: (hit[0] + len(hit[1]), hit[0]),
            default=None,
        )
        if found is not None:
            at, sequence = found
            events = self._measured(TextDelta(event.index, text[:at], logprobs))
            if not self.finished:
                events += self._cut(StopReason.STOP_SEQUENCE, sequence)
            return events
        keep = _longest_beginning(text, self._stop)
        if keep:
            self._open.setdefault(event.index, TextEnd)
            self._held[event.index] = TextDelta(event.index, text[len(text) - keep :], logprobs)
            text, logprobs = text[: len(text) - keep], ()
        return self._measured(TextDelta(event.index, text, logprobs)) if text else []

    def _release(self, index: int) -> list[StreamEvent]:
        held = self._held.pop(index, None)
        return self._measured(held) if held is not None else []

    def _measured(self, event: _Delta) -> list[StreamEvent]:
        """Count ``event`` and cut the stream where the limit is reached."""
        end = ToolCallEnd if isinstance(event, ToolCallDelta) else _ENDS[type(event)]
        text = event.arguments if isinstance(event, ToolCallDelta) else event.text
        size = len(text) if text.isascii() else len(text.encode())
        self._open.setdefault(event.index, end)
        left = self._bytes_left
        if left is None or size <= left:
            if left is not None:
                self._bytes_left = left - size
            self._bytes_passed += size
            return [event] if text else []
        fitting = text.encode()[:left].decode("utf-8", "ignore")
        self._bytes_passed += left
        events: list[StreamEvent] = []
        if fitting:
            events.append(
                ToolCallDelta(event.index, fitting)
                if isinstance(event, ToolCallDelta)
                else type(event)(event.index, fitting)
            )
        return events + self._cut(StopReason.LENGTH, None)

    def _cut(self, reason: StopReason, sequence: str | None) -> list[StreamEvent]:
        self.finished = True
        ends: list[StreamEvent] = [end(index) for index, end in self._open.items()]
        usage = Usage(
            input_tokens=self._prompt_usage.input_tokens,
            output_tokens=max(1, self._bytes_passed // BYTES_PER_TOKEN),
            cache_read_tokens=self._prompt_usage.cache_read_tokens,
            cache_write_tokens=self._prompt_usage.cache_write_tokens,
        )
        return [*ends, Done(reason, usage, stop_sequence=sequence)]


def limits_of(members: set[str], wanted: OutputLimits, prompt_tokens: int) -> LocalLimits:
    """Return the limits that are enforced here, given the names of their members."""
    return LocalLimits(
        wanted.max_output_tokens if members - _STOP_MEMBERS else None,
        wanted.stop if members & _STOP_MEMBERS else (),
        prompt_tokens,
    )


def _longest_beginning(text: str, sequences: tuple[str, ...]) -> int:
    """Return the length of the longest end of ``text`` that begins one of ``sequences``."""
    longest = 0
    for sequence in sequences:
        for size in range(min(len(sequence) - 1, len(text)), longest, -1):
            if text.endswith(sequence[:size]):
                longest = size
                break
    return longest
