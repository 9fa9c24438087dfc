"""The vendors' own recorded streams pass through us unharmed, in either direction.

The recordings lie beside the repository where it is developed; elsewhere these tests are skipped.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from proxy_core.canonical.events import StreamEvent
from proxy_core.canonical.request import DialectName, TextPart, ToolCallPart
from proxy_core.canonical.sse import Decoder, Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.registry import dialect
from proxy_core.dialects.shared.collector import collect
from tests.stream_checkers import check_chat_stream, check_messages_stream

GOLDEN = Path(__file__).resolve().parents[3].parent / "shared" / "golden"
CHAT, MESSAGES = DialectName.OPENAI_CHAT, DialectName.ANTHROPIC_MESSAGES
RECORDINGS = [
    *((CHAT, path) for path in sorted(GOLDEN.glob("openai/*.bin"))),
    *((MESSAGES, path) for path in sorted(GOLDEN.glob("anthropic/*.txt"))),
]
CONTEXT = WriterContext("told-model", lambda prefix: prefix + "0", 1_795_248_000)

pytestmark = pytest.mark.skipif(not RECORDINGS, reason="no recordings beside the repository")
recorded = pytest.mark.parametrize(
    ("name", "path"), RECORDINGS, ids=[path.stem[:16] for _, path in RECORDINGS]
)


def frames_of(path: Path) -> list[Frame]:
    decoder = Decoder()
    return decoder.feed(path.read_bytes()) + decoder.close()


def events_of(name: DialectName, path: Path) -> list[StreamEvent]:
    reader = dialect(name).reader("upstream-model")
    events = [event for frame in frames_of(path) for event in reader.feed(frame)]
    return events + reader.close()


def _written(client: DialectName, events: list[StreamEvent]) -> list[Frame]:
    writer = dialect(client).writer(CONTEXT)
    return [frame for event in events for frame in writer.feed(event)] + writer.close()


@recorded
def test_a_recording_reaches_clients_of_both_dialects(name: DialectName, path: Path) -> None:
    events = events_of(name, path)
    chat = check_chat_stream(_written(CHAT, events))
    messages = check_messages_stream(_written(MESSAGES, events), beta_types=True)
    assert chat["error"] is None
    assert messages["error"] is None
    answer = collect(events)
    assert answer.usage.output_tokens >= 0
    assert answer.parts


@recorded
def test_a_recording_passes_through_with_only_its_model_renamed(
    name: DialectName, path: Path
) -> None:
    asked_usage = b'"usage"' in path.read_bytes()
    passing = dialect(name).pass_through(replace(CONTEXT, include_usage=asked_usage))
    frames = frames_of(path)
    forwarded = [out for frame in frames for out in passing.feed(frame)] + passing.close()
    # Not all recordings have OpenAI's ``"usage":null`` in the chunks before the last.
    told = [_without_null_usage(_told(frame)) for frame in forwarded]
    assert told == [_without_null_usage(_renamed(frame)) for frame in frames]
    assert passing.outcome().finished


def _without_null_usage(value: Any) -> Any:
    if isinstance(value, dict) and value.get("usage", 0) is None:
        return {name: each for name, each in value.items() if name != "usage"}
    return value


def _renamed(frame: Frame) -> Any:
    value = _told(frame)
    if isinstance(value, dict) and "model" in value:
        value["model"] = CONTEXT.model
    if isinstance(value, dict) and "message" in value:
        value["message"]["model"] = CONTEXT.model
    return value


def _told(frame: Frame) -> Any:
    if frame.data == b"[DONE]":
        return frame.data
    value = json.loads(frame.data)
    if isinstance(value, dict) and isinstance(value.get("usage"), dict):
        for details in ("prompt_tokens_details", "completion_tokens_details"):
            value["usage"].pop(details, None)  # Filled in where a strict client expects them.
    return value


@recorded
def test_a_recording_whose_end_is_missing_is_never_a_normal_end(
    name: DialectName, path: Path
) -> None:
    frames = frames_of(path)
    passing = dialect(name).pass_through(CONTEXT)
    forwarded = [out for frame in frames[:2] for out in passing.feed(frame)] + passing.close()
    assert b"error" in forwarded[-1].data
    assert passing.outcome().error is not None


def test_the_recorded_calls_have_whole_arguments() -> None:
    calls = [
        part
        for name, path in RECORDINGS
        for part in collect(events_of(name, path)).message.content
        if isinstance(part, ToolCallPart) and "incomplete" not in path.stem
    ]
    assert len(calls) >= 3
    for call in calls:
        assert isinstance(json.loads(call.arguments), dict)


def test_arguments_cut_off_by_the_limit_survive_as_text() -> None:
    events = events_of(MESSAGES, GOLDEN / "anthropic/incomplete_partial_json_response.txt")
    (text, call) = collect(events).message.content
    assert isinstance(text, TextPart)
    assert isinstance(call, ToolCallPart)
    assert call.arguments.startswith('{"filename": "taxes.txt')
    whole = dialect(MESSAGES).write_whole(events, CONTEXT)
    assert whole["stop_reason"] == "max_tokens"
    assert whole["content"][1]["input"] == {"_unparsed_arguments": call.arguments}
