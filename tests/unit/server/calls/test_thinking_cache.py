"""Thinking kept for the next turn: found by any call of its turn, bounded, one model's only."""

from __future__ import annotations

from proxy_core.dialects.openai_chat.return_thinking import return_thinking
from proxy_core.dialects.shared.thinking_replay import TurnThinking
from proxy_core.server.calls.memory.thinking_cache import ThinkingCache

TURN = TurnThinking(("a", "b"), "Hm.", "proof")


def test_any_call_of_a_turn_finds_its_thinking() -> None:
    kept = ThinkingCache()
    kept.keep("gemini", TURN)
    assert kept.find("gemini", "a") is kept.find("gemini", "b") is TURN
    assert kept.find("gemini", "c") is None
    assert kept.find("another", "a") is None


def test_an_id_that_had_to_change_on_the_wire_finds_it_too() -> None:
    kept = ThinkingCache()
    kept.keep("gemini", TurnThinking(("functions.read:0",), "", "proof"))
    assert kept.find("gemini", "functions.read:0") is not None


def test_the_least_recently_used_goes_first() -> None:
    kept = ThinkingCache(most_calls=2)
    for name in ("a", "b"):
        kept.keep("m", TurnThinking((name,), "", "p"))
    assert kept.find("m", "a")
    kept.keep("m", TurnThinking(("c",), "", "p"))
    assert kept.find("m", "b") is None
    assert kept.find("m", "a")
    assert kept.find("m", "c")
    assert len(kept) == 2


def test_its_size_is_bounded_as_well_as_its_number() -> None:
    kept = ThinkingCache(most_characters=10)
    kept.keep("m", TurnThinking(("a",), "12345", ""))
    kept.keep("m", TurnThinking(("a",), "12345", ""))
    kept.keep("m", TurnThinking(("b",), "12345", ""))
    assert len(kept) == 2, "the same call counts once"
    kept.keep("m", TurnThinking(("c",), "1", ""))
    assert kept.find("m", "a") is None
    kept.keep("m", TurnThinking(("d",), "x" * 11, ""))
    assert len(kept) == 0, "a turn beyond all bounds is not kept, and takes the others along"


def turn(**members: object) -> dict[str, object]:
    return {"role": "assistant", "content": None, "tool_calls": [{"id": "a"}], **members}


def returned(*messages: object) -> object:
    kept = ThinkingCache()
    kept.keep("m", TURN)
    body = {"messages": list(messages)}
    return return_thinking(body, lambda call_id: kept.find("m", call_id))["messages"]


def test_a_turn_gets_back_the_very_text_its_proof_is_bound_to() -> None:
    mended = turn(reasoning_text="Hm.", reasoning_opaque="proof")
    assert returned(turn()) == returned(turn(reasoning_text="edited")) == [mended]


def test_a_turn_with_a_proof_of_its_own_and_all_others_stay() -> None:
    own = turn(reasoning_opaque="own")
    unknown = {"role": "assistant", "tool_calls": [{"id": "x"}, "odd", {"id": 7}]}
    user = {"role": "user", "content": "tool_calls"}
    assert returned(own, unknown, user) == [own, unknown, user]


def test_the_issuer_of_a_proof_is_known_also_where_its_turn_called_nothing() -> None:
    kept = ThinkingCache()
    kept.keep("gemini", TurnThinking((), "Hm.", "alone"))
    kept.keep("claude", TURN)
    assert (kept.issuer("alone"), kept.issuer("proof")) == ("gemini", "claude")
    assert kept.issuer("unheard of") is None
    assert len(kept) == 2


def test_a_proof_that_came_back_without_its_text_gets_it_again() -> None:
    turn = {"role": "assistant", "tool_calls": [{"id": "a"}], "reasoning_opaque": "proof"}
    find = {"a": TURN}.get
    (returned,) = return_thinking({"messages": [turn]}, find)["messages"]
    assert returned == {**turn, "reasoning_text": "Hm."}
    whole = {"messages": [{**turn, "reasoning_text": "Hm."}]}
    assert return_thinking(whole, find) is whole
    other = {"messages": [{**turn, "reasoning_opaque": "another"}]}
    assert return_thinking(other, find) is other
