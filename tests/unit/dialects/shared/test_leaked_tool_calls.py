"""Tool calls written out as text: every leak becomes calls, and nothing else does."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable

import pytest

from proxy_core.canonical.events import (
    Done,
    Error,
    StopReason,
    StreamEvent,
    TextDelta,
    TextEnd,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
)
from proxy_core.dialects.leaked_tool_calls.offered_tools import OfferedTools
from proxy_core.dialects.leaked_tool_calls.repair_events import EventRepair
from proxy_core.errors import UpstreamBroke
from tests.benchmarks import test_call_counts
from tests.unit.dialects.shared.leak_corpus import (
    CALLS,
    TOOLS,
    Leak,
    innocents,
    leaks,
    split,
    written,
)

OFFERED = OfferedTools(TOOLS)
LEAKED = written(*CALLS[0])


def repaired(events: Iterable[StreamEvent]) -> list[StreamEvent]:
    repair = EventRepair(OFFERED, lambda prefix: f"{prefix}1")
    return [out for event in events for out in repair.feed(event)]


def said(text: str, rng: random.Random, reason: StopReason = StopReason.STOP) -> list[StreamEvent]:
    return [*(TextDelta(0, each) for each in split(text, rng)), TextEnd(0), Done(reason)]


def text_of(events: list[StreamEvent]) -> str:
    return "".join(each.text for each in events if isinstance(each, TextDelta))


def calls_of(events: list[StreamEvent]) -> list[tuple[str, object]]:
    names = [each.name for each in events if isinstance(each, ToolCallStart)]
    inputs = [json.loads(each.arguments) for each in events if isinstance(each, ToolCallDelta)]
    return list(zip(names, inputs, strict=True))


def problem_of(leak: Leak, rng: random.Random) -> str | None:
    events = repaired(said(leak.text, rng))
    if calls_of(events) != list(leak.calls) or text_of(events) != leak.shown:
        return leak.text
    last = events[-1]
    return None if isinstance(last, Done) and last.stop_reason is StopReason.TOOL_USE else leak.text


def test_every_leak_of_the_corpus_becomes_its_calls() -> None:
    rng, corpus = random.Random(7), list(leaks())
    assert len({each.text for each in corpus}) >= 300
    assert [found for each in corpus if (found := problem_of(each, rng))] == []


def test_no_innocent_text_of_the_corpus_is_touched() -> None:
    rng = random.Random(11)
    wrong, corpus = [], set(innocents(16_000, seed=3))
    assert len(corpus) >= 10_000
    for text in sorted(corpus):
        events = repaired(said(text, rng))
        if calls_of(events) or text_of(events) != text or events[-1] != Done(StopReason.STOP):
            wrong.append(text)
    assert wrong == []


@pytest.mark.parametrize("reason", [r for r in StopReason if r is not StopReason.STOP])
def test_an_answer_that_stopped_for_another_reason_keeps_its_text(reason: StopReason) -> None:
    events = repaired(said(LEAKED, random.Random(1), reason))
    assert (text_of(events), calls_of(events)) == (LEAKED, [])
    assert events[-1] == Done(reason)


def test_a_broken_stream_makes_no_call_of_what_it_held() -> None:
    broke = Error(UpstreamBroke("gone"))
    for events in ([TextDelta(0, LEAKED), broke], [TextDelta(0, LEAKED), TextEnd(0), broke]):
        assert repaired(events) == [TextDelta(0, LEAKED), *events[1:]]


def test_text_that_another_block_follows_is_no_call() -> None:
    real = [ToolCallStart(1, "toolu_9", "Bash"), ToolCallDelta(1, "{}"), ToolCallEnd(1)]
    events = [TextDelta(0, LEAKED), TextEnd(0), *real, Done(StopReason.TOOL_USE)]
    assert repaired(events) == events


def test_a_block_that_is_only_a_call_is_never_begun() -> None:
    first, *_ = repaired([TextDelta(0, LEAKED), TextEnd(0), Done(StopReason.STOP)])
    assert first == ToolCallStart(1, "toolu_1", "Bash")


def test_text_leaves_at_once_up_to_what_may_be_a_call() -> None:
    repair = EventRepair(OFFERED, lambda prefix: prefix)
    assert list(repair.feed(TextDelta(0, "Let me look.\n\n<inv"))) == [
        TextDelta(0, "Let me look.\n\n")
    ]
    assert list(repair.feed(TextDelta(0, "entory>"))) == [TextDelta(0, "<inventory>")]
    assert list(repair.feed(TextDelta(0, " more <"))) == [TextDelta(0, " more <")]


def test_a_piece_of_prose_costs_a_dozen_calls() -> None:
    """Counted, not timed: twelve calls are a microsecond beside the event's own work."""
    events = [TextDelta(0, "Some words, and a <div> or `x` too, " * 2 + "as prose.\n")] * 500
    repair = EventRepair(OFFERED, lambda prefix: prefix)
    calls = test_call_counts.calls_of(lambda: [list(repair.feed(event)) for event in events])
    assert calls <= 12 * len(events)
