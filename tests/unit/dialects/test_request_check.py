"""Illegal members get the vendor's 400 before anything is dropped, whichever way the request takes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from proxy_core.canonical.model import Endpoint, Model, Supports
from proxy_core.canonical.request import DialectName
from proxy_core.dialects.registry import DIALECTS
from proxy_core.dialects.shared.request_check import refuse_unknown_blocks
from proxy_core.errors import BadRequest
from proxy_core.routing.call_plan import plan_call

CHAT, RESPONSES, MESSAGES = (
    DialectName.OPENAI_CHAT,
    DialectName.OPENAI_RESPONSES,
    DialectName.ANTHROPIC_MESSAGES,
)
TURN = {"messages": [{"role": "user", "content": "hi"}]}
LEGAL: dict[DialectName, dict[str, Any]] = {
    CHAT: {**TURN, "temperature": 2, "max_tokens": 5, "stop": "x", "n": 1, "seed": -1},
    RESPONSES: {"input": "hi", "max_output_tokens": 1, "reasoning": {"effort": "none"}},
    MESSAGES: {
        **TURN,
        "max_tokens": 5000.0,
        "thinking": {"type": "enabled", "budget_tokens": 4999},
    },
}
ILLEGAL: list[tuple[DialectName, dict[str, Any], str, str]] = [
    (CHAT, {"temperature": 3}, "temperature", "decimal above maximum value. Expected a value <= 2"),
    (CHAT, {"temperature": "hot"}, "temperature", "expected a decimal, but got a string instead"),
    (CHAT, {"max_tokens": -1}, "max_tokens", "integer below minimum value"),
    (CHAT, {"max_tokens": True}, "max_tokens", "expected an integer"),
    (CHAT, {"reasoning_effort": "banana"}, "reasoning_effort", "Supported values are: 'none'"),
    (CHAT, {"response_format": "json"}, "response_format", "expected an object"),
    (CHAT, {"response_format": {"type": "xml"}}, "response_format.type", "Invalid value: 'xml'"),
    (
        CHAT,
        {"response_format": {"type": "json_schema"}},
        "response_format.json_schema",
        "Missing required parameter",
    ),
    (
        RESPONSES,
        {"max_output_tokens": -1},
        "max_output_tokens",
        "Expected a value >= 0, but got -1",
    ),
    (RESPONSES, {"temperature": "hot"}, "temperature", "Invalid type for 'temperature'"),
    (RESPONSES, {"reasoning": []}, "reasoning", "expected an object"),
    (RESPONSES, {"text": {"format": {"type": "json_schema"}}}, "text.format.name", "Missing"),
    (MESSAGES, {"max_tokens": None}, "max_tokens", "max_tokens: Field required"),
    (MESSAGES, {"temperature": 3}, "temperature", "Input should be less than or equal to 1"),
    (MESSAGES, {"temperature": "hot"}, "temperature", "Input should be a valid number"),
    (
        MESSAGES,
        {"thinking": {"type": "enabled", "budget_tokens": 5000}},
        "max_tokens",
        "`max_tokens` must be greater than `thinking.budget_tokens`",
    ),
    (
        MESSAGES,
        {"thinking": {"type": "enabled", "budget_tokens": 9}},
        "thinking.budget_tokens",
        "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
    ),
    (MESSAGES, {"stop_sequences": "x"}, "stop_sequences", "Input should be a valid list"),
    (MESSAGES, {"output_config": {"format": {"type": "x"}}}, "output_config.format.type", "Input"),
]
SUPPORTS = Supports(tool_calls=True, reasoning_efforts=("low", "high"))


def plan(client: DialectName, upstream: Endpoint, members: dict[str, Any], **headers: str) -> Any:
    body = {"model": "m", **members}
    raw = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in body.items()}
    model = Model("m", "M", "OpenAI", endpoints=(upstream,), supports=SUPPORTS)
    return plan_call(raw, headers, DIALECTS[client], DIALECTS, [model], "r")


ENDPOINTS = (Endpoint.CHAT_COMPLETIONS, Endpoint.RESPONSES, Endpoint.MESSAGES)


@pytest.mark.parametrize("upstream", ENDPOINTS)
@pytest.mark.parametrize("client", list(LEGAL))
def test_legal_members_pass_every_way(client: DialectName, upstream: Endpoint) -> None:
    assert plan(client, upstream, LEGAL[client]).call.endpoint is upstream


@pytest.mark.parametrize("upstream", ENDPOINTS)
@pytest.mark.parametrize(("client", "members", "param", "text"), ILLEGAL)
def test_an_illegal_member_is_refused_in_the_vendors_words_every_way(
    client: DialectName, members: dict[str, Any], param: str, text: str, upstream: Endpoint
) -> None:
    with pytest.raises(BadRequest) as refusal:
        plan(client, upstream, {**LEGAL[client], **members})
    assert refusal.value.param == param
    assert text in refusal.value.message
    assert DIALECTS[client].error_status(refusal.value) == 400


@pytest.mark.parametrize("upstream", ENDPOINTS)
def test_messages_without_a_limit_are_refused_even_for_models_that_need_none(
    upstream: Endpoint,
) -> None:
    with pytest.raises(BadRequest, match="max_tokens: Field required"):
        plan(MESSAGES, upstream, TURN)


def test_an_interleaved_budget_may_be_larger_than_one_answer() -> None:
    members = {**LEGAL[MESSAGES], "thinking": {"type": "enabled", "budget_tokens": 9000}}
    beta = {"anthropic-beta": "interleaved-thinking-2025-05-14"}
    assert plan(MESSAGES, Endpoint.MESSAGES, members, **beta)


@pytest.mark.parametrize("block", [{"type": "nonsense"}, {"type": "text"}, {"type": 5}, "text", {}])
def test_a_malformed_block_never_vanishes_in_translation(block: Any) -> None:
    turn = {"role": "user", "content": [{"type": "text", "text": "hi"}, block]}
    with pytest.raises(BadRequest) as refusal:
        plan(MESSAGES, Endpoint.RESPONSES, {"max_tokens": 9, "messages": [turn]})
    assert (refusal.value.param or "").startswith("messages.0.content.1")


def test_blocks_of_the_vendors_own_tools_are_known() -> None:
    kinds = ["server_tool_use", "web_search_tool_result", "mcp_tool_use", "container_upload"]
    refuse_unknown_blocks([{"role": "user", "content": [{"type": each} for each in kinds]}])
