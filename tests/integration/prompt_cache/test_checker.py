"""The net can tear: each way of losing the cache is seen, and nothing else is complained of."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.integration.prompt_cache.checker import breaks_in, first_break, read_prompt
from tests.integration.prompt_cache.net import Received, judge

MESSAGES = "/v1/messages"
FIRST: dict[str, Any] = {
    "model": "m",
    "system": [{"type": "text", "text": "You are an agent."}],
    "tools": [{"name": "Read", "input_schema": {"type": "object", "properties": {}}}],
    "messages": [{"role": "user", "content": "Look at it."}],
}
CALL = {"type": "tool_use", "id": "call_1", "name": "Read", "input": {"path": "a", "line": 1}}
RESULT = {"type": "tool_result", "tool_use_id": "call_1", "content": "empty"}
MORE = [{"role": "assistant", "content": [CALL]}, {"role": "user", "content": [RESULT]}]
MARK = {"cache_control": {"type": "ephemeral"}}


def second() -> dict[str, Any]:
    return copy.deepcopy({**FIRST, "messages": [*FIRST["messages"], *MORE]})


def third() -> dict[str, Any]:
    said = second()
    said["messages"] += copy.deepcopy(
        [{"role": "assistant", "content": "It is empty."}, {"role": "user", "content": "Thanks."}]
    )
    return said


def places(*bodies: dict[str, Any], endpoint: str = MESSAGES) -> list[str]:
    prompts = [read_prompt(endpoint, msgspec.json.encode(body)) for body in bodies]
    return [found.place for _, _, found in breaks_in([each for each in prompts if each])]


def test_a_conversation_that_grows_is_whole() -> None:
    assert places(FIRST, second(), third()) == []


def another_tool(body: dict[str, Any]) -> None:
    body["tools"].append({"name": "Write", "input_schema": {"type": "object"}})


def tools_in_another_order_of_members(body: dict[str, Any]) -> None:
    body["tools"] = [dict(reversed(tool.items())) for tool in body["tools"]]


def another_system_prompt(body: dict[str, Any]) -> None:
    body["system"][0]["text"] = "You are an agent. It is 10:31."


def no_system_prompt(body: dict[str, Any]) -> None:
    del body["system"]


def members_in_another_order(body: dict[str, Any]) -> None:
    kept = dict(body)
    body.clear()
    body.update({name: kept[name] for name in ("model", "tools", "system", "messages")})


def arguments_in_another_order(body: dict[str, Any]) -> None:
    body["messages"][1]["content"][0]["input"] = {"line": 1, "path": "a"}


def another_call_id(body: dict[str, Any]) -> None:
    body["messages"][1]["content"][0]["id"] = "call_2"


def a_turn_left_out(body: dict[str, Any]) -> None:
    del body["messages"][2]


def a_result_shortened(body: dict[str, Any]) -> None:
    body["messages"][2]["content"][0]["content"] = "…"


def a_message_put_before(body: dict[str, Any]) -> None:
    body["messages"].insert(1, {"role": "system", "content": "Tools changed."})


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (another_tool, "tools"),
        (tools_in_another_order_of_members, "tools"),
        (another_system_prompt, "system"),
        (no_system_prompt, "system"),
        (members_in_another_order, "members' order"),
        (arguments_in_another_order, "items[1]"),
        (another_call_id, "items[1]"),
        (a_turn_left_out, "items[2]"),
        (a_result_shortened, "items[2]"),
        (a_message_put_before, "items[1]"),
    ],
    ids=lambda value: value.__name__ if callable(value) else value,
)
def test_what_changes_an_earlier_byte_is_seen(
    change: Callable[[dict[str, Any]], None], place: str
) -> None:
    changed = third()
    change(changed)
    assert places(FIRST, second(), changed) == [place]


def test_a_mark_may_move_from_turn_to_turn() -> None:
    earlier, later = second(), third()
    earlier["messages"][2]["content"][-1] |= MARK
    later["messages"][4]["content"] = [{"type": "text", "text": "Thanks."} | MARK]
    later["tools"][-1] |= MARK
    assert places(FIRST, earlier, later) == []


def test_a_text_may_become_the_one_part_that_holds_its_mark() -> None:
    marked = copy.deepcopy(FIRST)
    marked["messages"][0]["content"] = [{"type": "text", "text": "Look at it."} | MARK]
    assert places(marked, second()) == []
    unmarked = copy.deepcopy(FIRST)
    unmarked["messages"][0]["content"] = [{"type": "text", "text": "Look at it."}]
    assert places(unmarked, second()) == ["items[0]"]


def test_the_last_message_may_go_on_and_no_other() -> None:
    joined = second()
    joined["messages"][2]["content"].append({"type": "text", "text": "And hurry."})
    assert places(FIRST, second(), joined) == []
    longer = third()
    longer["messages"] += [{"role": "assistant", "content": "Good."}]
    longer["messages"][2]["content"].append({"type": "text", "text": "And hurry."})
    assert places(third(), longer) == ["items[2]"]
    changed = third()
    changed["messages"][2]["content"].insert(0, {"type": "text", "text": "And hurry."})
    assert places(FIRST, second(), changed) == ["items[2]"]
    rewritten = third()
    rewritten["messages"][0]["content"] += " And hurry."
    prompts = [read_prompt(MESSAGES, msgspec.json.encode(each)) for each in (FIRST, rewritten)]
    assert None not in prompts
    found = first_break(*prompts)  # type: ignore[arg-type]
    assert found is not None
    assert found.place == "items[0]"


def test_a_mark_does_not_hide_another_change() -> None:
    changed = third()
    changed["messages"][2]["content"][0] |= MARK | {"content": "full"}
    assert places(FIRST, second(), changed) == ["items[2]"]


def test_another_spacing_of_the_same_json_is_a_change() -> None:
    spaced = json.dumps(second()).encode()
    prompts = [read_prompt(MESSAGES, each) for each in (msgspec.json.encode(FIRST), spaced)]
    found = [found.place for _, _, found in breaks_in([each for each in prompts if each])]
    assert found == ["tools"]


def test_other_conversations_and_other_models_are_left_alone() -> None:
    other = third()
    other["messages"][0]["content"] = "Something else."
    switched = third() | {"model": "n", "tools": []}
    assert places(FIRST, second(), other, switched) == []


def test_the_same_question_with_other_tools_is_a_new_conversation() -> None:
    assert places(FIRST, FIRST | {"tools": []}) == []


def test_input_items_extend_a_bare_text() -> None:
    first = {"model": "m", "instructions": "Be brief.", "input": "Look at it."}
    said = [
        {"role": "user", "content": "Look at it."},
        {"type": "reasoning", "id": "rs_1", "encrypted_content": "eA", "summary": []},
        {"type": "message", "role": "assistant", "content": "Done."},
        {"role": "user", "content": "Thanks."},
    ]
    assert places(first, {**first, "input": said}, endpoint="/responses") == []
    other = {**first, "instructions": "Be long.", "input": said}
    assert places(first, other, endpoint="/responses") == ["instructions"]


def test_a_socket_frame_extends_the_response_it_names_and_repeats_what_stands_before() -> None:
    first = {"model": "m", "instructions": "Be brief.", "input": [], "type": "response.create"}
    second = {
        **first,
        "previous_response_id": "resp_1",
        "input": [{"role": "user", "content": "x"}],
    }
    assert places(first, second, endpoint="/responses") == []
    other = {**second, "instructions": "Be long."}
    assert places(first, other, endpoint="/responses") == ["instructions"]


def test_a_break_fails_the_test_unless_it_is_named_and_a_name_without_a_break_fails_too() -> None:
    broken, whole = Received(), Received()
    changed = third()
    another_tool(changed)
    for received, last in ((broken, changed), (whole, third())):
        for body in (FIRST, last):
            prompt = read_prompt(MESSAGES, msgspec.json.encode(body))
            assert prompt is not None
            received.by_log.setdefault(1, []).append(prompt)
    named = pytest.mark.prompt_cache_break("the client was given another tool").mark
    with pytest.raises(AssertionError, match="request 2 does not extend request 1: tools changed"):
        judge(broken, None)
    judge(broken, named)
    judge(whole, None)
    with pytest.raises(AssertionError, match="nothing breaks it"):
        judge(whole, named)
