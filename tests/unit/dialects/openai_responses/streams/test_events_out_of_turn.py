"""Events about items that have ended: found by fuzzing, where they became events no writer can place."""

from __future__ import annotations

import json

import pytest

from proxy_core.canonical.request import DialectName
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.registry import DIALECTS
from proxy_core.errors import StreamFormatError

ITEMS = {
    "response.output_text.delta": {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "Hi"}],
    },
    "response.function_call_arguments.delta": {
        "type": "function_call",
        "call_id": "c",
        "name": "go",
        "arguments": "Hi",
    },
    "response.reasoning_text.delta": {
        "type": "reasoning",
        "content": [{"type": "reasoning_text", "text": "Hi"}],
    },
}


def frame(kind: str, **members: object) -> Frame:
    return Frame(json.dumps({"type": kind, "output_index": 0, **members}).encode())


@pytest.mark.parametrize("kind", ITEMS)
def test_a_delta_after_the_item_s_end_breaks_the_stream_off(kind: str) -> None:
    reader = DIALECTS[DialectName.OPENAI_RESPONSES].reader("m")
    reader.feed(frame("response.output_item.added", item={**ITEMS[kind], "id": "i"}))
    reader.feed(frame(kind, content_index=0, delta="Hi"))
    reader.feed(frame("response.output_item.done", item={**ITEMS[kind], "id": "i"}))
    with pytest.raises(StreamFormatError):
        reader.feed(frame(kind, content_index=0, delta="more"))


def test_after_an_error_event_a_stream_that_passes_through_ends_in_failure_only() -> None:
    context = WriterContext("m", lambda prefix: prefix + "0", 1)
    passing = DIALECTS[DialectName.OPENAI_RESPONSES].pass_through(context)
    passing.feed(frame("response.created", response={"id": "r", "status": "in_progress"}))
    passing.feed(frame("error", message="Too many ducks.", code="server_error"))
    assert passing.feed(frame("response.output_text.delta", delta="more", content_index=0)) == []
    assert passing.feed(frame("response.completed", response={"id": "r", "output": []})) == []
    (failed,) = passing.close()
    assert json.loads(failed.data)["type"] == "response.failed"
    assert not passing.outcome().finished
