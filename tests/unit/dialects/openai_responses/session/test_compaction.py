"""Compaction by a summary of our own: what is asked of the model, and what the client gets."""

from __future__ import annotations

import json
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
    ThinkingDelta,
    ThinkingEnd,
    Usage,
)
from proxy_core.canonical.model import Model
from proxy_core.canonical.request import TextPart, ToolChoice, ToolChoiceKind, UserMessage
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.parse_request import parse_request
from proxy_core.dialects.openai_responses.render_request import render_request
from proxy_core.dialects.openai_responses.session import compaction
from proxy_core.dialects.openai_responses.session.compaction_summary import unpack_summary
from proxy_core.errors import UpstreamBroke
from tests.responses_checkers import check_stream

TRIGGER = {"type": "compaction_trigger"}
BODY: dict[str, Any] = {
    "model": "gpt-5.4",
    "instructions": "Be brief",
    "input": [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi"},
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Look"},
                {"type": "input_image", "image_url": "data:image/png;base64,AAAA"},
            ],
        },
        {"role": "user", "content": [{"type": "input_image", "file_id": "file_1"}]},
        TRIGGER,
    ],
    "tools": [{"type": "function", "name": "f", "parameters": {}}],
    "tool_choice": {"type": "mcp", "server_label": "m"},
    "text": {"format": {"type": "json_object"}},
    "max_output_tokens": 100,
}
SUMMARY: list[StreamEvent] = [
    Start("", "gpt-5.4"),
    ThinkingDelta(0, "Hm"),
    ThinkingEnd(0),
    TextDelta(1, "The user "),
    TextDelta(1, "said hello.\n"),
    TextEnd(1),
    Done(StopReason.LENGTH, Usage(100, 10)),
]


def test_the_model_is_asked_with_the_conversation_as_it_stands() -> None:
    request = parse_request(BODY)
    asked = compaction.summarising_request(request)
    assert asked.context.messages[:-1] == request.context.messages[:-1]
    assert asked.context.messages[-1] == UserMessage((TextPart(compaction.INSTRUCTION),))
    assert asked.context.system_prompt == request.context.system_prompt
    assert asked.context.tools == request.context.tools
    assert asked.tool_choice == ToolChoice(ToolChoiceKind.NONE)
    assert asked.response_format is None
    assert asked.sampling.max_output_tokens is None
    assert asked.stream


def test_the_question_can_be_sent_to_the_model(model: Model) -> None:
    asked = compaction.summarising_request(parse_request(BODY))
    body = render_request(asked, model).body
    assert body["tool_choice"] == "none"
    assert "compaction_trigger" not in json.dumps(body)
    without_tools = compaction.summarising_request(parse_request({**BODY, "tools": []}))
    assert without_tools.tool_choice is None


def test_the_answer_is_exactly_one_compaction_item(context: WriterContext) -> None:
    writer = compaction.CompactionWriter(context)
    frames = [frame for event in SUMMARY for frame in writer.feed(event)] + writer.close()
    final = check_stream(frames)
    assert writer.response == final
    assert final["status"] == "completed"
    assert final["usage"]["total_tokens"] == 110
    (item,) = final["output"]
    assert item["type"] == "compaction"
    assert unpack_summary(item["encrypted_content"]) == "The user said hello."


def test_the_item_brings_the_summary_back(context: WriterContext) -> None:
    item = compaction.compaction_item("The user said hello.", context)
    request = parse_request({"model": "m", "input": [item, {"role": "user", "content": "More"}]})
    first, second = request.context.messages
    assert isinstance(first, UserMessage)
    assert isinstance(first.content[0], TextPart)
    assert first.content[0].text.endswith("The user said hello.")
    assert second == UserMessage((TextPart("More"),))


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([Start("", "m"), Error(UpstreamBroke("it broke"))], "it broke"),
        ([Start("", "m"), Done(StopReason.STOP)], "wrote no summary"),
        ([Start("", "m"), TextDelta(0, "  "), TextEnd(0), Done(StopReason.STOP)], "no summary"),
    ],
)
def test_a_summary_that_did_not_come_is_a_failed_answer(
    context: WriterContext, events: list[StreamEvent], message: str
) -> None:
    writer = compaction.CompactionWriter(context)
    final = check_stream([frame for event in events for frame in writer.feed(event)])
    assert final["status"] == "failed"
    assert message in final["error"]["message"]
    with pytest.raises(UpstreamBroke, match=message):
        compaction.compacted_response(parse_request(BODY), events, context)


def test_the_compact_endpoint_answers_with_the_users_words_and_the_item(
    context: WriterContext,
) -> None:
    answer = compaction.compacted_response(parse_request(BODY), SUMMARY, context)
    assert answer["object"] == "response.compaction"
    assert answer["created_at"] == context.created
    assert answer["usage"]["input_tokens"] == 100
    hello, look, item = answer["output"]
    assert hello["content"] == [{"type": "input_text", "text": "Hello"}]
    assert look["content"] == [{"type": "input_text", "text": "Look"}]
    assert unpack_summary(item["encrypted_content"]) == "The user said hello."
    ids = [each["id"] for each in answer["output"]]
    assert len(set(ids)) == len(ids)
    again = parse_request({"model": "m", "input": answer["output"]})
    assert [type(message) for message in again.context.messages] == [UserMessage] * 3


def test_a_compaction_of_openais_own_is_not_ours() -> None:
    assert unpack_summary("gAAAAB") is None
    assert unpack_summary("g-copilot-proxy.1.!!") is None
