"""Streams in upstream's three dialects with figures of a test's choosing, written out by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figures:
    """What upstream counts and bills. ``fresh`` excludes what was read from or written to the cache."""

    fresh: int
    cache_read: int
    cache_write: int
    output: int
    reasoning: int
    nano_credits: int

    @property
    def prompt(self) -> int:
        return self.fresh + self.cache_read + self.cache_write


def step(path: str, figures: Figures) -> dict[str, Any]:
    """One step of the simulator's script for that place."""
    stream = {"/chat/completions": chat, "/v1/messages": messages, "/responses": responses}[path]
    headers = {"content-type": "text/event-stream"}
    return {"path": path, "answer": {"headers": headers, "chunks": stream(figures)}}


def chat(figures: Figures) -> list[str]:
    """Chat tells no cache writes."""
    assert figures.cache_write == 0
    start = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    usage = {
        "prompt_tokens": figures.prompt,
        "completion_tokens": figures.output,
        "total_tokens": figures.prompt + figures.output,
        "prompt_tokens_details": {"cached_tokens": figures.cache_read},
        "completion_tokens_details": {"reasoning_tokens": figures.reasoning},
    }
    text = {"index": 0, "delta": {"role": "assistant", "content": "Yes."}, "finish_reason": None}
    end = {"index": 0, "delta": {"content": ""}, "finish_reason": "stop"}
    last = {"choices": [], "usage": usage, "copilot_usage": _bill(figures)}
    return [
        *(_data(start | each) for each in ({"choices": [text]}, {"choices": [end]}, last)),
        "data: [DONE]\n\n",
    ]


def messages(figures: Figures) -> list[str]:
    usage = {
        "input_tokens": figures.fresh,
        "cache_read_input_tokens": figures.cache_read,
        "cache_creation_input_tokens": figures.cache_write,
    }
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage | {"output_tokens": 1},
    }
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": "Yes."},
        },
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": usage | {"output_tokens": figures.output},
            "copilot_usage": _bill(figures),
        },
        {"type": "message_stop"},
    ]
    return [f"event: {each['type']}\n{_data(each)}" for each in events]


def responses(figures: Figures) -> list[str]:
    """Responses tells no cache writes."""
    assert figures.cache_write == 0
    response: dict[str, Any] = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "in_progress",
        "model": "m",
        "output": [],
    }
    text = {"type": "output_text", "text": "Yes.", "annotations": []}
    item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
    place = {"output_index": 0, "content_index": 0, "item_id": "msg_1"}
    usage = {
        "input_tokens": figures.prompt,
        "input_tokens_details": {"cached_tokens": figures.cache_read},
        "output_tokens": figures.output,
        "output_tokens_details": {"reasoning_tokens": figures.reasoning},
        "total_tokens": figures.prompt + figures.output,
    }
    done = {**item, "content": [text]}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": response},
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {**item, "status": "in_progress", "content": []},
        },
        {"type": "response.content_part.added", **place, "part": text | {"text": ""}},
        {"type": "response.output_text.delta", **place, "delta": "Yes."},
        {"type": "response.output_text.done", **place, "text": "Yes."},
        {"type": "response.content_part.done", **place, "part": text},
        {"type": "response.output_item.done", "output_index": 0, "item": done},
        {
            "type": "response.completed",
            "response": response | {"status": "completed", "output": [done], "usage": usage},
            "copilot_usage": _bill(figures),
        },
    ]
    return [
        f"event: {each['type']}\n{_data(each | {'sequence_number': number})}"
        for number, each in enumerate(events)
    ]


def _bill(figures: Figures) -> dict[str, Any]:
    line = {"batch_size": 1_000_000, "cost_per_batch": 7, "token_count": 3, "token_type": "input"}
    return {"token_details": [line], "total_nano_aiu": figures.nano_credits}


def _data(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value)}\n\n"
