"""Messages streams from upstream to a Messages client: forwarded, hardly touched."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy_core.canonical.events import StopReason, Usage
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.anthropic_messages.dialect import AnthropicMessages
from proxy_core.dialects.interface import WriterContext
from proxy_core.errors import ErrorKind, StreamFormatError, UpstreamBroke
from tests.stream_checkers import check_messages_stream

MESSAGES = AnthropicMessages()
CONTEXT = WriterContext("told", lambda prefix: prefix + "0", 7, input_tokens_estimate=17)


def frame(kind: str, *, named: bool = True, **members: Any) -> Frame:
    data = json.dumps({"type": kind, **members}).encode()
    return Frame(data, kind.encode() if named else b"")


def started(**usage: Any) -> Frame:
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-6",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 1, **usage},
        "copilot_annotations": {},
    }
    return frame("message_start", message=message)


BLOCK = [
    frame("content_block_start", index=0, content_block={"type": "text", "text": ""}),
    frame("content_block_delta", index=0, delta={"type": "text_delta", "text": "a"}),
    frame("ping"),
    frame("content_block_stop", index=0),
]


def ended(**members: Any) -> Frame:
    delta = {"stop_reason": "max_tokens", "stop_sequence": None}
    return frame("message_delta", delta=delta, usage={"output_tokens": 9}, **members)


STOP = frame("message_stop", **{"amazon-bedrock-invocationMetrics": {"inputTokenCount": 3}})


def passed(*frames: Frame) -> list[Frame]:
    passing = MESSAGES.pass_through(CONTEXT)
    return [out for each in frames for out in passing.feed(each)] + passing.close()


def test_blocks_leave_byte_for_byte_and_the_ends_lose_upstreams_own_members() -> None:
    frames = passed(started(), *BLOCK, ended(copilot_usage={"total_nano_aiu": 5}), STOP)
    assert frames[1:5] == BLOCK
    seen = check_messages_stream(frames)
    assert seen["content"] == [{"type": "text", "text": "a"}]
    assert json.loads(frames[0].data)["message"]["model"] == "told"
    assert json.loads(frames[-1].data) == {"type": "message_stop"}


def test_a_clean_end_leaves_as_it_came() -> None:
    end = [ended(), frame("message_stop")]
    assert passed(started(), *end)[1:] == end


def test_the_outcome_of_a_finished_stream() -> None:
    passing = MESSAGES.pass_through(CONTEXT)
    bill = {"total_nano_aiu": 5, "token_details": None}
    for each in (started(cache_read_input_tokens=4), *BLOCK, ended(copilot_usage=bill), STOP):
        passing.feed(each)
    assert passing.feed(frame("ping")) == []
    assert passing.close() == []
    outcome = passing.outcome()
    assert outcome.finished
    assert outcome.stop_reason is StopReason.LENGTH
    assert outcome.usage == Usage(3, 9, 4)
    assert outcome.bill is not None
    assert outcome.bill.total_nano_credits == 5
    assert (outcome.response_id, outcome.model) == ("msg_1", "claude-sonnet-4-6")
    assert outcome.error is None


def test_an_input_of_nothing_is_filled_with_the_estimate() -> None:
    (first, *_) = passed(started(input_tokens=0), ended(), STOP)
    assert json.loads(first.data)["message"]["usage"]["input_tokens"] == 17


def test_frames_without_a_name_get_one() -> None:
    nameless = [Frame(each.data) for each in (started(), *BLOCK, ended(), STOP)]
    seen = check_messages_stream(passed(*nameless))
    assert seen["stop_reason"] == "max_tokens"


@pytest.mark.parametrize(
    "odd",
    [
        frame("message_start", message=7),
        frame("message_start", message={"id": 1, "model": 2, "usage": None}),
        frame("message_delta", delta=7, usage="x", copilot_usage="y"),
        frame("event_of_tomorrow", x=1),
        Frame(b'{"type":7}'),
        Frame(b"  "),
    ],
)
def test_odd_events_do_not_stop_the_stream(odd: Frame) -> None:
    passing = MESSAGES.pass_through(CONTEXT)
    passing.feed(odd)
    for each in (ended(), STOP):
        passing.feed(each)
    assert passing.outcome().finished


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        (frame("error", error={"type": "overloaded_error", "message": "x"}), ErrorKind.OVERLOADED),
        (Frame(b'{"error":{"code":"rate_limited","message":"x"}}'), ErrorKind.RATE_LIMIT),
        (Frame(b"<html>"), ErrorKind.UPSTREAM),
        (Frame(b"[]"), ErrorKind.UPSTREAM),
    ],
)
def test_a_stream_that_breaks_ends_in_an_error(broken: Frame, kind: ErrorKind) -> None:
    passing = MESSAGES.pass_through(CONTEXT)
    frames = passing.feed(started()) + passing.feed(broken)
    assert passing.close() == []
    assert check_messages_stream(frames)["error"]["message"]
    outcome = passing.outcome()
    assert not outcome.finished
    assert outcome.error is not None
    assert outcome.error.kind is kind
    assert isinstance(outcome.error, StreamFormatError) is (kind is ErrorKind.UPSTREAM)


def test_a_stream_that_ends_early_never_ends_normally() -> None:
    for frames in ([], [started()], [started(), *BLOCK]):
        passing = MESSAGES.pass_through(CONTEXT)
        out = [each for one in frames for each in passing.feed(one)] + passing.close()
        assert check_messages_stream(out)["error"]["type"] == "api_error"
        assert isinstance(passing.outcome().error, UpstreamBroke)


def test_a_lost_last_event_is_given_back() -> None:
    assert check_messages_stream(passed(started(), *BLOCK, ended()))["error"] is None
