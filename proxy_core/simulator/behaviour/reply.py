"""What the model says, before any endpoint puts it on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from proxy_core.simulator.behaviour.usage import CHARACTERS_PER_TOKEN, tokens_in

# A streamed piece is up to three words with the blanks before them; long words are cut.
_PIECE = re.compile(r"(?:\s*\S{1,48}){1,3}|\s+")


class Finish(StrEnum):
    """Why the reply ended, in our own words; each endpoint has its own."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    STOP_SEQUENCE = "stop_sequence"
    CONTENT_FILTER = "content_filter"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """``arguments`` is JSON text, or the free input of a custom tool."""

    name: str
    arguments: str
    is_custom: bool = False
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """``thinks`` without ``thinking`` text is thought that is not shown, only signed."""

    text: str = ""
    thinking: str = ""
    thinks: bool = False
    tool_calls: tuple[ToolCall, ...] = ()
    finish: Finish = Finish.STOP
    stop_sequence: str | None = None

    @property
    def output_tokens(self) -> int:
        calls = sum(tokens_in(call.name + call.arguments) for call in self.tool_calls)
        return tokens_in(self.text) + self.reasoning_tokens + calls

    @property
    def reasoning_tokens(self) -> int:
        return tokens_in(self.thinking) if self.thinks else 0


def pieces(text: str) -> Iterator[str]:
    """``text`` in the portions a stream delivers it in; joined they are the text again."""
    return (match.group() for match in _PIECE.finditer(text))


def halves(text: str) -> tuple[str, ...]:
    """JSON arguments in two portions, as tool calls stream."""
    middle = len(text) // 2
    return (text[:middle], text[middle:]) if middle else (text,)


def within_limits(reply: Reply, max_tokens: int | None, stop: tuple[str, ...]) -> Reply:
    """``reply`` cut at the first stop sequence and at ``max_tokens``, thinking counted first."""
    found = [(at, word) for word in stop if (at := reply.text.find(word)) >= 0]
    if found:
        at, word = min(found)
        reply = replace(
            reply,
            text=reply.text[:at],
            tool_calls=(),
            finish=Finish.STOP_SEQUENCE,
            stop_sequence=word,
        )
    if max_tokens is None or reply.output_tokens <= max_tokens:
        return reply
    left = max_tokens * CHARACTERS_PER_TOKEN
    thinking = reply.thinking[:left] if reply.thinks else ""
    left -= len(thinking)
    text = reply.text[:left]
    left -= len(text)
    calls = []
    for call in reply.tool_calls:
        left -= len(call.name)
        if left <= 0:
            break
        calls.append(replace(call, arguments=call.arguments[:left]))
        left -= len(call.arguments)
    return Reply(text, thinking, reply.thinks, tuple(calls), Finish.LENGTH)
