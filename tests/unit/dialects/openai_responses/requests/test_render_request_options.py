"""Tools, choices, sampling, thinking and formats in the words of the Responses API."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import (
    CacheMark,
    DialectName,
    Opaque,
    Reasoning,
    ReasoningMode,
    ResponseFormat,
    Sampling,
    ServerTool,
    Tool,
    ToolChoice,
    ToolChoiceKind,
    ToolKind,
)
from proxy_core.config.settings import ParameterPolicy
from proxy_core.dialects.openai_responses.render_request import render_request
from proxy_core.errors import BadRequest
from proxy_core.upstream.parameters.outbound_body import OutboundBody
from tests.unit.dialects.openai_responses.requests.requests_to_render import (
    CHAT,
    MESSAGES,
    RESPONSES,
    request,
)
from tests.unit.sent_request import as_sent


def test_tools_are_lenient_unless_asked_to_be_strict(model: Model) -> None:
    tools = (
        Tool("plain", "P", {"type": "object"}, extra={"eager_input_streaming": True}),
        Tool("exact", None, {"type": "object", "properties": {}}, strict=True, cache=CacheMark()),
        Tool("bare"),
    )
    rendered = render_request(request(context={"tools": tools}), model)
    assert rendered.body["tools"] == [
        {
            "type": "function",
            "name": "plain",
            "description": "P",
            "parameters": {"type": "object"},
            "strict": False,
        },
        {
            "type": "function",
            "name": "exact",
            "parameters": {"type": "object", "properties": {}},
            "strict": True,
        },
        {
            "type": "function",
            "name": "bare",
            "parameters": {"type": "object", "properties": {}},
            "strict": False,
        },
    ]
    assert rendered.dropped == ("cache_control", "tools[].eager_input_streaming")


def test_custom_tools_and_namespaces(model: Model) -> None:
    grammar = {"syntax": "lark", "definition": "start: /x/"}
    tools = (
        Tool("patch", kind=ToolKind.CUSTOM, grammar=grammar, extra={"defer_loading": True}),
        Tool("a", namespace="n", namespace_description="N"),
        Tool("free", kind=ToolKind.CUSTOM),
        Tool("b", namespace="n", namespace_description="N"),
        Tool("c", namespace="empty"),
    )
    rendered = render_request(request(dialect=RESPONSES, context={"tools": tools}), model)
    patch, namespace, free, empty = rendered.body["tools"]
    assert patch == {
        "type": "custom",
        "name": "patch",
        "format": {"type": "grammar", **grammar},
        "defer_loading": True,
    }
    assert [tool["name"] for tool in namespace["tools"]] == ["a", "b"]
    assert namespace["description"] == "N"
    assert free == {"type": "custom", "name": "free"}
    assert empty["description"] == "Tools of empty."


@pytest.mark.parametrize(
    ("chat_format", "rendered_format"),
    [
        (
            {"type": "grammar", "grammar": {"syntax": "regex", "definition": "x+"}},
            {"type": "grammar", "syntax": "regex", "definition": "x+"},
        ),
        ({"type": "text"}, None),
    ],
)
def test_a_chat_clients_custom_tool(
    model: Model, chat_format: dict[str, Any], rendered_format: object
) -> None:
    tools = (Tool("patch", kind=ToolKind.CUSTOM, grammar=chat_format),)
    rendered = render_request(request(dialect=CHAT, context={"tools": tools}), model)
    assert rendered.body["tools"][0].get("format") == rendered_format


def server_tool(kind: str, dialect: DialectName = RESPONSES, **members: Any) -> ServerTool:
    return ServerTool(kind, Opaque(dialect, "tool", json.dumps({"type": kind, **members})))


def test_a_search_the_model_cannot_run_is_left_out_and_named(
    model: Model, make_model: Callable[..., Model]
) -> None:
    tools = (Tool("f"), server_tool("web_search"), server_tool("code_interpreter"))
    asked = request(
        dialect=RESPONSES, context={"tools": tools}, tool_choice=ToolChoice(ToolChoiceKind.AUTO)
    )
    rendered = render_request(asked, model)
    assert [tool["type"] for tool in rendered.body["tools"]] == ["function"]
    assert rendered.dropped == ("tools[1] (web_search)", "tools[2] (code_interpreter)")
    searching = render_request(asked, make_model(web_search=True))
    assert [tool["type"] for tool in searching.body["tools"]] == ["function", "web_search"]


def test_a_search_that_is_all_there_is_cannot_be_left_out(model: Model) -> None:
    asked = request(dialect=RESPONSES, context={"tools": (server_tool("web_search"),)})
    with pytest.raises(BadRequest, match="'web_search' is not available") as failure:
        render_request(asked, model)
    assert failure.value.param == "tools"


def test_without_tools_there_is_nothing_to_choose(model: Model) -> None:
    asked = request(dialect=RESPONSES, tool_choice=ToolChoice(ToolChoiceKind.AUTO))
    assert "tool_choice" not in render_request(asked, model).body


def test_a_forced_search_that_cannot_be_run_is_refused(model: Model) -> None:
    asked = request(
        context={"tools": (server_tool("web_search", MESSAGES, name="web_search"),)},
        tool_choice=ToolChoice(ToolChoiceKind.TOOL, ("web_search",)),
    )
    with pytest.raises(BadRequest, match="'web_search' is not available"):
        render_request(asked, model)


def test_anthropics_search_becomes_this_dialects(make_model: Callable[..., Model]) -> None:
    place = {"type": "approximate", "country": "DE"}
    tool = server_tool(
        "web_search", MESSAGES, max_uses=8, allowed_domains=["a.example"], user_location=place
    )
    asked = request(
        context={"tools": (tool, server_tool("bash", MESSAGES))},
        tool_choice=ToolChoice(ToolChoiceKind.TOOL, ("web_search",)),
    )
    rendered = render_request(asked, make_model(web_search=True))
    assert rendered.body["tools"] == [
        {
            "type": "web_search",
            "filters": {"allowed_domains": ["a.example"]},
            "user_location": place,
        }
    ]
    assert rendered.body["tool_choice"] == {"type": "web_search"}
    assert rendered.dropped == ("tools[1] (bash)",)


@pytest.mark.parametrize(
    ("choice", "rendered_choice"),
    [
        (ToolChoice(ToolChoiceKind.REQUIRED), "required"),
        (ToolChoice(ToolChoiceKind.NONE), "none"),
        (ToolChoice(ToolChoiceKind.TOOL, ("f",)), {"type": "function", "name": "f"}),
        (ToolChoice(ToolChoiceKind.TOOL, ("p",)), {"type": "custom", "name": "p"}),
        (ToolChoice(ToolChoiceKind.TOOL, ("gone",)), {"type": "function", "name": "gone"}),
        (
            ToolChoice(ToolChoiceKind.ALLOWED, ("f", "p"), required=True),
            {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [{"type": "function", "name": "f"}, {"type": "custom", "name": "p"}],
            },
        ),
    ],
)
def test_the_choice_of_a_tool(model: Model, choice: ToolChoice, rendered_choice: object) -> None:
    tools = (Tool("f"), Tool("p", kind=ToolKind.CUSTOM))
    rendered = render_request(request(context={"tools": tools}, tool_choice=choice), model)
    assert rendered.body["tool_choice"] == rendered_choice


def test_a_choice_kept_whole_goes_back_whole(model: Model) -> None:
    choice = {"type": "mcp", "server_label": "m"}
    asked = request(
        dialect=RESPONSES,
        context={"tools": (server_tool("mcp", server_label="m"),)},
        tool_choice=ToolChoice(ToolChoiceKind.TOOL, ("mcp",)),
        extra={"tool_choice": choice},
    )
    assert render_request(asked, model).body["tool_choice"] == choice


def test_a_reasoning_model_takes_no_sampling(
    model: Model, make_model: Callable[..., Model]
) -> None:
    asked = request(sampling=Sampling(temperature=1, top_p=0.9))

    def sent(to: Model, mode: ParameterPolicy = ParameterPolicy.ADAPTIVE) -> OutboundBody:
        return as_sent(Endpoint.RESPONSES, render_request(asked, to), to, mode)

    assert not {"temperature", "top_p"} & set(sent(model).body)
    assert sent(model).dropped == ("temperature", "top_p")
    assert sent(make_model("gpt-5.3-codex")).dropped == ("temperature",)
    plain = sent(make_model("gpt-4.1", reasoning_efforts=()))
    assert plain.body["temperature"] == 1
    assert plain.dropped == ()
    assert sent(model, ParameterPolicy.FORWARD).body["temperature"] == 1


def test_what_this_dialect_cannot_say_is_named_in_the_clients_words(model: Model) -> None:
    sampling = Sampling(
        max_output_tokens=8,
        top_k=5,
        stop=("END",),
        seed=1,
        n=1,
        frequency_penalty=0.1,
        presence_penalty=0.1,
    )
    asked = request(sampling=sampling, user='{"device": "d"}', extra={"thinking_budget": 1})
    rendered = render_request(asked, model)
    assert rendered.body["max_output_tokens"] == 16
    assert rendered.dropped == (
        "max_tokens (16 instead of 8)",
        "top_k",
        "seed",
        "frequency_penalty",
        "presence_penalty",
        "stop_sequences",
        "thinking_budget",
        "metadata.user_id",
    )


def test_several_answers_are_refused_rather_than_fewer_given(model: Model) -> None:
    with pytest.raises(BadRequest, match="only one answer at a time") as refused:
        render_request(request(sampling=Sampling(n=2)), model)
    assert refused.value.param == "n"


def test_what_a_chat_client_says_alike_goes_along(model: Model) -> None:
    asked = request(
        dialect=CHAT,
        sampling=Sampling(
            max_output_tokens=100,
            n=1,
            logprobs=True,
            top_logprobs=2,
            verbosity="low",
            parallel_tool_calls=False,
        ),
        user="me",
        extra={"metadata": {"a": "b"}, "prompt_cache_key": "k", "logit_bias": {"1": 2}},
    )
    rendered = render_request(asked, model)
    assert rendered.body["include"] == [
        "reasoning.encrypted_content",
        "message.output_text.logprobs",
    ]
    assert rendered.body["top_logprobs"] == 2
    assert rendered.body["text"] == {"verbosity": "low"}
    assert rendered.body["parallel_tool_calls"] is False
    assert rendered.body["metadata"] == {"a": "b"}
    assert rendered.body["prompt_cache_key"] == "k"
    assert rendered.body["user"] == "me"
    assert rendered.dropped == ("logit_bias",)


@pytest.mark.parametrize(
    ("reasoning", "rendered_reasoning", "dropped"),
    [
        (Reasoning(ReasoningMode.EFFORT, "high"), {"effort": "high", "summary": "auto"}, ()),
        (
            Reasoning(ReasoningMode.EFFORT, "max"),
            {"effort": "xhigh", "summary": "auto"},
            ("output_config.effort (xhigh instead of max)",),
        ),
        (
            Reasoning(ReasoningMode.BUDGET, budget_tokens=4000),
            {"effort": "low", "summary": "auto"},
            (),
        ),
        (Reasoning(ReasoningMode.ADAPTIVE), {"summary": "auto"}, ()),
        (Reasoning(ReasoningMode.ADAPTIVE, display="omitted"), None, ()),
        (
            Reasoning(ReasoningMode.DISABLED),
            {"effort": "low"},
            ("thinking (low instead of none)",),
        ),
    ],
)
def test_thinking_is_fitted_to_the_model(
    model: Model, reasoning: Reasoning, rendered_reasoning: object, dropped: tuple[str, ...]
) -> None:
    rendered = render_request(request(reasoning=reasoning), model)
    assert rendered.body.get("reasoning") == rendered_reasoning
    assert rendered.dropped == dropped


def test_a_model_that_lists_no_efforts_is_asked_all_the_same_but_not_to_be_silent(
    make_model: Callable[..., Model],
) -> None:
    plain = make_model("mai-code", reasoning_efforts=())
    asked = request(reasoning=Reasoning(ReasoningMode.BUDGET, budget_tokens=4000))
    assert render_request(asked, plain).body["reasoning"]["effort"] == "low"
    silent = request(reasoning=Reasoning(ReasoningMode.DISABLED))
    assert "reasoning" not in render_request(silent, plain).body


def test_a_responses_client_gets_only_the_summary_it_asked_for(model: Model) -> None:
    asked = request(
        dialect=RESPONSES,
        reasoning=Reasoning(ReasoningMode.EFFORT, "low"),
        extra={"reasoning": {"context": "all_turns"}},
    )
    rendered = render_request(asked, model)
    assert rendered.body["reasoning"] == {"effort": "low", "context": "all_turns"}
    summarised = request(
        dialect=RESPONSES, reasoning=Reasoning(ReasoningMode.EFFORT, summary="detailed")
    )
    assert render_request(summarised, model).body["reasoning"] == {"summary": "detailed"}


@pytest.mark.parametrize(
    ("stated", "rendered_format"),
    [
        (ResponseFormat("json_object"), {"type": "json_object"}),
        (
            ResponseFormat("json_schema", None, {"type": "object"}),
            {"type": "json_schema", "name": "response", "schema": {"type": "object"}},
        ),
        (
            ResponseFormat("json_schema", "any"),
            {"type": "json_schema", "name": "any", "schema": {"type": "object"}},
        ),
        (
            ResponseFormat("json_schema", "answer", {"type": "object"}, True, "D"),
            {
                "type": "json_schema",
                "name": "answer",
                "schema": {"type": "object"},
                "strict": True,
                "description": "D",
            },
        ),
    ],
)
def test_formats(model: Model, stated: ResponseFormat, rendered_format: object) -> None:
    rendered = render_request(request(response_format=stated), model)
    assert rendered.body["text"] == {"format": rendered_format}


def test_the_members_of_a_responses_client_go_back_but_for_the_refused(model: Model) -> None:
    extra = {
        "store": True,
        "service_tier": "flex",
        "background": True,
        "client_metadata": {"window": "1"},
        "include": ["file_search_call.results"],
        "truncation": "auto",
        "max_tool_calls": 3,
    }
    own = render_request(request(dialect=RESPONSES, extra=extra, user="me"), model)
    rendered = as_sent(Endpoint.RESPONSES, own, model)
    assert rendered.body["store"] is False
    assert rendered.body["include"] == ["reasoning.encrypted_content", "file_search_call.results"]
    assert rendered.body["truncation"] == "auto"
    assert rendered.body["max_tool_calls"] == 3
    assert rendered.dropped == ("store", "client_metadata", "service_tier", "background")
