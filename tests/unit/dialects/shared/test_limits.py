"""What a model's entry in the catalogue caps, in every dialect, passed through or translated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from proxy_core.canonical.model import Endpoint, Limits, Model
from proxy_core.canonical.request import DialectName, RenderedRequest
from proxy_core.dialects.registry import DIALECTS
from proxy_core.errors import BadRequest
from proxy_core.upstream.parameters.outbound_body import OutboundBody
from tests.unit.sent_request import as_sent

CHAT, RESPONSES, MESSAGES = (
    DialectName.OPENAI_CHAT,
    DialectName.OPENAI_RESPONSES,
    DialectName.ANTHROPIC_MESSAGES,
)
MODEL = Model("gpt-4.1", "GPT", "OpenAI", endpoints=tuple(Endpoint), limits=Limits(output=16384))
LIMIT = {CHAT: "max_tokens", RESPONSES: "max_output_tokens", MESSAGES: "max_tokens"}
CONVERSATION: dict[DialectName, dict[str, Any]] = {
    CHAT: {"messages": [{"role": "user", "content": "hi"}]},
    RESPONSES: {"input": "hi"},
    MESSAGES: {"messages": [{"role": "user", "content": "hi"}]},
}


def body(client: DialectName, **members: Any) -> dict[str, Any]:
    return {"model": "gpt-4.1", **CONVERSATION[client], **members}


def passed(client: DialectName, asked: dict[str, Any], model: Model = MODEL) -> OutboundBody:
    raw = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in asked.items()}
    dialect = DIALECTS[client]
    return as_sent(dialect.endpoint, dialect.pass_through_request(raw, model), model)


def translated(
    client: DialectName, upstream: DialectName, asked: dict[str, Any], model: Model = MODEL
) -> RenderedRequest:
    return DIALECTS[upstream].render_request(DIALECTS[client].parse_request(asked), model)


def sent_limit(rendered: RenderedRequest | OutboundBody) -> Any:
    names = ("max_tokens", "max_completion_tokens", "max_output_tokens")
    (value,) = (rendered.body[name] for name in names if name in rendered.body)
    return msgspec.json.decode(value) if isinstance(value, msgspec.Raw) else value


@pytest.mark.parametrize("client", list(LIMIT))
def test_a_limit_above_the_model_s_is_lowered_in_pass_through(client: DialectName) -> None:
    rendered = passed(client, body(client, **{LIMIT[client]: 32000}))
    assert sent_limit(rendered) == 16384
    assert f"{LIMIT[client]} (16384 instead of 32000)" in rendered.dropped


@pytest.mark.parametrize("upstream", list(LIMIT))
@pytest.mark.parametrize("client", list(LIMIT))
def test_a_limit_above_the_model_s_is_lowered_in_translation(
    client: DialectName, upstream: DialectName
) -> None:
    rendered = translated(client, upstream, body(client, **{LIMIT[client]: 32000}))
    assert sent_limit(rendered) == 16384
    assert f"{LIMIT[client]} (16384 instead of 32000)" in rendered.dropped


@pytest.mark.parametrize("client", list(LIMIT))
@pytest.mark.parametrize("limit", [16, 16384])
def test_a_limit_within_the_model_s_stays(client: DialectName, limit: int) -> None:
    rendered = passed(client, body(client, **{LIMIT[client]: limit}))
    assert sent_limit(rendered) == limit
    assert not rendered.dropped


@pytest.mark.parametrize("client", list(LIMIT))
def test_a_model_that_states_no_limit_gets_what_was_asked(client: DialectName) -> None:
    model = replace(MODEL, limits=Limits())
    asked = body(client, **{LIMIT[client]: 999_999})
    assert sent_limit(passed(client, asked, model)) == 999_999


def test_the_newer_name_of_chat_s_limit_is_lowered_as_well() -> None:
    rendered = passed(CHAT, body(CHAT, max_completion_tokens=20000))
    assert sent_limit(rendered) == 16384


def tool(number: int) -> dict[str, Any]:
    return {"type": "function", "function": {"name": f"t{number}", "parameters": {}}}


def test_128_tools_are_taken() -> None:
    asked = body(CHAT, tools=[tool(n) for n in range(128)])
    assert passed(CHAT, asked).body["tools"]
    assert len(translated(CHAT, CHAT, asked).body["tools"]) == 128


def test_129_tools_are_refused_in_clear_words_whoever_offers_them() -> None:
    asked = body(CHAT, tools=[tool(n) for n in range(129)])
    with pytest.raises(BadRequest, match="at most 128 tools and got 129"):
        passed(CHAT, asked)
    flat = [{"name": f"t{n}", "input_schema": {"type": "object"}} for n in range(129)]
    with pytest.raises(BadRequest, match="at most 128 tools and got 129"):
        translated(MESSAGES, CHAT, body(MESSAGES, max_tokens=9, tools=flat))
