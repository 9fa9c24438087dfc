"""Limits the size of a response held in memory.

Pure. A whole response is collected before it is sent, and most dialects' writers store the content
to repeat it at the end: an endless upstream must not exhaust the memory. Stored content is counted,
not wire bytes: Copilot repeats 408 characters of ids with every few letters.
"""

from __future__ import annotations

from proxy_core.canonical.events import (
    Error,
    RefusalDelta,
    StreamEvent,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
)
from proxy_core.errors import UpstreamBroke

LONGEST_ANSWER = 64 * 1024 * 1024
"""About a hundred times the longest response of any model."""
CHARACTERS_PER_TOKEN = 4
"""On average; there is no tokenizer here."""
_EVENT_SIZE = 100
"""About what an event costs besides its text."""


class AnswerSize:
    """Sums up one response's events."""

    __slots__ = ("_characters", "_limit", "_size")

    def __init__(self, limit: int | None = None) -> None:
        self._size = 0
        self._characters = 0
        self._limit = LONGEST_ANSWER if limit is None else limit

    def check(self, event: StreamEvent) -> StreamEvent:
        """Return ``event``, or in its place the error of an answer that has grown too large."""
        if isinstance(event, (TextDelta, ThinkingDelta, RefusalDelta)):
            self._characters += len(event.text)
        elif isinstance(event, ToolCallDelta):
            self._characters += len(event.arguments)
        self._size += _EVENT_SIZE
        return Error(too_large()) if self._size + self._characters > self._limit else event

    def add(self, pieces: int, characters: int) -> bool:
        """Count pieces of text; return False, counting nothing, if the answer would grow too large."""
        size = self._size + pieces * _EVENT_SIZE
        if size + self._characters + characters > self._limit:
            return False
        self._size = size
        self._characters += characters
        return True

    @property
    def tokens(self) -> int:
        """The approximate number of tokens so far."""
        return -(-self._characters // CHARACTERS_PER_TOKEN)


def too_large() -> UpstreamBroke:
    return UpstreamBroke("GitHub Copilot's answer is too large.", code="answer_too_large")
