"""Chat upstream supports functions only: custom tools become functions with one text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import DialectName
from proxy_core.dialects.vendor_rules import Target, fit_request

PATCH = {
    "type": "custom",
    "custom": {
        "name": "apply_patch",
        "description": "Edit files.",
        "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: /.+/"}},
    },
}
READ = {
    "type": "function",
    "function": {"name": "read", "parameters": {"type": "object", "properties": {}}},
}
MODEL = Model("gpt-4o", "GPT-4o", "Azure OpenAI")


def fitted(vendor: str = "Azure OpenAI", **members: Any) -> dict[str, Any]:
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], **members}
    target = Target(
        replace(MODEL, vendor=vendor), Endpoint.CHAT_COMPLETIONS, DialectName.OPENAI_CHAT
    )
    return dict(fit_request(body, target).body)


@pytest.mark.parametrize("vendor", ["Azure OpenAI", "Anthropic", "Google", "Moonshot AI", "xAI"])
def test_a_custom_tool_is_offered_as_a_function_whose_description_has_the_grammar(
    vendor: str,
) -> None:
    read, patch = fitted(vendor, tools=[READ, PATCH])["tools"]
    assert read["function"]["name"] == "read"
    assert patch["type"] == "function"
    assert patch["function"]["name"] == "apply_patch"
    assert "Edit files." in patch["function"]["description"]
    assert "start: /.+/" in patch["function"]["description"]
    assert list(patch["function"]["parameters"]["properties"]) == ["input"]


def test_earlier_calls_and_the_choice_of_a_custom_tool_become_a_functions() -> None:
    call = {"id": "c1", "type": "custom", "custom": {"name": "apply_patch", "input": "*** Begin"}}
    said = {"role": "assistant", "content": None, "tool_calls": [call]}
    done = {"role": "tool", "tool_call_id": "c1", "content": "ok"}
    choice = {"type": "custom", "custom": {"name": "apply_patch"}}
    body = fitted(tools=[PATCH], tool_choice=choice, messages=[said, done])
    (sent,) = body["messages"][0]["tool_calls"]
    assert sent["type"] == "function"
    assert sent["function"] == {"name": "apply_patch", "arguments": '{"input":"*** Begin"}'}
    assert body["tool_choice"] == {"type": "function", "function": {"name": "apply_patch"}}


def test_a_list_of_allowed_tools_may_hold_a_custom_one() -> None:
    allowed = [{"type": "custom", "custom": {"name": "apply_patch"}}]
    choice = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": allowed}}
    body = fitted(tools=[READ, PATCH], tool_choice=choice)
    assert [tool["function"]["name"] for tool in body["tools"]] == ["apply_patch"]
    assert body["tool_choice"] == "required"
