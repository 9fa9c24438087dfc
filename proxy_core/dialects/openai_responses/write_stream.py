"""Writes canonical events as a Responses stream.

Every block is an output item; items may overlap, since every event says which it belongs to.
Sequence numbers count all events of the stream.
"""

from __future__ import annotations

from typing import Any

import msgspec

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
from proxy_core.canonical.request import DialectName, Opaque, ToolKind
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.response.citations import render_citations
from proxy_core.dialects.openai_responses.response.failure_frames import error_frame, failed_frame
from proxy_core.dialects.openai_responses.response.further_members import with_further_members
from proxy_core.dialects.openai_responses.response.logprobs import event_logprobs, part_logprobs
from proxy_core.dialects.openai_responses.response.response_object import ResponseObject
from proxy_core.dialects.openai_responses.tools import client_tools
from proxy_core.dialects.openai_responses.tools.flattened_names import client_tool_names
from proxy_core.dialects.shared import opaque_envelope
from proxy_core.dialects.shared.tool_names import (
    ToolNames,
    openai_call_id,
    unwrap_free_text,
    wire_name,
)
from proxy_core.errors import ProxyError

_encoder = msgspec.json.Encoder()
_INCOMPLETE_REASONS = {
    StopReason.LENGTH: "max_output_tokens",
    StopReason.CONTENT_FILTER: "content_filter",
}


