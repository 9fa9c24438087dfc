"""Requests that compact: parsed into a question, answered by one item, streamed and whole."""

from __future__ import annotations

from typing import Any

import pytest

from proxy_core.canonical.events import (
    Done,
    Error,
    Start,
    StopReason,
    StreamEvent,
    TextDelta,
    TextEnd,
    Usage,
)
from proxy_core.canonical.request import TextPart, UserMessage
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.session.compact_request import (
    CompactEndpoint,
    CompactingResponses,
)
from proxy_core.dialects.openai_responses.session.compaction import INSTRUCTION
from proxy_core.dialects.openai_responses.session.compaction_summary import unpack_summary
from proxy_core.errors import UpstreamBroke
from tests.responses_checkers import check_response, check_stream

HELLO = {"role": "user", "content": "Hello"}
BODY: dict[str, Any] = {"model": "gpt-5.4", "stream": True, "input": [HELLO]}
TRIGGERED = {**BODY, "input": [HELLO, {"type": "compaction_trigger"}]}
SUMMARY: list[StreamEvent] = [
    Start("", "gpt-5.4"),
    TextDelta(0, "They said hello."),
    TextEnd(0),
    Done(StopReason.LENGTH, Usage(100, 10)),
]


def test_what_is_sent_ends_in_our_question() -> None:
    for dialect, body in ((CompactingResponses(), TRIGGERED), (CompactEndpoint(), BODY)):
        request = dialect.parse_request(body)
        assert request.context.messages == (
            UserMessage((TextPart("Hello"),)),
            UserMessage((TextPart(INSTRUCTION),)),
        )


def test_the_compact_endpoint_never_streams_and_is_no_turn_of_the_users() -> None:
    facts = CompactEndpoint().inspect_request(BODY)
    assert facts.model == "gpt-5.4"
    assert (facts.stream, facts.is_user_turn) == (False, False)
    assert facts.must_translate
    assert facts.asks_compaction


def test_streamed_and_whole_a_trigger_is_answered_by_the_same_item(context: WriterContext) -> None:
    dialect = CompactingResponses()
    writer = dialect.writer(context)
    frames = [frame for event in SUMMARY for frame in writer.feed(event)] + writer.close()
    whole = dialect.write_whole(SUMMARY, context)
    check_response(whole)
    for final in (check_stream(frames), whole):
        (item,) = final["output"]
        assert item["type"] == "compaction"
        assert unpack_summary(item["encrypted_content"]) == "They said hello."
        assert final["usage"]["input_tokens"] == 100


def test_the_endpoint_answers_with_what_the_client_said_and_the_item() -> None:
    dialect = CompactEndpoint()
    context = WriterContext(
        "gpt-5.4", lambda prefix: prefix + "0", 7, request=dialect.parse_request(BODY)
    )
    said, item = dialect.write_whole(SUMMARY, context)["output"]
    assert said["content"] == [{"type": "input_text", "text": "Hello"}]
    assert unpack_summary(item["encrypted_content"]) == "They said hello."


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([Start("", "m"), Error(UpstreamBroke("it broke"))], "it broke"),
        ([Start("", "m"), TextDelta(0, " "), TextEnd(0), Done(StopReason.STOP)], "no summary"),
        ([Start("", "m"), TextDelta(0, "They"), TextEnd(0)], "ended"),
    ],
)
def test_a_summary_that_did_not_come_whole_is_no_answer(
    context: WriterContext, events: list[StreamEvent], message: str
) -> None:
    with pytest.raises(UpstreamBroke, match=message):
        CompactingResponses().write_whole(events, context)
