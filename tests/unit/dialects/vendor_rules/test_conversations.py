"""Ids, arguments, ends and tools of a conversation on its way out."""

from __future__ import annotations

from typing import Any

import pytest

from proxy_core.canonical.model import Model
from proxy_core.canonical.request import DialectName
from tests.unit.dialects.vendor_rules.bodies import (
    CHAT,
    CLAUDE,
    GEMINI,
    GPT,
    GROK,
    KIMI,
    MESSAGES,
    OLD_CLAUDE,
    RESPONSES,
    fit,
    passed_through,
    translated,
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
    tool_result,
    tool_use,
)

# --- ids ---


@pytest.mark.parametrize("odd", ["functions.Read:3", "call_7|fc_9", "a b", "ütf", "x" * 90])
def test_an_id_of_another_vendor_becomes_one_that_claude_takes(odd: str) -> None:
    body = chat(HI, tool_use(odd), tool_result(odd), tools=[TOOL], max_tokens=9)
    sent = passed_through(body, CLAUDE, MESSAGES).body["messages"]
    new = sent[1]["content"][0]["id"]
    assert new == sent[2]["content"][0]["tool_use_id"] != odd
    assert new.replace("_", "").replace("-", "").isascii()
    assert len(new) <= 64
    on_chat = passed_through(
        chat(HI, called(call(odd)), result(odd), tools=[FUNCTION]), CLAUDE, CHAT
    )
    assert on_chat.body["messages"][1]["tool_calls"][0]["id"] == new
    assert on_chat.body["messages"][2]["tool_call_id"] == new


def test_two_odd_ids_never_become_one() -> None:
    body = chat(
        HI, called(call("a.b"), call("a:b")), result("a.b"), result("a:b"), tools=[FUNCTION]
    )
    sent = fit(body, CLAUDE, CHAT).body["messages"]
    first, second = sent[1]["tool_calls"]
    assert first["id"] != second["id"]
    assert [sent[2]["tool_call_id"], sent[3]["tool_call_id"]] == [first["id"], second["id"]]


def test_openai_counts_the_characters_of_an_id() -> None:
    long = "call_" + "x" * 50
    sent = fit(chat(HI, called(call(long)), result(long)), GPT, CHAT).body["messages"]
    assert len(sent[1]["tool_calls"][0]["id"]) <= 40
    assert sent[1]["tool_calls"][0]["id"] == sent[2]["tool_call_id"]
    longer = "call_" + "y" * 80
    items = [
        {"type": "function_call", "call_id": longer, "name": "read", "arguments": "{}"},
        {"type": "function_call_output", "call_id": longer, "output": "done"},
    ]
    sent = fit({"model": "m", "input": items}, GPT, RESPONSES).body["input"]
    assert len(sent[0]["call_id"]) <= 64
    assert sent[0]["call_id"] == sent[1]["call_id"]


def test_kimi_gets_ids_in_its_own_form_that_never_change() -> None:
    start = [HI, called(call("toolu_1"), call("functions.read:7")), result("toolu_1")]
    start.append(result("functions.read:7"))
    longer = [*start, called(call("toolu_2", "list")), result("toolu_2")]
    first = fit(chat(*start), KIMI, CHAT).body["messages"]
    second = fit(chat(*longer), KIMI, CHAT).body["messages"]
    assert [c["id"] for c in first[1]["tool_calls"]] == ["functions.read:0", "functions.read:7"]
    assert second[: len(first)] == first
    assert second[-1]["tool_call_id"] == second[-2]["tool_calls"][0]["id"] == "functions.list:2"


def test_an_item_that_is_there_twice_keeps_its_id_once() -> None:
    said = {"type": "message", "id": "msg_1", "role": "assistant", "content": []}
    thought = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "E"}
    body = {"model": "m", "input": [thought, said, HI, thought, said]}
    sent = fit(body, GPT, RESPONSES).body["input"]
    assert [item.get("id") for item in sent] == ["rs_1", "msg_1", None, None]
    assert [item.get("type") for item in sent].count("reasoning") == 1


# --- arguments ---


@pytest.mark.parametrize(
    ("given", "sent"),
    [("", "{}"), (None, "{}"), ("  ", "{}"), ({"a": 1}, '{"a":1}'), ('{"b":2}', '{"b":2}')],
)
@pytest.mark.parametrize("model", [GPT, CLAUDE, GEMINI, KIMI, GROK])
def test_arguments_are_the_text_of_an_object(given: Any, sent: str, model: Model) -> None:
    body = chat(HI, called(call("call_1", arguments=given)), result("call_1"), tools=[FUNCTION])
    messages = fit(body, model, CHAT).body["messages"]
    assert messages[1]["tool_calls"][0]["function"]["arguments"] == sent


