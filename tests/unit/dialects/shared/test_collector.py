"""A whole answer is its stream, collected."""

from __future__ import annotations

import pytest

from proxy_core.canonical.events import (
    Bill,
    Done,
    Error,
    NativeItem,
    RefusalDelta,
    RefusalEnd,
    Start,
    StopReason,
    TextDelta,
    TextEnd,
    ThinkingDelta,
    ThinkingEnd,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    Usage,
)
from proxy_core.canonical.request import (
    DialectName,
    NativePart,
    Opaque,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolKind,
)
from proxy_core.dialects.shared.collector import AnswerPart, collect
from proxy_core.errors import UpstreamBroke, UpstreamRefused

SIGNATURE = Opaque(DialectName.ANTHROPIC_MESSAGES, "signature", "RXhh", "claude-sonnet-4.6")


def test_blocks_keep_the_order_in_which_they_opened_even_when_they_overlap() -> None:
    answer = collect(
        [
            Start("msg_1", "claude", created=7),
            ThinkingDelta(0, "hm"),
            ThinkingEnd(0, SIGNATURE),
            TextDelta(1, "I ", ({"token": "I "},)),
            TextDelta(1, "look."),
            TextEnd(1, (SIGNATURE,), "commentary"),
            ToolCallStart(2, "a", "read"),
            ToolCallStart(3, "b", "patch", ToolKind.CUSTOM, "files"),
            ToolCallDelta(3, "free "),
            ToolCallDelta(2, "{}"),
            ToolCallDelta(3, "text"),
            ToolCallEnd(3),
            ToolCallEnd(2, SIGNATURE),
            RefusalDelta(4, "no"),
            RefusalEnd(4),
            NativeItem(5, SIGNATURE),
            Done(StopReason.STOP_SEQUENCE, Usage(1, 2), "END", Bill(9)),
        ]
    )
    assert answer.parts == (
        AnswerPart(ThinkingPart("hm", SIGNATURE)),
        AnswerPart(TextPart("I look.", annotations=(SIGNATURE,)), ({"token": "I "},), "commentary"),
        AnswerPart(ToolCallPart("a", "read", "{}", opaque=SIGNATURE)),
        AnswerPart(ToolCallPart("b", "patch", "free text", ToolKind.CUSTOM, "files")),
        AnswerPart(RefusalPart("no")),
        AnswerPart(NativePart(SIGNATURE)),
    )
    assert answer.message.phase == "commentary"
    assert answer.message.content[0] == ThinkingPart("hm", SIGNATURE)
    assert (answer.response_id, answer.model, answer.created) == ("msg_1", "claude", 7)
    assert (answer.stop_reason, answer.stop_sequence) == (StopReason.STOP_SEQUENCE, "END")
    assert (answer.usage, answer.bill) == (Usage(1, 2), Bill(9))


def test_a_block_that_only_ends_is_a_block() -> None:
    answer = collect(
        [
            Start("i", "m"),
            ThinkingEnd(0, SIGNATURE),
            TextEnd(1),
            RefusalEnd(2),
            Done(StopReason.STOP),
        ]
    )
    assert answer.message.content == (ThinkingPart("", SIGNATURE), TextPart(""), RefusalPart(""))
    assert answer.message.phase is None


def test_the_error_a_stream_ended_with_is_raised() -> None:
    error = UpstreamRefused("too much", code="rate_limited")
    with pytest.raises(UpstreamRefused) as raised:
        collect([Start("i", "m"), TextDelta(0, "par"), Error(error)])
    assert raised.value is error


def test_a_stream_that_does_not_end_is_no_answer() -> None:
    with pytest.raises(UpstreamBroke):
        collect([Start("i", "m"), TextDelta(0, "par"), TextEnd(0)])
    with pytest.raises(UpstreamBroke):
        collect([])
