"""Reads upstream's ``/chat/completions`` streams and whole answers into canonical events.

Every quirk handled here is in copilot-protocol.md 5.2.
"""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.canonical.events import (
    Bill,
    Done,
    Error,
    RefusalDelta,
    RefusalEnd,
    Start,
    StopReason,
    StreamEvent,
    TextDelta,
    TextEnd,
    ThinkingDelta,
    ThinkingEnd,
    Usage,
)
from proxy_core.canonical.request import DialectName, Opaque, ToolKind
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.openai_chat.assemble_tool_calls import (
    EndlessWhitespace,
    ToolCallAssemblies,
)
from proxy_core.dialects.openai_chat.errors import ended_early
from proxy_core.dialects.openai_chat.native_answer import is_native_answer, read_native_answer
from proxy_core.dialects.openai_chat.schema import STOP_REASONS
from proxy_core.dialects.openai_chat.wire import (
    FURTHER,
    Choice,
    Chunk,
    Delta,
    ToolCallDelta,
    annotation,
    decode_chunk,
    parse_usage,
    render_usage,
)
from proxy_core.dialects.shared.bill import parse_bill
from proxy_core.dialects.shared.json_members import decode_object, members_beside
from proxy_core.dialects.shared.upstream_errors import upstream_failure
from proxy_core.errors import ProxyError, StreamFormatError, UpstreamBroke

DONE = b"[DONE]"


