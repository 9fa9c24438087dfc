"""Upstream's answers in which a name stands, and the same answers without it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.unit.surface.sdk_surface import Named

Event = dict[str, Any]
TEXT = {"type": "output_text", "text": "Hello", "annotations": [], "logprobs": []}
SAID = {
    "type": "message",
    "id": "msg_1",
    "role": "assistant",
    "status": "completed",
    "content": [TEXT],
}
CALL = {
    "type": "function_call",
    "id": "fc_1",
    "call_id": "call_1",
    "name": "look",
    "arguments": "sample",
    "status": "completed",
}
HOLDERS: dict[str, Event] = {
    "response.function_call_arguments.": CALL,
    "response.custom_tool_call_input.": {
        "type": "custom_tool_call",
        "id": "ctc_1",
        "call_id": "call_1",
        "name": "look",
        "input": "sample",
    },
    "response.reasoning_": {"type": "reasoning", "id": "rs_1", "summary": []},
}
"""What an event of a kind that begins so belongs to; else it is a message."""


def stream(named: Named, *, is_there: bool) -> list[Event]:
    """Return the events of an answer of the named area's dialect."""
    client, sort = named.area.split()
    if client == "messages":
        return _messages(named, sort, is_there)
    if client == "chat":
        return _chat(named, sort, is_there)
    return _responses(named, sort, is_there)


def _messages(named: Named, sort: str, is_there: bool) -> list[Event]:
    message: Event = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 1},
    }
    end: Event = {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 2},
    }
    blocks: list[list[Event]] = [_block(0, {"type": "text", "text": "Hello"})]
    if sort == "block" and is_there:
        blocks.append(_block(1, named.example))
    if sort == "delta":
        holder = DELTA_HOLDERS[named.name]
        blocks.append(_block(1, holder, [named.example] if is_there else []))
    if sort == "member" and is_there:
        of_the_end = named.name.startswith(("stop_", "container"))
        last = end if named.name == "usage.output_tokens" else message
        _put(end["delta"] if of_the_end else last, named)
    events: list[Event] = [{"type": "message_start", "message": message}]
    events += [event for block in blocks for event in block]
    return [*events, end, {"type": "message_stop"}]


DELTA_HOLDERS: dict[str, Event] = {
    "text_delta": {"type": "text", "text": ""},
    "input_json_delta": {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}},
    "citations_delta": {"type": "text", "text": "Cited"},
    "thinking_delta": {"type": "thinking", "thinking": "", "signature": ""},
    "signature_delta": {"type": "thinking", "thinking": "Hm", "signature": ""},
    "compaction_delta": {"type": "compaction", "content": None},
}
"""The block that a delta belongs to."""


def _block(index: int, block: Event, deltas: Iterable[Event] = ()) -> list[Event]:
    return [
        {"type": "content_block_start", "index": index, "content_block": block},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def _put(holder: Event, named: Named) -> None:
    """Put the example at the name's path, in the first of a list."""
    *path, last = named.name.split(".")
    value: Any = holder
    for name in path:
        value = value.setdefault(name, {})
        value = value[0] if isinstance(value, list) else value
    value[last] = named.example


def _chat(named: Named, sort: str, is_there: bool) -> list[Event]:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    choice: Event = {"index": 0, "delta": {"role": "assistant", "content": "Hello"}}
    choice |= {"finish_reason": None}
    first: Event = {**head, "choices": [choice]}
    end: Event = {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    end["usage"] = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    if is_there:
        name = named.name.replace("choices.message", "choices.delta")
        holder = end if name.startswith(("usage", "choices.finish_reason")) else first
        _put(holder, Named(named.area, name, named.example))
    return [first, end]


def _responses(named: Named, sort: str, is_there: bool) -> list[Event]:
    base: Event = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m"}
    base |= {"status": "in_progress", "output": []}
    items: list[Event] = [SAID]
    between: list[Event] = []
    if sort == "item" and is_there:
        items.append(named.example)
    if sort == "part" and is_there:
        items.append({**SAID, "id": "msg_2", "content": [named.example]})
    if sort == "event":
        holder = next((h for k, h in HOLDERS.items() if named.name.startswith(k)), None)
        between = [
            {"type": "response.output_item.added", "output_index": 1, "item": _empty(holder)}
        ]
        if is_there:
            between.append({**named.example, **_placed(named.example)})
    done: Event = {**base, "status": "completed", "output": items}
    done["usage"] = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
    if sort == "member" and is_there:
        _put(done, named)
    events: list[Event] = [{"type": "response.created", "response": base}]
    for place, item in enumerate(items):
        events += [
            {"type": "response.output_item.added", "output_index": place, "item": _empty(item)},
            {"type": "response.output_item.done", "output_index": place, "item": item},
        ]
    events += [*between, {"type": "response.completed", "response": done}]
    return [{**event, "sequence_number": place} for place, event in enumerate(events)]


def _empty(item: Event | None) -> Event:
    """Return an item as it is announced."""
    item = {**SAID, "id": "msg_3"} if item is None else item
    blank = {"content": [], "arguments": "", "input": "", "summary": []}
    return {name: blank.get(name, each) for name, each in item.items()}


def _placed(event: Event) -> Event:
    return {"output_index": 1} if "output_index" in event else {}
