"""Messages requests that are looked at, and those that pass through."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from proxy_core.canonical.model import Endpoint, Limits, Model, Supports
from proxy_core.canonical.request import DialectName, Opaque, RenderedRequest
from proxy_core.config.settings import ParameterPolicy
from proxy_core.dialects.anthropic_messages.dialect import AnthropicMessages
from proxy_core.dialects.interface import RequestFacts
from proxy_core.dialects.shared.opaque_envelope import pack
from proxy_core.errors import BadRequest
from tests.unit.sent_request import as_sent

MESSAGES = AnthropicMessages()
OWN = DialectName.ANTHROPIC_MESSAGES
MODEL = Model(
    "up-model",
    "U",
    "Anthropic",
    limits=Limits(output=64_000),
    supports=Supports(adaptive_thinking=True, reasoning_efforts=("low", "high")),
)
PLAIN = Model("plain", "P", "Anthropic")
HI = {"role": "user", "content": "hi"}
EPHEMERAL = {"type": "ephemeral"}


def raw(body: dict[str, Any]) -> dict[str, msgspec.Raw]:
    return msgspec.json.Decoder(dict[str, msgspec.Raw]).decode(json.dumps(body))


def inspect(*messages: Any, **members: Any) -> RequestFacts:
    return MESSAGES.inspect_request(raw({"model": "m", "messages": list(messages), **members}))


def passed(
    *messages: Any, to: Model = MODEL, **members: Any
) -> tuple[dict[str, Any], tuple[str, ...]]:
    body = raw({"model": "m", "messages": list(messages) or [HI], **members})
    rendered = MESSAGES.pass_through_request(body, to)
    return json.loads(msgspec.json.encode(rendered.body)), rendered.dropped


def user(*blocks: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def text(words: str, **members: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **members}


RESULT = {"type": "tool_result", "tool_use_id": "1", "content": "ok"}


@pytest.mark.parametrize(
    ("last", "is_user_turn"),
    [
        (HI, True),
        (user(text("hi")), True),
        (user(RESULT), False),
        (user(RESULT, text("<system-reminder>x</system-reminder>")), False),
        (user(text("x"), RESULT), False),
        ({"role": "assistant", "content": "{"}, False),
        (user({"type": "image", "source": {}}), True),
    ],
)
def test_who_spoke_last(last: dict[str, Any], is_user_turn: bool) -> None:
    assert inspect(HI, last).is_user_turn is is_user_turn
    reminder = {"role": "system", "content": "tools changed"}
    assert inspect(HI, last, reminder).is_user_turn is is_user_turn


def test_the_facts_of_a_request() -> None:
    assert inspect(HI, stream=True) == RequestFacts("m", True, True, False, include_usage=True)
    picture = {"type": "image", "source": {"type": "url", "url": "u"}}
    assert inspect(user({**RESULT, "content": [picture]}), HI).has_images
    assert not inspect(user(text('{"type": "image"}'))).has_images


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": [HI]}, "model"),
        ({"model": "m"}, "messages"),
        ({"model": "m", "messages": "hi"}, "messages"),
        ({"model": "m", "messages": []}, "messages"),
        ({"model": "m", "messages": [HI], "stream": "no"}, "stream"),
    ],
)
def test_a_mistake_is_named(body: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as raised:
        MESSAGES.inspect_request(raw(body))
    assert raised.value.param == param


def test_a_request_passes_with_only_its_model_changed() -> None:
    body, dropped = passed(
        HI,
        stream=True,
        max_tokens=100,
        system="be terse",
        tools=[{"name": "f", "input_schema": {}}],
        thinking={"type": "adaptive", "display": "omitted"},
        output_config={"effort": "low", "task_budget": 1},
        anything=[1],
    )
    assert body == {
        "model": "up-model",
        "messages": [HI],
        "max_tokens": 100,
        "system": "be terse",
        "tools": [{"name": "f", "input_schema": {}}],
        "thinking": {"type": "adaptive", "display": "omitted"},
        "output_config": {"effort": "low", "task_budget": 1},
        "anything": [1],
    }
    assert dropped == ()


def test_what_need_not_change_stays_as_it_is_on_the_wire() -> None:
    messages = (
        b'[{"role":"user",  "content":[{"type":"text","text":"\\u00e4",'
        b'"cache_control":{"type":"ephemeral","ttl":"1h"}}]}]'
    )
    body = {"model": msgspec.Raw(b'"m"'), "messages": msgspec.Raw(messages)}
    assert messages in msgspec.json.encode(MESSAGES.pass_through_request(body, MODEL).body)


def test_members_upstream_refuses_are_removed_and_named_unless_all_is_forwarded() -> None:
    refused = {"cache_control": EPHEMERAL, "inference_geo": "eu", "fallbacks": [], "betas": ["x"]}
    members = {**refused, "safeguards": []}
    rendered = RenderedRequest(passed(**members)[0])
    sent = as_sent(Endpoint.MESSAGES, rendered, MODEL)
    assert set(sent.body) == {"model", "messages", "safeguards"}
    assert set(sent.dropped) == set(refused)
    forwarded = as_sent(Endpoint.MESSAGES, rendered, MODEL, ParameterPolicy.FORWARD)
    assert set(members) < set(forwarded.body)
    assert forwarded.dropped == ()


def test_cache_marks_keep_only_what_upstream_knows() -> None:
    scoped = {**EPHEMERAL, "scope": "global", "ttl": "1h"}
    body, dropped = passed(
        user(
            text("a", cache_control=scoped),
            {**RESULT, "content": [text("b", cache_control=scoped)]},
        ),
        system=[text("c", cache_control=scoped)],
        tools=[{"name": "f", "input_schema": {}, "cache_control": scoped}],
    )
    assert b"scope" not in json.dumps(body).encode()
    assert json.dumps(body).count('"ttl"') == 4
    assert dropped == (
        "system[].cache_control.scope",
        "tools[].cache_control.scope",
        "messages[].content[].cache_control.scope",
    )


def test_tools_lose_what_upstream_refuses() -> None:
    body, dropped = passed(
        tools=[
            {"name": "f", "input_schema": {}, "eager_input_streaming": True},
            {"type": "custom", "name": "g", "custom": {"eager_input_streaming": True}},
            {"name": "h", "input_schema": {}, "defer_loading": True, "cache_control": EPHEMERAL},
            {"name": "i", "input_schema": {}, "defer_loading": True},
            7,
        ]
    )
    assert body["tools"] == [
        {"name": "f", "input_schema": {}},
        {"type": "custom", "name": "g", "custom": {}},
        {"name": "h", "input_schema": {}, "defer_loading": True},
        {"name": "i", "input_schema": {}, "defer_loading": True},
        7,
    ]
    assert dropped == (
        "tools[].eager_input_streaming",
        "tools[].cache_control (with defer_loading)",
    )


def test_blank_texts_go_and_so_does_what_is_left_empty() -> None:
    body, dropped = passed(
        user(text("a"), text(" \n"), {**RESULT, "content": [text("")]}),
        {"role": "assistant", "content": [text("")]},
        {"role": "assistant", "content": []},
        "odd",
        system=[text("")],
    )
    assert body["messages"] == [
        user(text("a"), {**RESULT, "content": []}),
        {"role": "assistant", "content": []},
        "odd",
    ]
    assert "system" not in body
    assert dropped == ("system (blank text)", "messages[].content (blank text)")


def test_claude_codes_billing_line_stays_for_whoever_holds_it_still() -> None:
    line = text("x-anthropic-billing-header: cc_version=1; cch=9f;")
    body, dropped = passed(system=[line, text("a")])
    assert body["system"] == [line, text("a")]
    assert dropped == ()


def test_per_turn_control_goes() -> None:
    body, dropped = passed({**HI, "output_config": {"effort": "low"}})
    assert body["messages"] == [HI]
    assert dropped == ("messages[].output_config",)


def test_thinking_returns_only_to_its_issuer() -> None:
    def thinking(signature: Any, kind: str = "thinking") -> dict[str, Any]:
        member = "signature" if kind == "thinking" else "data"
        return {"type": kind, "thinking": "hm", member: signature}

    own = Opaque(OWN, "signature", "U2ln", "up-model")
    redacted = Opaque(OWN, "redacted_thinking", "UkVE", "up-model")
    foreign = Opaque(DialectName.OPENAI_RESPONSES, "encrypted_content", "gA", "gpt")
    other = Opaque(OWN, "signature", "U2ln", "another")
    turn = {
        "role": "assistant",
        "content": [
            thinking("YmFyZQ=="),
            thinking(pack(own)),
            thinking(pack(redacted), "redacted_thinking"),
            thinking(pack(foreign)),
            thinking(pack(other)),
            thinking(pack(redacted)),
            thinking(""),
            thinking(None),
            {"type": ["odd"]},
            text("x"),
        ],
    }
    body, dropped = passed(HI, turn, HI)
    kept = body["messages"][1]["content"]
    assert [block.get("signature", block.get("data")) for block in kept[:3]] == [
        "YmFyZQ==",
        "U2ln",
        "UkVE",
    ]
    assert [block["type"] for block in kept[3:]] == [["odd"], "text"]
    assert dropped == (
        "messages[].thinking (issued by another model)",
        "messages[].thinking (without a signature)",
    )


def test_unsigned_thinking_alone_is_reason_enough_to_look() -> None:
    turn = {
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "x", "signature": ""}],
    }
    body, dropped = passed(HI, turn, HI)
    assert body["messages"] == [HI, HI]
    assert dropped == ("messages[].thinking (without a signature)",)


@pytest.mark.parametrize(
    ("wanted", "sent", "dropped"),
    [
        (128_000, 64_000, ("max_tokens (64000 instead of 128000)",)),
        (64_000, 64_000, ()),
        ("many", "many", ()),
    ],
)
def test_the_limit_is_lowered_to_the_models_ceiling(wanted: Any, sent: Any, dropped: Any) -> None:
    body, notes = passed(max_tokens=wanted)
    prepared = as_sent(Endpoint.MESSAGES, RenderedRequest(body, notes), MODEL)
    assert (_plain(prepared.body["max_tokens"]), prepared.dropped) == (sent, dropped)


def _plain(value: Any) -> Any:
    return json.loads(bytes(value)) if isinstance(value, msgspec.Raw) else value


@pytest.mark.parametrize(
    ("members", "sent", "dropped"),
    [
        (
            {"output_config": {"effort": "max"}},
            {"output_config": {"effort": "high"}},
            ("output_config.effort (high instead of max)",),
        ),
        ({"output_config": {"effort": "odd"}}, {}, ("output_config.effort",)),
        (
            {"output_config": {"effort": "odd", "format": {"type": "json_schema"}}},
            {"output_config": {"format": {"type": "json_schema"}}},
            ("output_config.effort",),
        ),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 20_000}},
            {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}},
            ("thinking.budget_tokens (adaptive instead)",),
        ),
        (
            {"thinking": {"type": "adaptive", "display": "updates"}},
            {"thinking": {"type": "adaptive", "display": "summarized"}},
            ("thinking.display (summarized instead of updates)",),
        ),
        ({"thinking": {"type": "disabled"}}, {"thinking": {"type": "disabled"}}, ()),
    ],
)
def test_thinking_is_fitted_to_what_the_model_lists(
    members: dict[str, Any], sent: dict[str, Any], dropped: tuple[str, ...]
) -> None:
    body, notes = passed(**members)
    assert {name: body[name] for name in ("thinking", "output_config") if name in body} == sent
    assert notes == dropped


def test_a_model_of_which_nothing_is_known_gets_thinking_as_asked() -> None:
    members = {
        "thinking": {"type": "enabled", "budget_tokens": 31_999, "display": "omitted"},
        "output_config": {"effort": "max"},
    }
    body, dropped = passed(to=PLAIN, max_tokens=32_000, **members)
    assert {name: body[name] for name in members} == members
    assert dropped == ()


def test_no_room_for_the_least_budget_means_no_thinking() -> None:
    model = Model("b", "B", "Anthropic", supports=Supports(max_thinking_budget=32_000))
    body, dropped = passed(
        to=model, max_tokens=500, thinking={"type": "enabled", "budget_tokens": 2_000}
    )
    assert "thinking" not in body
    assert dropped == ("thinking (no room within max_tokens 500)",)


def test_a_mistake_in_thinking_is_named() -> None:
    with pytest.raises(BadRequest) as raised:
        passed(thinking={"type": "hard"})
    assert raised.value.param == "thinking.type"


def test_members_of_the_wrong_type_are_upstreams_to_refuse() -> None:
    body, _ = passed(
        "eager_input_streaming",
        tools="eager_input_streaming",
        system={"scope": {"cache_control": {}}},
    )
    assert body["tools"] == "eager_input_streaming"