class ChatReader:
    """One stream. Split choices are merged: the client asked for one response."""

    def __init__(self, model_id: str, *, is_whole: bool = False) -> None:
        self._model_id = model_id
        self._is_whole = is_whole
        self._response_id = ""
        self._is_started = False
        self._is_over = False
        self._next_index = 0
        self._text: int | None = None
        self._thinking: int | None = None
        self._thinking_opaque = ""
        self._refusal: int | None = None
        self._tools = ToolCallAssemblies()
        self._stop_reason: StopReason | None = None
        self._has_content = False
        self._usage: Usage | None = None
        self._bill: Bill | None = None
        self._annotations: list[Opaque] = []
        self.unread: dict[str, None] = {}
        self.is_text_alone = False
        """The last chunk was a piece of text and nothing else (``TEXT_ALONE``)."""
        self._more: dict[str, Any] = {}
        self._more_usage = b""

    def feed(self, frame: Frame) -> list[StreamEvent]:
        if self._is_over:
            return []
        data = frame.data.strip()
        if data == DONE:
            return self._finish()
        if not data:
            return []
        chunk = decode_chunk(data)
        if chunk.error is not None:
            return self._break_off(read_error(chunk.error))
        bill = parse_bill(chunk.copilot_usage)
        if bill is not None:
            self._bill = bill.bill()
        if is_native_answer(chunk):
            self._is_over = True
            return read_native_answer(data, self._model_id, self._bill)
        if chunk.usage or not self._is_started or chunk.moderation is not None:
            self._note_further(chunk)
        if chunk.usage:
            self._more_usage = bytes(chunk.usage)
            written = bill.tokens("cache_write") if bill is not None else 0
            self._usage = parse_usage(chunk.usage, written) or self._usage
        events: list[StreamEvent] = []
        if chunk.choices:
            if not self._is_started:
                events.append(self._start(chunk))
            try:
                for position, choice in enumerate(chunk.choices):
                    self._choice(choice, position, events)
            except EndlessWhitespace as error:
                events.extend(self._break_off(error))
        self.is_text_alone = len(events) == 1 and bill is None and _is_text_alone(chunk)
        return events

    def close(self) -> list[StreamEvent]:
        return [] if self._is_over else self._finish()

    def _start(self, chunk: Chunk) -> Start:
        self._is_started = True
        self._response_id = chunk.id if isinstance(chunk.id, str) else ""
        model = chunk.model if isinstance(chunk.model, str) else ""
        created = chunk.created if isinstance(chunk.created, int) else None
        return Start(self._response_id, model, created=created or None)

    def _choice(self, choice: Choice, position: int, events: list[StreamEvent]) -> None:
        delta = choice.delta or choice.message
        if delta is not None:
            number = choice.index if choice.index is not None else position
            logprobs = choice.logprobs.content if choice.logprobs is not None else None
            self._delta(delta, number, logprobs, events)
            if choice.logprobs is not None and choice.logprobs.refusal:
                self.unread["logprobs.refusal"] = None
        reason = choice.finish_reason
        if reason == "error":
            message = "GitHub Copilot reported a server error in the middle of the answer"
            events.extend(self._break_off(UpstreamBroke(message)))
        elif reason:
            self._set_stop_reason(STOP_REASONS.get(reason, StopReason.STOP))
            if reason not in STOP_REASONS:
                self.unread[f"finish_reason {reason}"] = None

    def _set_stop_reason(self, reason: StopReason) -> None:
        """Set the stop reason; of several choices' reasons, one that cut the response short counts."""
        if self._stop_reason not in (StopReason.LENGTH, StopReason.CONTENT_FILTER):
            self._stop_reason = reason

    def _delta(
        self, delta: Delta, number: int, logprobs: list[Any] | None, events: list[StreamEvent]
    ) -> None:
        text = delta.content if isinstance(delta.content, str) else _joined(delta.content)
        if text:
            # The most frequent case first, without the other checks.
            if self._text is None:
                self._take_thinking(delta, events)
                self._end_thinking(events)
                self._text = self._new_index()
            elif delta.reasoning_opaque or delta.thinking_text():
                self._take_thinking(delta, events)
                self._end_thinking(events)
                self._text = self._text if self._text is not None else self._new_index()
            events.append(TextDelta(self._text, text, tuple(logprobs or ())))
        else:
            self._take_thinking(delta, events)
        if delta.annotations:
            self._annotations += [annotation(each) for each in delta.annotations]
        if delta.audio is not None:
            self.unread["audio"] = None
        if delta.refusal:
            self._end_text(events)
            if self._refusal is None:
                self._refusal = self._new_index()
            events.append(RefusalDelta(self._refusal, delta.refusal))
        for call in delta.tool_calls or ():
            self._tool_call(call, number, events)
        if delta.function_call is not None:
            call = ToolCallDelta(index=-1, function=delta.function_call)
            self._tool_call(call, number, events)

    def _take_thinking(self, delta: Delta, events: list[StreamEvent]) -> None:
        text = delta.thinking_text()
        opaque = delta.reasoning_opaque or delta.signature
        if not text and not opaque:
            return
        if self._thinking is None:
            self._end_text(events)
            self._thinking = self._new_index()
        if text:
            events.append(ThinkingDelta(self._thinking, text))
        self._thinking_opaque += opaque or ""

    def _tool_call(self, delta: ToolCallDelta, number: int, events: list[StreamEvent]) -> None:
        key = None if delta.index is None else (number, delta.index)
        call = None
        if not (self._is_whole and key is None):
            call = self._tools.find(key, delta.id)
        if call is None:
            self._end_text(events)
            self._end_thinking(events)
            call = self._tools.open(key, self._new_index(), self._model_id)
        kind, name, arguments = ToolKind.FUNCTION, None, ""
        if delta.function is not None:
            name = delta.function.name
            arguments = _arguments(delta.function.arguments)
            call.sign(delta.function.thought_signature)
        elif delta.custom is not None:
            kind, name = ToolKind.CUSTOM, delta.custom.name
            arguments = delta.custom.input or ""
        events.extend(call.identify(delta.id, name, kind, self._response_id))
        events.extend(call.append(arguments))

    def _new_index(self) -> int:
        self._has_content = True
        self._next_index += 1
        return self._next_index - 1

    def _end_text(self, events: list[StreamEvent]) -> None:
        if self._text is not None:
            events.append(TextEnd(self._text, tuple(self._annotations)))
            self._annotations.clear()
            self._text = None

    def _end_thinking(self, events: list[StreamEvent]) -> None:
        """Close the block; opaque data that follows later becomes a separate block.

        Waiting for it would delay everything after the thinking.
        """
        if self._thinking is None:
            return
        opaque = None
        if self._thinking_opaque:
            opaque = Opaque(
                DialectName.OPENAI_CHAT, "reasoning_opaque", self._thinking_opaque, self._model_id
            )
        events.append(ThinkingEnd(self._thinking, opaque))
        self._thinking = None
        self._thinking_opaque = ""

    def _finish(self) -> list[StreamEvent]:
        if self._stop_reason is None:
            # [DONE] alone does not prove completeness: a gateway sends it after a cut response too.
            return self._break_off(ended_early(has_content=self._has_content))
        self._is_over = True
        events: list[StreamEvent] = []
        self._end_thinking(events)
        self._end_text(events)
        if self._refusal is not None:
            events.append(RefusalEnd(self._refusal))
        events.extend(call.end() for call in self._tools.calls if call.started)
        usage = self._usage or Usage()
        events.append(
            Done(self._final_stop_reason(), usage, bill=self._bill, more=self._further_members())
        )
        return events

    def _note_further(self, chunk: Chunk) -> None:
        """Most of them stand on every chunk: the first and the last are looked at."""
        for name in FURTHER:
            if (value := getattr(chunk, name)) is not None:
                self._more[name] = value

    def _further_members(self) -> Opaque | None:
        counted = members_beside(decode_object(self._more_usage), render_usage(Usage()))
        counted.pop("reasoning_tokens", None)  # Gemini's place for what the details count
        more = {**self._more, "usage": counted} if counted else self._more
        if not more:
            return None
        return Opaque(DialectName.OPENAI_CHAT, "completion", msgspec.json.encode(more).decode())

    def _final_stop_reason(self) -> StopReason:
        """Return the final reason: ``tool_calls`` if there are calls, whatever upstream sent."""
        if self._stop_reason in (StopReason.LENGTH, StopReason.CONTENT_FILTER):
            assert self._stop_reason is not None
            return self._stop_reason
        called = any(call.started for call in self._tools.calls)
        return StopReason.TOOL_USE if called else StopReason.STOP

    def _break_off(self, error: ProxyError) -> list[StreamEvent]:
        self._is_over = True
        return [Error(error)]


