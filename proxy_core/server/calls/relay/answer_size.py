"""How large an answer may grow where it is held in memory. Pure.

A whole answer is collected before it leaves, and most dialects' writers keep what they said to repeat it
at the end: an upstream that never ends must not take the computer's memory with it. What is counted is
what is kept, not bytes of the wire: Copilot repeats 408 characters of ids with every few letters.
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
"""Some hundred times the longest answer of any model."""
CHARACTERS_PER_TOKEN = 4
"""On average; there is no tokenizer here."""
_EVENT_SIZE = 100
"""About what an event costs besides its text."""


class AnswerSize:
    """Adds up one answer's events."""

    __slots__ = ("_limit", "_said", "_size")

    def __init__(self, limit: int | None = None) -> None:
        self._size = 0
        self._said = 0
        self._limit = LONGEST_ANSWER if limit is None else limit

    def check(self, event: StreamEvent) -> StreamEvent:
        """Return ``event``, or in its place the error of an answer that has grown too large."""
        if isinstance(event, (TextDelta, ThinkingDelta, RefusalDelta)):
            self._said += len(event.text)
        elif isinstance(event, ToolCallDelta):
            self._said += len(event.arguments)
        self._size += _EVENT_SIZE
        return Error(too_large()) if self._size + self._said > self._limit else event

    @property
    def tokens(self) -> int:
        """About how many tokens were said by now."""
        return -(-self._said // CHARACTERS_PER_TOKEN)


def too_large() -> UpstreamBroke:
    return UpstreamBroke("GitHub Copilot's answer is too large.", code="answer_too_large")
