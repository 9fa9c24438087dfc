"""Turns canonical events into the parts of a candidate, for streams and whole answers alike."""

from __future__ import annotations

from typing import Any

from proxy_core.canonical.events import (
    Done,
    RefusalDelta,
    StopReason,
    StreamEvent,
    TextDelta,
    ThinkingDelta,
    ThinkingEnd,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    Usage,
)
from proxy_core.canonical.request import Opaque, ThinkingPart
from proxy_core.dialects.gemini.schema import FINISH_REASONS
from proxy_core.dialects.gemini.signatures import seal
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.shared.tool_names import (
    ToolNames,
    object_arguments,
    unparsed_arguments,
)
from proxy_core.dialects.wrapped_answers import unwrapper_of

Part = dict[str, Any]


class PartWriter:
    """One answer. Thinking that must come back rides in the signature of the part behind it."""

    def __init__(self, context: WriterContext, *, shows_thoughts: bool) -> None:
        self._names = ToolNames.of(context.request)
        self._shows_thoughts = shows_thoughts
        self._texts: dict[int, list[str]] = {}
        """Thinking blocks that have not ended."""
        self._thinking: list[ThinkingPart] = []
        """Thinking that no part carries yet."""
        self._calls: dict[int, tuple[ToolCallStart, list[str]]] = {}
        self._unparsed: list[tuple[Part, Opaque | None]] = []
        """Calls whose arguments are no JSON object, with their proofs: cut off, if the answer was."""
        self._has_refusal = False
        self._unwrapper = unwrapper_of(context.request)

    def feed(self, event: StreamEvent) -> list[Part]:
        """Return the parts that ``event`` completes."""
        match event:
            case TextDelta(_, text):
                if self._unwrapper is not None:
                    self._unwrapper.feed(text)
                    return []
                return [self._text(text)] if text else []
            case ToolCallDelta(index, arguments):
                self._calls[index][1].append(arguments)
            case ThinkingDelta(index, text):
                self._texts.setdefault(index, []).append(text)
                if self._shows_thoughts and text:
                    return [{"text": text, "thought": True}]
            case ThinkingEnd(index, opaque):
                text = "".join(self._texts.pop(index, ()))
                self._thinking.append(ThinkingPart(text, opaque))
            case ToolCallStart(index):
                self._calls[index] = (event, [])
            case ToolCallEnd():
                return self._call(event)
            case RefusalDelta(_, text):
                self._has_refusal = True
                return [self._text(text)] if text else []
        return []

    def last(self, done: Done) -> list[Part]:
        """Return the parts at the end of a whole answer, at least one."""
        value = "" if self._unwrapper is None else self._unwrapper.end()
        said = [self._text(value)] if value else []
        held = () if done.stop_reason is StopReason.LENGTH else self._unparsed
        said += [self._call_part(call, proof) for call, proof in held]
        return said or [self._text("")]

    def finish_reason(self, done: Done) -> str:
        """A refusal in words ends like any answer, so that clients show the words."""
        if self._has_refusal and done.stop_reason is StopReason.REFUSAL:
            return FINISH_REASONS[StopReason.STOP]
        return FINISH_REASONS[done.stop_reason]

    def _text(self, text: str) -> Part:
        return self._signed({"text": text}, seal(self._take_thinking()))

    def _call(self, event: ToolCallEnd) -> list[Part]:
        start, pieces = self._calls.pop(event.index)
        arguments = "".join(pieces)
        own = self._names.original(start.name)
        name = start.name if own is None else own.name
        read = object_arguments(arguments)
        call: Part = {"id": start.id, "name": name, "args": read}
        if read is not None:
            return [self._call_part(call, event.opaque)]
        call["args"] = unparsed_arguments(arguments)
        self._unparsed.append((call, event.opaque))
        return []

    def _call_part(self, call: Part, proof: Opaque | None) -> Part:
        return self._signed({"functionCall": call}, seal(self._take_thinking(), proof))

    def _take_thinking(self) -> list[ThinkingPart]:
        taken, self._thinking = self._thinking, []
        return taken

    def _signed(self, part: Part, signature: str | None) -> Part:
        if signature is not None:
            part["thoughtSignature"] = signature
        return part


def joined(parts: list[Part]) -> list[Part]:
    """Return ``parts`` with neighbouring texts of one kind as one, as a whole answer has them."""
    whole: list[Part] = []
    for part in parts:
        last = whole[-1] if whole else {}
        alike = "text" in last and "text" in part and "thoughtSignature" not in part
        if alike and last.get("thought") == part.get("thought"):
            last["text"] += part["text"]
        else:
            whole.append(dict(part))
    return whole


def usage_metadata(usage: Usage) -> dict[str, int]:
    """Return Google's counts: thoughts stand beside the candidate's tokens, not among them."""
    counts = {
        "promptTokenCount": usage.prompt_tokens,
        "candidatesTokenCount": usage.output_tokens - usage.reasoning_tokens,
        "totalTokenCount": usage.total_tokens,
    }
    if usage.cache_read_tokens:
        counts["cachedContentTokenCount"] = usage.cache_read_tokens
    if usage.reasoning_tokens:
        counts["thoughtsTokenCount"] = usage.reasoning_tokens
    return counts
