"""What is kept of a turn's thinking: its text, its proof, and the calls by which it is found again."""

from __future__ import annotations

from proxy_core.canonical.events import StreamEvent, ThinkingDelta, ThinkingEnd, ToolCallStart
from proxy_core.canonical.request import DialectName, Opaque
from proxy_core.dialects.shared.thinking_replay import ThinkingWatch, TurnThinking


def proof(data: str, dialect: DialectName = DialectName.OPENAI_CHAT) -> Opaque:
    return Opaque(dialect, "reasoning_opaque", data)


def watched(*events: StreamEvent) -> TurnThinking | None:
    watch = ThinkingWatch()
    for event in events:
        watch.feed(event)
    return watch.turn


def test_a_turn_that_thought_and_called_is_kept_by_its_calls() -> None:
    assert watched(
        ThinkingDelta(0, "Let me "),
        ThinkingDelta(0, "see."),
        ThinkingEnd(0, proof("abc")),
        ToolCallStart(1, "call_1", "read"),
        ToolCallStart(2, "call_2", "read"),
    ) == TurnThinking(("call_1", "call_2"), "Let me see.", "abc")


def test_a_proof_in_pieces_is_one_and_a_call_told_twice_is_one() -> None:
    turn = watched(
        ToolCallStart(1, "call_1", "read"),
        ThinkingEnd(0, proof("ab")),
        ToolCallStart(1, "call_1", "read"),
        ThinkingEnd(2, proof("c")),
    )
    assert turn == TurnThinking(("call_1",), "", "abc")


def test_without_a_proof_there_is_nothing_to_keep_and_without_a_call_only_its_issuer() -> None:
    call = ToolCallStart(1, "call_1", "read")
    assert watched(ThinkingDelta(0, "Hm"), ThinkingEnd(0), call) is None
    kept = watched(ThinkingDelta(0, "Hm"), ThinkingEnd(0, proof("abc")))
    assert kept is not None
    assert (kept.call_ids, kept.opaque) == ((), "abc")


def test_another_dialects_proof_is_not_this_ones() -> None:
    foreign = proof("abc", DialectName.ANTHROPIC_MESSAGES)
    signature = Opaque(DialectName.OPENAI_CHAT, "signature", "abc")
    call = ToolCallStart(1, "call_1", "read")
    assert watched(ThinkingEnd(0, foreign), ThinkingEnd(1, signature), call) is None
