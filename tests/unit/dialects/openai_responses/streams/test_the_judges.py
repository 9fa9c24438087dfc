"""The judges of our streams judge: a stream with one thing wrong is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from proxy_core.canonical.events import Done, Start, StopReason, TextDelta, TextEnd
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.write_stream import ResponsesWriter
from tests.responses_checkers import check_forwarded_responses, check_stream

Events = list[dict[str, Any]]


def good(context: WriterContext) -> Events:
    writer = ResponsesWriter(context)
    events = [Start("", "m"), TextDelta(0, "Hi "), TextDelta(0, "you"), TextEnd(0)]
    done = Done(StopReason.STOP)
    return [json.loads(f.data) for event in (*events, done) for f in writer.feed(event)]


def frames(events: Events) -> list[Frame]:
    return [Frame(json.dumps(event).encode(), event["type"].encode()) for event in events]


def renumbered(events: Events) -> Events:
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def test_a_good_stream_is_accepted(context: WriterContext) -> None:
    check_stream(frames(good(context)))
    check_forwarded_responses(frames(good(context)))


@pytest.mark.parametrize("missing", range(10))
def test_no_event_may_be_missing(context: WriterContext, missing: int) -> None:
    events = good(context)
    del events[missing]
    with pytest.raises((AssertionError, KeyError)):
        check_stream(frames(renumbered(events)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda events: events[4].update(delta="Ho "),
        lambda events: events[4].update(item_id="msg_other"),
        lambda events: events[4].update(sequence_number=9),
        lambda events: events[4].update(unknown=1),
        lambda events: events[4].pop("logprobs"),
        lambda events: events[4].update(logprobs="none"),
        lambda events: events[8]["item"].update(status="done"),
        lambda events: events[8]["item"]["content"][0].update(text="Hello"),
        lambda events: events[9]["response"].update(id="resp_other"),
        lambda events: events[9]["response"].update(output=[]),
        lambda events: events[9]["response"].pop("tools"),
        lambda events: events.append(events[9]),
    ],
)
def test_no_event_may_be_wrong(context: WriterContext, spoil: Callable[[Events], Any]) -> None:
    events = good(context)
    spoil(events)
    with pytest.raises((AssertionError, KeyError, ValueError)):
        check_stream(frames(events))


def test_a_forwarded_stream_keeps_its_ids_and_our_secrets(context: WriterContext) -> None:
    rotated = good(context)
    rotated[5]["item_id"] = "msg_other"
    billed = good(context)
    billed[9]["copilot_usage"] = {}
    for events in (rotated, billed, good(context)[:-1]):
        with pytest.raises(AssertionError):
            check_forwarded_responses(frames(events))