class _OpenItem:
    """An open item. ``item`` is the content of its ``added`` event."""

    __slots__ = ("blanks", "is_wrapped", "item", "logprobs", "output_index", "pieces")

    def __init__(self, output_index: int, item: dict[str, Any]) -> None:
        self.output_index = output_index
        self.item = item
        self.pieces: list[str] = []
        self.logprobs: list[object] = []
        self.is_wrapped = False
        """True for a custom tool's text that upstream sends wrapped in JSON."""
        self.blanks = ""
        """Arguments that are not sent yet: nothing but blanks came so far."""

    @property
    def id(self) -> str:
        item_id: str = self.item["id"]
        return item_id

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class ResponsesWriter:
    """One object per stream. ``response`` is the final object once the stream has ended."""

    def __init__(self, context: WriterContext) -> None:
        self.response: dict[str, Any] | None = None
        self._context = context
        self._tool_names = (
            ToolNames.of(context.request)
            if context.request is not None
            else client_tool_names(context.members)
        )
        self._object: ResponseObject | None = None
        self._sequence_number = 0
        self._open: dict[int, _OpenItem] = {}
        self._output: list[dict[str, Any]] = []
        self._native_calls: dict[int, tuple[Opaque, str, list[str]]] = {}
        """Calls of functions that represent a client-run tool, by block."""
        self._has_refused = False
        self._frames: list[Frame] = []

    def feed(self, event: StreamEvent) -> list[Frame]:
        """Return the frames of one event. Raises ValueError for a block that was never opened."""
        match event:
            case TextDelta(index, text, logprobs):
                self._add_text(index, text, logprobs)
            case ToolCallDelta(index, arguments):
                self._add_arguments(index, arguments)
            case ThinkingDelta(index, text):
                self._add_thinking(index, text)
            case RefusalDelta(index, text):
                self._add_refusal(index, text)
            case TextEnd(index):
                self._end_text(event)
            case ThinkingEnd(index, opaque):
                self._end_thinking(index, opaque)
            case RefusalEnd(index):
                self._end_refusal(index)
            case ToolCallStart():
                self._open_call(event)
            case ToolCallEnd(index):
                self._end_call(index)
            case NativeItem(_, item):
                self._add_native(item)
            case Start():
                self._start(event)
            case Done():
                self._finish(event)
            case Error(error):
                self._fail(error)
        frames, self._frames = self._frames, []
        return frames

    def close(self) -> list[Frame]:
        """This dialect sends nothing after its terminal event."""
        return []

    # The answer

    def _start(self, event: Start) -> ResponseObject:
        response_id = event.response_id
        if not response_id.startswith("resp_"):
            response_id = self._context.make_id("resp_")
        self._object = ResponseObject(response_id, self._context, event.created)
        self._emit("response.created", response=self._object.in_progress())
        self._emit("response.in_progress", response=self._object.in_progress())
        return self._object

    def _started(self) -> ResponseObject:
        return self._object or self._start(Start("", self._context.model))

    def _finish(self, event: Done) -> None:
        answer = self._started()
        self._close_all()
        reason = _INCOMPLETE_REASONS.get(event.stop_reason)
        if event.stop_reason is StopReason.REFUSAL and not self._has_refused:
            # A refusal without text would look like an ordinary, empty response.
            reason = "content_filter"
        if reason is None:
            self.response = with_further_members(
                answer.completed(self._output, event.usage), event.more
            )
            self._emit("response.completed", response=self.response)
            return
        if self._output and "status" in self._output[-1]:
            self._output[-1]["status"] = "incomplete"
        self.response = with_further_members(
            answer.incomplete(self._output, event.usage, reason), event.more
        )
        self._emit("response.incomplete", response=self.response)

    def _fail(self, error: ProxyError) -> None:
        answer = self._started()
        self.response = answer.failed(self._output, error)
        self._frames.append(error_frame(error, self._sequence_number))
        self._frames.append(failed_frame(self.response, self._sequence_number + 1))

    def _close_all(self) -> None:
        for index in list(self._native_calls):
            self._end_native_call(index)
        for index, block in list(self._open.items()):
            kind = block.item["type"]
            if kind == "reasoning":
                self._end_thinking(index, None)
            elif kind != "message":
                self._end_call(index)
            elif block.item["content"][0]["type"] == "refusal":
                self._end_refusal(index)
            else:
                self._end_text(TextEnd(index))

    # Items

    def _open_item(self, index: int, item: dict[str, Any]) -> _OpenItem:
        self._started()
        block = self._open[index] = _OpenItem(len(self._output), item)
        self._output.append(item)
        self._emit("response.output_item.added", output_index=block.output_index, item=item)
        return block

    def _close_item(self, index: int, item: dict[str, Any]) -> None:
        block = self._open.pop(index)
        self._output[block.output_index] = item
        self._keep(item)
        self._emit("response.output_item.done", output_index=block.output_index, item=item)

    def _keep(self, item: dict[str, Any]) -> None:
        keep, item_id = self._context.keep_item, item.get("id")
        if keep is not None and isinstance(item_id, str):
            keep(item_id, _encoder.encode(item))

    def _opened(self, index: int) -> _OpenItem:
        block = self._open.get(index)
        if block is None:
            raise ValueError(f"block {index} was never opened")
        return block

    def _add_native(self, opaque: Opaque) -> None:
        if opaque.dialect is not DialectName.OPENAI_RESPONSES:
            return
        self._add_item(msgspec.json.decode(opaque.data))

    def _add_item(self, item: dict[str, Any]) -> None:
        self._started()
        output_index = len(self._output)
        self._output.append(item)
        self._keep(item)
        self._emit("response.output_item.added", output_index=output_index, item=item)
        self._emit("response.output_item.done", output_index=output_index, item=item)

    # Messages

    def _open_message(self, index: int, part: dict[str, Any]) -> _OpenItem:
        item = {
            "id": self._context.make_id("msg_"),
            "type": "message",
            "status": "in_progress",
            "role": "assistant",
            "content": [],
        }
        block = self._open_item(index, item)
        block.item = {**item, "content": [part]}
        self._emit_part("response.content_part.added", block, part=part)
        return block

    def _emit_part(self, event_type: str, block: _OpenItem, **members: object) -> None:
        self._emit(
            event_type,
            item_id=block.id,
            output_index=block.output_index,
            content_index=0,
            **members,
        )

    def _add_text(self, index: int, text: str, logprobs: tuple[object, ...]) -> None:
        block = self._open.get(index) or self._open_message(index, _text_part("", [], []))
        block.pieces.append(text)
        block.logprobs.extend(logprobs)
        event_entries = event_logprobs(logprobs)
        self._emit_part("response.output_text.delta", block, delta=text, logprobs=event_entries)

    def _end_text(self, event: TextEnd) -> None:
        block = self._open.get(event.index)
        if block is None:
            return
        text = block.text
        annotations = render_citations(event.annotations, text)
        for i, annotation in enumerate(annotations):
            self._emit_part(
                "response.output_text.annotation.added",
                block,
                annotation_index=i,
                annotation=annotation,
            )
        event_entries = event_logprobs(block.logprobs)
        self._emit_part("response.output_text.done", block, text=text, logprobs=event_entries)
        part = _text_part(text, annotations, part_logprobs(block.logprobs))
        self._emit_part("response.content_part.done", block, part=part)
        item = {**block.item, "status": "completed", "content": [part]}
        if event.phase is not None:
            item["phase"] = event.phase
        self._close_item(event.index, item)

    def _add_refusal(self, index: int, text: str) -> None:
        self._has_refused = True
        block = self._open.get(index) or self._open_message(index, _refusal_part(""))
        block.pieces.append(text)
        self._emit_part("response.refusal.delta", block, delta=text)

    def _end_refusal(self, index: int) -> None:
        block = self._open.get(index)
        if block is None:
            return
        part = _refusal_part(block.text)
        self._emit_part("response.refusal.done", block, refusal=block.text)
        self._emit_part("response.content_part.done", block, part=part)
        self._close_item(index, {**block.item, "status": "completed", "content": [part]})

    # Reasoning

    def _open_reasoning(self, index: int) -> _OpenItem:
        item = {"id": self._context.make_id("rs_"), "type": "reasoning", "summary": []}
        return self._open_item(index, item)

    def _emit_summary(self, event_type: str, block: _OpenItem, **members: object) -> None:
        self._emit(
            event_type,
            item_id=block.id,
            output_index=block.output_index,
            summary_index=0,
            **members,
        )

    def _add_thinking(self, index: int, text: str) -> None:
        block = self._open.get(index) or self._open_reasoning(index)
        if not block.pieces:
            part = _summary_part("")
            self._emit_summary("response.reasoning_summary_part.added", block, part=part)
        block.pieces.append(text)
        self._emit_summary("response.reasoning_summary_text.delta", block, delta=text)

    def _end_thinking(self, index: int, opaque: Opaque | None) -> None:
        block = self._open.get(index)
        if block is None:
            if opaque is None:
                return
            block = self._open_reasoning(index)
        item = dict(block.item)
        if block.pieces:
            part = _summary_part(block.text)
            self._emit_summary("response.reasoning_summary_text.done", block, text=block.text)
            self._emit_summary("response.reasoning_summary_part.done", block, part=part)
            item["summary"] = [part]
        if opaque is not None:
            # Also for this dialect's own content: its id, which the client's item lacks, is
            # included.
            item["encrypted_content"] = opaque_envelope.pack(opaque)
        self._close_item(index, item)

    # Calls

    def _open_call(self, event: ToolCallStart) -> None:
        own = self._tool_names.original(wire_name(event.name, event.namespace))
        name = own.name if own else event.name
        namespace = own.namespace if own else event.namespace
        kind = own.kind if own else event.kind
        call_id = openai_call_id(event.id) if self._context.is_translated else event.id
        if own is not None and own.native is not None:
            self._native_calls[event.index] = (own.native, call_id, [])
            return
        item: dict[str, Any] = {"call_id": call_id, "name": name}
        if namespace is not None:
            item["namespace"] = namespace
        if kind is ToolKind.CUSTOM:
            item_id = self._context.make_id("ctc_")
            item = {"id": item_id, "type": "custom_tool_call", **item, "input": ""}
        else:
            item_id = self._context.make_id("fc_")
            item = {
                "id": item_id,
                "type": "function_call",
                "status": "in_progress",
                **item,
                "arguments": "",
            }
        block = self._open_item(event.index, item)
        block.is_wrapped = kind is ToolKind.CUSTOM and event.kind is ToolKind.FUNCTION

    def _add_arguments(self, index: int, arguments: str) -> None:
        if index in self._native_calls:
            self._native_calls[index][2].append(arguments)
            return
        block = self._opened(index)
        block.pieces.append(arguments)
        if block.is_wrapped:
            return
        is_function = block.item["type"] == "function_call"
        if is_function and not arguments.strip() and not block.text.strip():
            # Blanks alone become "{}" at the end, and the deltas must add up to that.
            block.blanks += arguments
            if block.blanks:
                return
        self._emit_arguments("delta", block, delta=block.blanks + arguments)
        block.blanks = ""

    def _end_native_call(self, index: int) -> None:
        """Write a call in the client's own form; its action is known only when it is complete."""
        native, call_id, pieces = self._native_calls.pop(index)
        item_id = self._context.make_id(client_tools.item_id_prefix(native))
        self._add_item(client_tools.call_item(native, call_id, "".join(pieces), item_id))

    def _end_call(self, index: int) -> None:
        if index in self._native_calls:
            self._end_native_call(index)
            return
        block = self._opened(index)
        if block.item["type"] == "custom_tool_call":
            text = block.text
            if block.is_wrapped:
                text = unwrap_free_text(text)
                self._emit_arguments("delta", block, delta=text)
            self._emit_arguments("done", block, input=text)
            self._close_item(index, {**block.item, "input": text})
            return
        if not block.text.strip():
            # Claude sends no arguments for a tool without parameters; clients here parse JSON.
            block.pieces = ["{}"]
            self._emit_arguments("delta", block, delta="{}")
        arguments = block.text
        self._emit_arguments("done", block, name=block.item["name"], arguments=arguments)
        self._close_item(index, {**block.item, "status": "completed", "arguments": arguments})

    def _emit_arguments(self, stage: str, block: _OpenItem, **members: object) -> None:
        is_custom = block.item["type"] == "custom_tool_call"
        what = "custom_tool_call_input" if is_custom else "function_call_arguments"
        self._emit(
            f"response.{what}.{stage}",
            item_id=block.id,
            output_index=block.output_index,
            **members,
        )

    def _emit(self, event_type: str, **members: object) -> None:
        data = _encoder.encode(
            {"type": event_type, "sequence_number": self._sequence_number, **members}
        )
        self._sequence_number += 1
        self._frames.append(Frame(data, event_type.encode()))


def _text_part(
    text: str, annotations: list[dict[str, Any]], logprobs: list[object]
) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": annotations, "logprobs": logprobs}


def _refusal_part(text: str) -> dict[str, Any]:
    return {"type": "refusal", "refusal": text}


def _summary_part(text: str) -> dict[str, Any]:
    return {"type": "summary_text", "text": text}
