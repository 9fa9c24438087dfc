"""Upstream's stream, understood: quirks, endings and what was left out of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from proxy_core.canonical.events import (
    Done,
    NativeItem,
    RefusalDelta,
    RefusalEnd,
    Start,
    StreamEvent,
    TextDelta,
    TextEnd,
    ThinkingDelta,
    ThinkingEnd,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
)
from proxy_core.canonical.request import Opaque, ToolKind
from proxy_core.canonical.sse import Frame
from proxy_core.errors import StreamFormatError
from tests.unit.dialects.openai_responses.streams.streams_to_read import (
    CALL,
    CREATED,
    MESSAGE,
    RESPONSES,
    MakeFrame,
    read,
)


@pytest.fixture
def answer(frame: MakeFrame) -> Callable[..., list[StreamEvent]]:
    """Read a stream of these events between its beginning and its end; return what lies between."""

    def between(*events: Frame, **response: Any) -> list[StreamEvent]:
        start, *content, done = read(
            frame("response.created", response=CREATED),
            *events,
            frame("response.completed", response={**CREATED, "status": "completed", **response}),
        )
        assert start == Start("resp_1", "gpt-5.4", created=1_795_248_000)
        assert isinstance(done, Done)
        return content

    return between


Answer = Callable[..., list[StreamEvent]]


def test_a_text_item_by_item(frame: MakeFrame, answer: Answer) -> None:
    part = {"type": "output_text", "text": "Hi you", "annotations": []}
    assert answer(
        frame("response.in_progress", response=CREATED),
        frame("response.output_item.added", output_index=0, item={**MESSAGE, "id": "a"}),
        frame("response.content_part.added", output_index=0, content_index=0, item_id="b"),
        frame("response.output_text.delta", output_index=0, content_index=0, delta="Hi "),
        frame("response.output_text.delta", output_index=0, content_index=0, delta=""),
        frame("response.output_text.delta", output_index=0, content_index=0, delta="you"),
        frame("response.output_text.done", output_index=0, content_index=0, text="Hi you"),
        frame("response.content_part.done", output_index=0, content_index=0, part=part),
        frame("response.output_item.done", output_index=0, item={**MESSAGE, "content": [part]}),
    ) == [TextDelta(0, "Hi "), TextDelta(0, "you"), TextEnd(0)]


def test_logprobs_annotations_and_the_phase(frame: MakeFrame, answer: Answer) -> None:
    logprob = {"token": "Hi", "logprob": -0.1, "top_logprobs": []}
    citation = {"type": "url_citation", "url": "https://a.example"}
    delta, end = answer(
        frame(
            "response.output_item.added", output_index=0, item={**MESSAGE, "phase": "commentary"}
        ),
        frame("response.output_text.delta", output_index=0, delta="Hi", logprobs=[logprob]),
        frame("response.output_text.annotation.added", output_index=0, annotation=citation),
        frame("response.output_item.done", output_index=0, item=MESSAGE),
    )
    assert delta == TextDelta(0, "Hi", (logprob,))
    assert isinstance(end, TextEnd)
    assert end.phase == "commentary"
    assert [json.loads(each.data) for each in end.annotations] == [citation]


def test_the_whole_list_of_annotations_counts(frame: MakeFrame, answer: Answer) -> None:
    citations = [{"type": "url_citation", "url": f"https://{n}.example"} for n in "ab"]
    part = {"type": "output_text", "text": "Hi", "annotations": citations}
    end = answer(
        frame("response.output_text.annotation.added", output_index=0, annotation=citations[0]),
        frame("response.content_part.done", output_index=0, content_index=0, part=part),
        frame(
            "response.output_item.done",
            output_index=0,
            item={**MESSAGE, "content": [part], "phase": "final_answer"},
        ),
    )[-1]
    assert isinstance(end, TextEnd)
    assert [json.loads(each.data) for each in end.annotations] == citations
    assert end.phase == "final_answer"


def test_two_parts_of_one_message_do_not_overlap(frame: MakeFrame, answer: Answer) -> None:
    assert answer(
        frame("response.output_text.delta", output_index=0, content_index=0, delta="A"),
        frame("response.refusal.delta", output_index=0, content_index=1, delta="No"),
        frame("response.refusal.done", output_index=0, content_index=1, refusal="No."),
        frame("response.output_item.done", output_index=0, item=MESSAGE),
    ) == [TextDelta(0, "A"), TextEnd(0), RefusalDelta(1, "No"), RefusalDelta(1, "."), RefusalEnd(1)]


def test_a_summary_in_parts_reads_as_paragraphs(frame: MakeFrame, answer: Answer) -> None:
    summary = [{"type": "summary_text", "text": "A"}, {"type": "summary_text", "text": "B"}]
    item = {"type": "reasoning", "id": "rs_done", "summary": summary, "encrypted_content": "FINAL"}
    events = answer(
        frame(
            "response.output_item.added",
            output_index=0,
            item={"type": "reasoning", "id": "rs_added", "encrypted_content": "PARTIAL"},
        ),
        frame("response.reasoning_summary_text.delta", output_index=0, summary_index=0, delta="A"),
        frame("response.reasoning_summary_text.delta", output_index=0, summary_index=1, delta=""),
        frame("response.reasoning_summary_text.delta", output_index=0, summary_index=1, delta="B"),
        frame("response.output_item.done", output_index=0, item=item),
    )
    extra = (("id", "rs_done"), ("summary", json.dumps(summary, separators=(",", ":"))))
    assert events == [
        ThinkingDelta(0, "A"),
        ThinkingDelta(0, "\n\nB"),
        ThinkingEnd(0, Opaque(RESPONSES, "encrypted_content", "FINAL", "gpt-5.4", extra)),
    ]


def test_reasoning_without_a_summary_still_has_its_proof(frame: MakeFrame, answer: Answer) -> None:
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "ENC"}
    (end,) = answer(frame("response.output_item.done", output_index=0, item=item))
    assert isinstance(end, ThinkingEnd)
    assert end.opaque is not None
    assert end.opaque.data == "ENC"


def test_reasoning_without_anything_is_nothing(frame: MakeFrame, answer: Answer) -> None:
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": None}
    assert answer(frame("response.output_item.done", output_index=0, item=item)) == []


@pytest.mark.parametrize("member", ["summary", "content"])
def test_a_thought_told_only_at_the_end(frame: MakeFrame, answer: Answer, member: str) -> None:
    item = {"type": "reasoning", "id": "rs_1", member: [{"type": "x", "text": "Hm"}, 5]}
    assert answer(frame("response.output_item.done", output_index=0, item=item)) == [
        ThinkingDelta(0, "Hm"),
        ThinkingEnd(0),
    ]


def test_open_reasoning_text_is_thinking(frame: MakeFrame, answer: Answer) -> None:
    assert answer(
        frame("response.reasoning_text.delta", output_index=0, content_index=0, delta="Hm"),
        frame("response.reasoning_text.delta", output_index=0, content_index=0, delta=""),
        frame("response.output_item.done", output_index=0, item={"type": "reasoning"}),
    ) == [ThinkingDelta(0, "Hm"), ThinkingEnd(0)]


def test_a_function_call(frame: MakeFrame, answer: Answer) -> None:
    assert answer(
        frame("response.output_item.added", output_index=0, item={**CALL, "namespace": "mcp__x"}),
        frame("response.function_call_arguments.delta", output_index=0, delta='{"a":'),
        frame("response.function_call_arguments.delta", output_index=0, delta="1}"),
        frame("response.function_call_arguments.done", output_index=0, arguments='{"a":1}'),
        frame("response.output_item.done", output_index=0, item={**CALL, "arguments": '{"a":1}'}),
    ) == [
        ToolCallStart(0, "call_1", "read", namespace="mcp__x"),
        ToolCallDelta(0, '{"a":'),
        ToolCallDelta(0, "1}"),
        ToolCallEnd(0),
    ]


def test_calls_side_by_side(frame: MakeFrame, answer: Answer) -> None:
    events = answer(
        frame("response.output_item.added", output_index=0, item=CALL),
        frame("response.output_item.added", output_index=1, item={**CALL, "call_id": "call_2"}),
        frame("response.function_call_arguments.delta", output_index=1, delta="{}"),
        frame("response.function_call_arguments.delta", output_index=0, delta="[]"),
        frame("response.output_item.done", output_index=1, item={**CALL, "arguments": "{}"}),
        frame("response.output_item.done", output_index=0, item={**CALL, "arguments": "[]"}),
    )
    assert events[2:] == [
        ToolCallDelta(1, "{}"),
        ToolCallDelta(0, "[]"),
        ToolCallEnd(1),
        ToolCallEnd(0),
    ]


def test_a_custom_call(frame: MakeFrame, answer: Answer) -> None:
    item = {"type": "custom_tool_call", "call_id": "call_1", "name": "apply_patch", "input": ""}
    assert answer(
        frame("response.output_item.added", output_index=0, item=item),
        frame("response.custom_tool_call_input.delta", output_index=0, delta="*** Be"),
        frame("response.custom_tool_call_input.done", output_index=0, input="*** Begin"),
        frame("response.output_item.done", output_index=0, item={**item, "input": "*** Begin"}),
    ) == [
        ToolCallStart(0, "call_1", "apply_patch", ToolKind.CUSTOM),
        ToolCallDelta(0, "*** Be"),
        ToolCallDelta(0, "gin"),
        ToolCallEnd(0),
    ]


def test_a_call_whose_name_comes_late_is_told_whole(frame: MakeFrame, answer: Answer) -> None:
    assert answer(
        frame("response.output_item.added", output_index=0, item={"type": "function_call"}),
        frame("response.function_call_arguments.delta", output_index=0, delta="{}"),
        frame("response.function_call_arguments.done", output_index=0, arguments="{}"),
        frame("response.output_item.done", output_index=0, item={**CALL, "arguments": "{}"}),
    ) == [ToolCallStart(0, "call_1", "read"), ToolCallDelta(0, "{}"), ToolCallEnd(0)]


def test_a_call_without_a_name_cannot_be_told(frame: MakeFrame) -> None:
    with pytest.raises(StreamFormatError, match="without a name"):
        read(frame("response.output_item.done", output_index=0, item={"type": "function_call"}))


@pytest.mark.parametrize("kind", ["web_search_call", "compaction", "tool_search_call", "new_item"])
def test_what_only_this_dialect_says_is_kept_whole(
    frame: MakeFrame, answer: Answer, kind: str
) -> None:
    item = {"type": kind, "id": "x_1", "status": "completed"}
    (native,) = answer(
        frame("response.output_item.added", output_index=0, item={**item, "status": "in_progress"}),
        frame("response.web_search_call.searching", output_index=0, item_id="x_1"),
        frame("response.output_item.done", output_index=0, item=item),
    )
    assert isinstance(native, NativeItem)
    assert native.item.kind == kind
    assert native.item.model == "gpt-5.4"
    assert json.loads(native.item.data) == item


def test_a_text_whose_item_was_never_announced(frame: MakeFrame, answer: Answer) -> None:
    # As upstream's WebSocket sends it (copilot-examples/responses_ws.jsonl).
    assert answer(frame("response.output_text.delta", output_index=0, delta="Hello.")) == [
        TextDelta(0, "Hello."),
        TextEnd(0),
    ]


def test_an_answer_told_only_by_its_end(answer: Answer) -> None:
    output = [
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm"}]},
        {**MESSAGE, "content": [{"type": "output_text", "text": "Hi"}, 5]},
        {**MESSAGE, "content": [{"type": "refusal", "refusal": "No"}]},
        {**CALL, "arguments": "{}"},
    ]
    assert answer(output=output) == [
        ThinkingDelta(0, "Hm"),
        ThinkingEnd(0),
        TextDelta(1, "Hi"),
        TextEnd(1),
        RefusalDelta(2, "No"),
        RefusalEnd(2),
        ToolCallStart(3, "call_1", "read"),
        ToolCallDelta(3, "{}"),
        ToolCallEnd(3),
    ]


def test_what_was_told_is_not_told_again_by_the_end(frame: MakeFrame, answer: Answer) -> None:
    item = {**MESSAGE, "content": [{"type": "output_text", "text": "Hi"}]}
    assert answer(
        frame("response.output_text.done", output_index=0, content_index=0, text="Hi"),
        frame("response.output_item.done", output_index=0, item=item),
        frame("response.output_item.done", output_index=0, item=item),
        output=[item],
    ) == [TextDelta(0, "Hi"), TextEnd(0)]


def test_a_repetition_that_differs_changes_nothing(frame: MakeFrame, answer: Answer) -> None:
    assert answer(
        frame("response.output_text.delta", output_index=0, delta="Hello"),
        frame("response.output_text.done", output_index=0, text="Good day"),
    ) == [TextDelta(0, "Hello"), TextEnd(0)]


def test_items_upstream_left_open_are_closed(frame: MakeFrame, answer: Answer) -> None:
    events = answer(
        frame("response.reasoning_summary_text.delta", output_index=0, delta="Hm"),
        frame("response.refusal.delta", output_index=1, delta="No"),
        frame("response.output_item.added", output_index=2, item=CALL),
    )
    assert events[-3:] == [ThinkingEnd(0), RefusalEnd(1), ToolCallEnd(2)]
