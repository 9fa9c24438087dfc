"""Pass-through of a request: only what Copilot refuses is touched, and that is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import DialectName, Opaque
from proxy_core.dialects.openai_responses.dialect import OpenAIResponses
from proxy_core.dialects.openai_responses.session.compaction_summary import pack_summary
from proxy_core.dialects.shared.opaque_envelope import pack
from proxy_core.errors import BadRequest
from proxy_core.upstream.parameters.outbound_body import OutboundBody
from tests.unit.sent_request import as_sent

Raw = Callable[..., dict[str, msgspec.Raw]]
Sent = Callable[..., dict[str, Any]]

EDIT = OpenAIResponses().pass_through_request


def SENT(body: dict[str, Any], model: Model) -> OutboundBody:  # noqa: N802 - beside EDIT
    return as_sent(Endpoint.RESPONSES, EDIT(body, model), model)


USER = {"role": "user", "content": "Hello"}


def test_what_needs_no_change_stays_undecoded(model: Model, raw: Raw, sent: Sent) -> None:
    body = raw(
        model="alias",
        input=[USER],
        tools=[{"type": "function", "name": "f", "parameters": {}}],
        reasoning={"effort": "low", "summary": "auto"},
        max_output_tokens=100,
        store=False,
        stream=True,
        include=["reasoning.encrypted_content"],
        previous_response_id=None,
        conversation=None,
    )
    rendered = EDIT(body, model)
    assert rendered.dropped == ()
    for name in ("input", "tools", "reasoning", "max_output_tokens", "include"):
        assert rendered.body[name] is body[name]
    assert sent(rendered.body)["model"] == "gpt-5.4"
    assert set(rendered.body) == {
        "model",
        "input",
        "tools",
        "reasoning",
        "max_output_tokens",
        "include",
        "store",
    }


def test_nothing_is_stored(model: Model, raw: Raw) -> None:
    assert SENT(raw(model="m", input="x"), model).body["store"] is False
    rendered = SENT(raw(model="m", input="x", store=True), model)
    assert rendered.body["store"] is False
    assert rendered.dropped == ("store",)


def test_refused_members_are_removed_and_named(model: Model, raw: Raw) -> None:
    body = raw(
        model="m",
        input="x",
        service_tier="flex",
        background=True,
        temperature=1,
        top_p=1,
        client_metadata={"window": "1"},
    )
    rendered = SENT(body, model)
    assert set(rendered.body) == {"model", "input", "include", "store"}
    assert rendered.dropped == (
        "client_metadata",
        "service_tier",
        "background",
        "temperature",
        "top_p",
    )


def test_a_refused_member_that_says_nothing_is_not_worth_naming(model: Model, raw: Raw) -> None:
    body = raw(model="m", input="x", service_tier=None, background=False, reasoning=None)
    rendered = SENT(body, model)
    assert rendered.dropped == ()
    assert "background" not in rendered.body


def test_sampling_goes_along_where_the_model_takes_it(
    make_model: Callable[..., Model], raw: Raw
) -> None:
    body = raw(model="m", input="x", temperature=1, top_p=1)
    assert SENT(body, make_model("gpt-5.3-codex")).dropped == ("temperature",)
    assert SENT(body, make_model("gpt-4.1", reasoning_efforts=())).dropped == ()


def test_a_limit_below_the_least_is_raised(model: Model, raw: Raw) -> None:
    rendered = SENT(raw(model="m", input="x", max_output_tokens=1), model)
    assert rendered.body["max_output_tokens"] == 16
    assert rendered.dropped == ("max_output_tokens (16 instead of 1)",)


@pytest.mark.parametrize(
    ("effort", "fitted"), [("max", "xhigh"), ("minimal", "low"), ("none", "low")]
)
def test_an_effort_is_fitted_to_the_model(model: Model, raw: Raw, effort: str, fitted: str) -> None:
    body = raw(model="m", input="x", reasoning={"effort": effort, "summary": "auto"})
    rendered = SENT(body, model)
    assert json.loads(msgspec.json.encode(rendered.body["reasoning"])) == {
        "effort": fitted,
        "summary": "auto",
    }
    assert rendered.dropped == (f"reasoning.effort ({fitted} instead of {effort})",)


def test_reasoning_without_an_effort_is_left_alone(model: Model, raw: Raw) -> None:
    body = raw(model="m", input="x", reasoning={"summary": "auto"})
    assert EDIT(body, model).body["reasoning"] is body["reasoning"]


def test_a_model_that_lists_no_efforts_is_asked_in_the_clients_word(
    make_model: Callable[..., Model], raw: Raw
) -> None:
    thinking = make_model("mai-code", reasoning_efforts=())
    body = raw(model="m", input="x", reasoning={"effort": "high"})
    assert SENT(body, thinking).body["reasoning"] is body["reasoning"]
    least = raw(model="m", input="x", reasoning={"effort": "minimal"})
    assert SENT(least, thinking).body["reasoning"] == {"effort": "low"}


def test_ids_upstream_would_refuse_are_removed(model: Model, raw: Raw, sent: Sent) -> None:
    items = [
        {"type": "message", "id": "msg_1", **USER},
        {"role": "user", "id": "x" * 65, "content": "Hello"},
        {"type": "function_call", "id": "call_1", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "function_call", "id": "fc_2", "call_id": "d", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "id": "fco_1", "call_id": "c", "output": "ok"},
    ]
    rendered = EDIT(raw(model="m", input=items), model)
    assert [item.get("id") for item in sent(rendered.body)["input"]] == [
        "msg_1",
        None,
        None,
        "fc_2",
        "fco_1",
    ]
    assert rendered.dropped == ("input[1].id", "input[2].id")


def test_a_reasoning_item_keeps_a_well_formed_pair(model: Model, raw: Raw, sent: Sent) -> None:
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "ENC"}
    rendered = EDIT(raw(model="m", input=[item]), model)
    assert sent(rendered.body)["input"] == [item]
    assert rendered.dropped == ()


def test_copilots_rotating_id_is_not_sent_back_with_content_of_another(
    model: Model, raw: Raw, sent: Sent
) -> None:
    item = {"type": "reasoning", "id": "a" * 400, "summary": [], "encrypted_content": "ENC"}
    rendered = EDIT(raw(model="m", input=[item]), model)
    assert sent(rendered.body)["input"] == [
        {"type": "reasoning", "summary": [], "encrypted_content": "ENC"}
    ]
    assert rendered.dropped == ("input[0].id",)


@pytest.mark.parametrize("stated", [{}, {"encrypted_content": None}])
def test_reasoning_that_nobody_stored_is_left_out(
    model: Model, raw: Raw, sent: Sent, stated: dict[str, Any]
) -> None:
    item = {"type": "reasoning", "id": "rs_1", "summary": [], **stated}
    rendered = EDIT(raw(model="m", input=[item, USER]), model)
    assert sent(rendered.body)["input"] == [USER]
    assert rendered.dropped == ("input[0]",)


def test_reasoning_in_our_envelope_gets_its_own_id_back(model: Model, raw: Raw, sent: Sent) -> None:
    opaque = Opaque(
        DialectName.OPENAI_RESPONSES,
        "encrypted_content",
        "ENC",
        "gpt-5.4",
        (("id", "copilot-" + "9" * 100),),
    )
    item = {
        "type": "reasoning",
        "id": "rs_ours",
        "summary": [{"type": "summary_text", "text": "Hm"}],
        "encrypted_content": pack(opaque),
    }
    (back,) = sent(EDIT(raw(model="m", input=[item]), model).body)["input"]
    assert back == {
        "type": "reasoning",
        "id": "copilot-" + "9" * 100,
        "summary": [{"type": "summary_text", "text": "Hm"}],
        "encrypted_content": "ENC",
    }


def test_another_models_reasoning_is_left_out(model: Model, raw: Raw, sent: Sent) -> None:
    signature = Opaque(DialectName.ANTHROPIC_MESSAGES, "signature", "SIG", "claude-sonnet-4.6")
    item = {
        "type": "reasoning",
        "id": "rs_1",
        "summary": None,
        "encrypted_content": pack(signature),
    }
    rendered = EDIT(raw(model="m", input=[item, USER]), model)
    assert sent(rendered.body)["input"] == [USER]
    assert rendered.dropped == ("input[0]",)


def test_our_own_summary_becomes_words_and_openais_stays(
    model: Model, raw: Raw, sent: Sent
) -> None:
    ours = {"type": "compaction", "id": "cmp_1", "encrypted_content": pack_summary("All is well.")}
    damaged = {"type": "compaction", "encrypted_content": "g-copilot-proxy.1.!!"}
    theirs = {"type": "compaction", "id": "cmp_2", "encrypted_content": "OPENAI"}
    first, second, third = sent(EDIT(raw(model="m", input=[ours, damaged, theirs]), model).body)[
        "input"
    ]
    assert first["role"] == "user"
    assert first["content"].endswith("All is well.")
    assert second == damaged
    assert third == theirs


def test_codex_bookkeeping_in_items_is_removed(model: Model, raw: Raw, sent: Sent) -> None:
    item = {**USER, "internal_chat_message_metadata_passthrough": {"turn": "1"}}
    assert sent(EDIT(raw(model="m", input=[item]), model).body)["input"] == [USER]


def test_details_of_images_upstream_refuses_are_mended(model: Model, raw: Raw, sent: Sent) -> None:
    def image(**members: str) -> dict[str, str]:
        return {"type": "input_image", "image_url": "data:image/png;base64,AAAA", **members}

    items = [
        {"role": "user", "content": [image(detail="auto"), image(detail="low")]},
        {
            "type": "function_call_output",
            "call_id": "c",
            "output": [image(detail="original"), {"type": "input_text", "text": "auto"}],
        },
        {"role": "user", "content": '"detail": "auto"'},
        {"role": "user", "content": [{"type": "input_file", "file_id": "f", "detail": "auto"}]},
    ]
    first, second, third, fourth = sent(EDIT(raw(model="m", input=items), model).body)["input"]
    assert first["content"] == [image(), image(detail="low")]
    assert second["output"][0] == image(detail="high")
    assert third == items[2]
    assert fourth == items[3]


def test_tools_copilot_cannot_run_are_left_out(model: Model, raw: Raw, sent: Sent) -> None:
    tools = [
        {"type": "function", "name": "web_search", "parameters": {}},
        {"type": "web_search", "external_web_access": True},
        {"type": "code_interpreter", "container": {"type": "auto"}},
    ]
    rendered = EDIT(raw(model="m", input="x", tools=tools, tool_choice="auto"), model)
    assert sent(rendered.body)["tools"] == tools[:1]
    assert rendered.body["tool_choice"] is not None
    assert rendered.dropped == ("tools[1] (web_search)", "tools[2] (code_interpreter)")


def test_a_model_that_searches_is_offered_the_search(
    make_model: Callable[..., Model], raw: Raw
) -> None:
    body = raw(model="m", input="x", tools=[{"type": "web_search"}])
    assert EDIT(body, make_model(web_search=True)).body["tools"] is body["tools"]


def test_a_search_that_is_all_there_is_cannot_be_left_out(model: Model, raw: Raw) -> None:
    body = raw(model="m", input="x", tools=[{"type": "web_search"}], tool_choice="auto")
    with pytest.raises(BadRequest, match="'web_search' is not available") as failure:
        EDIT(body, model)
    assert failure.value.param == "tools"


def test_a_forced_search_that_cannot_be_run_is_refused(model: Model, raw: Raw) -> None:
    body = raw(
        model="m",
        input="x",
        tools=[{"type": "function", "name": "f"}, {"type": "web_search_preview"}],
        tool_choice={"type": "web_search_preview"},
    )
    with pytest.raises(BadRequest, match="not available with the model"):
        EDIT(body, model)


def test_an_empty_description_of_a_namespace_is_filled_in(
    model: Model, raw: Raw, sent: Sent
) -> None:
    inner = [{"type": "function", "name": "f", "parameters": {}}]
    tools = [
        {"type": "namespace", "name": "mcp__x", "description": "", "tools": inner},
        {"type": "namespace", "name": "mcp__y", "description": "Y", "tools": inner},
    ]
    first, second = sent(EDIT(raw(model="m", input="x", tools=tools), model).body)["tools"]
    assert first["description"] == "Tools of mcp__x."
    assert second == tools[1]


def test_tools_among_the_items_are_edited_alike(model: Model, raw: Raw, sent: Sent) -> None:
    inner = [{"type": "function", "name": "f", "parameters": {}}]
    item = {
        "type": "additional_tools",
        "id": "at_1",
        "role": "developer",
        "tools": [
            {"type": "namespace", "name": "n", "description": "", "tools": inner},
            {"type": "web_search"},
        ],
    }
    only_search = {"type": "additional_tools", "id": "at_2", "tools": [{"type": "web_search"}]}
    rendered = EDIT(raw(model="m", input=[item, only_search]), model)
    first, second = sent(rendered.body)["input"]
    assert first["tools"] == [
        {"type": "namespace", "name": "n", "description": "Tools of n.", "tools": inner}
    ]
    assert second["tools"] == []
    assert rendered.dropped == (
        "input[0].tools[1] (web_search)",
        "input[1].tools[0] (web_search)",
    )


def test_a_request_that_leans_on_stored_state_is_refused(model: Model, raw: Raw) -> None:
    with pytest.raises(BadRequest) as failure:
        EDIT(raw(model="m", input="x", previous_response_id="resp_1"), model)
    assert failure.value.code == "previous_response_not_found"


@pytest.mark.parametrize("stated", [{"type": "item_reference"}, {}])
def test_a_reference_to_a_stored_item_is_refused(
    model: Model, raw: Raw, stated: dict[str, str]
) -> None:
    with pytest.raises(BadRequest, match="'msg_9' not found") as failure:
        EDIT(raw(model="m", input=[USER, {"id": "msg_9", **stated}]), model)
    assert failure.value.param == "input"


@pytest.mark.parametrize("store", [{}, {"store": True}])
@pytest.mark.parametrize("include", [{}, {"include": ["message.output_text.logprobs"]}])
def test_reasoning_is_asked_for_whole_where_the_client_expects_it_to_be_stored(
    model: Model, raw: Raw, store: dict[str, Any], include: dict[str, Any]
) -> None:
    rendered = EDIT(raw(model="m", input="x", **store, **include), model)
    assert rendered.body["include"] == [
        *include.get("include", ()),
        "reasoning.encrypted_content",
    ]


def test_a_client_that_stores_nothing_gets_no_more_than_it_asked_for(
    model: Model, raw: Raw
) -> None:
    assert "include" not in EDIT(raw(model="m", input="x", store=False), model).body


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"tools": [{"type": "web_search"}, 5]}, "tools"),
        ({"input": [{"id": 5}]}, "input"),
    ],
)
def test_a_member_of_the_wrong_type_is_named(
    model: Model, raw: Raw, members: dict[str, Any], param: str
) -> None:
    with pytest.raises(BadRequest) as failure:
        EDIT(raw(**{"model": "m", "input": "x", **members}), model)
    assert failure.value.param == param


def test_a_body_that_is_decoded_already_is_edited_too(model: Model) -> None:
    body = {
        "model": "m",
        "input": [{"role": "user", "id": "x" * 65, "content": "Hi"}],
        "store": True,
    }
    rendered = EDIT(body, model)
    assert json.loads(msgspec.json.encode(rendered.body))["input"] == [
        {"role": "user", "content": "Hi"}
    ]
