"""Chat requests that are looked at, and those that pass through."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from proxy_core.canonical.model import Model
from proxy_core.canonical.request import DialectName, Opaque, ThinkingPart
from proxy_core.dialects.interface import RequestFacts
from proxy_core.dialects.openai_chat.dialect import OpenAIChat
from proxy_core.dialects.shared.opaque_envelope import pack, pack_thinking
from proxy_core.errors import BadRequest

CHAT = OpenAIChat()
MODEL = Model("up-model", "U", "Google")
HI = {"role": "user", "content": "hi"}


def raw(body: dict[str, Any]) -> dict[str, msgspec.Raw]:
    return msgspec.json.Decoder(dict[str, msgspec.Raw]).decode(json.dumps(body))


def inspect(*messages: Any, **members: Any) -> RequestFacts:
    return CHAT.inspect_request(raw({"model": "m", "messages": list(messages), **members}))


def passed(*messages: Any, **members: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    body = raw({"model": "m", "messages": list(messages), **members})
    rendered = CHAT.pass_through_request(body, MODEL)
    return json.loads(msgspec.json.encode(rendered.body)), rendered.dropped


def test_the_facts_of_a_request() -> None:
    assert inspect(HI) == RequestFacts("m", False, True, False)
    facts = inspect(HI, stream=True, stream_options={"include_usage": True})
    assert (facts.stream, facts.include_usage) == (True, True)
    assert not inspect(HI, stream=None, stream_options={}).include_usage


@pytest.mark.parametrize(
    ("last", "is_user_turn"),
    [
        (HI, True),
        ({"role": "tool", "tool_call_id": "1", "content": "x"}, False),
        ({"role": "assistant", "content": "x"}, False),
        ({"role": "user", "content": [{"type": "text", "text": "x"}]}, True),
    ],
)
def test_who_spoke_last(last: dict[str, Any], is_user_turn: bool) -> None:
    assert inspect(HI, last).is_user_turn is is_user_turn
    reminder = {"role": "system", "content": "be quick"}
    assert inspect(HI, last, reminder).is_user_turn is is_user_turn


def test_nobody_spoke_but_the_instructions() -> None:
    assert not inspect({"role": "system", "content": "x"}).is_user_turn


def test_images_are_found_wherever_they_are_and_not_in_words() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    assert inspect({"role": "user", "content": [picture]}, HI).has_images
    assert not inspect({"role": "user", "content": '{"type": "image_url"}'}).has_images


def test_requests_of_the_days_before_tools_must_be_translated() -> None:
    assert inspect(HI, functions=[]).must_translate
    assert not inspect(HI, function_call=None).must_translate


def test_several_answers_go_on_as_they_are_where_a_stream_tells_them_apart() -> None:
    assert not inspect(HI, n=2, stream=True).must_translate


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": [HI]}, "model"),
        ({"model": "", "messages": [HI]}, "model"),
        ({"model": None, "messages": [HI]}, "model"),
        ({"model": "m"}, "messages"),
        ({"model": "m", "messages": None}, "messages"),
        ({"model": "m", "messages": {}}, "messages"),
        ({"model": "m", "messages": []}, "messages"),
        ({"model": "m", "messages": [1]}, "messages[0]"),
        ({"model": "m", "messages": [{}]}, "messages[0].role"),
        ({"model": "m", "messages": [HI], "stream": 1}, "stream"),
        ({"model": "m", "messages": [HI], "stream_options": 1}, "stream_options"),
    ],
)
def test_a_mistake_is_named(body: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as raised:
        CHAT.inspect_request(raw(body))
    assert raised.value.param == param


def test_odd_content_is_for_others_to_complain_about() -> None:
    assert inspect({"role": "user", "content": [1, 2]}).is_user_turn


def test_a_body_whose_values_are_decoded_already_is_understood_too() -> None:
    body = {"model": "m", "messages": [HI], "stream": True}
    assert CHAT.inspect_request(body).stream
    assert CHAT.pass_through_request(body, MODEL).body["messages"] == [HI]


def test_a_request_passes_with_its_model_changed_and_usage_asked_for() -> None:
    body, dropped = passed(HI, stream=True, temperature=0.5, anything={"x": [1]})
    assert body == {
        "model": "up-model",
        "messages": [HI],
        "temperature": 0.5,
        "anything": {"x": [1]},
        "stream_options": {"include_usage": True},
    }
    assert dropped == ()


def test_what_need_not_change_stays_as_it_is_on_the_wire() -> None:
    text = '[{"role":"user",  "content":"\\u00e4 \\ud83c\\udf32"}]'
    body = {"model": msgspec.Raw(b'"m"'), "messages": msgspec.Raw(text.encode())}
    sent = msgspec.json.encode(CHAT.pass_through_request(body, MODEL).body)
    assert text.encode() in sent


def turn(**members: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": "x", **members}


def test_thinking_goes_back_under_upstreams_own_name() -> None:
    body, dropped = passed(HI, turn(reasoning_content="hm", reasoning_opaque="QQ"), "odd", HI)
    assert body["messages"][1] == turn(reasoning_text="hm", reasoning_opaque="QQ")
    assert dropped == ()


def test_another_dialects_thinking_stays_here() -> None:
    foreign = Opaque(DialectName.ANTHROPIC_MESSAGES, "signature", "U2ln", "claude")
    body, dropped = passed(HI, turn(reasoning_content="hm", reasoning_opaque=pack(foreign)), HI)
    assert body["messages"][1] == turn()
    assert dropped == ("messages[].reasoning_opaque (issued by another model)",)


@pytest.mark.parametrize(("model", "is_kept"), [("up-model", True), (None, True), ("other", False)])
def test_an_envelope_with_the_models_own_thinking_is_opened(
    model: str | None, is_kept: bool
) -> None:
    own = Opaque(DialectName.OPENAI_CHAT, "reasoning_opaque", "QQ", model)
    sealed = pack_thinking([ThinkingPart("h", own), ThinkingPart("m"), ThinkingPart("", own)])
    body, _ = passed(HI, turn(reasoning_content="hm", reasoning_opaque=sealed), HI)
    expected = turn(reasoning_text="h", reasoning_opaque="QQQQ") if is_kept else turn()
    assert body["messages"][1] == expected


def test_the_developer_role_goes_only_to_models_of_its_inventor() -> None:
    asked = {"role": "developer", "content": "be terse"}
    body, _ = passed(asked, "odd", HI)
    assert body["messages"] == [{"role": "system", "content": "be terse"}, "odd", HI]
    body, _ = passed(asked, {**turn(), "reasoning_content": "hm"}, HI)
    assert [m["role"] for m in body["messages"]] == ["system", "assistant", "user"]
    assert body["messages"][1]["reasoning_text"] == "hm"
    request = raw({"model": "m", "messages": [asked, HI]})
    openai = Model("gpt", "G", "Azure OpenAI")
    sent = msgspec.json.encode(CHAT.pass_through_request(request, openai).body)
    assert json.loads(sent)["messages"][0] == asked