@pytest.mark.parametrize("given", ["", None])
def test_the_same_on_responses(given: Any) -> None:
    item = {"type": "function_call", "call_id": "c", "name": "f", "arguments": given}
    assert (
        fit({"model": "m", "input": [item]}, GPT, RESPONSES).body["input"][0]["arguments"] == "{}"
    )


def test_a_call_without_arguments_is_translated_as_one(given: None = None) -> None:
    made = {"type": "function_call", "call_id": "c", "name": "f", "arguments": given}
    answer = {"type": "function_call_output", "call_id": "c", "output": "x"}
    body = {"model": "m", "input": [HI, made, answer], "tools": []}
    sent = translated(body, CLAUDE, RESPONSES, MESSAGES).body["messages"]
    assert sent[1]["content"][0]["input"] == {}
    sent = translated(body, GPT, RESPONSES, CHAT).body["messages"]
    assert sent[1]["tool_calls"][0]["function"]["arguments"] == "{}"


@pytest.mark.parametrize(
    ("given", "sent"),
    [(None, {}), ("", {}), ('{"a":1}', {"a": 1}), ([1], {"_unparsed_arguments": "[1]"})],
)
def test_claude_s_input_is_an_object(given: Any, sent: Any) -> None:
    block = {"type": "tool_use", "id": "t", "name": "f", "input": given}
    body = chat(HI, {"role": "assistant", "content": [block]}, tool_result("t"), tools=[TOOL])
    assert fit(body, CLAUDE, MESSAGES).body["messages"][1]["content"][0]["input"] == sent


# --- the end, and instructions in the middle ---


@pytest.mark.parametrize(
    ("client", "upstream", "model"),
    [
        (CHAT, CHAT, CLAUDE),
        (CHAT, CHAT, OLD_CLAUDE),
        (MESSAGES, MESSAGES, CLAUDE),
        (CHAT, MESSAGES, CLAUDE),
        (CHAT, MESSAGES, OLD_CLAUDE),
        (MESSAGES, CHAT, CLAUDE),
    ],
)
def test_claude_is_never_left_with_its_own_words_last(
    client: DialectName, upstream: DialectName, model: Model
) -> None:
    body = chat(HI, SAID, max_tokens=9)
    if client is upstream:
        sent = passed_through(body, model, client).body
    else:
        sent = translated(body, model, client, upstream).body
    assert [m["role"] for m in sent["messages"]] == ["user", "assistant", "user"]


def test_an_older_claude_takes_a_prefill_without_its_trailing_space() -> None:
    sent = passed_through(chat(HI, SAID, max_tokens=9), OLD_CLAUDE, MESSAGES).body
    assert sent["messages"][-1] == {"role": "assistant", "content": "I was about to"}


def test_other_vendors_may_end_with_the_assistant() -> None:
    for model in (GPT, GEMINI, KIMI):
        assert fit(chat(HI, SAID), model, CHAT).body["messages"][-1]["role"] == "assistant"


def test_instructions_between_messages_become_a_user_s_reminder() -> None:
    mark = {"type": "ephemeral"}
    told = {"role": "system", "content": [{"type": "text", "text": "New.", "cache_control": mark}]}
    body = chat(
        {"role": "system", "content": "First."},
        HI,
        told,
        tool_use("t"),
        {"role": "system", "content": "Between."},
        tool_result("t"),
        {"role": "system", "content": "  "},
        {"role": "system", "content": "Last."},
        tools=[TOOL],
        max_tokens=9,
    )
    sent = passed_through(body, CLAUDE, MESSAGES).body["messages"]
    assert [m["role"] for m in sent] == ["user", "assistant", "user"]
    first = [block["text"] for block in sent[0]["content"]]
    assert first == [
        "<system-reminder>\nFirst.\n</system-reminder>",
        "hi",
        "<system-reminder>\nNew.\n</system-reminder>",
    ]
    assert sent[0]["content"][2]["cache_control"] == mark
    kinds = [block["type"] for block in sent[2]["content"]]
    assert kinds == ["tool_result", "text", "text"]


# --- tools of the history ---


def test_a_history_of_tools_is_given_its_definitions_for_claude() -> None:
    body = chat(HI, tool_use("t", {"path": "x"}), tool_result("t"), max_tokens=9)
    sent = passed_through(body, CLAUDE, MESSAGES).body
    assert sent["tools"][0]["name"] == "read"
    assert set(sent["tools"][0]["input_schema"]["properties"]) == {"path"}
    assert sent["tool_choice"] == {"type": "none"}
    body = chat(HI, called(call("c", arguments='{"q":1}')), result("c"), tools=[])
    sent = passed_through(body, CLAUDE, CHAT).body
    assert set(sent["tools"][0]["function"]["parameters"]["properties"]) == {"q"}
    assert sent["tool_choice"] == "none"


def test_nobody_else_is_given_tools_that_were_not_offered() -> None:
    body = chat(HI, called(call("c")), result("c"))
    for model in (GPT, GEMINI, KIMI):
        assert "tools" not in fit(body, model, CHAT).body
