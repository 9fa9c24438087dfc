"""Several answers as one completion: every choice, and the usage of all calls."""

from __future__ import annotations

from typing import Any

from proxy_core.server.calls.several_answers import merged


def answer(text: str, usage: object) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}}
    return {"id": text, "choices": [choice], "usage": usage}


def test_choices_are_numbered_and_counts_added_up() -> None:
    usage = {"total_tokens": 5, "prompt_tokens_details": {"cached_tokens": 2}}
    whole = merged([answer("one", usage), answer("two", usage)])
    assert [each["index"] for each in whole["choices"]] == [0, 1]
    assert [each["message"]["content"] for each in whole["choices"]] == ["one", "two"]
    assert whole["usage"] == {"total_tokens": 10, "prompt_tokens_details": {"cached_tokens": 4}}


def test_what_only_some_answers_count_is_counted() -> None:
    plain = {"total_tokens": 5, "completion_tokens_details": None}
    thought = {
        "total_tokens": 9,
        "completion_tokens_details": {"reasoning_tokens": 4},
        "reasoning_tokens": 4,
    }
    for order in ([plain, thought, None], [None, thought, plain], [thought, plain, None]):
        whole = merged([answer("a", each) for each in order])
        assert whole["usage"] == {
            "total_tokens": 14,
            "completion_tokens_details": {"reasoning_tokens": 4},
            "reasoning_tokens": 4,
        }


def test_without_any_count_there_is_none() -> None:
    assert merged([answer("a", None), answer("b", None)])["usage"] is None
