"""Thinking, choices, numbers and names beside the conversation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from proxy_core.canonical.model import Model, Supports
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
from tests.unit.dialects.vendor_rules.test_conversations import (
    FUNCTION,
    HI,
    TOOL,
    call,
    called,
    chat,
    result,
)

SKIP = "skip_thought_signature_validator"


def asked(**members: Any) -> dict[str, Any]:
    return chat(HI, max_tokens=9000, **members)


# --- effort and thinking ---


@pytest.mark.parametrize("effort", ["low", "xhigh", "max"])
def test_an_effort_goes_only_to_models_that_list_some(effort: str) -> None:
    result = passed_through(asked(output_config={"effort": effort}), OLD_CLAUDE, MESSAGES)
    assert "output_config" not in result.body
    assert "output_config.effort" in result.dropped
    kept = passed_through(asked(output_config={"effort": effort}), CLAUDE, MESSAGES)
    assert kept.body["output_config"] == {"effort": effort}


@pytest.mark.parametrize(("effort", "sent"), [("max", "high"), ("xhigh", "high"), ("low", "low")])
def test_the_highest_efforts_need_thinking(effort: str, sent: str) -> None:
    body = asked(output_config={"effort": effort}, thinking={"type": "disabled"})
    assert fit(body, CLAUDE, MESSAGES).body["output_config"] == {"effort": sent}


@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "tool", "name": "read"}])
@pytest.mark.parametrize(
    "thinking", [{"type": "adaptive"}, {"type": "enabled", "budget_tokens": 2000}]
)
def test_a_forced_tool_rules_thinking_out(choice: dict[str, str], thinking: Any) -> None:
    body = asked(tools=[TOOL], tool_choice=choice, thinking=thinking)
    result = passed_through(body, CLAUDE, MESSAGES)
    assert "thinking" not in result.body
    assert "thinking (not possible with a forced tool choice)" in result.dropped
    free = asked(tools=[TOOL], tool_choice={"type": "auto"}, thinking={"type": "adaptive"})
    assert fit(free, CLAUDE, MESSAGES).body["thinking"] == {"type": "adaptive"}


@pytest.mark.parametrize("choice", ["required", FUNCTION])
def test_a_forced_tool_rules_an_effort_out_behind_chat(choice: Any) -> None:
    body = chat(HI, tools=[FUNCTION], tool_choice=choice, reasoning_effort="high")
    result = passed_through(body, CLAUDE, CHAT)
    assert "reasoning_effort" not in result.body
    assert "reasoning_effort (not possible with a forced tool choice)" in result.dropped
    assert passed_through(body | {"tool_choice": "auto"}, CLAUDE, CHAT).body["reasoning_effort"]


def test_a_model_that_refused_an_effort_it_lists_is_asked_without() -> None:
    refused = ("effort left out",)
    body = asked(output_config={"effort": "low"})
    assert "output_config" not in fit(body, CLAUDE, MESSAGES, refused=refused).body
    body = chat(HI, reasoning_effort="low")
    assert "reasoning_effort" not in fit(body, GPT, CHAT, refused=refused).body
    body = {"model": "m", "input": "hi", "reasoning": {"effort": "low", "summary": "auto"}}
    sent = fit(body, GPT, RESPONSES, refused=refused).body
    assert sent["reasoning"] == {"summary": "auto"}


# --- tool choice ---


def function(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {**FUNCTION["function"], "name": name}}  # type: ignore[dict-item]


@pytest.mark.parametrize("model", [GPT, CLAUDE, GEMINI, KIMI, GROK])
@pytest.mark.parametrize(
    ("stated", "sent"),
    [
        ("validated", "auto"),
        ("any", "required"),
        ({"type": "auto"}, "auto"),
        ({"type": "required"}, "required"),
        ("none", "none"),
    ],
)
def test_choices_are_said_in_words_that_all_know(model: Model, stated: Any, sent: str) -> None:
    body = chat(HI, tools=[FUNCTION], tool_choice=stated)
    assert fit(body, model, CHAT).body["tool_choice"] == sent


@pytest.mark.parametrize("mode", ["auto", "required"])
def test_allowed_tools_are_the_tools_that_are_offered(mode: str) -> None:
    names = [{"type": "function", "function": {"name": "b"}}, {"type": "function", "name": "c"}]
    choice = {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": names}}
    body = chat(HI, tools=[function(n) for n in "abcd"], tool_choice=choice)
    sent = passed_through(body, GEMINI, CHAT).body
    assert [t["function"]["name"] for t in sent["tools"]] == ["b", "c"]
    assert sent["tool_choice"] == mode


def test_openai_s_own_models_know_the_list_until_one_refuses_it() -> None:
    tools = [
        {"type": "function", "name": n, "parameters": {"type": "object", "properties": {}}}
        for n in "ab"
    ]
    choice = {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "b"}]}
    body = {"model": "m", "input": "hi", "tools": tools, "tool_choice": choice}
    assert fit(body, GPT, RESPONSES).body["tool_choice"] == choice
    for sent in (
        fit(body, GROK, RESPONSES).body,
        fit(body, GPT, RESPONSES, refused=("tool choice (plain)",)).body,
    ):
        assert [t["name"] for t in sent["tools"]] == ["b"]
        assert sent["tool_choice"] == "auto"


def test_a_list_that_names_nothing_offered_is_upstream_s_to_judge() -> None:
    choice = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}
    body = chat(HI, tools=[FUNCTION], tool_choice=choice)
    assert fit(body, GPT, CHAT).body["tool_choice"] == choice


# --- numbers ---


@pytest.mark.parametrize(("name", "model"), [(CHAT, GPT), (MESSAGES, CLAUDE), (CHAT, GEMINI)])
def test_no_output_at_all_is_one_token(name: DialectName, model: Model) -> None:
    result = passed_through(chat(HI, max_tokens=0), model, name)
    assert result.body["max_tokens"] == 1
    assert "max_tokens (1 instead of 0)" in result.dropped


def test_kimi_takes_its_own_sampling_only() -> None:
    result = fit(chat(HI, temperature=0.2, top_p=0.5), KIMI, CHAT)
    assert (result.body["temperature"], result.body["top_p"]) == (1, 0.95)
    assert len(result.dropped) == 2
    assert "temperature" not in fit(chat(HI), KIMI, CHAT).body


# --- names of persons ---


@pytest.mark.parametrize("name", ["user", "safety_identifier"])
def test_an_identifier_of_more_than_64_characters_stays_behind(name: str) -> None:
    assert fit(chat(HI, **{name: "x" * 64}), GPT, CHAT).body[name] == "x" * 64
    result = fit(chat(HI, **{name: "x" * 65}), GPT, CHAT)
    assert name not in result.body
    assert result.dropped == (f"{name} (over 64 characters)",)


def test_a_cache_key_is_shortened_and_equal_ones_stay_equal() -> None:
    first = fit({"input": "a", "prompt_cache_key": "k" * 99}, GPT, RESPONSES).body
    second = fit({"input": "b", "prompt_cache_key": "k" * 99}, GPT, RESPONSES).body
    assert first["prompt_cache_key"] == second["prompt_cache_key"]
    assert len(first["prompt_cache_key"]) == 64


def test_metadata_beyond_openai_s_bounds_is_left_out() -> None:
    metadata = {"ok": "v", "long": "v" * 513, "k" * 65: "v"}
    result = fit({"input": "a", "metadata": metadata}, GPT, RESPONSES)
    assert result.body["metadata"] == {"ok": "v"}
    assert len(result.dropped) == 2


def test_claude_is_told_no_mail_address() -> None:
    result = passed_through(asked(metadata={"user_id": "ann@example.org"}), CLAUDE, MESSAGES)
    assert "@" not in result.body["metadata"]["user_id"]
    assert result.dropped == ("metadata.user_id (sent as a digest)",)
    sent = translated(chat(HI, user="ann@example.org"), CLAUDE, CHAT, MESSAGES)
    assert sent.body["metadata"] == result.body["metadata"]
    assert "user (sent as a digest)" in sent.dropped
    usual = {"user_id": '{"device_id":"0123","session_id":"4567"}'}
    assert fit(asked(metadata=usual), CLAUDE, MESSAGES).body["metadata"] == usual


# --- proofs of thinking ---


THINKER = Model("t", "T", "Google", supports=Supports(max_thinking_budget=1000))


def test_gemini_s_loop_goes_on_with_calls_that_another_model_made() -> None:
    body = chat(HI, called(call("c")), result("c"), tools=[FUNCTION])
    turn = fit(body, GEMINI, CHAT).body["messages"][1]
    assert turn["reasoning_opaque"] == SKIP
    signed = chat(HI, called(call("c"), reasoning_opaque="own", reasoning_text="t"), result("c"))
    assert fit(signed, GEMINI, CHAT).body["messages"][1]["reasoning_opaque"] == "own"
    for model in (GPT, CLAUDE, KIMI):
        sent = fit(body, model, CHAT).body["messages"][1]
        assert "reasoning_opaque" not in sent


def test_a_proof_that_another_model_issued_is_dropped() -> None:
    issuers = {"theirs": "claude-new", "ours": GEMINI.id}
    said = [{"role": "assistant", "content": "x", "reasoning_opaque": name} for name in issuers]
    unknown = {"role": "assistant", "content": "x", "reasoning_opaque": "unheard"}
    body = chat(HI, *said, unknown, HI)
    result = fit(body, GEMINI, CHAT, issuer=issuers.get)
    kept = [m.get("reasoning_opaque") for m in result.body["messages"]]
    assert kept == [None, None, "ours", "unheard", None]
    assert any("issued by another model" in note for note in result.dropped)


def test_a_call_whose_proof_was_another_s_gets_the_value_that_skips_validation() -> None:
    body = chat(HI, called(call("c"), reasoning_opaque="theirs"), result("c"))
    turn = fit(body, GEMINI, CHAT, issuer={"theirs": "x"}.get).body["messages"][1]
    assert turn["reasoning_opaque"] == SKIP


def test_a_model_that_does_not_think_gets_no_thinking_back() -> None:
    body = chat(
        HI,
        {"role": "assistant", "content": "x", "reasoning_opaque": "o", "reasoning_text": "t"},
        HI,
    )
    assert fit(body, GPT, CHAT).body["messages"][1] == {"role": "assistant", "content": "x"}


def test_unsigned_calls_are_told_in_words_where_a_model_refused_them() -> None:
    body = chat(
        HI,
        called(call("a", arguments='{"n":1}'), call("b", "list"), content="Let me look."),
        result("a", "one"),
        result("b", [{"type": "text", "text": "two"}]),
        called(call("c"), reasoning_opaque="own"),
        result("c"),
        tools=[FUNCTION],
    )
    result_ = fit(body, GEMINI, CHAT, refused=("tool calls in words",))
    sent = result_.body["messages"]
    assert [m["role"] for m in sent] == ["user", "assistant", "user", "assistant", "tool"]
    assert "tool_calls" not in sent[1]
    assert sent[1]["content"].startswith("Let me look.")
    assert 'read with {"n":1}' in sent[1]["content"]
    assert "one" in sent[2]["content"]
    assert "two" in sent[2]["content"]
    assert sent[3]["reasoning_opaque"] == "own"


def test_claude_on_chat_tells_no_probabilities_and_the_client_is_told_so() -> None:
    body = {"model": "m", "messages": [HI], "logprobs": True, "top_logprobs": 2}
    fitted = fit(body, CLAUDE, CHAT)
    assert fitted.body == {"model": "m", "messages": [HI]}
    assert fitted.dropped == ("logprobs", "top_logprobs")
    assert fit({**body, "logprobs": False, "top_logprobs": None}, CLAUDE, CHAT).dropped == ()
    assert fit(body, GPT, CHAT).body == body


@pytest.mark.parametrize(("model_id", "is_signed"), [("gemini-2.5-pro", False), ("gemini-3", True)])
def test_only_a_gemini_that_demands_proofs_is_told_to_skip_them(
    model_id: str, is_signed: bool
) -> None:
    function = {"name": "f", "arguments": "{}"}
    made = {"id": "c", "type": "function", "function": function}
    turn = {"role": "assistant", "content": None, "tool_calls": [made]}
    said = {"role": "tool", "tool_call_id": "c", "content": "x"}
    body = {"model": "m", "messages": [HI, turn, said]}
    sent = fit(body, replace(GEMINI, id=model_id), CHAT).body["messages"][1]
    assert ("reasoning_opaque" in sent) is is_signed


# --- sampling ---

WARM = {"temperature": 0.2, "top_p": 0.5, "top_k": 3}


@pytest.mark.parametrize("kind", [{"type": "enabled", "budget_tokens": 1024}, {"type": "adaptive"}])
def test_what_does_not_go_with_thinking_is_left_out(kind: dict[str, Any]) -> None:
    result = passed_through(asked(thinking=kind, **WARM), CLAUDE, MESSAGES)
    assert not WARM.keys() & result.body.keys()
    assert set(result.dropped) >= {f"{name} (not possible while thinking)" for name in WARM}


@pytest.mark.parametrize("kind", [{"type": "disabled"}, None])
def test_without_thinking_a_client_s_numbers_stay(kind: dict[str, Any] | None) -> None:
    result = passed_through(asked(thinking=kind, **WARM), CLAUDE, MESSAGES)
    assert {name: result.body[name] for name in WARM} == WARM


def test_what_goes_with_thinking_stays() -> None:
    numbers = {"temperature": 1, "top_p": 0.97}
    result = passed_through(asked(thinking={"type": "adaptive"}, **numbers), CLAUDE, MESSAGES)
    assert {name: result.body[name] for name in numbers} == numbers


@pytest.mark.parametrize("client", [CHAT, RESPONSES])
def test_a_translated_request_follows_the_same_rule(client: DialectName) -> None:
    body: dict[str, Any] = {"temperature": 0.2, "top_p": 0.99}
    body |= (
        {"messages": [HI], "reasoning_effort": "high"}
        if client is CHAT
        else {"input": "hi", "reasoning": {"effort": "high"}}
    )
    result = translated({"model": "m"} | body, CLAUDE, client, MESSAGES)
    assert "temperature" not in result.body
    assert result.body["top_p"] == 0.99
    assert "temperature (not possible while thinking)" in result.dropped


@pytest.mark.parametrize("upstream", [CHAT, MESSAGES])
def test_of_two_numbers_the_temperature_stays_where_both_were_refused(
    upstream: DialectName,
) -> None:
    both = asked(temperature=0, top_p=1)
    result = fit(both, CLAUDE, upstream, refused=("temperature without top_p",))
    assert result.body["temperature"] == 0
    assert "top_p" not in result.body
    assert result.dropped == ("top_p (not possible together with temperature)",)
    assert fit(both, CLAUDE, upstream).body["top_p"] == 1


def test_a_model_that_refuses_sampling_gets_none() -> None:
    result = fit(asked(**WARM), CLAUDE, MESSAGES, refused=("sampling left out",))
    assert not WARM.keys() & result.body.keys()
    assert set(result.dropped) == {f"{name} (not possible with this model)" for name in WARM}


# --- each tool once ---


@pytest.mark.parametrize(
    ("upstream", "tool"), [(CHAT, FUNCTION), (MESSAGES, TOOL)], ids=["chat", "messages"]
)
def test_of_two_tools_of_one_name_the_first_is_offered(
    upstream: DialectName, tool: dict[str, Any]
) -> None:
    result = fit(asked(tools=[tool, tool]), CLAUDE, upstream, refused=("each tool once",))
    assert len(result.body["tools"]) == 1
    assert result.dropped == ("tools[] (declared twice)",)
    alone = fit(asked(tools=[tool]), CLAUDE, upstream, refused=("each tool once",))
    assert len(alone.body["tools"]) == 1
    assert "each tool once" not in alone.rules


# --- a conversation of a system prompt alone ---


@pytest.mark.parametrize("model", [CLAUDE, GEMINI])
@pytest.mark.parametrize("role", ["system", "developer"])
def test_the_last_system_message_becomes_the_user_s(model: Model, role: str) -> None:
    words = [{"role": "system", "content": "A"}, {"role": role, "content": "B"}]
    messages = fit({"messages": words}, model, CHAT).body["messages"]
    assert [(each["role"], each["content"]) for each in messages] == [
        ("system", "A"),
        ("user", "B"),
    ]
    with_user = fit({"messages": [*words, HI]}, model, CHAT).body["messages"]
    assert [each["role"] for each in with_user] == ["system", role, "user"]


def test_behind_messages_the_system_prompt_becomes_the_user_s_turn() -> None:
    asked_for = {"model": "m", "input": [{"role": "system", "content": "A"}]}
    result = translated(asked_for, CLAUDE, RESPONSES, MESSAGES)
    assert result.body["messages"][0]["role"] == "user"
    assert result.body["messages"][0]["content"][0]["text"] == "A"
    assert "system" not in result.body
