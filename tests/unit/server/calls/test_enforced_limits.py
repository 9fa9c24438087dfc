"""Limits that upstream does not keep, kept here."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

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
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    Usage,
)
from proxy_core.errors import UpstreamBroke
from proxy_core.server.calls.relay.enforced_limits import LocalLimits

START = Start("r", "m")
DONE = Done(StopReason.STOP, Usage(3, 5))


def keep(
    events: list[StreamEvent], max_tokens: int | None = None, stop: tuple[str, ...] = ()
) -> list[StreamEvent]:
    limits = LocalLimits(max_tokens, stop, prompt_tokens=7)
    return [kept for event in events for kept in limits.feed(event)]


def text_of(events: list[StreamEvent]) -> str:
    return "".join(each.text for each in events if isinstance(each, TextDelta))


def test_an_answer_within_its_limit_is_left_alone() -> None:
    events = [START, TextDelta(0, "12345678"), TextEnd(0), DONE]
    assert keep(events, max_tokens=2) == events


def test_an_answer_is_cut_at_its_limit_and_its_block_closed() -> None:
    events = [START, TextDelta(0, "1234"), TextDelta(0, "56789"), TextEnd(0), DONE]
    assert keep(events, max_tokens=2) == [
        START,
        TextDelta(0, "1234"),
        TextDelta(0, "5678"),
        TextEnd(0),
        Done(StopReason.LENGTH, Usage(7, 2)),
    ]


def test_thinking_counts_and_is_cut_too() -> None:
    kept = keep([START, ThinkingDelta(0, "x" * 9), ThinkingEnd(0), DONE], max_tokens=2)
    assert kept[1:3] == [ThinkingDelta(0, "x" * 8), ThinkingEnd(0)]
    assert kept[3] == Done(StopReason.LENGTH, Usage(7, 2))


def test_parallel_calls_that_are_open_are_all_closed() -> None:
    events = [
        START,
        ToolCallStart(0, "a", "f"),
        ToolCallStart(1, "b", "g"),
        ToolCallDelta(0, '{"x":'),
        ToolCallDelta(1, '{"y": 1}'),
    ]
    kept = keep(events, max_tokens=2)
    assert kept[-3:-1] == [ToolCallEnd(0), ToolCallEnd(1)]
    assert isinstance(kept[-1], Done)


def test_a_block_that_has_ended_is_not_closed_again() -> None:
    events = [START, TextDelta(0, "ab"), TextEnd(0), TextDelta(1, "c" * 20)]
    kept = keep(events, max_tokens=1, stop=("b!",))
    assert [each for each in kept if isinstance(each, TextEnd)] == [TextEnd(0), TextEnd(1)]


def test_a_character_is_never_cut_in_half() -> None:
    kept = keep([START, TextDelta(0, "żółć żółć")], max_tokens=1)
    assert text_of(kept) == "żó"


def test_the_usage_upstream_told_at_the_start_is_kept() -> None:
    start = Start("r", "m", Usage(11, 0, 22, 33))
    kept = keep([start, TextDelta(0, "x" * 9)], max_tokens=1)
    assert kept[-1] == Done(StopReason.LENGTH, Usage(11, 1, 22, 33))


def test_a_stop_sequence_across_deltas_is_seen_and_not_shown() -> None:
    events = [START, TextDelta(0, "one EN"), TextDelta(0, "D two"), TextEnd(0), DONE]
    kept = keep(events, stop=("END",))
    assert text_of(kept) == "one "
    assert kept[-2:] == [
        TextEnd(0),
        Done(StopReason.STOP_SEQUENCE, Usage(7, 1), stop_sequence="END"),
    ]


def test_what_only_looked_like_a_stop_sequence_is_shown_after_all() -> None:
    events = [START, TextDelta(0, "one EN"), TextDelta(0, "OUGH E"), TextEnd(0), DONE]
    kept = keep(events, stop=("END",))
    assert text_of(kept) == "one ENOUGH E"
    assert kept[-2:] == [TextEnd(0), DONE]


def test_the_stop_sequence_that_is_complete_first_wins() -> None:
    kept = keep([START, TextDelta(0, "abcd")], stop=("d", "abc", "b"))
    assert text_of(kept) == "a"
    assert isinstance(kept[-1], Done)
    assert kept[-1].stop_sequence == "b"


def test_stop_sequences_do_not_apply_to_thinking_or_tool_calls() -> None:
    events = [
        START,
        ThinkingDelta(0, "END"),
        ThinkingEnd(0),
        ToolCallStart(1, "a", "f"),
        ToolCallDelta(1, '"END"'),
        ToolCallEnd(1),
        DONE,
    ]
    assert keep(events, stop=("END",)) == events


def test_an_error_lets_go_of_held_text_first() -> None:
    error = Error(UpstreamBroke("gone"))
    kept = keep([START, TextDelta(0, "so E"), error], stop=("END",))
    assert text_of(kept) == "so E"
    assert kept[-1] is error


def test_nothing_follows_the_cut() -> None:
    events = [START, TextDelta(0, "aXb"), TextDelta(0, "c"), TextEnd(0), DONE]
    kept = keep(events, stop=("X",))
    assert len([each for each in kept if isinstance(each, Done)]) == 1
    assert text_of(kept) == "a"


@settings(max_examples=300)
@given(
    text=st.text(alphabet="abé", max_size=30),
    cuts=st.lists(st.integers(0, 30), max_size=6),
    stop=st.lists(st.text(alphabet="abé", min_size=1, max_size=4), max_size=3),
    max_tokens=st.none() | st.integers(0, 12),
)
def test_the_cut_does_not_depend_on_how_the_text_was_split(
    text: str, cuts: list[int], stop: list[str], max_tokens: int | None
) -> None:
    edges = sorted({0, len(text), *(min(each, len(text)) for each in cuts)})
    pieces = [text[a:b] for a, b in pairwise(edges)]
    ends: list[StreamEvent] = [TextEnd(0), DONE]
    whole = keep([START, TextDelta(0, text), *ends], max_tokens, tuple(stop))
    split = keep([START, *(TextDelta(0, each) for each in pieces), *ends], max_tokens, tuple(stop))
    assert text_of(whole) == text_of(split)
    assert type(whole[-1]) is type(split[-1]) is Done
    assert whole[-1].stop_reason is split[-1].stop_reason
