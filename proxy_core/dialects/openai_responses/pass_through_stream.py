"""Passes a Responses stream through, correcting upstream's quirks.

Corrected are the ids, which Copilot changes in each event of an item (copilot-protocol.md 6.3), and
Copilot's own members (the bill), which are removed for strict clients. The id in an item's
``added`` event, or in the first event that names the item, is used throughout.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from proxy_core.canonical.sse import Frame, encode
from proxy_core.dialects.interface import KeepItem, StreamOutcome, WriterContext
from proxy_core.dialects.openai_responses import schema
from proxy_core.dialects.openai_responses.delta_template import DeltaTemplate, learn_delta
from proxy_core.dialects.openai_responses.errors import ended_early, failed_code
from proxy_core.dialects.openai_responses.response.failure_frames import error_frame, failed_frame
from proxy_core.dialects.openai_responses.response.request_echo import (
    echoed_members,
    missing_members,
)
from proxy_core.dialects.openai_responses.response.response_object import ResponseObject
from proxy_core.dialects.openai_responses.response.wire import (
    WireError,
    WireResponse,
    is_stated,
    read_failure,
    read_stop_reason,
    read_usage,
    wire_failure,
)
from proxy_core.dialects.openai_responses.tools.flattened_names import client_tool_names
from proxy_core.dialects.shared.bill import parse_bill
from proxy_core.dialects.shared.lone_surrogates import without_halves
from proxy_core.dialects.shared.tool_names import ToolIdentity, ToolNames
from proxy_core.errors import ProxyError, StreamFormatError

_LIFECYCLE = ("response.created", "response.queued", "response.in_progress")
_ITEM_EVENTS = ("response.output_item.added", "response.output_item.done")
_TERMINAL = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")
_TEXT_DELTA = "response.output_text.delta"
_FRAME_END = b"\n\n"
_TEXT_EVENTS = ("response.output_text.delta", "response.output_text.done")
_ARGUMENTS_DONE = "response.function_call_arguments.done"
"""The only other event that names a tool."""
_COPILOT_MEMBER = b'"copilot_'
_DETAILS: dict[str, dict[str, object]] = {
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens_details": {"reasoning_tokens": 0},
}


class _Head(msgspec.Struct):
    """The members read of every event; others are skipped."""

    type: str = ""
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class _ItemHead(msgspec.Struct):
    id: str | None = None
    type: str = ""
    name: str | None = None
    namespace: str | None = None


class _ItemEvent(msgspec.Struct):
    item: _ItemHead | None = None


class _ErrorEvent(msgspec.Struct):
    error: WireError | None = None
    code: str | int | None = None
    message: str | None = None
    param: str | None = None


_heads = msgspec.json.Decoder(_Head)
_item_events = msgspec.json.Decoder(_ItemEvent)
_item_heads = msgspec.json.Decoder(_ItemHead)
_error_events = msgspec.json.Decoder(_ErrorEvent)
_responses = msgspec.json.Decoder(WireResponse)
_objects = msgspec.json.Decoder(dict[str, Any])
_raw_objects = msgspec.json.Decoder(dict[str, msgspec.Raw])
_raw_lists = msgspec.json.Decoder(list[msgspec.Raw])
_encoder = msgspec.json.Encoder()


class ResponsesPassThrough:
    """One object per stream."""

    def __init__(self, context: WriterContext) -> None:
        self._context = context
        self._echoed: dict[str, msgspec.Raw] | None = None
        self._tool_names: ToolNames | None = None
        """Created at the first call; empty if the client declared no namespace."""
        self._item_ids: dict[int, str] = {}
        self._response_id: str | None = None
        self._response: dict[str, Any] | None = None
        self._model: str | None = None
        self._last_number = -1
        self._template: DeltaTemplate | None = None
        self._has_call = False
        self._has_ended = False
        self.error: ProxyError | None = None
        self._outcome = StreamOutcome(finished=False)

    def forward(self, data: bytes, begin: int = 0) -> tuple[bytes, int]:
        """Every event has an id to repair; of text deltas like the last one that is all."""
        template = self._template
        if template is None or self._has_ended or self.error is not None:
            return b"", begin
        events: list[bytes] = []
        end = begin
        while (behind := data.find(_FRAME_END, end)) >= 0:
            found = template.apply(data[end:behind])
            if found is None:
                break
            event, self._last_number = found
            events.append(event)
            end = behind + len(_FRAME_END)
        return (_FRAME_END.join((*events, b"")) if events else b""), end

    def feed(self, frame: Frame) -> list[Frame]:
        """Return the client's frames for one frame; frames after the end are dropped.

        A frame that is not an event's JSON ends the stream with an error.
        """
        data = frame.data
        if self._has_ended or not data or data == b"[DONE]":
            return []
        try:
            head = _heads.decode(data)
            kind = head.type or frame.event.decode("ascii", "replace")
            if self.error is not None and kind != "response.failed":
                return []  # after an error event the client must not see a normal end
            if head.sequence_number is not None:
                self._last_number = head.sequence_number
            if head.sequence_number is None or _COPILOT_MEMBER in data or not head.type:
                data = self._complete(data, head, kind)
            if kind in _TEXT_EVENTS and b'"logprobs"' not in data:
                # OpenAI's typed clients require the member; within a text its quotes are escaped.
                data = data.rstrip()[:-1] + b',"logprobs":[]}'
            if kind == _ARGUMENTS_DONE:
                data = self._with_own_name(data)
            if head.item_id is not None and head.output_index is not None:
                data = self._with_item_id(data, head.item_id, head.output_index)
            elif kind in _ITEM_EVENTS:
                data = self._with_own_id(data, head.output_index or 0)
                if self._context.keep_item is not None and kind == "response.output_item.done":
                    self._keep_item(data, self._context.keep_item)
            elif kind in _LIFECYCLE:
                data = self._with_response_id(data)
            elif kind in _TERMINAL:
                data = self._end(data, frame.data, kind)
            elif kind in ("error", ""):
                return self._on_error(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._has_ended = False
            if (whole := without_halves(frame.data)) != frame.data:
                return self.feed(Frame(whole, frame.event))
            return self.close(
                StreamFormatError(f"GitHub Copilot sent an unreadable event: {error}")
            )
        passed = frame
        if data is not frame.data or not frame.event:
            passed = Frame(data, frame.event or kind.encode())
        if kind == _TEXT_DELTA:
            came, leaves = (encode(each).removesuffix(_FRAME_END) for each in (frame, passed))
            self._template = learn_delta(came, leaves)
        return [passed]

    def close(self, error: ProxyError | None = None) -> list[Frame]:
        """Note that upstream's bytes ended; ``error`` is the reason, if known."""
        if self._has_ended:
            return []
        self._has_ended = True
        frames = []
        if self.error is None:
            self.error = error or ended_early()
            frames.append(error_frame(self.error, self._next_number()))
        failed = self._failed_response(self.error)
        frames.append(failed_frame(failed, self._next_number()))
        self._outcome = StreamOutcome(
            finished=False, error=self.error, response_id=self._response_id, model=self._model
        )
        return frames

    def fail(self, error: ProxyError) -> list[Frame]:
        return self.close(error)

    @property
    def has_news(self) -> bool:
        return self._has_ended or self.error is not None

    def outcome(self) -> StreamOutcome:
        if self._has_ended:
            return self._outcome
        return StreamOutcome(
            finished=False,
            error=self.error,
            response_id=self._response_id,
            model=self._model,
        )

    # What every event needs

    def _next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def _complete(self, data: bytes, head: _Head, kind: str) -> bytes:
        """Return the event with the members clients require and without Copilot's own."""
        members = _raw_objects.decode(data)
        remaining = {
            name: value
            for name, value in members.items()
            if not name.startswith("copilot_") and name not in ("type", "sequence_number")
        }
        number = self._next_number() if head.sequence_number is None else head.sequence_number
        return _encoder.encode({"type": kind, "sequence_number": number, **remaining})

    # Ids

    def _with_item_id(self, data: bytes, item_id: str, output_index: int) -> bytes:
        own = self._item_ids.setdefault(output_index, item_id)
        if own == item_id:
            return data
        replaced = _replace_member(data, b"item_id", item_id, own)
        if replaced is not None:
            return replaced
        return _encoder.encode({**_raw_objects.decode(data), "item_id": own})

    def _with_own_id(self, data: bytes, output_index: int) -> bytes:
        item = _item_events.decode(data).item
        if item is None:
            return data
        if item.type in schema.CALL_TYPES:
            self._has_call = True
            own_tool = self._own_tool(item)
            if own_tool is not None:
                data = _renamed(data, own_tool)
        if item.id is None:
            return data
        own = self._item_ids.setdefault(output_index, item.id)
        if own == item.id:
            return data
        replaced = _replace_member(data, b"id", item.id, own)
        if replaced is not None:
            return replaced
        members = _objects.decode(data)
        members["item"]["id"] = own
        return _encoder.encode(members)

    def _own_tool(self, item: _ItemHead) -> ToolIdentity | None:
        """Return the namespaced tool that was sent upstream under a flat name; None for any other."""
        if item.name is None or item.namespace is not None or item.type not in schema.CALL_TYPES:
            return None
        if self._tool_names is None:
            self._tool_names = client_tool_names(self._context.members)
        own = self._tool_names.original(item.name)
        return own if own is not None and own.namespace is not None else None

    def _keep_item(self, data: bytes, keep: KeepItem) -> None:
        raw = _raw_objects.decode(data).get("item")
        if raw is not None and (item_id := _item_heads.decode(raw).id):
            keep(item_id, bytes(raw))

    def _with_own_name(self, data: bytes) -> bytes:
        head = _item_heads.decode(data)
        own = self._own_tool(_ItemHead(type=schema.CALL_TYPES[0], name=head.name))
        return (
            data
            if own is None
            else _encoder.encode({**_raw_objects.decode(data), "name": own.name})
        )

    def _with_response_id(self, data: bytes) -> bytes:
        members = _raw_objects.decode(data)
        raw = members.get("response")
        if raw is None or not is_stated(raw):
            return data
        response = _objects.decode(raw)
        response_id = response.get("id")
        if self._response_id is None:
            named = isinstance(response_id, str) and response_id
            self._response_id = named or self._context.make_id("resp_")
        model = response.get("model")
        if isinstance(model, str):
            self._model = model
        self._response = response
        missing = self._missing(response)
        if response_id == self._response_id and model == self._context.model and not missing:
            return data
        response.update(missing)
        response["id"] = self._response_id
        response["model"] = self._context.model
        return _encoder.encode({**members, "response": response})

    def _missing(self, response: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members that upstream omitted, from the request if it states them."""
        if self._echoed is None:
            echoed = echoed_members(self._context.members or {})
            self._echoed = {
                name: msgspec.Raw(_encoder.encode(each)) for name, each in echoed.items()
            }
        return missing_members(response, self._echoed)

    # The end

    def _end(self, data: bytes, original: bytes, kind: str) -> bytes:
        self._has_ended = True
        members = _raw_objects.decode(data)
        raw = members.get("response")
        if raw is None or not is_stated(raw):
            raise msgspec.ValidationError(f"{kind} without a response")
        self._observe(_raw_objects.decode(original), raw, kind)
        response = _raw_objects.decode(raw)
        changed = self._missing(response)
        if self._response_id is not None and "id" in response:
            stated = msgspec.json.decode(response["id"])
            if stated != self._response_id:
                changed["id"] = self._response_id
        output = self._output_with_own_ids(response.get("output"))
        if output is not None:
            changed["output"] = output
        usage = _usage_with_details(response.get("usage"))
        if usage is not None:
            changed["usage"] = usage
        if "model" in response and msgspec.json.decode(response["model"]) != self._context.model:
            changed["model"] = self._context.model
        remaining = {
            name: each for name, each in response.items() if not name.startswith("copilot_")
        }
        if not changed and len(remaining) == len(response):
            return data
        return _encoder.encode({**members, "response": {**remaining, **changed}})

    def _output_with_own_ids(self, raw: msgspec.Raw | None) -> list[object] | None:
        """Return the output with the ids sent earlier, or None if they are all the same."""
        if raw is None or not is_stated(raw):
            return None
        output: list[object] = []
        has_changed = False
        for output_index, item in enumerate(_raw_lists.decode(raw)):
            head = _item_heads.decode(item)
            stated = head.id
            own_tool = self._own_tool(head)
            if own_tool is not None:
                has_changed = True
                item = msgspec.Raw(_encoder.encode(_with_name(_raw_objects.decode(item), own_tool)))
            own = self._item_ids.get(output_index, stated)
            if own == stated:
                output.append(item)
            else:
                has_changed = True
                output.append({**_raw_objects.decode(item), "id": own})
        return output if has_changed else None

    def _observe(self, members: dict[str, msgspec.Raw], raw: msgspec.Raw, kind: str) -> None:
        try:
            response = _responses.decode(raw)
        except msgspec.ValidationError:
            # The response is forwarded unchanged; only our own record stays empty.
            self._outcome = StreamOutcome(finished=True, response_id=self._response_id)
            return
        if response.status is None:
            response.status = kind.removeprefix("response.")
        failure = read_failure(response)
        price = parse_bill(members.get("copilot_usage"))
        self._outcome = StreamOutcome(
            finished=failure is None,
            stop_reason=(
                read_stop_reason(response, has_call=self._has_call) if failure is None else None
            ),
            usage=read_usage(response.usage),
            bill=price.bill() if price is not None else None,
            error=failure or self.error,
            response_id=self._response_id or response.id,
            model=response.model or self._model,
        )

    # Errors

    def _on_error(self, data: bytes) -> list[Frame]:
        """Return the event in the dialect's own form: over a WebSocket upstream nests its members.

        The stream may still send ``response.failed``; if it does not, ``close`` does.
        """
        event = _error_events.decode(data)
        nested = event.error is not None
        if not nested and event.message is None:
            return []
        error = event.error or WireError(event.code, event.message, event.param)
        self.error = wire_failure(error)
        return [error_frame(self.error, self._last_number)]

    def _failed_response(self, error: ProxyError) -> dict[str, Any]:
        if self._response is None:
            response_id = self._response_id or self._context.make_id("resp_")
            return ResponseObject(response_id, self._context, None).failed([], error)
        return {
            **self._response,
            "id": self._response_id,
            "status": "failed",
            "error": {"code": failed_code(error), "message": error.message},
        }


def _usage_with_details(raw: msgspec.Raw | None) -> dict[str, object] | None:
    """Return the usage with the counts clients' types require, or None if it has them."""
    usage = None if raw is None else msgspec.json.decode(raw)
    if not isinstance(usage, dict):
        return None
    filled = {name: {**empty, **_or_empty(usage.get(name))} for name, empty in _DETAILS.items()}
    return (
        None
        if all(usage.get(name) == each for name, each in filled.items())
        else {**usage, **filled}
    )


def _or_empty(details: object) -> dict[str, object]:
    return details if isinstance(details, dict) else {}


def _renamed(data: bytes, tool: ToolIdentity) -> bytes:
    members = _raw_objects.decode(data)
    return _encoder.encode(
        {**members, "item": _with_name(_raw_objects.decode(members["item"]), tool)}
    )


def _with_name(item: dict[str, Any], tool: ToolIdentity) -> dict[str, Any]:
    return {**item, "name": tool.name, "namespace": tool.namespace}


def _replace_member(data: bytes, name: bytes, old: str, new: str) -> bytes | None:
    """Return the bytes with one member's string replaced, or None if it is not found exactly once.

    Within a JSON string the quotes are escaped, so a match is a member.
    """
    quoted = _encoder.encode(old)
    for separator in (b":", b": "):
        member = b'"' + name + b'"' + separator
        if data.count(member + quoted) == 1:
            return data.replace(member + quoted, member + _encoder.encode(new), 1)
    return None