def read_whole(body: bytes, model_id: str) -> list[StreamEvent]:
    """Read a whole response as the events its stream would have produced.

    Raises: StreamFormatError: the body is not a response.
    """
    reader = ChatReader(model_id, is_whole=True)
    events = reader.feed(Frame(body))
    if not events:
        raise StreamFormatError("upstream sent an answer without any choices")
    return [*events, *reader.close()]


def read_error(error: Any) -> ProxyError:
    """Convert ``{"error": ...}`` inside a response of status 200."""
    if not isinstance(error, dict):
        return upstream_failure(str(error))
    members = {name: error.get(name) for name in ("message", "code", "type")}
    message, code, kind = (
        value if isinstance(value, str) else None if value is None else str(value)
        for value in members.values()
    )
    return upstream_failure(message or "", code, kind)


def _joined(content: Any) -> str:
    """Return content that may be in parts, as a few backends send it, as one text."""
    if not isinstance(content, list):
        return ""
    texts = (part.get("text") for part in content if isinstance(part, dict))
    return "".join(text for text in texts if isinstance(text, str))


def _arguments(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()


def _is_text_alone(chunk: Chunk) -> bool:
    """Whether a chunk holds a text for its one choice, and nothing that is noted or added up."""
    if chunk.usage or chunk.moderation is not None or not chunk.choices or len(chunk.choices) > 1:
        return False
    choice = chunk.choices[0]
    delta = choice.delta
    return (
        delta is not None
        and isinstance(delta.content, str)
        and choice.finish_reason is None
        and choice.logprobs is None
        and delta.annotations is None
        and delta.audio is None
        and not delta.tool_calls
        and not delta.refusal
        and delta.function_call is None
        and not delta.reasoning_opaque
        and not delta.signature
    )
