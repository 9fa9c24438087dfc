"""Upstream's Responses stream becomes canonical events.

Nothing is keyed by an item's id: Copilot sends another one with every event of the same item
(protocol notes, 6.3). The output index alone says what belongs together. What deltas left out is
taken from the ``done`` events and, last, from the final response.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from proxy_core.conversation import DialectName, Opaque, ToolKind
from proxy_core.dialects.bill import parse_bill
from proxy_core.dialects.openai_responses import schema
from proxy_core.dialects.openai_responses.content_parts import annotation_opaque
from proxy_core.dialects.openai_responses.errors import ended_early
from proxy_core.dialects.openai_responses.input_parser import SUMMARY_BREAK, reasoning_opaque
from proxy_core.dialects.openai_responses.wire_response import (
    WireError,
    WireResponse,
    created_seconds,
    is_stated,
    read_failure,
    read_stop_reason,
    read_usage,
    wire_failure,
)
from proxy_core.errors import StreamFormatError
from proxy_core.sse import Frame
from proxy_core.stream_events import (
    Done,
    Error,
    NativeItem,
    RefusalDelta,
    RefusalEnd,
    Start,
    StreamEvent,
    TextDelta,
    TextEnd,
    ThinkingDelta,
    ThinkingEnd,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
)


class _Event(msgspec.Struct):
    """Every member any event has that matters here; hosted tools put other things into some."""

    type: str = ""
    output_index: int = 0
    content_index: int = 0
    summary_index: int = 0
    delta: object = None
    text: object = None
    arguments: object = None
    input: object = None
    refusal: object = None
    logprobs: list[Any] | None = None
    annotation: dict[str, Any] | None = None
    part: dict[str, Any] | None = None
    item: msgspec.Raw = msgspec.Raw()
    response: WireResponse | None = None
    error: WireError | None = None
    code: str | int | None = None
    message: str | None = None
    param: str | None = None
    copilot_usage: msgspec.Raw = msgspec.Raw()


class _ItemHead(msgspec.Struct):
    type: str = ""
    call_id: str | None = None
    name: str | None = None
    namespace: str | None = None
    phase: str | None = None


_events = msgspec.json.Decoder(_Event)
_item_heads = msgspec.json.Decoder(_ItemHead)


class _Block:
    """One canonical block. ``pieces`` is the text given out so far."""

    __slots__ = ("annotations", "index", "is_settled", "kind", "pieces")

    def __init__(self, index: int, kind: str) -> None:
        self.index = index
        self.kind = kind
        self.pieces: list[str] = []
        self.annotations: list[Opaque] = []
        self.is_settled = False
        """True once the whole text was seen: what repeats it later need not be compared again."""


class _Item:
    __slots__ = ("blocks", "is_call", "is_done", "kind", "open_block", "phase", "summary_index")

    def __init__(self, kind: str = "") -> None:
        self.kind = kind
        self.phase: str | None = None
        self.blocks: dict[int, _Block] = {}
        self.open_block: _Block | None = None
        self.summary_index = 0
        self.is_call = False
        self.is_done = False


class ResponsesReader:
    """One object per stream."""

    def __init__(self, model_id: str) -> None:
        self._model_id = model_id
        self._items: dict[int, _Item] = {}
        self._next_index = 0
        self._has_started = False
        self._has_ended = False
        self._out: list[StreamEvent] = []
        self._handlers: dict[str, Callable[[_Event], None]] = {
            "response.created": self._on_lifecycle,
            "response.queued": self._on_lifecycle,
            "response.in_progress": self._on_lifecycle,
            "response.output_item.added": self._on_item_added,
            "response.output_item.done": self._on_item_done,
            "response.content_part.done": self._on_part_done,
            "response.output_text.delta": self._on_text_delta,
            "response.output_text.done": self._on_text_done,
            "response.output_text.annotation.added": self._on_annotation,
            "response.refusal.delta": self._on_refusal_delta,
            "response.refusal.done": self._on_refusal_done,
            "response.reasoning_summary_text.delta": self._on_summary_delta,
            "response.reasoning_text.delta": self._on_reasoning_delta,
            "response.function_call_arguments.delta": self._on_arguments_delta,
            "response.function_call_arguments.done": self._on_arguments_done,
            "response.custom_tool_call_input.delta": self._on_arguments_delta,
            "response.custom_tool_call_input.done": self._on_arguments_done,
            "response.completed": self._on_end,
            "response.incomplete": self._on_end,
            "response.failed": self._on_end,
            "response.cancelled": self._on_end,
            "error": self._on_error,
        }

    def feed(self, frame: Frame) -> list[StreamEvent]:
        """Return the events of one frame; frames after the end are ignored.

        Raises:
            StreamFormatError: the frame is not the JSON of an event.
        """
        if self._has_ended or not frame.data or frame.data == b"[DONE]":
            return []
        try:
            event = _events.decode(frame.data)
            kind = event.type or frame.event.decode("ascii", "replace")
            if not kind and event.error is not None:
                # An error object alone inside a 200, as /chat/completions sends it.
                kind = "error"
            handler = self._handlers.get(kind)
            if handler is not None:
                handler(event)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise StreamFormatError(f"GitHub Copilot sent an unreadable event: {error}") from error
        return self._take()

    def close(self) -> list[StreamEvent]:
        if self._has_ended:
            return []
        self._end(Error(ended_early()))
        return self._take()

    def _take(self) -> list[StreamEvent]:
        out, self._out = self._out, []
        return out

    def _emit(self, event: StreamEvent) -> None:
        if not self._has_started:
            self._has_started = True
            self._out.append(Start("", self._model_id))
        self._out.append(event)

    def _on_lifecycle(self, event: _Event) -> None:
        if self._has_started or event.response is None:
            return
        self._has_started = True
        response = event.response
        self._out.append(
            Start(
                response.id,
                response.model or self._model_id,
                created=created_seconds(response),
            )
        )

    # Items

    def _item(self, output_index: int, kind: str = "") -> _Item:
        item = self._items.get(output_index)
        if item is None:
            item = self._items[output_index] = _Item(kind)
        if not item.kind:
            item.kind = kind
        return item

    def _on_item_added(self, event: _Event) -> None:
        if not is_stated(event.item):
            return
        head = _item_heads.decode(event.item)
        item = self._item(event.output_index, head.type)
        item.phase = head.phase
        if head.type in schema.CALL_TYPES:
            self._open_call(item, head)

    def _on_item_done(self, event: _Event) -> None:
        if is_stated(event.item):
            self._complete_item(event.output_index, event.item)

    def _complete_item(self, output_index: int, raw: msgspec.Raw) -> None:
        head = _item_heads.decode(raw)
        item = self._item(output_index, head.type)
        if item.is_done:
            return
        item.is_done = True
        if head.type == "message":
            item.phase = head.phase or item.phase
            self._complete_message(item, _decoded(raw))
        elif head.type == "reasoning":
            self._complete_reasoning(item, _decoded(raw))
        elif head.type in schema.CALL_TYPES:
            self._complete_call(item, head, _decoded(raw))
        elif head.type:
            data = bytes(raw).decode()
            opaque = Opaque(DialectName.OPENAI_RESPONSES, head.type, data, self._model_id)
            self._emit(NativeItem(self._new_index(), opaque))

    def _new_index(self) -> int:
        self._next_index += 1
        return self._next_index - 1

    def _block(self, item: _Item, place: int, kind: str) -> _Block:
        """Return the block at a place of the item; a new one closes the one before it."""
        block = item.blocks.get(place)
        if block is None:
            self._close_block(item)
            block = item.blocks[place] = item.open_block = _Block(self._new_index(), kind)
        return block

    def _close_block(self, item: _Item, opaque: Opaque | None = None) -> None:
        block, item.open_block = item.open_block, None
        if block is None:
            return
        if block.kind == "text":
            self._emit(TextEnd(block.index, tuple(block.annotations), item.phase))
        elif block.kind == "refusal":
            self._emit(RefusalEnd(block.index))
        elif block.kind == "thinking":
            self._emit(ThinkingEnd(block.index, opaque))
        else:
            self._emit(ToolCallEnd(block.index))

    # Text and refusals

    def _on_text_delta(self, event: _Event) -> None:
        item = self._item(event.output_index, "message")
        self._add_text(item, event.content_index, _text(event.delta), event.logprobs)

    def _on_text_done(self, event: _Event) -> None:
        item = self._item(event.output_index, "message")
        self._settle_text(item, event.content_index, _text(event.text), event.logprobs)

    def _add_text(
        self, item: _Item, place: int, text: str, logprobs: list[Any] | None = None
    ) -> None:
        if text or logprobs:
            block = self._block(item, place, "text")
            block.pieces.append(text)
            self._emit(TextDelta(block.index, text, tuple(logprobs or ())))

    def _settle_text(
        self, item: _Item, place: int, text: str, logprobs: list[Any] | None = None
    ) -> None:
        block = item.blocks.get(place)
        if block is None:
            self._add_text(item, place, text, logprobs)
        elif rest := _rest(block, text):
            self._add_text(item, place, rest)
        if place in item.blocks:
            item.blocks[place].is_settled = True

    def _on_refusal_delta(self, event: _Event) -> None:
        item = self._item(event.output_index, "message")
        self._add_refusal(item, event.content_index, _text(event.delta))

    def _on_refusal_done(self, event: _Event) -> None:
        item = self._item(event.output_index, "message")
        self._settle_refusal(item, event.content_index, _text(event.refusal))

    def _add_refusal(self, item: _Item, place: int, text: str) -> None:
        if text:
            block = self._block(item, place, "refusal")
            block.pieces.append(text)
            self._emit(RefusalDelta(block.index, text))

    def _settle_refusal(self, item: _Item, place: int, text: str) -> None:
        block = item.blocks.get(place)
        self._add_refusal(item, place, text if block is None else _rest(block, text))
        if place in item.blocks:
            item.blocks[place].is_settled = True

    def _on_annotation(self, event: _Event) -> None:
        item = self._item(event.output_index, "message")
        if event.annotation is not None:
            block = self._block(item, event.content_index, "text")
            block.annotations.append(annotation_opaque(event.annotation))

    def _on_part_done(self, event: _Event) -> None:
        if event.part is not None and event.part.get("type") in ("output_text", "refusal"):
            item = self._item(event.output_index, "message")
            self._complete_part(item, event.content_index, event.part)

    def _complete_message(self, item: _Item, members: dict[str, Any]) -> None:
        parts = members.get("content")
        for place, part in enumerate(parts if isinstance(parts, list) else ()):
            if isinstance(part, dict):
                self._complete_part(item, place, part)
        self._close_block(item)

    def _complete_part(self, item: _Item, place: int, part: dict[str, Any]) -> None:
        if part.get("type") == "refusal":
            self._settle_refusal(item, place, _text(part.get("refusal")))
            return
        logprobs = part.get("logprobs")
        self._settle_text(
            item, place, _text(part.get("text")), logprobs if isinstance(logprobs, list) else None
        )
        annotations = part.get("annotations")
        block = item.blocks.get(place)
        if block is not None and isinstance(annotations, list) and annotations:
            # The whole list, which also holds what annotation.added announced one by one.
            block.annotations = [
                annotation_opaque(each) for each in annotations if isinstance(each, dict)
            ]

    # Reasoning

    def _on_summary_delta(self, event: _Event) -> None:
        item = self._item(event.output_index, "reasoning")
        text = _text(event.delta)
        if not text:
            return
        if event.summary_index != item.summary_index and item.blocks:
            text = SUMMARY_BREAK + text
        item.summary_index = event.summary_index
        self._add_thinking(item, text)

    def _on_reasoning_delta(self, event: _Event) -> None:
        if text := _text(event.delta):
            self._add_thinking(self._item(event.output_index, "reasoning"), text)

    def _add_thinking(self, item: _Item, text: str) -> None:
        block = self._block(item, 0, "thinking")
        block.pieces.append(text)
        self._emit(ThinkingDelta(block.index, text))

    def _complete_reasoning(self, item: _Item, members: dict[str, Any]) -> None:
        # The content at "added" is not the final one: only this one is valid, with this id.
        encrypted = members.get("encrypted_content")
        opaque = None
        if isinstance(encrypted, str) and encrypted:
            opaque = reasoning_opaque(members, encrypted, self._model_id)
        if not item.blocks:
            shown = SUMMARY_BREAK.join(_part_texts(members, "summary"))
            shown = shown or SUMMARY_BREAK.join(_part_texts(members, "content"))
            if shown:
                self._add_thinking(item, shown)
            elif opaque is not None:
                self._block(item, 0, "thinking")
        self._close_block(item, opaque)

    # Calls

    def _open_call(self, item: _Item, head: _ItemHead) -> None:
        if item.is_call or not head.call_id or not head.name:
            return
        item.is_call = True
        block = self._block(item, 0, "call")
        kind = ToolKind.CUSTOM if head.type == "custom_tool_call" else ToolKind.FUNCTION
        self._emit(ToolCallStart(block.index, head.call_id, head.name, kind, head.namespace))

    def _on_arguments_delta(self, event: _Event) -> None:
        # Before the call has a name its arguments cannot be given out: they come whole, at its end.
        item = self._items.get(event.output_index)
        if item is not None and item.is_call:
            self._add_arguments(item, _text(event.delta))

    def _on_arguments_done(self, event: _Event) -> None:
        item = self._items.get(event.output_index)
        if item is not None and item.is_call:
            whole = event.arguments if event.arguments is not None else event.input
            self._settle_arguments(item, _text(whole))

    def _add_arguments(self, item: _Item, text: str) -> None:
        block = item.blocks[0]
        if text:
            block.pieces.append(text)
            self._emit(ToolCallDelta(block.index, text))

    def _settle_arguments(self, item: _Item, whole: str) -> None:
        block = item.blocks[0]
        self._add_arguments(item, _rest(block, whole))
        block.is_settled = True

    def _complete_call(self, item: _Item, head: _ItemHead, members: dict[str, Any]) -> None:
        self._open_call(item, head)
        if not item.is_call:
            raise StreamFormatError("GitHub Copilot sent a tool call without a name or an id.")
        name = "input" if head.type == "custom_tool_call" else "arguments"
        self._settle_arguments(item, _text(members.get(name)))
        self._close_block(item)

    # The end

    def _on_end(self, event: _Event) -> None:
        response = event.response or WireResponse()
        if response.status is None:
            response.status = event.type.removeprefix("response.")
        failure = read_failure(response)
        if failure is not None:
            self._end(Error(failure))
            return
        self._on_lifecycle(event)
        for output_index, raw in enumerate(response.output or ()):
            self._complete_item(output_index, raw)
        for item in self._items.values():
            self._close_block(item)
        has_call = any(item.is_call for item in self._items.values())
        price = parse_bill(event.copilot_usage)
        self._end(
            Done(
                read_stop_reason(response, has_call=has_call),
                read_usage(response.usage),
                bill=price.bill() if price is not None else None,
            )
        )

    def _on_error(self, event: _Event) -> None:
        error = event.error or WireError(event.code, event.message, event.param)
        self._end(Error(wire_failure(error)))

    def _end(self, event: Done | Error) -> None:
        self._has_ended = True
        self._emit(event)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _decoded(raw: msgspec.Raw) -> dict[str, Any]:
    return msgspec.json.decode(raw, type=dict[str, Any])


def _part_texts(members: dict[str, Any], name: str) -> list[str]:
    parts = members.get(name)
    if not isinstance(parts, list):
        return []
    return [_text(part.get("text")) for part in parts if isinstance(part, dict)]


def _rest(block: _Block, whole: str) -> str:
    """Return what of the whole text no delta has brought yet."""
    if block.is_settled:
        return ""
    so_far = "".join(block.pieces)
    return whole[len(so_far) :] if whole.startswith(so_far) else ""
