"""What GitHub is asked to choose for, read from bodies of every dialect and from broken ones."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from proxy_core.routing.automatic_question import LONGEST_PROMPT, automatic_question
from proxy_core.routing.upstream_api import AutomaticQuestion


def read(session: str | None = None, **body: Any) -> AutomaticQuestion:
    members = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in body.items()}
    return automatic_question(members, has_image=False, session_id=session)


def said(text: object, role: str = "user") -> dict[str, object]:
    return {"role": role, "content": text}


def test_tool_results_are_no_words_of_the_user() -> None:
    question = read(
        messages=[
            said("list the files"),
            said([{"type": "tool_use", "id": "a", "name": "ls", "input": {}}], "assistant"),
            said([{"type": "tool_result", "tool_use_id": "a", "content": "README"}]),
        ]
    )
    assert question.prompt == "list the files"
    assert question.multi_turn


def test_reasoning_and_calls_among_the_items_do_not_hide_the_words() -> None:
    question = read(
        input=[
            {"type": "message", **said([{"type": "input_text", "text": "go"}])},
            {"type": "reasoning", "summary": [], "encrypted_content": "x"},
            {"type": "function_call_output", "call_id": "c", "output": "done"},
        ]
    )
    assert (question.prompt, question.multi_turn) == ("go", False)


def test_a_developers_words_are_no_prompt() -> None:
    question = read(messages=[said("be brief", "developer"), said("be", "system"), said("hello")])
    assert (question.prompt, question.multi_turn) == ("hello", False)


def test_an_answer_that_is_referred_to_is_an_earlier_turn() -> None:
    assert read(input="and?", previous_response_id="resp_1").multi_turn
    assert not read(input="and?", previous_response_id=None).multi_turn


def test_members_that_were_decoded_already_are_read_too() -> None:
    members = {"messages": [said("plain")]}
    assert automatic_question(members, has_image=True, session_id=None).prompt == "plain"


@pytest.mark.parametrize(
    "messages",
    [7, None, {}, [7], [{"role": 1, "content": {"a": 1}}], [{"content": [{"type": []}]}]],
)
def test_what_is_no_conversation_has_no_prompt(messages: object) -> None:
    assert read(messages=messages).prompt == ""


def test_the_end_of_a_long_prompt_counts() -> None:
    question = read(messages=[said("a" * 20_000 + "end")])
    assert len(question.prompt) == LONGEST_PROMPT
    assert question.prompt.endswith("end")


def test_a_conversation_is_told_by_its_first_words_and_its_session() -> None:
    begun = read(messages=[said("one")]).conversation
    went_on = read(messages=[said("one"), said("yes", "assistant"), said("two")]).conversation
    assert begun == went_on
    assert begun != read(messages=[said("two")]).conversation
    assert begun != read("session-1", messages=[said("one")]).conversation
