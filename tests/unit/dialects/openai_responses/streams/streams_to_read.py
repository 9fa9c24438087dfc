"""Short ways to state the streams that the reading tests feed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from proxy_core.canonical.events import StreamEvent
from proxy_core.canonical.request import DialectName
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.openai_responses.read_stream import ResponsesReader

MakeFrame = Callable[..., Frame]
RESPONSES = DialectName.OPENAI_RESPONSES
CREATED = {"id": "resp_1", "model": "gpt-5.4", "created_at": 1_795_248_000.0, "output": []}
MESSAGE = {"type": "message", "role": "assistant", "content": []}
CALL = {"type": "function_call", "call_id": "call_1", "name": "read", "arguments": ""}


def read(*frames: Frame) -> list[StreamEvent]:
    reader = ResponsesReader("gpt-5.4")
    return [event for frame in frames for event in reader.feed(frame)] + reader.close()


def end(frame: MakeFrame, kind: str = "response.completed", **members: Any) -> StreamEvent:
    return read(frame(kind, **members))[-1]
