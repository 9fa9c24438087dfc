"""Members of the vendors' newer SDKs: said in the other dialect where it can be, named where not."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint, Model, Supports
from proxy_core.canonical.request import DialectName, RenderedRequest
from proxy_core.dialects.registry import dialect
from proxy_core.dialects.vendor_rules import Target, fit_request

SEES = Supports(vision=True)
CLAUDE = Model("claude-x", "Claude X", "Anthropic", endpoints=tuple(Endpoint), supports=SEES)
GEMINI = Model("gemini-x", "Gemini X", "Google", endpoints=tuple(Endpoint))
BREAKPOINT = {"type": "text", "text": "Hello", "prompt_cache_breakpoint": {"mode": "explicit"}}
MESSAGES, CHAT = DialectName.ANTHROPIC_MESSAGES, DialectName.OPENAI_CHAT
RESPONSES = DialectName.OPENAI_RESPONSES


def passed(name: DialectName, model: Model, body: dict[str, Any]) -> RenderedRequest:
    raw = msgspec.json.decode(msgspec.json.encode(body), type=dict[str, msgspec.Raw])
    rendered = dialect(name).pass_through_request(raw, model)
    fitted = fit_request(rendered.body, Target(model, dialect(name).endpoint, name))
    body = msgspec.json.decode(msgspec.json.encode(fitted.body))
    return RenderedRequest(body, (*rendered.dropped, *fitted.dropped))


def translated(client: DialectName, target: DialectName, body: dict[str, Any]) -> RenderedRequest:
    return dialect(target).render_request(dialect(client).parse_request(body), CLAUDE)


def test_openais_own_cache_mark_is_claudes_on_chat() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": [BREAKPOINT]}]}
    sent = passed(CHAT, CLAUDE, body)
    (message,) = sent.body["messages"]
    assert message["copilot_cache_control"] == {"type": "ephemeral"}
    assert message["content"] == [{"type": "text", "text": "Hello"}]
    assert sent.dropped == ()


def test_a_model_that_caches_by_itself_gets_no_mark_and_the_client_is_told() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": [BREAKPOINT]}]}
    sent = passed(CHAT, GEMINI, body)
    assert sent.body["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "Hello"}]}
    ]
    assert sent.dropped == ("prompt_cache_breakpoint",)


def test_a_chat_clients_cache_mark_is_claudes_on_messages() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": [BREAKPOINT]}]}
    (message,) = translated(CHAT, MESSAGES, body).body["messages"]
    assert message["content"][0]["cache_control"] == {"type": "ephemeral"}


def test_an_instruction_that_ends_with_the_users_next_turn_is_not_shown_again() -> None:
    turns = [
        {"role": "user", "content": "One"},
        {"role": "system", "content": "Only now.", "clear_at": "next_user_message"},
        {"role": "assistant", "content": "Yes"},
        {"role": "user", "content": "Two"},
        {"role": "system", "content": "And now.", "clear_at": "next_user_message"},
    ]
    body = {"model": "m", "max_tokens": 100, "messages": turns}
    sent = (
        passed(MESSAGES, CLAUDE, body),
        translated(MESSAGES, CHAT, body),
        translated(MESSAGES, RESPONSES, body),
    )
    for each in sent:
        text = msgspec.json.encode(each.body).decode()
        assert "Only now." not in text
        assert "And now." in text
        assert "clear_at" not in text


def test_tools_added_among_the_instructions_are_named_where_they_cannot_be() -> None:
    added = {"type": "tool_addition", "tool": {"type": "tool_reference", "tool_name": "x"}}
    turns = [{"role": "user", "content": "One"}, {"role": "system", "content": [added]}]
    body = {"model": "m", "max_tokens": 100, "messages": turns}
    for target in (CHAT, RESPONSES):
        assert any("tool_addition" in each for each in translated(MESSAGES, target, body).dropped)
    assert passed(MESSAGES, CLAUDE, body).dropped == ("messages[].content (tool_addition)",)


def test_what_is_said_of_thinking_beyond_its_budget_goes_on_to_claude() -> None:
    thinking = {
        "type": "enabled",
        "budget_tokens": 2000,
        "block_binding": {"prefix_mismatch_behavior": "drop"},
    }
    body = {"model": "m", "max_tokens": 9000, "thinking": thinking}
    body["messages"] = [{"role": "user", "content": "One"}]
    assert passed(MESSAGES, CLAUDE, body).body["thinking"]["block_binding"] == {
        "prefix_mismatch_behavior": "drop"
    }
    assert "thinking.block_binding" in translated(MESSAGES, CHAT, body).dropped


def test_thinking_between_tools_is_claudes_to_judge_and_adaptive_elsewhere() -> None:
    body = {"model": "m", "max_tokens": 9000, "thinking": {"type": "between_tools"}}
    body["messages"] = [{"role": "user", "content": "One"}]
    assert passed(MESSAGES, CLAUDE, body).body["thinking"] == {"type": "between_tools"}
    assert "thinking.type (adaptive instead)" in translated(MESSAGES, CHAT, body).dropped


def test_anthropics_file_ids_are_not_shown_to_openai() -> None:
    image = {"type": "image", "source": {"type": "file", "file_id": "file_1"}}
    body = {"model": "m", "max_tokens": 100, "messages": [{"role": "user", "content": [image]}]}
    sent = translated(MESSAGES, RESPONSES, body)
    assert "file_1" not in msgspec.json.encode(sent.body).decode()
    assert sent.dropped == ("image file_1",)


def test_a_forced_client_tool_is_the_function_that_stands_for_it() -> None:
    body: dict[str, Any] = {"model": "m", "input": "Go", "tools": [{"type": "shell"}]}
    body["tool_choice"] = {"type": "shell"}
    sent = translated(RESPONSES, MESSAGES, body)
    assert sent.body["tool_choice"] == {"type": "tool", "name": "shell"}
    assert sent.dropped == ()


def test_members_that_only_their_dialect_has_are_named_by_their_path() -> None:
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", "async": True}
    output = {"type": "function_call_output", "call_id": "c", "output": "x", "status": "incomplete"}
    body = {"model": "m", "input": [{"role": "user", "content": "Go"}, call, output]}
    assert translated(RESPONSES, MESSAGES, body).dropped == (
        "input[].function_call.async",
        "input[].function_call_output.status",
    )
    ordinary = [{**call, "async": False, "id": "fc_1", "status": "completed"}]
    body["input"] = [
        {"role": "user", "content": "Go"},
        *ordinary,
        {**output, "status": "completed"},
    ]
    assert translated(RESPONSES, MESSAGES, body).dropped == ()
