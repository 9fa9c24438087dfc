"""Reads upstream's Responses stream into canonical events.

Nothing is keyed by an item's id: Copilot sends another one with every event of the same item
(copilot-protocol.md 6.3). Items are identified by their output index. Content missing from deltas
is taken from the ``done`` events and finally from the terminal response.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from proxy_core.canonical.events import (
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
from proxy_core.canonical.request import DialectName, Opaque, ToolKind
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.openai_responses import schema
from proxy_core.dialects.openai_responses.content_parts import annotation_opaque
from proxy_core.dialects.openai_responses.errors import ended_early
from proxy_core.dialects.openai_responses.parse_input import SUMMARY_BREAK, reasoning_opaque
from proxy_core.dialects.openai_responses.response.further_members import further_members
from proxy_core.dialects.openai_responses.response.read_items import Block, Item
from proxy_core.dialects.openai_responses.response.wire import (
    WireError,
    WireResponse,
    created_seconds,
    is_stated,
    read_failure,
    read_stop_reason,
    read_usage,
    wire_failure,
)
from proxy_core.dialects.openai_responses.response.wire_events import (
    WireEvent,
    WireItemHead,
    events,
    item_heads,
    part_texts,
    text_of,
)
from proxy_core.dialects.shared.bill import parse_bill
from proxy_core.dialects.shared.lone_surrogates import without_halves
from proxy_core.errors import StreamFormatError


def _decode(data: bytes) -> WireEvent:
    """Raises msgspec.DecodeError. Items are decoded later and must be whole by then."""
    try:
        event = events.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        if (whole := without_halves(data)) == data:
            raise
        return events.decode(whole)
    holds_more = event.item or event.response is not None
    if holds_more and (whole := without_halves(data)) != data:
        return events.decode(whole)
    return event


_COMPLETE = ("response.completed", "response.incomplete")


class ResponsesReader:
    """One object per stream."""

    def __init__(self, model_id: str) -> None:
        self._model_id = model_id
        self._items: dict[int, Item] = {}
        self._next_index = 0
        self._has_started = False
        self._has_ended = False
        self._out: list[StreamEvent] = []
        self.unread: dict[str, None] = {}
        self._more: Opaque | None = None
        self._handlers: dict[str, Callable[[WireEvent], None]] = {
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
            event = _decode(frame.data)
            kind = event.type or frame.event.decode("ascii", "replace")
            if not kind and event.error is not None:
                # A bare error object inside a 200, as /chat/completions sends it.
                kind = "error"
            if kind in _COMPLETE:
                self._more = further_members(frame.data)
            handler = self._handlers.get(kind)
            if handler is not None:
                handler(event)
            elif not kind.startswith(schema.PROGRESS_EVENTS):
                self.unread[kind] = None
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

    def _on_lifecycle(self, event: WireEvent) -> None:
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

    def _item(self, output_index: int, kind: str = "") -> Item:
        item = self._items.get(output_index)
        if item is None:
            item = self._items[output_index] = Item(kind)
        if not item.kind:
            item.kind = kind
        return item

    def _on_item_added(self, event: WireEvent) -> None:
        if not is_stated(event.item):
            return
        head = item_heads.decode(event.item)
        item = self._item(event.output_index, head.type)
        item.phase = head.phase
        if head.type in schema.CALL_TYPES:
            self._open_call(item, head)

    def _on_item_done(self, event: WireEvent) -> None:
        if is_stated(event.item):
            self._complete_item(event.output_index, event.item)

    def _complete_item(self, output_index: int, raw: msgspec.Raw) -> None:
        head = item_heads.decode(raw)
        item = self._item(output_index, head.type)
        if item.is_done:
            return
        item.is_done = True
        if head.type == "message":
            item.phase = head.phase or item.phase
            self._complete_message(item, msgspec.json.decode(raw))
        elif head.type == "reasoning":
            self._complete_reasoning(item, msgspec.json.decode(raw))
        elif head.type in schema.CALL_TYPES:
            self._complete_call(item, head, msgspec.json.decode(raw))
        elif head.type:
            data = bytes(raw).decode()
            opaque = Opaque(DialectName.OPENAI_RESPONSES, head.type, data, self._model_id)
            self._emit(NativeItem(self._new_index(), opaque))

    def _new_index(self) -> int:
        self._next_index += 1
        return self._next_index - 1

    def _block(self, item: Item, place: int, kind: str) -> Block:
        """Return the block at an index of the item; a new one closes the previous one."""
        block = item.blocks.get(place)
        if block is None:
            self._close_block(item)
            block = item.blocks[place] = item.open_block = Block(self._new_index(), kind)
        return block

    def _add_piece(self, item: Item, block: Block, text: str) -> None:
        if item.open_block is not block:
            raise StreamFormatError("GitHub Copilot went on with a part that had ended.")
        block.pieces.append(text)

    def _close_block(self, item: Item, opaque: Opaque | None = None) -> None:
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

    def _on_text_delta(self, event: WireEvent) -> None:
        item = self._item(event.output_index, "message")
        self._add_text(item, event.content_index, text_of(event.delta), event.logprobs)

    def _on_text_done(self, event: WireEvent) -> None:
        item = self._item(event.output_index, "message")
        self._settle_text(item, event.content_index, text_of(event.text), event.logprobs)

    def _add_text(
        self, item: Item, place: int, text: str, logprobs: list[Any] | None = None
    ) -> None:
        if text or logprobs:
            block = self._block(item, place, "text")
            self._add_piece(item, block, text)
            self._emit(TextDelta(block.index, text, tuple(logprobs or ())))

    def _settle_text(
        self, item: Item, place: int, text: str, logprobs: list[Any] | None = None
    ) -> None:
        block = item.blocks.get(place)
        if block is None:
            self._add_text(item, place, text, logprobs)
        elif rest := block.rest_of(text):
            self._add_text(item, place, rest)
        if place in item.blocks:
            item.blocks[place].is_settled = True

    def _on_refusal_delta(self, event: WireEvent) -> None:
        item = self._item(event.output_index, "message")
        self._add_refusal(item, event.content_index, text_of(event.delta))

    def _on_refusal_done(self, event: WireEvent) -> None:
        item = self._item(event.output_index, "message")
        self._settle_refusal(item, event.content_index, text_of(event.refusal))

    def _add_refusal(self, item: Item, place: int, text: str) -> None:
        if text:
            block = self._block(item, place, "refusal")
            self._add_piece(item, block, text)
            self._emit(RefusalDelta(block.index, text))

    def _settle_refusal(self, item: Item, place: int, text: str) -> None:
        block = item.blocks.get(place)
        self._add_refusal(item, place, text if block is None else block.rest_of(text))
        if place in item.blocks:
            item.blocks[place].is_settled = True

    def _on_annotation(self, event: WireEvent) -> None:
        item = self._item(event.output_index, "message")
        if event.annotation is not None:
            block = self._block(item, event.content_index, "text")
            block.annotations.append(annotation_opaque(event.annotation))

    def _on_part_done(self, event: WireEvent) -> None:
        if event.part is not None and event.part.get("type") in ("output_text", "refusal"):
            item = self._item(event.output_index, "message")
            self._complete_part(item, event.content_index, event.part)

    def _complete_message(self, item: Item, members: dict[str, Any]) -> None:
        parts = members.get("content")
        for place, part in enumerate(parts if isinstance(parts, list) else ()):
            if isinstance(part, dict):
                self._complete_part(item, place, part)
        self._close_block(item)

    def _complete_part(self, item: Item, place: int, part: dict[str, Any]) -> None:
        if part.get("type") == "refusal":
            self._settle_refusal(item, place, text_of(part.get("refusal")))
            return
        logprobs = part.get("logprobs")
        self._settle_text(
            item, place, text_of(part.get("text")), logprobs if isinstance(logprobs, list) else None
        )
        annotations = part.get("annotations")
        block = item.blocks.get(place)
        if block is not None and isinstance(annotations, list) and annotations:
            # The whole list, including those already announced by annotation.added.
            block.annotations = [
                annotation_opaque(each) for each in annotations if isinstance(each, dict)
            ]

    # Reasoning

    def _on_summary_delta(self, event: WireEvent) -> None:
        item = self._item(event.output_index, "reasoning")
        text = text_of(event.delta)
        if not text:
            return
        if event.summary_index != item.summary_index and item.blocks:
            text = SUMMARY_BREAK + text
        item.summary_index = event.summary_index
        self._add_thinking(item, text)

    def _on_reasoning_delta(self, event: WireEvent) -> None:
        if text := text_of(event.delta):
            self._add_thinking(self._item(event.output_index, "reasoning"), text)

    def _add_thinking(self, item: Item, text: str) -> None:
        block = self._block(item, 0, "thinking")
        self._add_piece(item, block, text)
        self._emit(ThinkingDelta(block.index, text))

    def _complete_reasoning(self, item: Item, members: dict[str, Any]) -> None:
        # The content at "added" is not final: only this one is valid, with this id.
        encrypted = members.get("encrypted_content")
        opaque = None
        if isinstance(encrypted, str) and encrypted:
            opaque = reasoning_opaque(members, encrypted, self._model_id)
        if not item.blocks:
            shown = SUMMARY_BREAK.join(part_texts(members, "summary"))
            shown = shown or SUMMARY_BREAK.join(part_texts(members, "content"))
            if shown:
                self._add_thinking(item, shown)
            elif opaque is not None:
                self._block(item, 0, "thinking")
        self._close_block(item, opaque)

    # Calls

    def _open_call(self, item: Item, head: WireItemHead) -> None:
        if item.is_call or not head.call_id or not head.name:
            return
        item.is_call = True
        block = self._block(item, 0, "call")
        kind = ToolKind.CUSTOM if head.type == "custom_tool_call" else ToolKind.FUNCTION
        self._emit(ToolCallStart(block.index, head.call_id, head.name, kind, head.namespace))

    def _on_arguments_delta(self, event: WireEvent) -> None:
        # Arguments cannot be emitted before the call has a name; they are emitted whole at its end.
        item = self._items.get(event.output_index)
        if item is not None and item.is_call:
            self._add_arguments(item, text_of(event.delta))

    def _on_arguments_done(self, event: WireEvent) -> None:
        item = self._items.get(event.output_index)
        if item is not None and item.is_call:
            whole = event.arguments if event.arguments is not None else event.input
            self._settle_arguments(item, text_of(whole))

    def _add_arguments(self, item: Item, text: str) -> None:
        block = item.blocks[0]
        if text:
            self._add_piece(item, block, text)
            self._emit(ToolCallDelta(block.index, text))

    def _settle_arguments(self, item: Item, whole: str) -> None:
        block = item.blocks[0]
        self._add_arguments(item, block.rest_of(whole))
        block.is_settled = True

    def _complete_call(self, item: Item, head: WireItemHead, members: dict[str, Any]) -> None:
        self._open_call(item, head)
        if not item.is_call:
            raise StreamFormatError("GitHub Copilot sent a tool call without a name or an id.")
        name = "input" if head.type == "custom_tool_call" else "arguments"
        self._settle_arguments(item, text_of(members.get(name)))
        self._close_block(item)

    # The end

    def _on_end(self, event: WireEvent) -> None:
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
                more=self._more,
            )
        )

    def _on_error(self, event: WireEvent) -> None:
        error = event.error or WireError(event.code, event.message, event.param)
        self._end(Error(wire_failure(error)))

    def _end(self, event: Done | Error) -> None:
        self._has_ended = True
        self._emit(event)
