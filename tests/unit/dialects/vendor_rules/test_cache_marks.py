"""Cache marks of a conversation on its way out."""

from __future__ import annotations

from typing import Any

from tests.unit.dialects.vendor_rules.bodies import (
    CHAT,
    CLAUDE,
    GEMINI,
    GPT,
    KIMI,
    MESSAGES,
    fit,
    passed_through,
)
from tests.unit.dialects.vendor_rules.conversations import (
    FUNCTION,
    HI,
    SAID,
    TOOL,
    call,
    called,
    chat,
    result,
    tool_use,
)


def marks(value: Any, word: str = "cache_control") -> int:
    if isinstance(value, dict):
        return (word in value) + sum(marks(each, word) for each in value.values())
    return sum(marks(each, word) for each in value) if isinstance(value, list) else 0


MARK = {"cache_control": {"type": "ephemeral"}}


def test_more_than_four_marks_are_four() -> None:
    system = [{"type": "text", "text": str(n), **MARK} for n in range(3)]
    inner = {"type": "text", "text": "deep", **MARK}
    block = {"type": "tool_result", "tool_use_id": "t", "content": [inner], **MARK}
    turns = [{"role": "user", "content": [block]}, {"role": "user", "content": [{**inner}]}]
    body = chat(HI, tool_use("t"), *turns, system=system, tools=[{**TOOL, **MARK}], max_tokens=9)
    result = fit(body, CLAUDE, MESSAGES)
    assert marks(result.body) == 4
    assert marks(result.body["tools"]) == 1, "the first one guards the instructions"
    assert marks(result.body["messages"][-1]) == 1, "the last one moves"
    assert result.dropped == ("cache_control (more than 4)",)


def test_four_marks_stay_where_they_are() -> None:
    blocks = [{"type": "text", "text": str(n), **MARK} for n in range(4)]
    body = chat({"role": "user", "content": blocks}, max_tokens=9)
    assert "cache marks" not in fit(body, CLAUDE, MESSAGES).rules


def test_chat_s_own_word_for_a_mark_stands_on_the_message() -> None:
    parts = [{"type": "text", "text": "long", **MARK}]
    body = chat(
        {"role": "system", "content": parts},
        {**HI, "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        tools=[{**FUNCTION, **MARK}],
    )
    sent = passed_through(body, CLAUDE, CHAT).body
    assert marks(sent) == 0
    assert [m["copilot_cache_control"] for m in sent["messages"]] == [{"type": "ephemeral"}] * 2
    assert sent["messages"][0]["content"] == [{"type": "text", "text": "long"}]
    for model in (GPT, GEMINI, KIMI):
        other = fit(body, model, CHAT)
        assert marks(other.body) == marks(other.body, "copilot_cache_control") == 0
        assert "cache_control" in other.dropped


def test_an_agent_on_chat_that_sets_no_marks_is_given_some_on_claude() -> None:
    history = [
        {"role": "system", "content": "You are."},
        HI,
        called(call("a")),
        result("a"),
        {"role": "assistant", "content": "Done."},
        {"role": "user", "content": "More."},
    ]
    sent = passed_through(chat(*history, tools=[FUNCTION]), CLAUDE, CHAT).body["messages"]
    marked = [n for n, m in enumerate(sent) if "copilot_cache_control" in m]
    assert marked == [0, 3, 5]
    question = passed_through(chat({"role": "system", "content": "s"}, HI), CLAUDE, CHAT).body
    assert marks(question, "copilot_cache_control") == 0
    assert marks(passed_through(chat(*history), GPT, CHAT).body, "copilot_cache_control") == 0


def test_a_client_s_own_marks_are_enough() -> None:
    own = [{**HI, "copilot_cache_control": {"type": "ephemeral"}}, SAID, HI]
    sent = passed_through(chat(*own), CLAUDE, CHAT).body["messages"]
    assert [("copilot_cache_control" in m) for m in sent] == [True, False, False]
